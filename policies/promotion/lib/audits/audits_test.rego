package promotion.lib.audits_test

import data.promotion.lib.audits

_doubts(audit) := found if {
	whole := object.union({"decisions": 10, "denials": 10, "lacking": 2, "reasons": [{"text": "income", "count": 8}]}, audit)
	found := audits.doubts({"population": {"count": 10}, "result": whole})
}

test_denials_that_lack_a_reason_need_none_listed if _doubts({}) == set()

test_reasons_of_fewer_denials_than_do_not_lack_one if {
	_doubts({"reasons": [{"text": "income", "count": 7}]}) == {{
		"key": "reasons", "message": "7 reasons are listed for 8 denials",
		"observed": 7, "limit": 8,
	}}
}
