"""`rvsim run --record` and `rvsim replay`: sessions at a terminal, late input, signals, threads that race, files of the
host. Each is had again ten times: the same bytes, exit status, ticks and traps."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from rvsim.guest_os.recording.file import read_recording
from rvsim.guest_os.recording.log import Diverged, contents
from rvsim.guest_os.task.control import Controller, Reason, Stop
from rvsim.guest_os.task.task import Task
from rvsim.tests.guest import own_program
from rvsim.tests.recorded import DIGEST_PATH, START, Outcome, again, complaint
from rvsim.tests.terminal import CTRL_C, CTRL_D, CTRL_Z, DEADLINE_S, ENTER, Terminal
from rvsim.tools import corpus
from rvsim.tools.errors import INTERRUPTED, OWN_ERROR, TIMED_OUT

TIMES = 10


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path]:
    """The recording, and where the recorded run puts the digest of its traps."""
    digest = tmp_path / "digest"
    monkeypatch.setenv(DIGEST_PATH, str(digest))
    return tmp_path / "run.rec", digest


def same_again(path: Path, digest: Path, status: int, output: bytes | None, errors: bytes = b"") -> Outcome:
    """Replay ten times, and once with nobody looking."""
    first = again(path)
    assert first.traps == digest.read_text()
    assert first.status == status
    assert first.errors == errors
    if output is not None:
        assert first.output == output
    for _ in range(TIMES - 1):
        assert again(path) == first
    assert again(path, traps=False)[:3] == first[:3]
    return first


def recorded(path: Path, *arguments: str, stdin: bytes = b"", pieces: tuple[bytes, ...] = ()) -> Any:
    """Record a run that reads a pipe; `pieces` come late."""
    command = [sys.executable, "-c", START, "run", "--record", str(path), *arguments]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdin is not None
        for piece in pieces:
            time.sleep(0.05)
            process.stdin.write(piece)
            process.stdin.flush()
        output, errors = process.communicate(stdin, 60)
    return subprocess.CompletedProcess(command, process.returncode, output, errors)


def test_a_session_at_a_terminal(files: tuple[Path, Path]) -> None:
    path, digest = files
    with closing(Terminal("--record", str(path), "initproc", start=START)) as terminal:
        terminal.expect(b"/ $ ")
        terminal.enter(b"echo one  two", b"one two\r\n")
        began = time.monotonic()
        terminal.enter(b"sleep 1", b"/ $ ")
        terminal.expect(b"/ $ ")
        terminal.enter(b"infloop", b"Looping")
        assert time.monotonic() - began > 0.9           # a recorded sleep takes its time
        terminal.resize(40, 100)
        terminal.hit(CTRL_C, b"/ $ ")
        terminal.enter(b"cat", b"cat\r\n")
        terminal.enter(b"typed", b"typed\r\ntyped\r\n")
        terminal.hit(CTRL_Z, b"/ $ ")
        terminal.enter(b"fg", b"\ncat\r\n")
        terminal.hit(CTRL_D, b"/ $ ")
        terminal.type(b"forktest; exit 7" + ENTER)
        status = terminal.wait()
    replayed = same_again(path, digest, status, terminal.seen)
    assert b"one two\r\n" in replayed.output


def test_busybox_is_resized_stopped_and_interrupted(files: tuple[Path, Path]) -> None:
    try:
        root = corpus.fetch()
    except corpus.CorpusError as error:
        pytest.skip(str(error))
    path, digest = files
    prompt = b"/ # \x1b[6n"
    with closing(Terminal("--record", str(path), "--root", os.fspath(root), "--env", "TERM=xterm", "/bin/busybox", "sh",
                        "-i", start=START)) as terminal:
        terminal.expect(prompt)
        terminal.resize(33, 111)
        time.sleep(0.1)
        terminal.enter(b"stty size", b"33 111")
        terminal.expect(prompt)
        terminal.enter(b"(echo begun; exec sleep 1000)", b"begun\r\n")
        terminal.hit(CTRL_Z, prompt)
        terminal.enter(b"date; kill -9 %1; wait", prompt)
        terminal.enter(b"(echo begun; exec sleep 1000)", b"begun\r\n")
        terminal.hit(CTRL_C, prompt)
        terminal.type(b"exit 5" + ENTER)
        status = terminal.wait()
    assert status == 5
    same_again(path, digest, 5, terminal.seen)


def test_leaving_is_replayed_too(files: tuple[Path, Path]) -> None:
    path, digest = files
    with closing(Terminal("--record", str(path), "initproc", start=START)) as terminal:
        terminal.expect(b"/ $ ")
        terminal.type(b"\x1dx")
        assert terminal.wait() == INTERRUPTED
    same_again(path, digest, INTERRUPTED, None)
    status, said = complaint("replay", str(path))
    assert status == INTERRUPTED
    assert said == "rvsim: interrupted\n"


@pytest.mark.parametrize("clock", ["virtual", "paced"])
@pytest.mark.parametrize("program", [b"wc", b"sh"])
def test_input_that_comes_late(files: tuple[Path, Path], clock: str, program: bytes) -> None:
    path, digest = files
    pieces = (b"echo o", b"ne\nsleep 1; echo t", b"wo\n", b"echo three; true")
    ran = recorded(path, "--clock", clock, program.decode(), pieces=pieces)
    same_again(path, digest, ran.returncode, ran.stdout, ran.stderr)


@pytest.mark.parametrize("arguments", [
    ("adder",), ("--seed", "3", "adder"), ("--seed", "5", "race_adder_hidden"), ("--seed", "9", "mpsc_sem"),
    ("sig_simple2",), ("--seed", "4", "forktree"), ("sleep_test",),
])
def test_threads_signals_sleeps(files: tuple[Path, Path], arguments: tuple[str, ...]) -> None:
    path, digest = files
    ran = recorded(path, *arguments)
    same_again(path, digest, ran.returncode, ran.stdout, ran.stderr)


def test_the_host_is_asked_nothing(files: tuple[Path, Path], tmp_path: Path) -> None:
    """A replay reads and changes no file of the host, neither the program nor what was shared."""
    path, digest = files
    share, program = tmp_path / "share", tmp_path / "program"
    share.mkdir()
    (share / "there").write_text("was there\n")
    program.write_bytes(own_program("hello.c").read_bytes())
    program.chmod(0o755)
    script = b"cat /data/there; echo made >/data/made; cat /data/made; ls /data; /program; exit 3\n"
    (tmp_path / "other").mkdir()
    ran = recorded(path, "-v", f"{share}:/data", "-v", f"{program}:/program:ro", "sh", stdin=script)
    assert b"was there\nmade\n" in ran.stdout
    assert (share / "made").read_text() == "made\n"
    for file in share.iterdir():
        file.unlink()
    share.rmdir()
    program.unlink()
    same_again(path, digest, 3, ran.stdout, ran.stderr)
    assert not share.exists()


def test_a_program_of_the_host_and_its_arguments(files: tuple[Path, Path], tmp_path: Path) -> None:
    path, digest = files
    program = tmp_path / "hello"
    program.write_bytes(own_program("hello.c").read_bytes())
    ran = recorded(path, "--env", "A=b", "--memory", "32M", str(program), "one", "\udcff")
    program.unlink()
    same_again(path, digest, ran.returncode, ran.stdout, ran.stderr)


def test_an_archive(files: tuple[Path, Path], tmp_path: Path) -> None:
    path, digest = files
    root = tmp_path / "root"
    (root / "bin").mkdir(parents=True)
    (root / "bin" / "hello").write_bytes(own_program("hello.c").read_bytes())
    (root / "bin" / "hello").chmod(0o755)
    archive = tmp_path / "root.tar.gz"
    subprocess.run(["tar", "-czf", archive, "-C", root, "."], check=True)
    ran = recorded(path, "--root", str(archive), "hello")
    assert ran.returncode == 0
    archive.unlink()
    same_again(path, digest, 0, ran.stdout, ran.stderr)


def test_the_time_limit(files: tuple[Path, Path]) -> None:
    path, digest = files
    ran = recorded(path, "--timeout", "300ms", "infloop")
    assert ran.returncode == TIMED_OUT
    same_again(path, digest, TIMED_OUT, ran.stdout, ran.stderr)


def test_an_interrupt_from_the_host(files: tuple[Path, Path]) -> None:
    path, digest = files
    command = [sys.executable, "-c", START, "run", "--record", str(path), "infloop"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        process.send_signal(signal.SIGINT)
        rest, errors = process.communicate(timeout=60)
    assert process.returncode == INTERRUPTED
    assert errors == b"rvsim: interrupted\n"
    same_again(path, digest, INTERRUPTED, line + rest)


INTERRUPTED_BEFORE_A_WAIT = """
import os, signal
from rvsim.guest_os.world import HostWorld
rest = HostWorld._at_rest
def interrupted(world):
    HostWorld._at_rest = rest
    os.kill(os.getpid(), signal.SIGINT)
    return rest(world)
