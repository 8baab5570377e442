package promotion.lib.licences_test

import data.promotion.lib.licences

_problems(expression) := found if {
	found := licences.problems(expression, "model") with input as {"to_stage": "production", "request": {"use": {"domain": "credit", "effect": "legal", "autonomy": "human_review"}}}
}

test_free if _problems("MIT") == set()

test_unlisted if _problems("no licence of mine") == {"is not on the list of licences"}

test_empty if _problems("") == {"is not on the list of licences"}

test_each_part_of_and if _problems("MIT AND nothing AND CC-BY-NC-4.0") == {"is not on the list of licences", "permits no commerce"}

test_one_of_or if _problems("nothing OR MIT") == set()
