"""`rvsim ps`, `pmap` and `pstack` of machines that run: found, asked, and not disturbed."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from rvsim.guest_os.boot import Machine
from rvsim.tests.terminal import START
from rvsim.tools import cli
from rvsim.tools.errors import CliError
from rvsim.tools.procs import machines, reachable, runtime_dir

TIRED = "no machine of yours is running; `rvsim ps FILE` shows a snapshot"


class Fleet:
    """Machines of one user, whose runtime directory is a folder of the test."""

    def __init__(self, folder: Path, stack: ExitStack, capsys: pytest.CaptureFixture[str]) -> None:
        self.home = folder / "rvsim"
        self._stack = stack
        self._capsys = capsys

    def start(self, *words: str) -> subprocess.Popen[bytes]:
        """`rvsim run WORDS`, which says so when it has begun."""
        started = self._stack.enter_context(subprocess.Popen(
            [sys.executable, "-c", START, "run", *words], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE))
        self._stack.callback(started.kill)
        assert started.stdout
        assert started.stdout.readline() == b"ready\n"
        return started

    def says(self, *words: str) -> tuple[int, list[str], str]:
        """Status, lines and errors of a command."""
        status = cli.main(words)
        said = self._capsys.readouterr()
        return status, said.out.splitlines(), said.err


@pytest.fixture
def fleet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Fleet]:
    tmp_path.chmod(0o700)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    with ExitStack() as stack:
        yield Fleet(tmp_path, stack, capsys)


def names(lines: list[str]) -> list[str]:
    """The commands in a table of ps."""
    return [" ".join(line.split()[9:]) for line in lines]


def process(fleet: Fleet, pid: str, name: str) -> str:
    """The number of the process with this command line in a machine, once it is there."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        for line in fleet.says("ps", pid)[1]:
            if names([line]) == [name]:
                return line.split()[1]
    raise AssertionError(f"no {name} in machine {pid}")


def test_a_machine_that_waits_is_asked_and_goes_on(fleet: Fleet) -> None:
    machine = fleet.start("--clock", "host", "sh", "-c", "sleep 1000 & echo ready; cat")
    pid = str(machine.pid)
    cat = process(fleet, pid, "cat")
    status, lines, errors = fleet.says("ps", pid)
    assert (status, errors) == (0, "")
    assert names(lines[1:])[0].startswith("sh -c sleep 1000 &")
    assert names(lines[1:])[1:] == ["sleep 1000", "cat"]
    assert fleet.says("ps") == (0, [f"machine {pid}: sh -c sleep 1000 & echo ready; cat", *lines], "")
    status, threads, _ = fleet.says("ps", "-L", pid)
    assert [line.split()[3:] for line in threads[1:]] == [["wait4", "sh"], ["nanosleep", "sleep"], ["read", "cat"]]
    status, stack, _ = fleet.says("pstack", pid, "2")
    assert stack[0] == "2:   sleep 1000"
    assert [line.split()[1] for line in stack[2:]] == ["nanosleep", "main", "_start"]
    status, areas, _ = fleet.says("pmap", pid, "2", cat)
    assert [line for line in areas if ":  " in line] == ["2:   sleep 1000", f"{cat}:   cat"]
    assert any(line.endswith("[stack]") for line in areas)
    assert machine.communicate(b"goes on\n") == (b"goes on\n", b"")
    assert machine.returncode == 0
    assert os.listdir(fleet.home) == []
    assert fleet.says("ps") == (1, [], f"rvsim: {TIRED}\n")


def test_a_machine_that_computes(fleet: Fleet) -> None:
    machine = fleet.start("sh", "-c", "echo ready; infloop")
    loop = process(fleet, str(machine.pid), "infloop")
    _, stack, errors = fleet.says("pstack", str(machine.pid), loop)
    assert (stack[0], errors) == (f"{loop}:   infloop", "")
    assert [line.split()[1] for line in stack[1:]] == ["main", "_start"]
    for _ in range(5):
        assert names(fleet.says("ps", str(machine.pid))[1][1:])[1:] == ["infloop"]
    assert machine.poll() is None


