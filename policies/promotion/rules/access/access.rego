# METADATA
# scope: subpackages
# title: Access
# description: >-
#   Who and what may change a model, its keys and the way to production: people read, pipelines
#   write, and whoever is privileged proves who they are twice.
# custom:
#   owner: security-officer
package promotion.rules.access
