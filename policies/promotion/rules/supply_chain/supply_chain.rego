# METADATA
# scope: subpackages
# title: Supply chain
# description: >-
#   Everything that was built in: listed, licensed, pinned, scanned lately, and its
#   vulnerabilities fixed in time or justified.
# custom:
#   owner: security-officer
package promotion.rules.supply_chain
