package promotion.rules.provenance.model_signature_trusted_test

import data.promotion.rules.provenance.model_signature_trusted as policy

_good := {"verified": true, "files": 2, "signer": "release-key", "model_digest": "sha256:aa"}

_document(changes) := {
	"request": {"model": {"digest": "sha256:aa"}},
	"trust": {"model_signers": ["old-key", "release-key"]},
	"evidence": {"model_signature": [{"result": object.union(_good, change)} | some change in changes]},
}

_denied(changes) := found if found := policy.deny with input as _document(changes)

_finding(what, words, signer, digest, observed) := {
	"key": concat("=", [what, signer]),
	"message": sprintf("%s (signer %s, model %s)", [words, signer, digest]),
	"observed": observed,
	"limit": null,
}

test_allow_each_trusted_signer if {
	_denied([{}]) == set()
	_denied([{"signer": "old-key"}]) == set()
	_denied([{"files": 1}]) == set()
}

test_deny_not_verified if {
	_denied([{"verified": false}]) == {_finding("verified", "the signature does not verify", "release-key", "sha256:aa", false)}
}

test_deny_covers_no_file if {
	_denied([{"files": 0}]) == {_finding("files", "the signature covers no file", "release-key", "sha256:aa", 0)}
}

test_deny_other_model if {
	_denied([{"model_digest": "sha256:bb"}]) == {_finding("digest", "the signature is over another model", "release-key", "sha256:bb", "sha256:bb")}
}

_stranger := _finding("signer", "the signer is not trusted", "stranger", "sha256:aa", "stranger")

test_deny_untrusted_signer if _denied([{"signer": "stranger"}]) == {_stranger}

test_deny_untrusted_signer_beside_a_trusted_one if _denied([{}, {"signer": "stranger"}]) == {_stranger}

test_deny_nobody_is_trusted if {
	document := object.remove(_document([{}]), ["trust"])
	policy.deny == {_finding("signer", "the signer is not trusted", "release-key", "sha256:aa", "release-key")} with input as document
}
