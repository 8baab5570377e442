# METADATA
# scope: subpackages
# title: Approvals and duties
# description: >-
#   People decide together, each for themselves and about this very promotion: quorums, separate
#   duties, an independent validation, and what waivers and emergencies leave owed.
# custom:
#   owner: model-risk
package promotion.rules.approvals
