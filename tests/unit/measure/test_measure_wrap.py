"""Foreign reports: what they say, what they leave unsaid, and what they must not be."""

from __future__ import annotations

import base64
import json
import pickle
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from measure_support import CONTEXT, DATA, MODEL, check, report, status

from hallgate.measure.files import file_digest, look_at, walk_files
from hallgate.measure.wrap import WRAPPERS, wrap
from hallgate.measure.wrap.vex import read_vex
from hallgate.model.errors import InvalidDocument, UsageError


def test_trivy_counts_lists_and_suppresses() -> None:
    predicate = wrap("vulnerability_report", report("trivy.json"))
    result = check("vulnerability_report", predicate)
    assert result["scanned"] == 3
    assert result["totals"] == {"critical": 1, "high": 0, "medium": 0, "low": 1, "unknown": 1}
    assert [one["id"] for one in result["findings"]] == ["CVE-2026-0001", "CVE-2026-0003"]
    assert result["findings"][0]["fixed_version"] == "1.0.1"
    assert result["findings"][0]["published_at"].startswith("2026-05-01T10:15:00")
    assert (result["suppressed"], result["omitted"], result["database_at"]) == (1, 0, None)
    dated = report("trivy.json", database_at="2026-11-20T00:00:00Z")
    assert check("vulnerability_report", wrap("vulnerability_report", dated))["database_at"]


@pytest.mark.parametrize(
    ("name", "where"), [("trivy.json", "CreatedAt"), ("grype.json", "descriptor")]
)
def test_a_report_is_as_old_as_it_says(name: str, where: str) -> None:
    document = json.loads((DATA / name).read_text())

    def dated(time: Any) -> Any:
        said = {**document[where], "timestamp": time} if where == "descriptor" else time
        return wrap("vulnerability_report", report({**document, where: said}))["collected_at"]

    assert dated("2026-11-01T08:00:00.123456789Z") == "2026-11-01T08:00:00.123456Z"
    assert dated(CONTEXT.collected_at) == CONTEXT.collected_at
    for odd in (None, "", "yesterday", "2026-11-01T08:00:00", "0001-01-01T00:00:00Z", 5):
        assert dated(odd) == CONTEXT.collected_at
    with pytest.raises(InvalidDocument, match="which is to come"):
        dated("2999-01-01T00:00:00Z")


def suppressions(name: str, *vex: Any) -> Any:
    statements = tuple(one for document in vex for one in read_vex(document, "vex.json"))
    predicate = wrap("vulnerability_report", report(name, vex=statements))
    return check("vulnerability_report", predicate)["suppressions"]


def open_vex(products: list[Any], **more: Any) -> dict[str, Any]:
    said = {"status": "not_affected", "justification": "component_not_present", **more}
    about = {"vulnerability": {"name": "CVE-2026-0004"}, "products": products, **said}
    return {"author": "security team", "statements": [about]}


def test_a_suppression_without_vex_names_nobody() -> None:
    (one,) = suppressions("trivy.json")
    assert (one["id"], one["component"], one["status"]) == (
        "CVE-2026-0004", "zlib@1.0.0", "not_affected",
    )  # fmt: skip
    assert (one["author"], one["product"], one["justification"]) == (None, None, None)
    (other,) = suppressions("grype.json")
    assert (other["id"], other["component"], other["status"]) == (
        "CVE-2026-10", "pillow@9.0", "ignored",
    )  # fmt: skip


def test_openvex_stands_behind_a_suppression_of_its_product() -> None:
    inside = {"@id": "pkg:oci/serving@sha256%3Aaa", "subcomponents": [{"@id": "pkg:deb/zlib"}]}
    for products in (["pkg:deb/debian/zlib@1.0.0?arch=amd64"], [{"@id": "pkg:deb/zlib"}], [inside]):
        (one,) = suppressions("trivy.json", open_vex(products))
        assert (one["author"], one["justification"]) == ("security team", "component_not_present")
        assert one["product"] == (
            products[0] if isinstance(products[0], str) else products[0]["@id"]
        )


def test_vex_of_another_product_version_or_status_explains_nothing() -> None:
    for products in ([], ["pkg:deb/zlib@2.0"], ["pkg:deb/openssl"], [None, 3, {}]):
        (one,) = suppressions("trivy.json", open_vex(products))
        assert one["author"] is None
    (one,) = suppressions("trivy.json", open_vex(["pkg:deb/zlib"], status="affected"))
    assert one["author"] is None


