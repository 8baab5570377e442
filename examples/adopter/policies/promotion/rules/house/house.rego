# METADATA
# scope: subpackages
# title: Rules of the house
# description: What this organisation asks for beyond upstream's policies.
# custom:
#   owner: compliance
package promotion.rules.house
