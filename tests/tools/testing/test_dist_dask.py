"""`--dist dask=ADDRESS` with a real scheduler and real workers, of which some are killed."""

from __future__ import annotations

import importlib.util
import os
import re
import select
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import tarfile
import threading
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from rvsim.guest_os.boot import APPS

RVSIM = [sys.executable, "-c", "from rvsim.tools.entry import console_script; console_script()"]
LONG_S = 120
pytestmark = pytest.mark.skipif(importlib.util.find_spec("distributed") is None, reason="distributed is not installed")


class Part:
    """A process of a cluster, and what it says."""

    def __init__(self, words: list[str], environment: dict[str, str]) -> None:
        self.process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                        stderr=subprocess.PIPE, text=True, start_new_session=True,
                                        env={**os.environ, **environment})
        self.lines: list[str] = []
        self.changed = threading.Condition()
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            with self.changed:
                self.lines.append(line)
                self.changed.notify_all()

    def wait_for(self, pattern: str) -> str:
        """Until it says what matches; the first group."""
        def found() -> re.Match[str] | None:
            return next((match for line in self.lines if (match := re.search(pattern, line))), None)

        with self.changed:
            match = self.changed.wait_for(found, LONG_S)
        assert match, "".join(self.lines)
        return match[1]

    def end(self) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.reader.join(LONG_S)
        assert self.process.stderr is not None
        self.process.stderr.close()


class Dask:
    """A scheduler and its workers, all of this host, each worker with a cache of its own."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self.parts: list[Part] = []
        self.scheduler = self._start(["scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard"], {})
        self.address = self.scheduler.wait_for(r"Scheduler at: +(tcp://\S+)")
        self.workers: list[Part] = []

    def _start(self, words: list[str], environment: dict[str, str], first: str = "") -> Part:
        code = f"{first}\nfrom distributed.cli.dask_{words[0]} import main; main()"
        self.parts.append(Part([sys.executable, "-c", code, *words[1:]], environment))
        return self.parts[-1]

    def add(self, count: int, *, nanny: bool = False, first: str = "") -> None:
        """Start workers. `first`: what Python does in them before."""
        new = []
        for _ in range(count):
            name = f"w{len(self.workers)}"
            words = ["worker", self.address, "--host", "127.0.0.1", "--nthreads", "1", "--no-dashboard", "--name", name,
                     "--local-directory", str(self.place / name), "--nanny" if nanny else "--no-nanny"]
            new.append(self._start(words, {"XDG_CACHE_HOME": str(self.place / f"cache-{name}")}, first))
            self.workers.append(new[-1])
        for one in new:
            one.wait_for(r"(Registered) to")

    def end(self) -> None:
        for part in reversed(self.parts):
            part.end()


@pytest.fixture
def dask(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Dask]]:
    made = []

    def make(workers: int = 0, *, nanny: bool = False, first: str = "") -> Dask:
        made.append(Dask(tmp_path_factory.mktemp("dask")))
        made[-1].add(workers, nanny=nanny, first=first)
        return made[-1]

    try:
        yield make
    finally:
        for one in made:
            one.end()


class Tests:
    """A directory of tests, and runs of them. One test of Python waits, the first time, until something happens."""

    __test__ = False

    def __init__(self, place: Path) -> None:
        self.place = place
        self.fifo = place.parent / f"{place.name}-fifo"
        os.mkfifo(self.fifo)
        self.environment = {**os.environ, "XDG_CACHE_HOME": f"{place}-cache"}
        self.told = os.open(self.fifo, os.O_RDONLY | os.O_NONBLOCK)
        with tarfile.open(place / "app.tar", "w") as archive:
            archive.add(APPS / "hello", "bin/hello")
        (place / "lost.rvtest.toml").write_text(CASES)
        (place / "a_test.py").write_text(WAITS.format(mark=f"{self.fifo}-mark", fifo=str(self.fifo)))

    def start(self, *words: str) -> subprocess.Popen[str]:
        return subprocess.Popen([*RVSIM, "test", *words, "-p", "no:cacheprovider"], cwd=self.place, text=True,
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=self.environment)

    def run(self, *words: str) -> tuple[int, str]:
        process = self.start(*words)
        try:
            return self.end_of(process)
        finally:
            process.kill()

    def end_of(self, process: subprocess.Popen[str]) -> tuple[int, str]:
        out, _ = process.communicate(timeout=LONG_S)
        return process.returncode, out

    def waiting(self, process: subprocess.Popen[str]) -> tuple[int, int]:
        """Until the test waits: the process that runs it, and the worker."""
        ended = os.pidfd_open(process.pid)
        try:
            assert first_of(self.told, ended) == self.told, self.end_of(process)[1]
        finally:
            os.close(ended)
        case, worker = os.read(self.told, 100).split()
        return int(case), int(worker)

    def end(self) -> None:
        os.close(self.told)


@pytest.fixture
def tests(tmp_path: Path) -> Iterator[Tests]:
    found = Tests(tmp_path)
    yield found
    found.end()


def first_of(*descriptors: int) -> int:
    """Which can be read first."""
    poll = select.poll()
    for one in descriptors:
        poll.register(one, select.POLLIN)
    ready = poll.poll(LONG_S * 1000)
    assert ready
    return ready[0][0]


CASES = """\
image = "app.tar"
[[case]]
name = "hello"
argv = "/bin/hello"
expect.output.contains = "Hello"
matrix.n = [1, 2, 3, 4, 5]
[[case]]
name = "wrong"
argv = "/bin/hello"
expect.output = "Hello, word"
"""
WAITS = """\
import os, threading

