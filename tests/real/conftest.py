"""Documents of other projects: where they lie, and the model they are said to be about."""

from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def here(monkeypatch):
    """Commands and expectations name files from the root of the repository."""
    monkeypatch.chdir(ROOT)
