# METADATA
# scope: subpackages
# title: Provenance
# description: >-
#   Where a model comes from: a trusted builder, a trusted signature, data traced to its source,
#   and one digest from the build to the promotion.
# custom:
#   owner: security-officer
package promotion.rules.provenance
