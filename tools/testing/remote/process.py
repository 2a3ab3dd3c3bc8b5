"""A process on a worker that runs cases: pytest in the files of a job, one item after the other as it is told.

    python -m rvsim.tools.testing.remote.process IN OUT        two descriptors, see `pipe`

It reads the job, says "ready", then reads requests and answers each one. It ends when nobody writes any more, and when
nobody has asked for a while: whoever began the run is gone then.
"""

from __future__ import annotations

import os
import queue
import shlex
import shutil
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from rvsim.tools.testing.command import PLUGIN, is_installed
from rvsim.tools.testing.options import ELSEWHERE, Results
from rvsim.tools.testing.remote import pipe

IDLE_S = 120
"""So long it waits for the next case."""


class Runner:
    """The plugin that runs what it is told instead of what it has collected. `place`: its directory, with the files in
    `tree`; `base`: where they are on the host that has them."""

    def __init__(self, out: int, place: Path, job: dict[str, Any]) -> None:
        self.requests: queue.Queue[Any] = queue.Queue()
        self.out = out
        self.place = place
        self.job = job
        self.ready = False
        self.answer: dict[str, Any] = {}
        self.items: dict[str, pytest.Item] = {}
        self.broken: dict[str, str] = {}

    # ---- pytest's hooks

    @pytest.hookimpl(tryfirst=True)
    def pytest_cmdline_main(self, config: pytest.Config) -> None:
        """It is a worker, as pytest-xdist has them: what belongs to the whole run is not for it."""
        option = config.option
        option.rvsim_dist, option.rvsim_results = None, str(self.place / "results")
        config.stash[ELSEWHERE] = Results(self.place / "results", Path(self.job["results"]), tuple(self._moved()))
        option.maxfail, option.usepdb, option.basetemp = 0, False, str(self.place / "tmp")
        option.dist, option.numprocesses, option.tx = "no", None, []
        config.workerinput = {  # type: ignore[attr-defined]
            "workerid": self.job["worker"], "workercount": 1, "testrunuid": self.job["run"], "mainargv": sys.argv}
        config.workeroutput = {}  # type: ignore[attr-defined]

    def _moved(self) -> Iterator[tuple[str, str]]:
        """Files here, and where they come from: images, which lie in the store, and all others."""
        tree = self.place / "tree"
        for entry in self.job["files"]:
            if entry["kind"] == "image":
                yield os.path.realpath(tree / entry["path"]), os.path.join(self.job["base"], entry["path"])
        yield str(tree), self.job["base"]

    @pytest.hookimpl(trylast=True)
    def pytest_configure(self, config: pytest.Config) -> None:
        reporter = config.pluginmanager.get_plugin("terminalreporter")
        if reporter is not None:
            config.pluginmanager.unregister(reporter)

    def pytest_collection(self) -> bool:
        return True

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.answer["reports"].append(report)

    def pytest_warning_recorded(self, warning_message: Any, when: str, nodeid: str, location: Any) -> None:
        one = warning_message
        if "warnings" in self.answer:
            self.answer["warnings"].append({
                "text": str(one.message), "category": one.category.__name__, "file": self._as_there(str(one.filename)),
                "line": one.lineno, "when": when, "nodeid": nodeid})

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        self._collect(session)
        self.ready = True
        pipe.send(self.out, "ready")
        while True:
            try:
                request = self.requests.get(timeout=IDLE_S)
            except queue.Empty:
                return True
            if request is None:
                return True
            pipe.send(self.out, self._run(session, request))

    # ---- one item

    def _run(self, session: pytest.Session, request: dict[str, str]) -> dict[str, Any]:
        session.shouldfail = session.shouldstop = False
        self.answer = {"reports": [], "warnings": []}
        coverage = session.config.getoption("rvsim_cov", None) is not None
        if coverage:
            from rvsim.tools.testing.covering import begin, noted

            begin()
        item = self._item(request["nodeid"])
        if isinstance(item, str):
            return {"broken": self._as_there(item)}
        hook = item.config.hook
        try:
            hook.pytest_runtest_protocol(item=item, nextitem=None)
        except (pytest.exit.Exception, KeyboardInterrupt) as stop:
            self.answer["stop"] = str(stop) or type(stop).__name__
        reports = [hook.pytest_report_to_serializable(config=session.config, report=one)
                   for one in self.answer["reports"]]
        self.answer["reports"] = [self._as_there(_plain(one)) for one in reports]
        self.answer["kept"] = self._kept()
        self.answer["coverage"] = noted() if coverage else None
        if session.shouldstop:
            self.answer["stop"] = str(session.shouldstop)
        return self.answer

    def _collect(self, session: pytest.Session) -> None:
        """Find the items of all files of the job, in one go: pytest knows fixtures of a conftest.py only in that."""
        files = [str(self.place / "tree" / name) for name in self.job["tests"]]
        self.items = {item.nodeid: item for item in session.perform_collect(files) if isinstance(item, pytest.Item)}

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self.broken[report.nodeid] = report.longreprtext

    def _item(self, nodeid: str) -> pytest.Item | str:
        """The item; a text is why there is none."""
        if nodeid in self.items:
            return self.items[nodeid]
        above = [name for name in self.broken if not name or nodeid.startswith((f"{name}::", f"{name}/"))]
        return self.broken[above[0]] if above else f"{nodeid}: the worker's pytest does not find this case"

    def _kept(self) -> dict[str, bytes]:
        """The files that a failure has left, by their names below the directory of results."""
        folder = self.place / "results"
        files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
        kept = {str(path.relative_to(folder)): path.read_bytes() for path in files}
        shutil.rmtree(folder, ignore_errors=True)
        return kept

    def _as_there(self, value: Any) -> Any:
        """A report in which files have the names that they have where they come from."""
        if isinstance(value, str):
            return value.replace(str(self.place / "tree"), self.job["base"])
        if isinstance(value, dict):
            return {name: self._as_there(one) for name, one in value.items()}
        if isinstance(value, (list, tuple)):
            return type(value)(self._as_there(one) for one in value)
        return value


