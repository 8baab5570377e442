# METADATA
# scope: subpackages
# title: Secrets
# description: >-
#   Credentials: none is written down, and those in use end by themselves.
# custom:
#   owner: security-officer
package promotion.rules.secrets
