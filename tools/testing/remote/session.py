"""pytest's side of `--dist dask=ADDRESS`: the connection, and the loop that is taken over."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest

from rvsim.tools.testing.remote.address import scheduler_of
from rvsim.tools.testing.remote.bundle import TooMuch
from rvsim.tools.testing.remote.cluster import INSTALL_IT, Cluster, ClusterError, missing
from rvsim.tools.testing.remote.run import Run, many
from rvsim.tools.testing.remote.worker import difference, facts


def begin(config: pytest.Config) -> None:
    """Have the cases of this run done by a cluster. Raises pytest.UsageError."""
    option = config.option
    try:
        address = scheduler_of(option.rvsim_dist)
    except ValueError as error:
        raise pytest.UsageError(str(error)) from None
    for other, given, why in (
            ("--update", option.rvsim_update, "golden files are written on this host; run it without --dist"),
            ("-n", getattr(option, "numprocesses", None), "give one of them"),
            ("--pdb", option.usepdb, "nobody sits at the workers; run it without --dist")):
        if given:
            raise pytest.UsageError(f"--dist dask does not go with {other}: {why}")
    wrong = missing()
    if wrong is not None:
        raise pytest.UsageError(wrong)
    if not option.collectonly:
        config.pluginmanager.register(Distributed(config, address), "rvsim-dist")


class Distributed:
    """The plugin. `connect` makes the connection to a scheduler for a run."""

    def __init__(self, config: pytest.Config, address: str,
                 connect: Callable[[str, str], Cluster] = Cluster) -> None:
        self.config = config
        self.address = address
        self.run = uuid.uuid4().hex[:12]
        self.connect = connect
        self.cluster: Cluster | None = None
        self.summary = ""

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionstart(self) -> None:
        """Raises pytest.UsageError: there is no scheduler, or a worker is not fit."""
        try:
            self.cluster = self.connect(self.address, self.run)
            self.threads = check(self.cluster)
        except ClusterError as error:
            self._leave()
            raise pytest.UsageError(str(error)) from None

    def pytest_report_header(self) -> str:
        workers, threads = len(self.threads), sum(self.threads.values())
        return f"dask: {self.address}, {many(workers, 'worker')}, {many(threads, 'thread')}"

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool | None:
        option = session.config.option
        if (session.testsfailed and not option.continue_on_collection_errors) or not session.items:
            return None                         # pytest says so
        assert self.cluster is not None
        try:
            run = Run(session, self.cluster, self.run)
        except (OSError, TooMuch) as error:
            raise pytest.UsageError(f"--dist dask: {error}") from None
        try:
            run.all()
        finally:
            self.summary = run.summary()
            self._leave()
        return True

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        if self.summary:
            terminalreporter.write_line(self.summary)

    def pytest_unconfigure(self) -> None:
        self._leave()

    def _leave(self) -> None:
        cluster, self.cluster = self.cluster, None
        if cluster is not None:
            cluster.close()


def check(cluster: Cluster) -> dict[str, int]:
    """The workers and their threads, if there are any and they have the same rvsim. Raises ClusterError."""
    threads = cluster.workers()
    if not threads:
        raise ClusterError(f"the scheduler at {cluster.address} has no workers; start one with "
                           f"`dask worker {cluster.address}`")
    wrong = []
    for worker, there in sorted(cluster.ask("facts").items()):
        if isinstance(there, ImportError):
            wrong.append(f"the worker {worker} has no rvsim; {INSTALL_IT}")
        elif isinstance(there, AttributeError):
            wrong.append(f"the worker {worker} has another version of rvsim; install the same on both")
        elif isinstance(there, BaseException):
            wrong.append(f"the worker {worker} does not answer: {' '.join(str(there).split())}")
        elif difference(facts(), there):
            wrong.append(f"the worker {worker} {difference(facts(), there)}")
    if wrong:
        raise ClusterError(wrong[0] + (f" (and {len(wrong) - 1} more)" if len(wrong) > 1 else ""))
    return threads