def _plain(value: Any) -> Any:
    """Only what every Python can read: anything else as text."""
    if value is None or isinstance(value, (bool, int, float, str, bytes)):
        return value
    if isinstance(value, dict):
        return {str(name): _plain(one) for name, one in value.items()}
    if isinstance(value, (list, tuple)):
        kind = tuple if isinstance(value, tuple) else list
        return kind(_plain(one) for one in value)
    return str(value)


def _read_requests(source: int, runner: Runner) -> None:
    """Until nobody writes any more; then the process has nobody to live for."""
    while True:
        try:
            runner.requests.put(pipe.receive(source))
        except EOFError:
            shutil.rmtree(runner.place, ignore_errors=True)
            os._exit(0)


def main(source: int, out: int) -> int:
    """Run cases until there are no more."""
    for fd in (source, out):
        os.set_inheritable(fd, False)
    order = pipe.receive(source)
    place, job = Path(order["place"]), order["job"]
    job |= {"worker": order["worker"], "run": order["run"]}
    devnull = os.open(os.devnull, os.O_RDWR)
    os.dup2(devnull, 0)
    os.dup2(devnull, 1)
    tree = place / "tree"
    os.chdir(tree / job["cwd"])
    (place / "no.ini").write_text("[pytest]\n")
    os.environ.pop("PYTEST_ADDOPTS", None)
    os.environ["PYTEST_XDIST_WORKER"] = job["worker"]
    runner = Runner(out, place, job)
    threading.Thread(target=_read_requests, args=(source, runner), daemon=True).start()
    ini = place / "no.ini" if job["ini"] is None else tree / job["ini"]
    arguments = [*shlex.split(job["addopts"]), *job["arguments"], "-c", str(ini), "--rootdir", str(tree / job["root"]),
                 "-o", f"cache_dir={place / 'cache'}"]
    if not is_installed():
        arguments[:0] = ["-p", PLUGIN]
    status = int(pytest.main(arguments, plugins=[runner]))
    if runner.ready:                    # else the worker reads what was said
        shutil.rmtree(place, ignore_errors=True)
    return status


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), int(sys.argv[2])))
