"""What stands against a release: each fault alone, and none where all holds."""

import subprocess

import pytest

from hallgate.cli.release import channels_of
from hallgate.model.errors import NotProven, StorageError, UsageError
from hallgate.model.trust import Builder, Identity, Trust
from hallgate.publish.bundle.archive import pack
from hallgate.publish.bundle.version import is_prerelease, version_order
from hallgate.publish.release.checks import release_faults
from hallgate.publish.release.history import clone_at, commit_of_tag, git, read_history
from hallgate.publish.release.placeholders import trust_placeholders
from hallgate.publish.release.rebuild import require_same, unsigned
from hallgate.publish.versions.semver import Version

LOG = "# Changelog\n\n## [Unreleased]\n\n## [1.1.0] - 2026-11-25\n\n### Added\n- A thing.\n"


def run(folder, *words):
    subprocess.run(
        ["git", "-c", "user.name=t", "-c", "user.email=t@hallgate.dev", *words],
        cwd=folder, check=True, capture_output=True,
    )  # fmt: skip


@pytest.fixture
def house(tmp_path):
    folder = tmp_path / "house"
    folder.mkdir()
    run(folder, "init", "--quiet", "--initial-branch", "main")
    (folder / "CHANGELOG.md").write_text("# Changelog\n")
    run(folder, "add", ".")
    run(folder, "commit", "--quiet", "-m", "one")
    run(folder, "tag", "v1.0.0")
    run(folder, "tag", "vague")
    (folder / "CHANGELOG.md").write_text(LOG)
    run(folder, "commit", "--quiet", "-am", "two")
    return folder


def faults(house, version="1.1.0", channel="stable"):
    found = release_faults(house, read_history(house), version, channel, "1.1.0")
    return [one.what for one in found]


def test_nothing_stands_against_it(house):
    assert faults(house) == []
    assert faults(house, "1.0.1-next.1", "next") == []


def test_the_tag_may_be_there_already_for_this_commit_alone(house):
    run(house, "tag", "v1.1.0")
    assert faults(house) == []
    (house / "x").write_text("x")
    run(house, "add", ".")
    run(house, "commit", "--quiet", "-m", "three")
    (what,) = faults(house)
    assert what.startswith("v1.1.0 is the tag of another commit")


def test_a_tree_that_is_not_the_commit(house):
    (house / "new.rego").write_text("x")
    (house / "CHANGELOG.md").write_text(LOG + "\n")
    assert faults(house) == ["differs from the commit, or is not in it"] * 2


@pytest.mark.parametrize(
    ("version", "words"),
    [
        ("0.9.0", "0.9.0 is not above 1.0.0"),
        ("1.0.0", "v1.0.0 is the tag of another commit"),
        ("1.2.0", "has no section for 1.2.0"),
        ("1.1.0-rc.1", "is no version for stable"),
        ("1.1.0+build", "is no version for stable"),
    ],
)
def test_a_version_that_cannot_be_released(house, version, words):
    assert any(words in what for what in faults(house, version))


@pytest.mark.parametrize("version", ["1.1", "v1.1.0", "01.1.0", "1.1.0-", ""])
def test_what_is_no_version(house, version):
    with pytest.raises(UsageError, match="no version"):
        faults(house, version)


def test_next_lies_above_what_is_released(house):
    assert read_history(house).next_version == "1.0.1-next.1"
    assert faults(house, "1.0.0-next.9", "next") == [
        "1.0.0-next.9 is not above 1.0.0, which is released"
    ]


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (" - 2026-11-25", "", "has no date"),
        ("- A thing.\n", "", "is empty"),
        ("[Unreleased]\n", "[Unreleased]\n- More.\n", "still unreleased"),
        ("## [1.1.0]", "## [1.1.0] - 2026-01-01\n- x\n## [1.1.0]", "two sections"),
    ],
)
def test_a_changelog_that_does_not_say_it(house, old, new, words):
    (house / "CHANGELOG.md").write_text(LOG.replace(old, new))
    run(house, "commit", "--quiet", "-am", "log")
    assert any(words in what for what in faults(house))


