# METADATA
# scope: package
# title: What was excepted is being mended in time
# description: >-
#   A waiver buys time for a remedy that its owner promised by a day. When the day is past
#   and the waiver still stands, the promise was broken and the exception carries no
#   further promotion. That an expired, unowned or too long waiver, or one of a policy that
#   admits none, covers nothing is decided in lib/waivers and by the waiver's schema, not here;
#   its table of longest lives is stricter in kind than one number for each tier.
# custom:
#   id: APR-005
#   severity: critical
#   evidence: []
#   waivable: []
#   why_not: A waiver cannot put off the day by which another waiver was to be mended.
#   controls: ["nist-800-53:ca-5"]
#   effective_from: "2026-01-01T00:00:00Z"
#   remediation: >-
#     Finish the remedy and have the waiver revoked or withdrawn, or ask for a renewal with
#     a new day; both need people who approve again.
package promotion.rules.approvals.waivers_worked_off

import data.promotion.lib.waivers

deny contains finding if some finding in waivers.overdue
