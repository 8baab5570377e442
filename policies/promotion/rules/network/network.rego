# METADATA
# scope: subpackages
# title: Network and runtime
# description: >-
#   Where a model runs and who can reach it: encrypted, authenticated, denied by default,
#   hardened, with validated cryptography where it is asked for.
# custom:
#   owner: security-officer
package promotion.rules.network
