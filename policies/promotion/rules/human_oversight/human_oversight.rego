# METADATA
# scope: subpackages
# title: Human oversight
# description: >-
#   A person can still decide, overrule and stop: reviewers who do overrule, a stop control that
#   was drilled, and a way to contest.
# custom:
#   owner: model-risk
package promotion.rules.human_oversight
