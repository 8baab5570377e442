package promotion.rules.llm.prompts_hold_no_secret_test

import data.promotion.rules.llm.prompts_hold_no_secret as policy

_prompt := {"path": "prompts/system.txt", "digest": "sha256:pp"}

_says(secrets, hits, secret_files, pii_files, denied, thin) if {
	document := {"evidence": {
		"llm_configuration": [{"result": {"prompts": [_prompt]}}],
		"secret_scan": [{"result": {"findings": secrets, "files": [{"digest": digest} | some digest in secret_files]}}],
		"pii_scan": [{"result": {"hits": hits, "files": [{"digest": digest} | some digest in pii_files]}}],
	}}
	policy.deny == denied with input as document
	policy.insufficient == thin with input as document
}

_secret(path) := {"path": path, "line": 3, "kind": "Private Key"}

_hit(path) := {"path": path, "kind": "email", "count": 2}

test_allow_scanned_and_clean if {
	_says([], [], ["sha256:aa", "sha256:pp"], ["sha256:pp"], set(), set())
}

test_allow_findings_elsewhere if {
	_says([_secret("train.py")], [_hit("train.csv")], ["sha256:pp"], ["sha256:pp"], set(), set())
}

test_deny_secret if {
	found := {{
		"key": "prompts/system.txt:3=Private Key", "message": "Private Key in prompt prompts/system.txt, line 3",
		"observed": null, "limit": null,
	}}
	_says([_secret("prompts/system.txt")], [], ["sha256:pp"], ["sha256:pp"], found, set())
}

test_deny_personal_data if {
	found := {{"key": "prompts/system.txt=email", "message": "2 hits of email in prompt prompts/system.txt", "observed": 2, "limit": 0}}
	_says([], [_hit("prompts/system.txt")], ["sha256:pp"], ["sha256:pp"], found, set())
}

_unscanned(type) := {{
	"key": sprintf("%s=prompts/system.txt", [type]),
	"message": sprintf("%s did not look at prompt prompts/system.txt as it is deployed", [type]),
	"observed": null,
	"limit": null,
}}

test_deny_prompt_that_was_not_scanned if {
	_says([], [], ["sha256:aa"], ["sha256:pp"], set(), _unscanned("secret_scan"))
	_says([], [], ["sha256:pp"], [], set(), _unscanned("pii_scan"))
	_says([], [], [], ["sha256:aa"], set(), _unscanned("secret_scan") | _unscanned("pii_scan"))
}

_reasons(kind) := found if {
	found := policy.not_applicable with input as {"request": {"use": {"model_kind": kind}}}
}

test_allow_not_applicable_to_predictions if _reasons("predictive") == {"the model writes nothing: it is predictive"}

test_deny_applicable_to_generation if _reasons("generative") == set()
