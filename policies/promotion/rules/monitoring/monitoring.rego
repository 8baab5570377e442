# METADATA
# scope: subpackages
# title: Monitoring and change
# description: >-
#   What happens after a promotion: monitors with owners and alarms, logs of inference,
#   incidents within the clocks of the law, rollback, and changes within their envelope.
# custom:
#   owner: model-risk
package promotion.rules.monitoring
