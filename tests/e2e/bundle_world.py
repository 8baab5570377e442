"""A repository that ships what this tree ships, and who builds its bundles."""

import shutil
import subprocess
from pathlib import Path

from hallgate.engine.opa import find_opa

ROOT = Path(__file__).parents[2]
SHIPPED = ("policies", "evidence-schemas", "frameworks", "tracks", ".gitattributes")
TIGHT = """track: tight
title: A track that asks for more people than there are
families: [approvals, fairness]
frameworks: [nist-ai-rmf]
limits:
  - {policy: APR-001, quantity: null, tier: high, limit: 99, reason: To see it bind.}
dates: []
rollout: []
baseline: null
"""


def git(folder, *words):
    done = subprocess.run(
        ["git", "-c", "user.name=t", "-c", "user.email=t@example.org", *words],
        cwd=folder, check=True, capture_output=True, text=True,
    )  # fmt: skip
    return done.stdout.strip()


def make_origin(folder):
    """A repository with what this tree ships now, and one more track."""
    for name in SHIPPED:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, folder / name)
        else:
            shutil.copy(ROOT / name, folder / name)
    (folder / "tracks/tight.yaml").write_text(TIGHT)
    git(folder, "init", "--quiet")
    git(folder, "add", ".")
    git(folder, "commit", "--quiet", "--message", "all")
    return folder


def make_home(folder):
    """A user's home, whose Git takes clones that belong to somebody else."""
    (folder / ".gitconfig").write_text("[safe]\n\tdirectory = *\n")
    return folder


def builder(run, home, output):
    """`hallgate bundle build` of a folder into output / out."""

    def build(folder, *words, code=0, out="built.tar.gz", **env):
        env = {"HALLGATE_OPA": str(find_opa(ROOT)), "HOME": str(home), **env}
        return run(
            "bundle", "build", "--output", output / out, *words, cwd=folder, code=code, env=env
        )

    return build
