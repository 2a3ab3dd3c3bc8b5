"""`rvsim run --snapshot-procs`, `rvsim ps`, `pmap`, `pstack`: what they show is what the guest's own tools show."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from rvsim.emu.console import CapturedConsole
from rvsim.guest_os.world import HostWorld
from rvsim.tests.guest import make, musl_program, nothing_left
from rvsim.tests.terminal import START
from rvsim.tools import cli
from rvsim.tools.procs import snapshot
from rvsim.tools.procs.prologue import read_prologue
from rvsim.tools.procs.symbols import FileSymbols

SCRIPT = b"subject & sleep 1; ps -e -o pid,ppid,s,vsz,rss,comm; pstack 2; pmap -x 2; sleep 1000"


class Taken:
    """A snapshot of a machine that runs SCRIPT, and what the guest's tools said before it."""

    def __init__(self, path: Path) -> None:
        console = CapturedConsole()
        machine = make(console)
        machine.install(b"/bin/subject", musl_program("proc_subject.c").read_bytes())
        with snapshot.on_request(machine, path, lambda line: pytest.fail(line)):
            waits = machine.world.idle

            def idle(deadline_ns: int | None, spinning: bool = False) -> bool:
                """When the machine would wait for the last sleep to end, a snapshot is asked for instead."""
                if deadline_ns is not None and deadline_ns > 100 * 10**9:
                    os.kill(os.getpid(), signal.SIGUSR1)
                    machine.world.poll()
                    return False
                return waits(deadline_ns, spinning)

            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(HostWorld, "idle", lambda world, *args: idle(*args))
                with pytest.raises(Exception, match="nothing can run"):
                    machine.run(b"sh", [b"sh", b"-c", SCRIPT])
        nothing_left(machine)
        self.output = console.output.decode()


