"""rvsim's own pytest plugin, where rvsim runs from a checkout and is not installed; hypothesis without a clock."""

from hypothesis import HealthCheck, settings

from rvsim.tools.testing.command import PLUGIN, is_installed

pytest_plugins = [] if is_installed() else [PLUGIN]

# A host that is busy takes a second for what takes a millisecond else, and that is no failure.
settings.register_profile("patient", settings(), deadline=None, suppress_health_check=[
    *settings().suppress_health_check, HealthCheck.too_slow])
settings.load_profile("patient")
