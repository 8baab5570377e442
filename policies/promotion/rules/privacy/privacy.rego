# METADATA
# scope: subpackages
# title: Privacy
# description: >-
#   The people behind the data: a lawful purpose, no more than it needs, health data de-
#   identified, identifiers within limits, and a model that tells little about them.
# custom:
#   owner: privacy-officer
package promotion.rules.privacy
