"""rvsim's own pytest plugin, where rvsim runs from a checkout and is not installed."""

from rvsim.tools.testing.command import PLUGIN, is_installed

pytest_plugins = [] if is_installed() else [PLUGIN]