def test_waits(rvsim):
    try:
        os.close(os.open({mark!r}, os.O_CREAT | os.O_EXCL))
    except FileExistsError:
        assert rvsim.spawn("true").wait() == 0
        return
    with open({fifo!r}, "w") as fifo:
        fifo.write(f"{{os.getpid()}} {{os.getppid()}}")
    threading.Event().wait()
"""


def junit(path: Path) -> list[tuple[str, ...]]:
    """Each case, and how it went."""
    cases = ElementTree.parse(path).iter("testcase")
    return [(case.get("name") or "", *(kind.tag for kind in case if kind.tag in ("failure", "error", "skipped")))
            for case in cases]


ALL = [("test_waits",), *((f"hello[{n}]",) for n in range(1, 6)), ("wrong", "failure")]


def test_a_lost_workers_cases_run_elsewhere_and_count_once(dask: Callable[..., Dask], tests: Tests) -> None:
    cluster = dask(3)
    process = tests.start(".", "--dist", f"dask={cluster.address}", "-v", "--junitxml", "r.xml")
    try:
        worker = tests.waiting(process)[1]
        assert worker in [one.process.pid for one in cluster.workers]
        os.kill(worker, signal.SIGKILL)
        status, out = tests.end_of(process)
    finally:
        process.kill()
    assert status == 1, out
    assert junit(tests.place / "r.xml") == ALL
    assert "1 failed, 6 passed" in out
    assert re.search(r"^dask: 7 cases on [23] workers; \d+ files sent, .* begun again$", out, re.MULTILINE), out
    sent = re.findall(r"^dask: app\.tar \(.* bytes\) sent to (\S+)$", out, re.MULTILINE)
    assert 2 <= len(sent) == len(set(sent)), out
    for part in ("-Hello, word", "---- console", "---- processes"):
        assert part in out
    command = re.search(r"^rvsim (step --replay .*)$", out, re.MULTILINE)
    assert command is not None
    assert (tests.place / shlex.split(command[1])[2]).is_file()
    assert list(cluster.place.glob("w*/*/rvsim-*")) == []


@pytest.mark.slow
def test_what_is_there_is_not_sent_again(dask: Callable[..., Dask], tests: Tests) -> None:
    os.close(os.open(f"{tests.fifo}-mark", os.O_CREAT))
    cluster = dask(2)
    words = (".", "--dist", f"dask={cluster.address}", "-v", "--junitxml")
    first = tests.run(*words, "1.xml")[1]
    assert "sent to" in first
    cluster.add(1)
    second = tests.run(*words, "2.xml")[1]
    sent = re.findall(r"^dask: app\.tar \(.* bytes\) sent to (\S+)$", first + second, re.MULTILINE)
    assert len(sent) == len(set(sent)) <= 3
    assert junit(tests.place / "1.xml") == junit(tests.place / "2.xml") == ALL
    third = tests.run(".", "--dist", f"dask={cluster.address}", "-v", "-k", "wrong")[1]
    assert tests.run(".", "-k", "wrong")[1].split("FAILURES")[1].split("=====\n")[1].split("=====")[0] == (
        third.split("FAILURES")[1].split("=====\n")[1].split("dask:")[0].split("=====")[0])


FAILING = """\
{first}
[[case]]
name = "it"
argv = "{program}"
expect.output = "x"
"""


@pytest.mark.slow
def test_what_failed_on_a_worker_replays_here_when_that_is_gone(dask: Callable[..., Dask], tests: Tests) -> None:
    (tests.place / "tree" / "bin").mkdir(parents=True)
    shutil.copy(APPS / "hello", tests.place / "tree" / "bin" / "hello")
    for name, first, program in (
            ("image", 'image = "app.tar"', "/bin/hello"), ("folder", 'root = "tree"', "/bin/hello"),
            ("archive", 'root = "app.tar"', "/bin/hello"), ("share", 'shares = { "/mnt" = "tree" }', "/mnt/bin/hello"),
            ("built", "", "hello_world"), ("put", 'programs = "tree/bin/*"', "hello")):
        (tests.place / f"{name}.rvtest.toml").write_text(FAILING.format(first=first, program=program))
    (tests.place / "py_test.py").write_text(
        "def test_it(rvsim_image):\n    rvsim_image('app.tar').spawn('/bin/hello').expect('never')\n")
    cluster = dask(1)
    _, out = tests.run(".", "--dist", f"dask={cluster.address}", "-k", "it and not waits")
    assert "7 failed" in out
    cluster.end()
    cluster.place.rename(f"{cluster.place}-gone")
    commands = re.findall(r"^rvsim (step --replay .*)$", out, re.MULTILINE)
    assert len(commands) == 7
    for command in commands:
        ran = subprocess.run([*RVSIM, *shlex.split(command), "-x", "back; trap"], cwd=tests.place, capture_output=True,
                             text=True, check=False, timeout=LONG_S, env=tests.environment)
        assert ran.returncode == 0, (command, ran.stderr)
        assert 'write(1, "Hello' in ran.stdout, command


@pytest.mark.slow
def test_cases_that_end_processes_and_workers_are_errors(dask: Callable[..., Dask], tests: Tests) -> None:
    os.close(os.open(f"{tests.fifo}-mark", os.O_CREAT))
    (tests.place / "kill_test.py").write_text(
        "import os\n\ndef test_itself():\n    os.kill(os.getpid(), 9)\n\n"
        "def test_its_worker():\n    os.kill(os.getppid(), 9)\n    __import__('threading').Event().wait()\n")
    cluster = dask(2, nanny=True)
    status, out = tests.run(".", "--dist", f"dask={cluster.address}", "--junitxml", "r.xml")
    assert status == 1
    assert junit(tests.place / "r.xml") == [ALL[0], ("test_itself", "error"), ("test_its_worker", "error"), *ALL[1:]]
    assert "\nit ended the process that ran it 3 times; the last time: SIGKILL, on the worker tcp:" in out
    assert "\n8 workers died that ran it, the last 4 of them while no other case was under way\n" in out


@pytest.mark.slow
def test_the_scheduler_goes_away(dask: Callable[..., Dask], tests: Tests) -> None:
    cluster = dask(1)
    process = tests.start(".", "--dist", f"dask={cluster.address}")
    try:
        tests.waiting(process)
        os.kill(cluster.scheduler.process.pid, signal.SIGKILL)
        status, out = tests.end_of(process)
    finally:
        process.kill()
    assert status == 2
    assert f"Interrupted: the scheduler at {cluster.address} is gone !!" in out
    assert "Traceback" not in out


@pytest.mark.slow
@pytest.mark.parametrize("stop", ["control-c", "killed"])
def test_what_is_under_way_ends_with_the_run(dask: Callable[..., Dask], tests: Tests, stop: str) -> None:
    cluster = dask(1)
    process = tests.start(".", "--dist", f"dask={cluster.address}")
    try:
        case, worker = tests.waiting(process)
        running = os.pidfd_open(case)
        if stop == "control-c":
            process.send_signal(signal.SIGINT)
            status, out = tests.end_of(process)
            assert status == 2, out
            assert "KeyboardInterrupt" in out
            assert "Traceback" not in out
        else:
            os.kill(worker, signal.SIGKILL)
        first_of(running)
        os.close(running)
    finally:
        process.kill()
        process.communicate()


@pytest.mark.slow
def test_what_is_wrong_with_a_cluster_is_one_line(dask: Callable[..., Dask], tests: Tests) -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        status, out = tests.run(".", "--dist", f"dask=127.0.0.1:{held.getsockname()[1]}")
    assert status == 4
    assert re.fullmatch(r"ERROR: no Dask scheduler answers at tcp://\S+ \(.*\); start one there with `dask scheduler`, "
                        r"or give another address\s*", out)
    status, out = tests.run(".", "--dist", f"dask={dask().address}")
    assert re.fullmatch(r"ERROR: the scheduler at \S+ has no workers; start one with `dask worker \S+`\s*", out)
    for first, message in (
            ("import sys; sys.modules['rvsim'] = None", "has no rvsim; install it where the worker runs: .*"),
            ("import rvsim.tools.version as v; v.own_version = lambda: '9.9'", r"has rvsim 9\.9, and this one is .*")):
        cluster = dask(1, first=first)
        status, out = tests.run(".", "--dist", f"dask={cluster.address}")
        assert status == 4
        assert re.fullmatch(rf"ERROR: the worker \S+ {message}\s*", out)
        status, out = tests.run(".", "--dist", f"dask={cluster.address}", "-n", "2")
        assert re.fullmatch(r"ERROR: --dist dask does not go with -n: give one of them\s*", out)


@pytest.mark.slow
def test_coverage_large_files_and_broken_modules(dask: Callable[..., Dask], tests: Tests) -> None:
    os.close(os.open(f"{tests.fifo}-mark", os.O_CREAT))
    data = os.urandom(20 << 20)
    (tests.place / "big.bin").write_bytes(data)
    (tests.place / "big_test.py").write_text(
        f"from pathlib import Path\n\ndef test_big():\n    data = (Path(__file__).parent / 'big.bin').read_bytes()\n"
        f"    assert len(data) == {len(data)} and sum(data[::4096]) == {sum(data[::4096])}\n")
    cluster = dask(2)
    found = []
    for more in ([], ["--dist", f"dask={cluster.address}"]):
        status, out = tests.run(".", "--cov", "g.lcov", *more)
        assert "1 failed, 7 passed" in out
        assert "coverage of the guest" in out
        found.append((tests.place / "g.lcov").read_text())
    assert found[0] == found[1]
    assert re.search(r"^SF:.*/hello", found[0], re.MULTILINE)
    (tests.place / "sub").mkdir()
    (tests.place / "sub" / "conftest.py").write_text("import pytest\n@pytest.fixture\ndef mine():\n    return 5\n")
    for name in "ab":
        (tests.place / "sub" / f"sub_{name}_test.py").write_text("def test_mine(mine):\n    assert mine == 5\n")
    assert "2 passed" in tests.run("sub", "--dist", f"dask={cluster.address}")[1]
    (tests.place / "there_test.py").write_text(
        f"import os\nif os.getcwd() != {str(tests.place)!r}:\n    raise OSError('not here')\n\n"
        "def test_it():\n    pass\n")
    status, out = tests.run(".", "--dist", f"dask={cluster.address}", "-k", "test_it")
    assert status == 1
    assert "OSError: not here" in out