def test_cyclonedx_vex_is_read() -> None:
    document = {
        "bomFormat": "CycloneDX",
        "metadata": {"supplier": {"name": "vendor"}},
        "components": [{"bom-ref": "z", "name": "zlib", "purl": "pkg:deb/zlib@1.0.0"}],
        "vulnerabilities": [
            {
                "id": "CVE-2026-0004",
                "analysis": {"state": "false_positive", "justification": "code_not_reachable"},
                "affects": [{"ref": "z"}],
            }
        ],
    }
    (one,) = suppressions("trivy.json", document)
    assert (one["author"], one["status"]) == ("vendor", "not_affected")
    assert (one["product"], one["justification"]) == ("pkg:deb/zlib@1.0.0", "code_not_reachable")
    with pytest.raises(InvalidDocument, match="neither OpenVEX nor"):
        read_vex({"id": "x"}, "vex.json")


def test_bills_name_publishers_and_ancestors() -> None:
    base = {"type": "machine-learning-model", "name": "base", "supplier": {"name": "a lab"}}
    model = {
        "type": "machine-learning-model",
        "name": "m",
        "publisher": "us",
        "pedigree": {"ancestors": [base]},
    }
    library = {"type": "library", "name": "numpy"}
    for document in (
        bom(components=[model, library]),
        bom(components=[library], metadata={"component": model}),
    ):
        models = check("ml_bom", wrap("ml_bom", report(document)))["models"]
        assert {one["name"]: one["publisher"] for one in models} == {"m": "us", "base": "a lab"}


def test_trivy_none_found_is_not_nothing_scanned() -> None:
    clean = wrap("vulnerability_report", report("trivy_clean.json"))
    assert check("vulnerability_report", clean)["findings"] == []
    nothing: list[Any] = [None, [], [{"Target": "x", "Class": "secret"}]]
    documents = ["trivy_nothing.json"]
    base = json.loads((DATA / "trivy_nothing.json").read_text())
    for document in [*documents, *({**base, "Results": value} for value in nothing)]:
        assert status("vulnerability_report", report(document)) == "not_run"


def test_grype_needs_to_know_what_was_scanned() -> None:
    result = check("vulnerability_report", wrap("vulnerability_report", report("grype.json")))
    assert result["database_at"] == "2026-11-19T01:31:43Z"
    assert result["findings"][0]["exploited"] is True
    assert result["findings"][0]["published_at"] is None
    assert (result["totals"]["low"], result["suppressed"]) == (1, 1)
    clean = {**json.loads((DATA / "grype.json").read_text()), "matches": []}
    assert status("vulnerability_report", report(clean)) == "not_run"
    counted = wrap("vulnerability_report", report(clean, scanned=96))
    assert check("vulnerability_report", counted)["scanned"] == 96


def test_findings_above_the_cap_are_counted() -> None:
    document = json.loads((DATA / "grype.json").read_text())
    match = document["matches"][0]
    document["matches"] = [
        {**match, "vulnerability": {**match["vulnerability"], "id": f"CVE-2026-{at:05}"}}
        for at in range(1_200)
    ]
    result = check("vulnerability_report", wrap("vulnerability_report", report(document)))
    assert (len(result["findings"]), result["omitted"]) == (1_000, 200)
    assert result["totals"]["high"] == 1_200


