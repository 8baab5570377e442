"""A policy repository with the real main and lib, and rules of the test's own."""

import shutil
from pathlib import Path

import pytest

from hallgate.decide.policies import load_policies
from hallgate.engine.opa import Opa, find_opa
from hallgate.intake.repository import Repository
from hallgate.intake.schema import Schemas
from hallgate.intake.trust import read_trust
from hallgate.record.keys import generate_key
from hallgate.record.log.folder import create_log
from hallgate.testing.cast import make_cast

from .archive import ORIGIN, Archive

ROOT = Path(__file__).parents[3]

HEAD = """# METADATA
# scope: package
# title: Made for a test
# description: Made for a test.
# custom:
#   id: {id}
#   severity: high
#   evidence: {evidence}
#   waivable: [fail]
#   controls: ["made:1"]
#   effective_from: "{since}"
#   remediation: None.
package promotion.rules.made.{name}

"""


@pytest.fixture(scope="session")
def engine():
    return Opa(find_opa(ROOT))


@pytest.fixture(scope="session")
def schemas():
    return Schemas.load(ROOT / "evidence-schemas")


@pytest.fixture(scope="session")
def made():
    """Policies that were already made in this run, by what they were made of."""
    return {}


@pytest.fixture
def make_policies(tmp_path, engine, schemas, made):
    """Policies from {name: body}; ids are MAD-001, MAD-002 … in order of name.

    With a cache they are made again.
    """

    def make(bodies, *, cache=None, **more):
        key = repr((sorted(bodies.items()), sorted(more.items())))
        if cache is not None:
            return fresh(bodies, cache, **more)
        if key not in made:
            made[key] = fresh(bodies, None, **more)
        return made[key]

    def fresh(bodies, cache, *, evidence="[]", since="2020-01-01T00:00:00Z", change=("", "")):
        root = tmp_path / "repository"
        shutil.rmtree(root, ignore_errors=True)
        for part in ("main", "replay", "lib"):
            shutil.copytree(ROOT / "policies/promotion" / part, root / "policies/promotion" / part)
        for number, name in enumerate(sorted(bodies), 1):
            folder = root / "policies/promotion/rules/made" / name
            folder.mkdir(parents=True)
            head = HEAD.format(id=f"MAD-{number:03d}", name=name, evidence=evidence, since=since)
            head = head.replace(*change) if change[0] else head
            (folder / f"{name}.rego").write_text(head + bodies[name])
        return load_policies(Repository(root), schemas, engine, cache)

    return make


@pytest.fixture
def document():
    """An input document with a sound request and no evidence."""
    return {
        "request": {
            "model": {"name": "made", "version": "1", "digest": "sha256:" + "a" * 64},
            "from_stage": "staging",
            "to_stage": "production",
            "first_promotion": True,
            "sector": "general",
            "use": {
                "purpose": "testing",
                "domain": "research",
                "effect": "none",
                "autonomy": "advisory",
                "data": ["public"],
                "jurisdictions": ["other"],
                "model_kind": "predictive",
                "summary": "Made for a test.",
            },
            "declared_tier": "low",
            "people": {"requester": "one", "authors": ["two"], "promoter": "three"},
        },
        "evidence": {},
        "rejected": [],
        "trust": {"builders": [], "model_signers": [], "base_models": []},
        "quarantined": [],
    }


@pytest.fixture(scope="session")
def cast(tmp_path_factory):
    trust = read_trust(ROOT / "trust", Schemas.load(ROOT / "evidence-schemas"))
    return make_cast(tmp_path_factory.mktemp("keys"), trust)


@pytest.fixture
def archive(tmp_path, cast):
    key = generate_key()
    create_log(tmp_path / "records", ORIGIN, key)
    return Archive(tmp_path / "records", cast, Schemas.load(ROOT / "evidence-schemas"), key)
