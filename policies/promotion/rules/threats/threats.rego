# METADATA
# scope: subpackages
# title: Threats to models
# description: >-
#   What an adversary does to a model in particular: code in its files, triggers in its data,
#   inputs made to mislead, and copying it by asking.
# custom:
#   owner: security-officer
package promotion.rules.threats