def test_several_machines_and_one_that_was_killed(fleet: Fleet) -> None:
    first, second, third = (fleet.start("sh", "-c", f"echo ready; sleep {n}; cat") for n in (1, 2, 3))
    second.kill()
    second.wait()
    assert (fleet.home / str(second.pid)).exists()
    status, lines, errors = fleet.says("ps")
    assert (status, errors) == (0, "")
    assert [line.partition(":")[0] for line in lines if line.startswith("machine")] == [
        f"machine {pid}" for pid in sorted((first.pid, third.pid))]
    assert sorted(os.listdir(fleet.home)) == sorted(str(machine.pid) for machine in (first, third))
    assert fleet.says("pstack", str(second.pid)) == (
        1, [], f"rvsim: {second.pid}: no machine of yours has this pid; `rvsim ps` lists them\n")


def test_a_machine_that_does_not_answer(fleet: Fleet, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machines, "PATIENCE_S", 0.3)
    machine = fleet.start("sh", "-c", "echo ready; cat")
    machine.send_signal(signal.SIGSTOP)
    line = f"rvsim: machine {machine.pid} does not answer; is it stopped?\n"
    assert fleet.says("pmap", str(machine.pid)) == (125, [], line)
    assert fleet.says("ps") == (1, [], line)
    assert os.listdir(fleet.home / str(machine.pid)) == ["machine"]
    machine.send_signal(signal.SIGCONT)
    monkeypatch.setattr(machines, "PATIENCE_S", 60)
    assert fleet.says("ps", str(machine.pid))[0] == 0
    assert machine.communicate(b"")[1] == b""


def test_a_machine_that_ends_while_it_is_asked(fleet: Fleet, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machines, "PATIENCE_S", 60)
    machine = fleet.start("sh", "-c", "echo ready; cat")
    found = machines.find(machine.pid)
    machine.send_signal(signal.SIGSTOP)
    ending = subprocess.Popen([sys.executable, "-c", f"import os, time; time.sleep(0.5); os.kill({machine.pid}, 9)"])
    with pytest.raises(CliError, match=f"machine {machine.pid} has ended"):
        machines.ask(found, "ps")
    ending.wait()
    machine.wait()
    with pytest.raises(CliError, match=f"machine {machine.pid} has ended"):
        machines.ask(found, "ps")


def test_no_other_process_gets_the_signal(fleet: Fleet) -> None:
    """A machine was killed, and something else has its pid now."""
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as other:
        place = fleet.home / str(other.pid)
        place.mkdir(parents=True, mode=0o700)
        fleet.home.chmod(0o700)
        (place / "machine").write_bytes(b"\n".join((runtime_dir.FORM, runtime_dir.pid_namespace(), b"sh\0")))
        stale = machines.Running(other.pid, (b"sh",), place)
        with pytest.raises(CliError, match="has ended"):
            machines.ask(stale, "ps")
        assert fleet.says("ps", str(other.pid))[0] == 1
        assert other.poll() is None
        other.communicate(b"\n")
    assert other.returncode == 0


def test_a_machine_of_another_container_is_not_shown(fleet: Fleet, monkeypatch: pytest.MonkeyPatch) -> None:
    machine = fleet.start("sh", "-c", "echo ready; cat")
    monkeypatch.setattr(machines, "pid_namespace", lambda: b"pid:[1]")
    assert fleet.says("ps") == (1, [], f"rvsim: {TIRED}\n")
    assert machine.poll() is None


def test_a_process_that_is_not_there(fleet: Fleet) -> None:
    machine = fleet.start("sh", "-c", "echo ready; cat")
    assert fleet.says("pstack", str(machine.pid), "77") == (
        1, [], f"rvsim: 77: no such process in machine {machine.pid}\n")
    assert fleet.says("pmap", "1")[0] == 1
    assert fleet.says("pmap", "0001")[0] == 1


@pytest.mark.parametrize("question", [b"", b"{", b"[]", b"3", b'{"pids": 3}', b'{"pids": ["x", null]}', b"\xff",
                                      b"[" * 100_000])
def test_questions_that_are_none(fleet: Fleet, question: bytes) -> None:
    machine = fleet.start("--clock", "host", "sh", "-c", "echo ready; cat")
    ask = fleet.home / str(machine.pid) / "1.ask"
    ask.write_bytes(question)
    machine.send_signal(signal.SIGUSR2)
    deadline = time.monotonic() + 60
    while ask.exists() and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not ask.exists()
    assert machine.communicate(b"alive\n") == (b"alive\n", b"")


