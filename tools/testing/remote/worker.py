"""In a worker of Dask: runs cases in processes of its own, so that none of them can hurt the worker.

Every function here is called by its name, by way of `cluster`. What a process needs comes into the `Store` first: the
worker says on the run's topic what it lacks, and whoever began the run sends it.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from contextlib import suppress
from functools import cache, partial
from pathlib import Path
from typing import Any

from rvsim.tools.testing.remote import pipe
from rvsim.tools.testing.remote.store import Store
from rvsim.tools.testing.remote.tree import digests_in, make_tree
from rvsim.tools.version import own_version

PACKAGE = Path(os.path.abspath(__file__)).parents[3]
"""The directory that is rvsim."""
FILES_S = 300
"""So long a worker waits for a file that it lacks, after the last one came."""


class Unfit(Exception):
    """This worker cannot run cases: one line."""


class NoFiles(Exception):
    """What a case needs does not come: one line."""


@cache
def facts() -> dict[str, Any]:
    """What must be the same everywhere: rvsim's version, its files, pytest."""
    found = hashlib.sha256()
    for room in ("emu", "guest_os", "tools", "user_apps/bin"):
        for path in sorted((PACKAGE / room).rglob("*" if room.endswith("bin") else "*.py")):
            if path.is_file() and (room.endswith("bin") or (path.parent / "__init__.py").exists()):
                found.update(f"{path.relative_to(PACKAGE)}\0".encode() + hashlib.sha256(path.read_bytes()).digest())
    pytest = None
    if importlib.util.find_spec("pytest") is not None:
        from importlib.metadata import version

        pytest = version("pytest")
    return {"version": own_version(), "files": found.hexdigest(), "pytest": pytest}


def difference(here: dict[str, Any], there: dict[str, Any]) -> str:
    """What is wrong with a worker that says `there`, and what to do; empty: nothing."""
    if there["version"] != here["version"]:
        return f"has rvsim {there['version']}, and this one is {here['version']}; install the same on both"
    if there["files"] != here["files"]:
        return "has another rvsim of the same version: its files are not the same; install the same on both"
    if there["pytest"] is None:
        return "has no pytest; install it where the worker runs: pip install 'rvsim[dask]'"
    if there["pytest"].split(".")[0] != here["pytest"].split(".")[0]:
        return f"has pytest {there['pytest']}, and this one is {here['pytest']}; install the same on both"
    return ""


class Process:
    """A process that runs cases of one run."""

    def __init__(self, run: str, job: dict[str, Any], name: str, scratch: str, store: Store) -> None:
        self.run = run
        self.place = Path(os.path.realpath(tempfile.mkdtemp(prefix="rvsim-", dir=scratch)))
        tree = self.place / "tree"
        (tree / job["cwd"]).mkdir(parents=True)
        (tree / job["root"]).mkdir(parents=True, exist_ok=True)
        make_tree(job["files"], tree, store)
        child_in, self.out = os.pipe()
        self.source, child_out = os.pipe()
        self.errors = self.place / "errors"
        path = os.pathsep.join(filter(None, [str(PACKAGE.parent), os.environ.get("PYTHONPATH")]))
        with open(self.errors, "wb") as errors:
            self.child = subprocess.Popen(
                [sys.executable, "-P", "-m", "rvsim.tools.testing.remote.process", str(child_in), str(child_out)],
                pass_fds=(child_in, child_out), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=errors,
                start_new_session=True, env={**os.environ, "PYTHONPATH": path})
        os.close(child_in)
        os.close(child_out)
        self.base: str = job["base"]
        self.order = {"place": str(self.place), "job": job, "worker": name, "run": run}
        self.ready = False
        self._forgetting = threading.Lock()

    def ask(self, request: dict[str, str]) -> dict[str, Any]:
        """Have a case run; its answer. `died` or `unusable` in it: the process is no more, or never began, and why."""
        try:
            if not self.ready:
                pipe.send(self.out, self.order)
                pipe.receive(self.source)
                self.ready = True
            pipe.send(self.out, request)
            answer: dict[str, Any] = pipe.receive(self.source)
            return answer
        except (EOFError, OSError):
            status = self._await_end()
            if not self.ready and status > 0:
                return {"unusable": self._said() or f"pytest ended with status {status} before the first case"}
            return {"died": signal.Signals(-status).name if status < 0 else f"status {status}"}

    def _said(self) -> str:
        lines = [line for line in self.errors.read_text(errors="replace").splitlines() if line.strip()]
        wanted = next((line for line in lines if line.startswith("ERROR: ")), lines[-1] if lines else "")
        return wanted.removeprefix("ERROR: ").replace(str(self.place / "tree"), self.base)

    def _await_end(self) -> int:
        """Its status, negative for a signal. Its number stays its own, so that `kill` reaches what it has started."""
        if not hasattr(os, "waitid"):
            return self.child.wait()
        found = os.waitid(os.P_PID, self.child.pid, os.WEXITED | os.WNOWAIT)
        assert found is not None
        return found.si_status if found.si_code == os.CLD_EXITED else -found.si_status

    def has_ended(self) -> bool:
        """Whether it is no more."""
        if not hasattr(os, "waitid"):
            return self.child.poll() is not None
        return os.waitid(os.P_PID, self.child.pid, os.WEXITED | os.WNOWAIT | os.WNOHANG) is not None

    def kill(self) -> None:
        """End it, and whatever it has started; nobody else, who may have its number when it was waited for."""
        with self._forgetting, suppress(ProcessLookupError):
            if self.child.returncode is None:
                os.killpg(self.child.pid, signal.SIGKILL)

    def close(self) -> None:
        """Forget it; it must not be asked any more."""
        self.kill()
        self._await_end()
        with self._forgetting:
            self.child.wait()
        os.close(self.out)
        os.close(self.source)
        shutil.rmtree(self.place, ignore_errors=True)


