"""How hypothesis draws its examples in every test."""

from hypothesis import settings

# The same commit always has the same result. `make test PYTEST=--hypothesis-profile=hunt` draws new examples each time.
settings.register_profile("steady", derandomize=True)
settings.register_profile("hunt", derandomize=False, print_blob=True)
settings.load_profile("steady")