def test_detect_secrets_counts_only_with_the_files(tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text("key = 1\n")
    files = walk_files(tmp_path)
    predicate = wrap("secret_scan", report("detect_secrets.json", files=files))
    result = check("secret_scan", predicate)
    assert result["findings"] == [{"path": "train.py", "line": 1, "kind": "AWS Access Key"}]
    assert "0" * 40 not in json.dumps(predicate)
    assert predicate["completeness"] == {"expected": 1, "observed": 1}
    assert status("secret_scan", report("detect_secrets.json")) == "not_run"
    document = json.loads((DATA / "detect_secrets.json").read_text())
    bare = report({**document, "plugins_used": []}, files=files)
    assert status("secret_scan", bare) == "not_run"
    none = report({**document, "results": {}}, files=files)
    assert check("secret_scan", wrap("secret_scan", none))["findings_total"] == 0
    foreign = {**document, "results": {"gone.py": document["results"]["train.py"]}}
    predicate = wrap("secret_scan", report(foreign, files=files))
    assert predicate["completeness"] == {"expected": 2, "observed": 1}


class _Harmful:
    def __reduce__(self) -> tuple[Any, ...]:
        return (Path.touch, (Path("/tmp/hallgate-must-not-exist"),))


def picklescan(folder: Path) -> str:
    command = [str(Path(sys.executable).parent / "picklescan"), "-p", str(folder)]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout


def test_picklescans_real_output_is_a_second_opinion(tmp_path: Path) -> None:
    (tmp_path / "bad.pkl").write_bytes(pickle.dumps(_Harmful()))
    (tmp_path / "broken.pkl").write_bytes(b"\x80\x04cut")
    output, files = picklescan(tmp_path), walk_files(tmp_path)
    given = report(output, files=files, target_digest=files[0].digest)
    result = check("artifact_scan", wrap("artifact_scan", given))
    kinds = {(one["path"], one["kind"]) for one in result["findings"]}
    assert ("broken.pkl", "unreadable_member") in kinds
    assert ("bad.pkl", "executable_format") in kinds
    assert status("artifact_scan", report(output)) == "not_run"
    empty = tmp_path / "empty"
    empty.mkdir()
    assert status("artifact_scan", replace(given, document=picklescan(empty))) == "not_run"
    with pytest.raises(InvalidDocument, match="no whole output"):
        wrap("artifact_scan", report("cut short"))


def test_provenance_believes_a_builder_only_when_verified() -> None:
    builder = "https://example.org/builder"
    for name in ("slsa_v1.json", "slsa_v02.json"):
        plain = check("build_provenance", wrap("build_provenance", report(name, level=3)))
        assert (plain["builder"], plain["level"]) == (f"unverified:{builder}", 1)
        wrong = report(name, level=3, verified_signer="https://example.org/other")
        assert check("build_provenance", wrap("build_provenance", wrong))["level"] == 1
        good = report(name, level=3, verified_signer=builder)
        result = check("build_provenance", wrap("build_provenance", good))
        assert (result["builder"], result["level"], result["model_digest"]) == (builder, 3, MODEL)
    materials = check("build_provenance", wrap("build_provenance", report("slsa_v1.json")))
    assert [one["digest"] for one in materials["materials"]] == [None, "sha256:" + "c" * 64]


def test_provenance_in_envelopes_and_of_other_models() -> None:
    inside = (DATA / "slsa_v1.json").read_bytes()
    envelope = {"payloadType": "application/vnd.in-toto+json", "signatures": [{}]}
    envelope["payload"] = base64.b64encode(inside).decode()
    for document in (envelope, {"dsseEnvelope": envelope}):
        assert status("build_provenance", report(document)) == "measured"
    other = replace(report("slsa_v1.json"), subject="sha256:" + "0" * 64)
    result = check("build_provenance", wrap("build_provenance", other))
    assert result["model_digest"] == MODEL
    for broken in ({**envelope, "payload": "?"}, {"_type": "x"}, [], {"payload": "e30="}):
        with pytest.raises(InvalidDocument):
            wrap("build_provenance", report(broken))


def test_model_signatures_need_signature_and_files(tmp_path: Path) -> None:
    (tmp_path / "a.bin").write_bytes(b"a")
    digest = file_digest(tmp_path / "a.bin")
    resources = [{"name": "a.bin", "algorithm": "sha256", "digest": digest.removeprefix("sha256:")}]
    document = {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": "m", "digest": {"sha256": "1" * 64}}],
        "predicateType": "https://model_signing/signature/v1.0",
        "predicate": {"resources": resources},
    }
    given = replace(report(document, files=walk_files(tmp_path)), subject=digest)
    assert check("model_signature", wrap("model_signature", given))["verified"] is False
    signed = replace(given, verified_signer="release-key")
    result = check("model_signature", wrap("model_signature", signed))
    assert (result["verified"], result["model_digest"]) == (True, digest)
    (tmp_path / "b.bin").write_bytes(b"b")
    more = replace(signed, files=walk_files(tmp_path))
    assert check("model_signature", wrap("model_signature", more))["verified"] is False
    assert status("model_signature", replace(signed, files=())) == "not_run"


def bom(**more: Any) -> dict[str, Any]:
    return {"bomFormat": "CycloneDX", "specVersion": "1.6", "components": [], **more}


def test_bills_are_normalised() -> None:
    hashes = [{"alg": "SHA-256", "content": "A" * 64}]
    parts = [
        {"type": "library", "name": "numpy", "version": "2", "components": [{"name": "blas"}]},
        {"type": "data", "name": "german", "hashes": hashes, "licenses": [{"expression": "CC0"}]},
        {"type": "machine-learning-model", "name": "m", "version": "1", "hashes": hashes},
    ]
    result = check("ml_bom", wrap("ml_bom", report(bom(components=parts))))
    assert result["components"] == 4
    assert result["without_total"] == {"version": 2, "licence": 3, "sha256": 2}
    assert result["without"]["sha256"] == ["blas", "numpy@2"]
    assert result["models"][0]["sha256"] == "sha256:" + "a" * 64
    assert result["datasets"][0]["licence"] == "CC0"
    assert status("ml_bom", report(bom())) == "not_run"


def test_bills_with_dangling_or_duplicate_references_are_refused() -> None:
    parts = [{"name": "a", "bom-ref": "x"}, {"name": "b", "bom-ref": "x"}]
    edges = [{"ref": "x", "dependsOn": ["gone"]}]
    with pytest.raises(InvalidDocument) as caught:
        wrap("ml_bom", report(bom(components=parts, dependencies=edges)))
    assert len(caught.value.faults) == 2
    for broken in (bom(specVersion="9"), bom(components=[{}]), {"spdxVersion": "2.3"}, [1]):
        with pytest.raises(InvalidDocument):
            wrap("ml_bom", report(broken))


def test_a_part_may_depend_on_a_tool_that_the_metadata_name() -> None:
    """Seen in bills inside of wheels: what a release was built with is a tool of the bill."""
    tools = {"components": [{"type": "application", "name": "builder", "bom-ref": "tool"}]}
    edges = [{"ref": "x", "dependsOn": ["tool"]}, {"ref": "tool"}]
    whole = bom(components=[{"name": "a", "bom-ref": "x"}], dependencies=edges)
    made = wrap("ml_bom", report({**whole, "metadata": {"tools": tools}}))
    assert made["result"]["components"] == 1
    for broken in ({}, {"tools": [{"name": "builder", "bom-ref": "tool"}]}):
        with pytest.raises(InvalidDocument, match="no component"):
            wrap("ml_bom", report({**whole, "metadata": broken}))
    twice = {"components": [*tools["components"], {"name": "other", "bom-ref": "x"}]}
    with pytest.raises(InvalidDocument, match="occurs twice"):
        wrap("ml_bom", report({**whole, "metadata": {"tools": twice}}))


def test_names_beyond_the_cap_are_counted() -> None:
    parts = [{"name": f"p{at:05}"} for at in range(10_000)]
    result = check("ml_bom", wrap("ml_bom", report(bom(components=parts))))
    assert len(result["without"]["version"]) == 100
    assert result["without_total"]["version"] == 10_000


def test_authored_documents_are_the_result() -> None:
    plan = {
        "automation": "human_review",
        "review_queue": "credit-desk",
        "reviewer_role": "underwriter",
        "reviewer_can_overturn": True,
        "review_before_effect": True,
        "contest_channel": "post",
        "contest_deadline_hours": 72,
    }
    predicate = wrap("oversight_plan", report(plan))
    assert check("oversight_plan", predicate) == plan
    assert predicate["population"]["count"] == 1
    audit = {"model_digest": MODEL, "decisions": 9, "denials": 2, "lacking": 0, "reasons": []}
    assert wrap("reason_audit", report(audit))["population"]["count"] == 9
    for empty in ({}, [], "text", None):
        with pytest.raises(InvalidDocument):
            wrap("model_card", report(empty))


def test_unknown_types_tools_and_foreign_reports_are_told() -> None:
    with pytest.raises(UsageError, match="nothing wraps"):
        wrap("fairness_report", report({}))
    with pytest.raises(UsageError, match="writes no"):
        wrap("ml_bom", report({}), tool="trivy")
    with pytest.raises(UsageError, match="cannot tell"):
        wrap("vulnerability_report", report({"bomFormat": "CycloneDX"}))
    for tool in ("trivy", "grype"):
        with pytest.raises(InvalidDocument, match="no report of"):
            wrap("vulnerability_report", report({}), tool=tool)
    with pytest.raises(InvalidDocument, match="no report of"):
        wrap("secret_scan", report({}))
    assert {kind for kind, _, _ in WRAPPERS} >= {"ml_bom", "model_card", "secret_scan"}


def test_picklescan_paths_are_those_of_the_list(tmp_path: Path) -> None:
    file = look_at(Path(__file__), "folder/test.pkl")
    output = (
        "/abs/folder/test.pkl: dangerous import 'posix system' FOUND\n"
        "----------- SCAN SUMMARY -----------\nScanned files: 1\nInfected files: 1\n"
    )
    given = report(output, files=(file,), target_digest=file.digest)
    result = check("artifact_scan", wrap("artifact_scan", given))
    finding = {"path": "folder/test.pkl", "kind": "unlisted_global"}
    assert finding.items() <= result["findings"][0].items()
    assert "posix system" in result["findings"][0]["detail"]