class Processes:
    """Those of this worker. `idle`: by run, those that nobody uses."""

    def __init__(self) -> None:
        self.store = Store()
        self.idle: dict[str, list[Process]] = {}
        self.busy: set[Process] = set()
        self.over: list[str] = []
        self.arrivals = 0
        self.changed = threading.Condition()

    def await_files(self, run: str, worker: Any, digests: list[str]) -> None:
        """Have files sent that are not there. Raises NoFiles."""
        left = self.store.lacking(digests)
        if left:
            worker.log_event(topic_of(run), {"lacks": left, "worker": worker.address})
        while left:
            seen = self.arrivals
            left = self.store.lacking(left)
            with self.changed:
                if left and not self.changed.wait_for(partial(self._has_changed, run, seen), FILES_S):
                    raise NoFiles(f"{len(left)} files were not sent to the worker {worker.address}")
                if run in self.over:
                    raise NoFiles("the run is over")

    def _has_changed(self, run: str, seen: int) -> bool:
        return self.arrivals != seen or run in self.over

    def take(self, run: str, job_digest: str, worker: Any) -> Process:
        """A process for a case. Raises NoFiles, OSError."""
        with self.changed:
            gone = [one for many in self.idle.values() for one in many if one.has_ended()]
            for many in self.idle.values():
                many[:] = [one for one in many if one not in gone]
            process = self.idle[run].pop() if self.idle.get(run) else None
        for one in gone:
            one.close()
        if process is None:
            self.await_files(run, worker, [job_digest])
            job = json.loads(self.store.path(job_digest).read_bytes())
            self.await_files(run, worker, digests_in(job["files"]))
            process = Process(run, job, f"dask-{worker.name}", worker.local_directory, self.store)
        with self.changed:
            self.busy.add(process)
            if run in self.over:
                process.kill()
        return process

    def give_back(self, process: Process, usable: bool) -> None:
        with self.changed:
            self.busy.discard(process)
            usable = usable and process.run not in self.over
            if usable:
                self.idle.setdefault(process.run, []).append(process)
        if not usable:
            process.close()

    def end(self, run: str) -> None:
        """A run is over: end its processes."""
        with self.changed:
            self.over = [*self.over[-100:], run]
            for process in self.busy:
                if process.run == run:
                    process.kill()
            idle = self.idle.pop(run, [])
            self.changed.notify_all()
        for process in idle:
            process.close()
        self.store.prune()


@cache
def processes() -> Processes:
    """The one of this worker."""
    return Processes()


def topic_of(run: str) -> str:
    """On which a run's workers speak."""
    return f"rvsim-{run}"


# ---- what is called from afar


def run_case(run: str, job: str, number: int, nodeid: str, wanted: dict[str, Any]) -> dict[str, Any]:
    """Run a case and give its answer, with the worker's address. `wanted`: the facts of whoever began the run.

    Raises:
        Unfit, NoFiles: it cannot be run here.
    """
    from distributed import get_worker

    worker = get_worker()
    wrong = difference(wanted, facts())
    if wrong:
        raise Unfit(f"the worker {worker.address} {wrong}")
    process = processes().take(run, job, worker)
    worker.log_event(topic_of(run), {"began": number, "worker": worker.address})
    answer: dict[str, Any] = {}
    try:
        answer = process.ask({"nodeid": nodeid})
    finally:
        processes().give_back(process, bool(answer) and process.ready and "died" not in answer)
    return answer | {"worker": worker.address}


def lacking(digests: list[str]) -> list[str]:
    """Which files the worker has not."""
    return processes().store.lacking(digests)


def put(run: str, digest: str, offset: int, data: bytes, last: bool) -> None:
    """Take a piece of a file. Raises Damaged, OSError."""
    mine = processes()
    mine.store.put(digest, offset, data, last, run)
    if last:
        with mine.changed:
            mine.arrivals += 1
            mine.changed.notify_all()


def end(run: str) -> None:
    """The run is over."""
    processes().end(run)
