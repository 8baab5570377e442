# METADATA
# scope: subpackages
# title: Explainability
# description: >-
#   What people are told of a model and of a decision about them: cards that agree with the
#   figures, reasons that are specific and move the score, notices.
# custom:
#   owner: model-risk
package promotion.rules.explainability
