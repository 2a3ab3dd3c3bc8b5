"""The command line, against a machine that only notes what it was asked."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import types
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from rvsim.tools import cli
from rvsim.tools.errors import INTERRUPTED, OUTPUT_CLOSED, OWN_ERROR


class FakeBootError(Exception):
    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


def tuple_of(*values: Any) -> tuple[Any, ...]:
    """Stands in for `Share`."""
    return values


@dataclass
class Asked:
    """What the machine was made with and told to run, and what it answers."""

    config: dict[str, Any] = field(default_factory=dict)
    program: bytes = b""
    arguments: list[bytes] = field(default_factory=list)
    answer: int | BaseException = 0


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Asked:
    seen = Asked()

    class Machine:
        stats = "traps 3"
        kernel = types.SimpleNamespace(init=None)

        def __init__(self, config: dict[str, Any], console: object, outside: object = None) -> None:
            seen.config = config

        def run(self, program: bytes, argv: list[bytes]) -> int:
            seen.program, seen.arguments = program, argv
            if isinstance(seen.answer, BaseException):
                raise seen.answer
            return seen.answer

    boot = types.ModuleType("rvsim.guest_os.boot")
    vars(boot).update(Machine=Machine, MachineConfig=dict, BootError=FakeBootError, Share=tuple_of)
    console = types.ModuleType("rvsim.emu.host_console")
    vars(console).update(HostConsole=contextlib.nullcontext)
    monkeypatch.setattr("rvsim.tools.procs.reachable.reachable", lambda machine, words: contextlib.nullcontext())
    monkeypatch.setitem(sys.modules, "rvsim.guest_os.boot", boot)
    monkeypatch.setitem(sys.modules, "rvsim.emu.host_console", console)
    return seen


@pytest.fixture
def no_terminal() -> Iterator[None]:
    """Standard input is not a terminal, wherever the tests run."""
    saved = os.dup(0)
    with open(os.devnull, "rb") as null:
        os.dup2(null.fileno(), 0)
    yield
    os.dup2(saved, 0)
    os.close(saved)


@pytest.mark.usefixtures("no_terminal")
def test_defaults(asked: Asked) -> None:
    assert cli.main(["run", "initproc"]) == 0
    assert asked.program == b"initproc"
    assert asked.arguments == [b"initproc"]
    assert asked.config == {
        "memory_bytes": 256 << 20,
        "clock": "virtual",
        "timeout_ns": None,
        "abi": None,
        "env": {},
        "cwd": b"/",
        "root": None,
        "shares": (),
        "process_limit": 1024,
        "seed": 0,
        "faults": None,
    }


def test_options(asked: Asked) -> None:
    options = (
        "--root tree -v a:/b -v c:d:/e:ro --abi rcore:7 --env A=1 --env B= --env A=x=y --cwd /tmp --memory 64MiB "
        "--processes 9 --timeout 500ms --seed 7"
    )
    assert cli.main(["run", *options.split(), "--clock", "host", "prog"]) == 0
    assert asked.config == {
        "memory_bytes": 64 << 20,
        "clock": "host",
        "timeout_ns": 500_000_000,
        "abi": "rcore:7",
        "env": {b"A": b"x=y", b"B": b""},
        "cwd": b"/tmp",
        "root": b"tree",
        "shares": ((b"a", b"/b", False), (b"c:d", b"/e", True)),
        "process_limit": 9,
        "seed": 7,
        "faults": None,
    }


def test_what_follows_the_program_is_the_guests(asked: Asked) -> None:
    assert cli.main(["run", "prog", "--memory", "1G", "-h", "--", "--version", "\udcff"]) == 0
    assert asked.arguments == [b"prog", b"--memory", b"1G", b"-h", b"--", b"--version", b"\xff"]


def test_a_dash_dash_before_the_program_ends_the_options(asked: Asked) -> None:
    assert cli.main(["run", "--", "prog", "-x"]) == 0
    assert asked.arguments == [b"prog", b"-x"]


def test_the_status_is_the_guests(asked: Asked) -> None:
    asked.answer = 139
    assert cli.main(["run", "prog"]) == 139


def test_stats_go_to_standard_error(asked: Asked, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["run", "--stats", "prog"]) == 0
    assert capsys.readouterr() == ("", "traps 3\n")


@pytest.mark.parametrize("status", [125, 126, 127])
def test_what_cannot_be_run(asked: Asked, capsys: pytest.CaptureFixture[str], status: int) -> None:
    asked.answer = FakeBootError("prog: cannot be run", status)
    assert cli.main(["run", "prog"]) == status
    assert capsys.readouterr() == ("", "rvsim: prog: cannot be run\n")


def test_a_bug_is_one_line(
    asked: Asked, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("RVSIM_DEBUG", raising=False)
    asked.answer = KeyError("no such\nthing")
    assert cli.main(["run", "prog"]) == OWN_ERROR
    said = capsys.readouterr().err
    assert said.startswith("rvsim: a bug in rvsim: KeyError: ")
    assert "test_cli.py:" in said
    assert said.count("\n") == 1


def test_a_bug_can_be_debugged(asked: Asked, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RVSIM_DEBUG", "1")
    asked.answer = KeyError("no such thing")
    with pytest.raises(KeyError):
        cli.main(["run", "prog"])


def test_an_interrupt(asked: Asked, capsys: pytest.CaptureFixture[str]) -> None:
    asked.answer = KeyboardInterrupt()
    assert cli.main(["run", "prog"]) == INTERRUPTED
    assert capsys.readouterr().err == "rvsim: interrupted\n"


@pytest.mark.parametrize(
    ("words", "line"),
    [
        ("run", "no PROGRAM given; see `rvsim run --help`"),
        ("run -v here x", "-v: 'here' is not HOST:GUEST or HOST:GUEST:ro, with GUEST a path from the root; "
                          "see `rvsim run --help`"),
        ("run --memory lots x", "--memory: 'lots' is not a size; write 64K, 256M or 1G; see `rvsim run --help`"),
        ("run --memory 1K x", "--memory: '1K' is not between 4M and 64G in whole pages; see `rvsim run --help`"),
        ("run --memory 4097K x", "--memory: '4097K' is not between 4M and 64G in whole pages; see `rvsim run --help`"),
        ("run --timeout soon x", "--timeout: 'soon' is not a duration; write 10s, 500ms or 2m; see `rvsim run --help`"),
        ("run --timeout 0 x", "--timeout: '0' is no time at all; write 10s, 500ms or 2m; see `rvsim run --help`"),
        ("run --abi bsd x", "--abi: 'bsd' is not an ABI; write linux, rcore, or rcore:5 to rcore:8; "
                            "see `rvsim run --help`"),
        ("run --env PATH x", "--env: 'PATH' is not NAME=VALUE; see `rvsim run --help`"),
        ("run --env =1 x", "--env: '=1' is not NAME=VALUE; see `rvsim run --help`"),
        ("run --clock sun x", "--clock: 'sun' is not one of 'virtual', 'paced', 'host'; see `rvsim run --help`"),
        ("run --processes 0 x", "--processes: 0 is not in the range x>=1; see `rvsim run --help`"),
        ("bench nothing", "no benchmark is called nothing; there are bench_getppid, bench_sort, bench_hash, "
                          "bench_sieve, bench_matrix, bench_calls, bench_forkwait, bench_forkexec, bench_touch, hello, "
                          "bench_procstat, procdir-10, procdir-100, procdir-1000, procdir-5000, bench_ps, "
                          "trace-getppid, trace-forkwait, trace-touch, trace-calls, trace-stacks, record-forkwait, "
                          "record-calls, cov-sieve, cov-forkexec, sh, bash, tar, find, pipe, sort, sha256sum, "
                          "snapshot, restore, goback, "
                          "snapshot-16, restore-16, goback-16, snapshot-64, restore-64, goback-64, snapshot-256, "
                          "restore-256, goback-256, test-start, test-1000, test-100, image-start"),
    ],
)
def test_broken_command_lines(words: str, line: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(words.split()) == OWN_ERROR
    assert capsys.readouterr() == ("", f"rvsim: {line}\n")


@pytest.mark.parametrize(
    ("words", "named", "advice"),
    [
        ("run --frobnicate x", "--frobnicate", "see `rvsim run --help`"),
        ("run --memory", "--memory", "see `rvsim run --help`"),
        ("walk", "walk", "see `rvsim --help`"),
        ("--loud", "--loud", "see `rvsim --help`"),
    ],
)
def test_words_that_click_refuses(words: str, named: str, advice: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The wording is click's and changes with its version."""
    assert cli.main(words.split()) == OWN_ERROR
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert err.startswith("rvsim: ")
    assert named in err
    assert err.endswith(f"{advice}\n")


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ([], "Examples:"),
        (["--help"], "bench"),
        (["run", "--help"], "rvsim run --timeout 5s"),
        (["run", "-h"], "127"),
        (["bench", "--help"], "--rounds"),
    ],
)
def test_help(words: list[str], expected: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(words) == 0
    out, err = capsys.readouterr()
    assert expected in out
    assert err == ""


def test_the_command_line_starts_without_the_machine() -> None:
    """`rvsim --version` must not pay for loading the emulator."""
    code = (
        "import sys; from rvsim.tools.cli import main; status = main(['--version'])\n"
        "sys.exit(status or any(name in sys.modules for name in ('unicorn', 'rvsim.emu', 'rvsim.guest_os.boot')))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.startswith(b"rvsim 0.")


def test_an_interrupt_before_the_command_line_is_read() -> None:
    """Ctrl-C while Python imports what it needs: no traceback, and the status that says so."""
    code = (
        "import os, signal, sys\n"
        "class Interrupting:\n"
        "    def find_spec(self, name, path, target=None):\n"
        "        if name == 'click':\n"
        "            os.kill(os.getpid(), signal.SIGINT)\n"
        "sys.meta_path.insert(0, Interrupting())\n"
        "from rvsim.tools.entry import console_script; console_script()"
    )
    done = subprocess.run([sys.executable, "-c", code, "--version"], capture_output=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (-signal.SIGINT, b"", b"")


def test_a_reader_that_goes_away() -> None:
    read_end, write_end = os.pipe()
    os.close(read_end)
    code = "import sys; from rvsim.tools.cli import main; sys.exit(main(['--help']))"
    with os.fdopen(write_end, "wb") as broken:
        done = subprocess.run([sys.executable, "-c", code], stdout=broken, stderr=subprocess.PIPE, check=False)
    assert (done.returncode, done.stderr) == (OUTPUT_CLOSED, b"")
