"""What holds for all tests: that a machine is slow fails none of them."""

import gc

from hypothesis import settings

settings.register_profile("house", settings(), deadline=None)
settings.load_profile("house")


def pytest_collection_finish():
    """Thousands of collected tests stay to the end: Python need not look through them again."""
    gc.collect()
    gc.freeze()
