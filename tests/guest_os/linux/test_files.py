"""Programs with checks of their own, run on the host's Linux and in rvsim: files, events, timers, sockets."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from rvsim.emu.console import CapturedConsole
from rvsim.guest_os.boot import Machine, MachineConfig
from rvsim.tools.guest_build import compile_host, compile_musl

HERE = Path(__file__).parent
PROGRAMS = ["event_files"]
MINUTE_NS = 60_000_000_000


@pytest.mark.parametrize("name", PROGRAMS)
def test_on_the_host(name: str, tmp_path: Path) -> None:
    program = compile_host(HERE / f"{name}.c", tmp_path / name, ("-O1", "-w", "-pthread"))
    done = subprocess.run([program], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("name", PROGRAMS)
def test_in_rvsim(name: str, tmp_path: Path) -> None:
    program = compile_musl(HERE / f"{name}.c", tmp_path / name, ("-O1", "-w", "-pthread"))
    console = CapturedConsole(b"")
    machine = Machine(MachineConfig(clock="virtual", timeout_ns=MINUTE_NS), console)
    machine.install(b"/x", program.read_bytes())
    status = machine.run(b"/x", [b"x"])
    assert status == 0, console.output.decode(errors="replace")
    kernel = machine.kernel
    assert len(kernel.scheduler.timers) == 0
    assert len(kernel.futexes) == 0
    assert kernel.anon.inode.open_count == 0
