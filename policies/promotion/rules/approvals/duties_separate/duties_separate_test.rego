package promotion.rules.approvals.duties_separate_test

import data.promotion.rules.approvals.duties_separate as policy

_denied(people, approvals) := found if {
	found := policy.deny with input as {"request": {"people": people}, "evidence": {"approval": approvals}}
}

_by(identity) := {"signer": {"identity": identity}, "result": {"decision": "approve"}}

_people := {"authors": ["ada", "bob"], "requester": "rae", "promoter": "pipeline"}

_finding(identity, both, words) := {
	"key": concat("=", [identity, both]),
	"message": concat(" is ", [identity, words]),
	"observed": both,
	"limit": null,
}

test_allow_separate_people if _denied(_people, [_by("cat"), _by("dan")]) == set()

test_allow_author_requests if {
	_denied(object.union(_people, {"requester": "ada"}), [_by("cat")]) == set()
}

test_allow_requester_promotes if {
	_denied(object.union(_people, {"promoter": "rae"}), [_by("cat")]) == set()
}

test_allow_author_rejects if {
	_denied(_people, [_by("cat"), object.union(_by("bob"), {"result": {"decision": "reject"}})]) == set()
}

test_deny_author_approves if {
	_denied(_people, [_by("cat"), _by("bob")]) == {_finding("bob", "approver+author", "approver and author")}
}

test_deny_author_promotes if {
	_denied(object.union(_people, {"promoter": "ada"}), [_by("cat")]) == {_finding("ada", "author+promoter", "author and promoter")}
}

test_deny_promoter_approves if {
	_denied(_people, [_by("pipeline")]) == {_finding("pipeline", "approver+promoter", "approver and promoter")}
}

test_deny_requester_approves if {
	_denied(_people, [_by("rae")]) == {_finding("rae", "approver+requester", "approver and requester")}
}

test_deny_everything_by_one_person if {
	_denied({"authors": ["ada"], "requester": "ada", "promoter": "ada"}, [_by("ada")]) == {
		_finding("ada", "approver+author", "approver and author"),
		_finding("ada", "author+promoter", "author and promoter"),
		_finding("ada", "approver+promoter", "approver and promoter"),
		_finding("ada", "approver+requester", "approver and requester"),
	}
}

test_deny_author_promotes_without_approvals if {
	_denied(object.union(_people, {"promoter": "bob"}), []) == {_finding("bob", "author+promoter", "author and promoter")}
}
