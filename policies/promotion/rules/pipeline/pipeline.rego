# METADATA
# scope: subpackages
# title: Pipelines
# description: >-
#   The road to production: no path around a gate, no check whose failure is hidden, no
#   stranger's text or code with rights.
# custom:
#   owner: security-officer
package promotion.rules.pipeline
