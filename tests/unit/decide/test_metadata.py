"""METADATA put together from single modules is what OPA says of all at once."""

import json
from hashlib import sha256

import pytest

from hallgate.decide.kept_answers import KeptModules
from hallgate.decide.metadata import inspected
from hallgate.decide.policies import load_policies, read_sources
from hallgate.engine.opa import Opa, find_opa
from hallgate.intake.repository import Repository
from hallgate.intake.schema import Schemas
from hallgate.model.errors import EngineAborted, InvalidDocument

ONE, TWO = "promotion/rules/a/one/one.rego", "promotion/rules/a/two/two.rego"


def _module(name, title):
    return (
        f"# METADATA\n# title: {title}\npackage promotion.rules.a.{name}\n\n"
        "# METADATA\n# description: A rule.\nx := 1\n"
    ).encode()


@pytest.fixture(scope="module")
def engine(request):
    return Opa(find_opa(request.config.rootpath))


@pytest.fixture
def asked(monkeypatch):
    """The modules that OPA was asked about, in each run."""
    runs = []
    inspect = Opa.inspect
    monkeypatch.setattr(
        Opa,
        "inspect",
        lambda self, folder: (
            runs.append(
                {str(one.relative_to(folder / "policies")) for one in folder.rglob("*.rego")}
            )
            or inspect(self, folder)
        ),
    )
    return runs


def test_our_tree_in_parts_is_our_tree(engine, tmp_path, request):
    sources = read_sources(Repository(request.config.rootpath).policies)
    for path, data in sources.items():
        (tmp_path / "tree/policies" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "tree/policies" / path).write_bytes(data)
    whole = engine.inspect(tmp_path / "tree")
    kept = KeptModules(tmp_path)
    for part in (dict(list(sources.items())[::2]), sources, sources):
        found = inspected(part, engine, kept)
    assert found == {"annotations": whole["annotations"], "namespaces": whole["namespaces"]}


def test_changed_modules_alone_are_asked_about(engine, tmp_path, asked):
    kept = KeptModules(tmp_path)
    old = {ONE: _module("one", "A"), TWO: _module("two", "B")}
    new = {**old, TWO: _module("two", "C")}
    fresh = [inspected(one, engine) for one in (old, new)]
    assert fresh[0] != fresh[1]
    asked.clear()
    assert [inspected(one, engine, kept) for one in (old, new, old, new)] == [*fresh, *fresh]
    assert asked == [{ONE, TWO}, {TWO}]


def test_the_same_bytes_elsewhere_are_told_where_they_lie(engine, tmp_path, asked):
    kept = KeptModules(tmp_path)
    inspected({ONE: _module("one", "A")}, engine, kept)
    moved = inspected({TWO: _module("one", "A")}, engine, kept)
    assert moved == inspected({TWO: _module("one", "A")}, engine)
    assert moved["namespaces"] == {"data.promotion.rules.a.one": [f"policies/{TWO}"]}
    assert asked == [{ONE}, {TWO}]


def test_a_damaged_answer_is_asked_again(engine, tmp_path, asked):
    kept = KeptModules(tmp_path)
    fresh = inspected({ONE: _module("one", "A")}, engine, kept)
    (file,) = (tmp_path / "metadata").iterdir()
    file.write_text("{")
    assert inspected({ONE: _module("one", "A")}, engine, kept) == fresh
    assert len(asked) == 2


def test_of_other_bytes_nothing_is_read_and_nothing_kept(engine, tmp_path, asked):
    old, new = _module("one", "A"), _module("one", "B")
    inspected({ONE: new}, engine, KeptModules(tmp_path))
    (file,) = (tmp_path / "metadata").iterdir()
    file.write_text(json.dumps({"package": "data.promotion.rules.a.one", "annotations": []}))
    own = KeptModules(tmp_path, frozenset({sha256(old).hexdigest()}))
    assert inspected({ONE: new}, engine, own)["annotations"]
    inspected({ONE: old}, engine, own)
    assert inspected({ONE: new, TWO: old}, engine, own)["annotations"]
    assert asked == [{ONE}, {ONE}, {ONE}, {ONE}]
    assert len(list((tmp_path / "metadata").iterdir())) == 2


def test_a_module_that_opa_passes_over_is_an_error(engine, monkeypatch):
    monkeypatch.setattr(Opa, "inspect", lambda *_: {"namespaces": {}, "annotations": []})
    with pytest.raises(EngineAborted, match=f"does not say what stands in {ONE}"):
        inspected({ONE: _module("one", "A")}, engine)


def test_what_two_modules_may_not_say_together_is_refused_with_all_kept(
    engine, tmp_path, request, asked
):
    """OPA compares METADATA of one package across files; `opa check` does so for all."""
    root = request.config.rootpath
    house = Repository(tmp_path / "house")
    schemas = Schemas.load(root / "evidence-schemas")
    title = "# METADATA\n# scope: package\n# title: A\npackage promotion.lib.twice\n\n"
    for name in ("first", "second"):
        path = house.policies / f"lib/twice/{name}.rego"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{title}{name} := 1\n")
        source = {f"promotion/lib/twice/{name}.rego": path.read_bytes()}
        inspected(source, engine, KeptModules(tmp_path))
    with pytest.raises(InvalidDocument, match="package annotation redeclared"):
        load_policies(house, schemas, engine, tmp_path)
    assert len(asked) == 2
