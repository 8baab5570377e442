"""What holds for all tests: that a machine is slow fails none of them."""

from hypothesis import settings

settings.register_profile("house", settings(), deadline=None)
settings.load_profile("house")