@pytest.fixture(scope="module")
def taken(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    path = tmp_path_factory.mktemp("procs") / "snapshot"
    return path, Taken(path).output


def shown(capsys: pytest.CaptureFixture[str], *words: str) -> list[str]:
    """The lines that a command prints."""
    assert cli.main(words) == 0
    return capsys.readouterr().out.splitlines()


def test_ps(taken: tuple[Path, str], capsys: pytest.CaptureFixture[str]) -> None:
    path, guest = taken
    rows = [line.split() for line in shown(capsys, "ps", str(path))[1:]]
    inside = [line.split() for line in guest.splitlines()[1:5]]
    assert [[row[1], row[2], row[3], row[4]] for row in rows if row[9] in ("subject", "[subject]")] == [
        row[:4] for row in inside if row[5] == "subject"]
    assert rows[-1][9:] == ["sleep", "1000"]
    assert any(row[9:] == ["[subject]", "<defunct>"] for row in rows)
    threads = [line.split() for line in shown(capsys, "ps", "-L", str(path))[1:]]
    assert [row[1:] for row in threads if row[0] == "2"] == [
        ["2", "S", "ppoll", "subject"], ["5", "S", "ppoll", "subject"]]


def test_pstack(taken: tuple[Path, str], capsys: pytest.CaptureFixture[str]) -> None:
    path, guest = taken
    ours = [line for line in shown(capsys, "pstack", str(path), "2") if line.startswith(" 0")]
    inside = [line for line in guest.splitlines() if line.startswith(" 0")]
    assert [line.split()[0] for line in ours] == [line.split()[0] for line in inside]
    names = [line.split()[1] for line in ours]
    at = names.index("innermost")
    assert names[at + 1:at + 7] == ["recursive"] * 4 + ["with_large_frame", "main"]
    assert "<signal" in names
    assert not any("?" in line for line in ours)
    assert shown(capsys, "pstack", str(path))[0].startswith("1:   sh -c subject")


def test_pmap(taken: tuple[Path, str], capsys: pytest.CaptureFixture[str]) -> None:
    path, guest = taken
    ours = [line.split() for line in shown(capsys, "pmap", str(path), "2")]
    inside = [line.split() for line in guest[guest.index("Address"):].splitlines()]
    assert [row[:3] for row in ours if len(row[0]) == 16] == [row[:3] for row in inside if row[0][0] == "0"]
    assert ours[-1] == inside[-1][:4]


def test_asking_a_machine_that_waits(tmp_path: Path) -> None:
    """In real time, with nothing to do: SIGUSR1 is answered at once, and the machine goes on."""
    path = tmp_path / "snapshot"
    command = [sys.executable, "-c", START, "run", "--clock", "host", "--snapshot-procs", str(path), "sh", "-c",
               "sleep 1000 & echo ready; cat"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as running:
        assert running.stdin
        assert running.stdout
        assert running.stdout.readline() == b"ready\n"
        names: list[str] = []
        deadline = time.monotonic() + 60
        while names[1:] != ["sleep", "cat"] and time.monotonic() < deadline:
            running.send_signal(signal.SIGUSR1)
            time.sleep(0.05)
            if path.exists():
                names = [process["name"] for process in json.loads(path.read_text())["processes"]]
        running.communicate(b"more\n")
    assert names == ["sh", "sleep", "cat"]
    assert running.returncode == 0


OUT_OF_TIME = """
from rvsim.emu.host_console import HostConsole
from rvsim.guest_os.world import HostWorld
worlds, make, write = [], HostWorld.__init__, HostConsole.write
def made(world, *arguments):
    make(world, *arguments)
    worlds.append(world)
def written(console, data):
    write(console, data)
    worlds[0].end_ns = 0
HostWorld.__init__, HostConsole.write = made, written
"""
"""The limit passes when the guest has written something."""


def test_at_the_timeout(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "snapshot"
    command = [sys.executable, "-c", OUT_OF_TIME + START, "run", "--timeout", "1000s", "--snapshot-procs", str(path),
               "infloop"]
    assert subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=False).returncode == 124
    stack = shown(capsys, "pstack", str(path))
    assert stack[0] == "1:   infloop"
    assert [line.split()[1] for line in stack[1:]] == ["main", "_start"]


def test_a_snapshot_that_is_asked_for_too_late(tmp_path: Path) -> None:
    """The machine has ended, and rvsim not yet: it ends with the machine's status all the same."""
    late = ("import atexit, os, signal; atexit.register(os.kill, os.getpid(), signal.SIGUSR1); "
            "atexit.register(os.kill, os.getpid(), signal.SIGUSR2); ")
    command = [sys.executable, "-c", late + START, "run", "--snapshot-procs", str(tmp_path / "file"), "false"]
    assert subprocess.run(command, stdin=subprocess.DEVNULL, check=False).returncode == 1


def test_a_snapshot_that_cannot_be_written(tmp_path: Path) -> None:
    command = [sys.executable, "-c", START, "run", "--timeout", "500ms", "--snapshot-procs", str(tmp_path / "no/file"),
               "infloop"]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    assert done.returncode == 124
    assert done.stderr == f"rvsim: --snapshot-procs {tmp_path}/no/file: no such file or directory\n"


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"rvsim_processes": 2}', "[" * 100_000])
def test_what_is_no_snapshot(content: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "file"
    path.write_text(content)
    for command in ("ps", "pmap", "pstack"):
        assert cli.main([command, str(path)]) == 125
        said = capsys.readouterr()
        assert said.out == ""
        assert said.err.startswith(f"rvsim: {path} is no snapshot")
        assert said.err.count("\n") == 1


def test_a_process_that_is_not_in_it(taken: tuple[Path, str], capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["pmap", str(taken[0]), "77"]) == 1
    assert capsys.readouterr().err == "rvsim: 77: no such process in this snapshot\n"
    assert cli.main(["ps", "/nosuch"]) == 125
    assert capsys.readouterr().err == "rvsim: /nosuch: no such file or directory\n"


def code(*words: int) -> bytes:
    """Instructions of 16 or 32 bits."""
    return b"".join(word.to_bytes(4 if word & 3 == 3 else 2, "little") for word in words)


PROLOGUE = (0x1101, 0xEC06, 0xE822)      # addi sp,sp,-32; sd ra,24(sp); sd s0,16(sp)
EPILOGUE = (0x60E2, 0x6442, 0x6105, 0x8082)      # ld ra,24(sp); ld s0,16(sp); addi sp,sp,32; ret


@pytest.mark.parametrize(("words", "size", "ra_at", "fp_at", "fp_offset"), [
    ((), 0, None, None, None),
    (PROLOGUE[:1], 32, None, None, None),
    (PROLOGUE, 32, -8, -16, None),
    ((*PROLOGUE, 0x1000), 32, -8, -16, 0),                          # addi s0,sp,32
    ((*PROLOGUE, *EPILOGUE[:3]), 0, -8, -16, None),                 # at the ret
    ((*PROLOGUE, *EPILOGUE, 0x0001), 32, -8, -16, None),            # behind an early return
    ((0xFE010113, 0x00113C23), 32, -8, None, None),                 # the same two in 32 bits
    ((*PROLOGUE, 0x72FD, 0x9116), 32 + 4096, -8, -16, None),        # lui t0,-1; add sp,sp,t0
    ((0x7139,), 64, None, None, None),                              # addi16sp -64
])  # fmt: skip
def test_prologues(words: tuple[int, ...], size: int, ra_at: int | None, fp_at: int | None,
                   fp_offset: int | None) -> None:
    layout = read_prologue(code(*words))
    assert (layout.size, layout.ra_at, layout.fp_at, layout.fp_offset) == (size, ra_at, fp_at, fp_offset)


@pytest.mark.parametrize("data", [b"", b"\x7fELF", b"\x7fELF\2\1\1" + bytes(100), b"#!/bin/sh\n"])
def test_what_is_no_elf_file_has_no_symbols(data: bytes) -> None:
    found: Any = FileSymbols(data)
    assert (found.symbols, found.find(0)) == ([], None)