HostWorld._at_rest = interrupted
"""


@pytest.mark.parametrize("words", [("cat",), ("--clock", "paced", "cat"), ("--clock", "paced", "sleep", "1000")])
def test_an_interrupt_just_before_a_wait(files: tuple[Path, Path], words: tuple[str, ...]) -> None:
    path, digest = files
    command = [sys.executable, "-c", INTERRUPTED_BEFORE_A_WAIT + START, "run", "--record", str(path), *words]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        try:
            process.wait(60)
        finally:
            process.kill()
        assert process.stderr is not None
        assert process.stderr.read() == b"rvsim: interrupted\n"
    assert process.returncode == INTERRUPTED
    same_again(path, digest, INTERRUPTED, None)


def test_a_reader_that_goes_away(files: tuple[Path, Path]) -> None:
    path, digest = files
    command = [sys.executable, "-c", START, "run", "--record", str(path), "sh", "-c",
               "while true; do echo line || exit 9; done"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.stdout.close()
        status = process.wait(60)
    assert status != 0
    first = again(path)
    assert first.status == status
    assert first.traps == digest.read_text()


class Steps(Controller):
    """Steps every seventh instruction that it is asked for."""

    asked = 0

    def wants_step(self, task: Task) -> bool:
        self.asked += 1
        return self.asked % 7 == 0

    def stopped(self, task: Task, stop: Stop) -> None:
        assert stop.reason is Reason.STEP


def test_a_replay_can_be_stepped(files: tuple[Path, Path]) -> None:
    path, _ = files
    recorded(path, "--seed", "2", "race_adder_hidden")
    assert again(path, controller=Steps) == again(path)


def test_a_killed_recording_is_good_up_to_its_end(files: tuple[Path, Path]) -> None:
    path, _ = files
    terminal = Terminal("--record", str(path), "initproc", start=START)
    terminal.expect(b"/ $ ")
    terminal.enter(b"echo one", b"one\r\n")
    terminal.expect(b"/ $ ")
    deadline = time.monotonic() + DEADLINE_S
    while contents(read_recording(str(path))).input_bytes < len(b"echo one\r"):     # it is written when it waits
        assert time.monotonic() < deadline
    terminal._process.kill()
    terminal.close()
    process = subprocess.run([sys.executable, "-c", START, "replay", str(path)], capture_output=True, check=False)
    assert process.returncode == OWN_ERROR
    assert b"one\r\n" in process.stdout
    assert re.fullmatch(rb"rvsim: .*run.rec: the recording was cut off at tick \d+\n", process.stderr)


def test_the_command_line(files: tuple[Path, Path], capfd: pytest.CaptureFixture[str]) -> None:
    path, _ = files
    ran = recorded(path, "--seed", "6", "adder")
    process = subprocess.run([sys.executable, "-c", START, "replay", "--stats", str(path)], capture_output=True,
                             check=False)
    assert process.returncode == ran.returncode
    assert process.stdout == ran.stdout
    assert b"ticks" in process.stderr
    info = subprocess.run([sys.executable, "-c", START, "replay", "--info", str(path)], capture_output=True, check=True)
    assert b"program:    adder\n" in info.stdout
    assert b"seed:       6\n" in info.stdout
    traced = subprocess.run([sys.executable, "-c", START, "replay", "--strace", str(path)], capture_output=True,
                            check=False)
    assert traced.stdout == ran.stdout
    assert b"thread_create" in traced.stderr or b"exit" in traced.stderr


@pytest.mark.parametrize(("arguments", "line"), [
    (("run", "--record", "FILE", "--clock", "host", "hello"), "--clock host"),
    (("run", "--record", "FILE", "nothing_there"), "not found"),
    (("run", "--record", "/nowhere/at/all", "hello"), "no such file"),
    (("run", "--record", "FILE", "--restore", "x"), "--restore"),
    (("replay", "FILE"), "no such file"),
    (("run", "--seed", "-1", "hello"), "--seed"),
])
def test_complaints(tmp_path: Path, arguments: tuple[str, ...], line: str) -> None:
    path = tmp_path / "file"
    status, said = complaint(*(str(path) if word == "FILE" else word for word in arguments))
    assert status >= OWN_ERROR
    assert line in said
    assert said.count("\n") == 1
    assert not path.exists()


def test_another_kernel_is_noticed(files: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    """As a later version of rvsim may be one."""
    path, _ = files
    recorded(path, "adder")
    monkeypatch.setattr("rvsim.guest_os.task.scheduler.SLICE_NS", 7_000_000)
    with pytest.raises(Diverged, match=r"at tick \d+: expected"):
        again(path)
    status, said = complaint("replay", str(path))
    assert status == OWN_ERROR
    assert re.search(r"run.rec: the replay differs from the recording at tick \d+: expected", said)
