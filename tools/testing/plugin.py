"""The pytest plugin: collects `*.rvtest.toml`, and gives Python tests the fixtures `rvsim`, `rvsim_image` and
`rvsim_snapshot`. Nothing of the machine is imported before a test needs it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from rvsim.tools.testing.factory import Guests, Image, Point

_GUESTS = "_rvsim_guests"
_FAILED = "_rvsim_failed"


def pytest_addoption(parser: pytest.Parser) -> None:
    from rvsim.tools.testing.options import add_options

    add_options(parser)


def pytest_addhooks(pluginmanager: pytest.PytestPluginManager) -> None:
    from rvsim.tools.testing import hooks

    pluginmanager.add_hookspecs(hooks)


def pytest_configure(config: pytest.Config) -> None:
    """Know the mark for points; add them up, and have a cluster run the cases, if that is wanted. Raises
    pytest.UsageError."""
    config.addinivalue_line("markers", "points(n): what a test is worth, for `rvsim test --grade`")
    if config.getoption("rvsim_grade", None) is not None:
        from rvsim.tools.testing.grading import begin as begin_grading

        begin_grading(config)
    if config.getoption("rvsim_dist", None) is not None:
        from rvsim.tools.testing.remote.session import begin

        begin(config)


def pytest_sessionstart(session: pytest.Session) -> None:
    """Begin to note what the guests' programs run, if that is wanted."""
    if session.config.getoption("rvsim_cov", None) is not None:
        from rvsim.tools.testing.covering import begin

        begin()


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any, error: object) -> None:
    """Take over what a worker of pytest-xdist has noted."""
    data = getattr(node, "workeroutput", {}).get("rvsim_cov")
    if data is not None:
        from rvsim.tools.testing.covering import merge

        merge(data)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Hand over or write what was noted."""
    if session.config.getoption("rvsim_cov", None) is not None:
        from rvsim.tools.testing.covering import finish

        finish(session.config)


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    if not file_path.name.endswith(".rvtest.toml"):
        return None
    from rvsim.tools.testing.collect import RvtestFile

    return RvtestFile.from_parent(parent, path=file_path)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keep the cases with the tags that were asked for."""
    tags = config.getoption("rvsim_tag")
    if not tags:
        return
    chosen = [item for item in items if any(item.get_closest_marker(tag) is not None for tag in tags)]
    config.hook.pytest_deselected(items=[item for item in items if item not in chosen])
    items[:] = chosen


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    """Say what a Python test's guests did, if it failed."""
    guests: Guests | None = getattr(item, _GUESTS, None)
    failed = call.excinfo is not None and not isinstance(call.excinfo.value, pytest.skip.Exception)
    if call.when == "call" and failed and guests is not None and guests.all:
        from rvsim.tools.testing.failing import add_sections

        setattr(item, _FAILED, True)
        add_sections(item, guests)
    yield


@pytest.fixture
def rvsim(request: pytest.FixtureRequest) -> Iterator[Guests]:
    """Machines for this test: `rvsim.spawn("/bin/sh")`. They are closed when it is over."""
    from rvsim.tools.testing.factory import Guests

    guests = Guests(request.path.parent, request.node.name)
    setattr(request.node, _GUESTS, guests)
    yield guests
    try:
        for guest in guests.all:
            if not guest.closed and not getattr(request.node, _FAILED, False):
                request.node.ihook.pytest_rvsim_close(item=request.node, guest=guest)
    finally:
        guests.close()


@pytest.fixture
def rvsim_image(rvsim: Guests) -> Callable[..., Image]:
    """Make an image: `rvsim_image("image.tar")`, `rvsim_image(programs=["build/*"])`."""
    return rvsim.image


@pytest.fixture
def rvsim_snapshot(rvsim: Guests) -> Callable[..., Point]:
    """Bring a machine to a point, once: `rvsim_snapshot("/bin/sh", ready=r"\\$ ").spawn()`."""
    return rvsim.snapshot


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Show what the guests' programs ran and the grade, and tell GitHub Actions, if it is there."""
    import os

    if config.getoption("rvsim_cov", None) is not None:
        from rvsim.tools.testing.covering import table

        terminalreporter.section("coverage of the guest")
        terminalreporter.write(table())
    if config.getoption("rvsim_grade", None) is not None:
        from rvsim.tools.testing.grading import grader_of

        grader = grader_of(config)
        if grader is not None:
            terminalreporter.section("grade")
            terminalreporter.write(grader.table())

    if os.environ.get("GITHUB_ACTIONS") != "true" and "GITHUB_STEP_SUMMARY" not in os.environ:
        return
    from rvsim.tools.testing.github import tell

    tell(terminalreporter, config)
