# METADATA
# title: The decision at another time
# description: >-
#   Evaluates promotion.main at input.now, in whole seconds. For replay of a
#   record and for questions about another day; never for a promotion.
# entrypoint: true
package promotion.replay

decision := answer if {
	_timed
	answer := data.promotion.main.decision with time.now_ns as input.now * 1000000000
}

default _timed := false

_timed if {
	is_number(input.now)
	input.now == floor(input.now)
	input.now >= 0
}

deny contains {"msg": "input.now, in whole seconds, is missing", "id": "", "outcome": "error", "key": ""} if not _timed

deny contains message if {
	_timed
	some message in _said.deny
}

warn contains message if {
	_timed
	some message in _said.warn
}

# Silence of main is no consent.
default _said := {
	"deny": {{"msg": "no complete decision could be made", "id": "", "outcome": "error", "key": ""}},
	"warn": set(),
}

_said := said if said := data.promotion.main.for_conftest with time.now_ns as input.now * 1000000000