def test_package_release_and_what_is_installed_have_one_version(house):
    (house / "pyproject.toml").write_text('[project]\nname = "hallgate"\nversion = "1.0.9"\n')
    run(house, "add", ".")
    run(house, "commit", "--quiet", "-m", "package")
    assert faults(house) == [
        "says version 1.0.9, and the installed hallgate is 1.1.0",
        "says version 1.0.9, and the release is 1.1.0",
    ]
    (house / "pyproject.toml").write_text('[project]\nname = "other"\nversion = "1.0.9"\n')
    run(house, "commit", "--quiet", "-am", "package")
    assert faults(house) == []


def test_a_shallow_clone_tells_nothing(house, tmp_path):
    run(tmp_path, "clone", "--quiet", "--depth", "1", f"file://{house}", "shallow")
    with pytest.raises(UsageError, match="shallow"):
        read_history(tmp_path / "shallow")


def test_a_clone_is_of_the_commit_and_tags_are_exact(house, tmp_path):
    commit = commit_of_tag(house, "v1.0.0")
    clone = clone_at(house, commit, tmp_path / "again")
    assert (clone / "CHANGELOG.md").read_text() == "# Changelog\n"
    for bad in ("1.0.0", "vague", "v1.0", "main"):
        with pytest.raises(UsageError, match="no tag of a release"):
            commit_of_tag(house, bad)
    with pytest.raises(UsageError, match="no commit"):
        commit_of_tag(house, "v9.9.9")
    with pytest.raises(StorageError, match="git log failed"):
        git(house, "log", "nowhere")
    assert read_history(house).before(Version(1, 1, 0)) == Version(1, 0, 0)


def test_who_was_made_up_is_refused_and_who_is_real_is_not(tmp_path):
    def person(name, email):
        return Identity(name, "person", "", (email,), (), ())

    trust = Trust(
        (person("ann", "ann@example.org"), person("bob", "bob@hallgate.dev"),
         person("placeholder", "c@hallgate.dev"), person("d", "d@contest.dev")),
        (), (Builder("https://ci.example/x", 3), Builder("https://ci.hallgate.dev", 3)),
        ("x@test",),
    )  # fmt: skip
    assert [one.what for one in trust_placeholders(trust, tmp_path)] == [
        "ann@example.org of identity ann is a placeholder",
        "build service https://ci.example/x is a placeholder",
        "identity placeholder is a placeholder",
        "model signer x@test is a placeholder",
    ]


def test_what_differs_is_named():
    first = pack({".manifest": b"{}", "a.rego": b"1", "b.rego": b"2"})
    second = pack({".manifest": b"{}", "a.rego": b"1", "b.rego": b"3", "c.rego": b"4"})
    require_same("all", first, first, "x")
    with pytest.raises(NotProven, match=r"all differs in b\.rego and 1 more"):
        require_same("all", first, second, "x")
    signed = pack({".manifest": b"{}", ".signatures.json": b"x", "a.rego": b"1", "b.rego": b"2"})
    assert unsigned(signed) == unsigned(first)


def test_versions_are_ordered_as_semver_orders_them():
    order = [
        "0.9.0", "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta", "1.0.0-beta.2",
        "1.0.0-beta.11", "1.0.0-rc.1", "1.0.0", "1.0.1-next.2", "1.0.1", "1.10.0",
    ]  # fmt: skip
    shuffled = order[6:] + order[:6]
    assert sorted(shuffled, key=version_order) == order
    assert [is_prerelease(one) for one in ("1.0.0", "1.0.0-a", "1.0.0+b")] == [False, True, False]


def test_waivers_move_every_channel():
    assert channels_of("waivers", "next") == ("next", "stable")
    assert channels_of("mlops", "next") == ("next",)