@pytest.mark.parametrize("spoil", ["open to others", "a link", "a file"])
def test_a_place_that_is_not_private_is_not_used(fleet: Fleet, spoil: str, tmp_path: Path) -> None:
    match spoil:
        case "open to others":
            fleet.home.mkdir()
            fleet.home.chmod(0o755)
        case "a link":
            (tmp_path / "elsewhere").mkdir(mode=0o700)
            fleet.home.symlink_to(tmp_path / "elsewhere")
        case _:
            fleet.home.write_text("")
    machine = fleet.start("sh", "-c", "echo ready; cat")
    assert fleet.says("ps") == (1, [], f"rvsim: {TIRED}\n")
    assert machine.communicate(b"") == (b"", b"")
    assert machine.returncode == 0
    assert not any((tmp_path / "elsewhere").glob("*"))


def test_what_others_may_see_of_it(fleet: Fleet) -> None:
    machine = fleet.start("sh", "-c", "echo ready; cat")
    place = fleet.home / str(machine.pid)
    assert [path.stat().st_mode & 0o777 for path in (fleet.home, place, place / "machine")] == [0o700, 0o700, 0o600]


@pytest.mark.parametrize("given", ["", "relative", "/nosuch"])
def test_without_a_runtime_directory(given: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", given)
    assert runtime_dir.home() == Path(f"/tmp/rvsim-{os.geteuid()}")


def test_being_asked_changes_nothing(fleet: Fleet) -> None:
    """Ticks and counts of a machine that was asked while it computed are those of one that was not."""
    words = ("--stats", "sh", "-c", "echo ready; bench_sieve > /dev/null; forktest > /dev/null")
    counts = []
    for asked in (False, True):
        machine = fleet.start(*words)
        while asked and machine.poll() is None:
            machine.send_signal(signal.SIGUSR2)
            fleet.says("pstack", str(machine.pid))
        assert machine.stderr
        lines = machine.stderr.read().decode()
        machine.wait()
        counts.append(re.sub(r".*seconds.*\n|.* s\b.*\n", "", lines))
    assert counts[0] == counts[1]
    assert "ticks" in counts[0]


def test_a_place_is_made_anew_where_one_was_left(fleet: Fleet) -> None:
    left = fleet.home / str(os.getpid())
    left.mkdir(parents=True, mode=0o700)
    fleet.home.chmod(0o700)
    (left / "machine").write_bytes(b"from long ago")
    (left / "9.answer").write_bytes(b"")
    place = reachable.take_place([b"a", b"b c"])
    assert place is not None
    assert os.listdir(left) == ["machine"]
    assert machines.running() == [machines.Running(os.getpid(), (b"a", b"b c"), left)]
    place.give_up()
    assert machines.running() == []
    assert os.listdir(fleet.home) == []


def test_a_search_that_holds_the_place_for_a_moment(fleet: Fleet, monkeypatch: pytest.MonkeyPatch) -> None:
    """It has found a place without a machine, where one is about to begin."""
    place = fleet.home / str(os.getpid())
    place.mkdir(parents=True, mode=0o700)
    fleet.home.chmod(0o700)
    search = os.open(place / "machine", os.O_RDWR | os.O_CREAT)
    assert runtime_dir.lock(search)
    pauses = []

    def pause(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 3:
            os.close(search)

    monkeypatch.setattr(time, "sleep", pause)
    taken = reachable.take_place([b"a"])
    assert taken is not None
    assert len(pauses) == 3
    taken.give_up()


def test_a_machine_that_is_asked_as_soon_as_it_is_seen(fleet: Fleet, monkeypatch: pytest.MonkeyPatch) -> None:
    take, asked = reachable.take_place, []

    def seen(words: list[bytes]) -> reachable.Place | None:
        place = take(words)
        assert place is not None
        asked.append(place.path / "1.ask")
        asked[0].write_bytes(b"{}")
        os.kill(os.getpid(), signal.SIGUSR2)
        return place

    def answered(machine: Machine, place: Path) -> None:
        answer(machine, place)
        assert not asked[0].exists()
        asked.append(place)

    answer = reachable.answer_all
    monkeypatch.setattr(reachable, "take_place", seen)
    monkeypatch.setattr(reachable, "answer_all", answered)
    before = signal.signal(signal.SIGUSR2, signal.SIG_IGN)
    try:
        assert fleet.says("run", "true")[0] == 0
    finally:
        signal.signal(signal.SIGUSR2, before)
    assert len(asked) == 2
