"""`hallgate review` by the installed command, on pull requests in real clones."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from conftest import shifted
from review_world import OPA, ROOT, make_world

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="session")
def world(tmp_path_factory, made_bank):
    return make_world(tmp_path_factory.mktemp("review"), made_bank, shifted)


def test_debug(world, tmp_path):
    pull = world.pull(tmp_path, lambda clone: world.write(clone, world.waiver()), who="model-owner")
    done = pull.review(form="markdown")
    print(done.code, done.text, done.err)
    assert 0
