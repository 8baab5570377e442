# METADATA
# scope: subpackages
# title: Fairness
# description: >-
#   Groups of people are treated alike, shown on enough rows and with intervals: selection,
#   errors, calibration, and features that the law keeps out.
# custom:
#   owner: model-risk
package promotion.rules.fairness
