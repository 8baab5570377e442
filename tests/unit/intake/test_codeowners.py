from __future__ import annotations

import pytest

from hallgate.intake.codeowners import CodeOwners
from hallgate.model.errors import InvalidDocument


@pytest.mark.parametrize(
    ("pattern", "path", "owned"),
    [
        # The examples of GitHub's documentation.
        ("*", "any/thing.txt", True),
        ("*.js", "a/b/c.js", True),
        ("*.js", "a/b/c.jsx", False),
        ("/build/logs/", "build/logs/x/y.log", True),
        ("/build/logs/", "deep/build/logs/x.log", False),
        ("docs/*", "docs/getting-started.md", True),
        ("docs/*", "docs/build-app/troubleshooting.md", False),
        ("apps/", "deep/apps/x", True),
        ("apps/", "apps", False),
        ("/docs/", "docs/a/b", True),
        ("/docs/", "x/docs/a", False),
        ("/scripts/", "scripts/run", True),
        ("**/logs", "build/logs", True),
        ("**/logs", "deeply/nested/logs/x.log", True),
        ("**/logs", "logs", True),
        ("/apps/github", "apps/github/x", True),
        ("/apps/github", "apps/github2/x", False),
        # gitignore(5)
        ("a/**/b", "a/b", True),
        ("a/**/b", "a/x/y/b", True),
        ("a/**", "a/x/y", True),
        ("a/**", "a", False),
        ("policies/promotion", "policies/promotion/x.rego", True),
        ("policies/promotion", "deep/policies/promotion/x.rego", False),
        ("x?z", "a/xyz", True),
        ("x?z", "a/x/z", False),
        ("a\\ b.txt", "a b.txt", True),
        ("a.b", "axb", False),
        ("Makefile", "sub/Makefile", True),
        ("Makefile", "makefile", False),
    ],
)
def test_patterns(pattern: str, path: str, owned: bool) -> None:
    owners = CodeOwners.parse(f"{pattern} @org/team\n".encode(), "CODEOWNERS")
    assert bool(owners.owners_of(path)) is owned


def test_the_last_match_wins_and_may_say_nobody() -> None:
    text = b"* @org/all # everybody\n\n# docs\n/docs/ @org/docs me@example.org\n/docs/free/\n"
    owners = CodeOwners.parse(text, "CODEOWNERS")
    assert owners.owners_of("x") == ("@org/all",)
    assert owners.owners_of("docs/x") == ("@org/docs", "me@example.org")
    assert owners.owners_of("docs/free/x") == ()
    assert CodeOwners.parse(b"", "CODEOWNERS").owners_of("x") == ()


def test_what_the_forge_would_skip_is_a_fault() -> None:
    text = b"!x @org/a\nfile[0-9] @org/a\n\\#x @org/a\n* org/team\n/ @org/a\na @org/a/b\nok @me\n"
    with pytest.raises(InvalidDocument) as caught:
        CodeOwners.parse(text, "CODEOWNERS")
    lines = [fault.where.line for fault in caught.value.faults if fault.where]
    assert lines == [1, 2, 3, 4, 5, 6]


def test_unknown_owners_are_named() -> None:
    owners = CodeOwners.parse(b"a @Org/Team\nb @org/gone\n", "CODEOWNERS")
    (fault,) = owners.unknown_owners({"@org/team"})
    assert "@org/gone" in fault.what
    assert str(fault.where) == "CODEOWNERS:2:1"
