"""rvsim's own pytest plugin, where rvsim runs from a checkout and is not installed; how hypothesis draws examples."""

from hypothesis import HealthCheck, settings

from rvsim.tools.testing.command import PLUGIN, is_installed

pytest_plugins = [] if is_installed() else [PLUGIN]

# A host that is busy takes a second for what takes a millisecond else, and that is no failure.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
# The same commit always has the same result. `make test PYTEST=--hypothesis-profile=hunt` draws new examples each time.
settings.register_profile("steady", settings.get_profile("patient"), derandomize=True)
settings.register_profile("hunt", settings.get_profile("patient"), derandomize=False, print_blob=True)
settings.load_profile("steady")
