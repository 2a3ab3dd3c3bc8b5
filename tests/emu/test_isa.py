"""The ISA, by programs that check themselves (tests/emu/isa): in rvsim, and under qemu-riscv64 as a peer.

A program's exit status is the number of its failed checks, and each failed check is printed.
"""

import hashlib
import shutil
import subprocess
from pathlib import Path

import pytest

from rvsim.emu.console import CapturedConsole
from rvsim.guest_os.boot import Machine, MachineConfig
from rvsim.tools.guest_build import compile_musl

SOURCE = Path(__file__).parent / "isa"
CACHE = Path(__file__).resolve().parents[2] / ".cache" / "isa"
FLAGS = ("-O1", "-Wall", "-Wextra", "-Werror", "-fno-sanitize=undefined", "-mcpu=baseline_rv64")
HEADERS = sorted(SOURCE.glob("*.h"))
MINUTE_NS = 60_000_000_000
QEMU = shutil.which("qemu-riscv64-static") or shutil.which("qemu-riscv64")

DIFFERENCES = {
    "fd_nan_boxing": "the engine neither boxes single-precision results nor checks that operands are boxed",
    "fd_signalling_min": "fmin and fmax of a signalling NaN follow IEEE 754-2008: the result is a NaN",
    "fd_fused_invalid": "the engine raises no NV for infinity times zero plus a quiet NaN",
}
"""Programs that try what the engine does not do, each with the reason; `Differs:` lines of emu/hart.py say so too."""

NOT_UNDER_QEMU = {"a_switch": "qemu-riscv64 runs a process per host process: a yield need not switch"}

PROGRAMS = [
    pytest.param(
        path.stem,
        marks=pytest.mark.xfail(strict=True, reason=DIFFERENCES[path.stem]) if path.stem in DIFFERENCES else (),
    )
    for path in sorted(SOURCE.glob("*.c"))
]


def build(name: str) -> Path:
    """The program, compiled unless one of the same content is there."""
    source = SOURCE / f"{name}.c"
    state = hashlib.sha256(repr(FLAGS).encode())
    for path in (source, *HEADERS):
        state.update(path.read_bytes())
    out = CACHE / f"{name}-{state.hexdigest()[:16]}"
    if not out.exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        new = CACHE / f".new-{out.name}"
        compile_musl(source, new, FLAGS)
        new.replace(out)
    return out


@pytest.mark.parametrize("name", PROGRAMS)
def test_in_rvsim(name: str) -> None:
    console = CapturedConsole(b"")
    machine = Machine(MachineConfig(clock="virtual", timeout_ns=MINUTE_NS), console)
    machine.install(b"/x", build(name).read_bytes())
    status = machine.run(b"/x", [b"x"])
    output = console.output.decode(errors="replace")
    assert status == 0, output
    assert output.endswith(" 0 failed\n")


@pytest.mark.skipif(QEMU is None, reason="qemu-riscv64 is not installed")
@pytest.mark.parametrize("name", [path.stem for path in sorted(SOURCE.glob("*.c"))])
def test_under_qemu(name: str) -> None:
    if name in NOT_UNDER_QEMU:
        pytest.skip(NOT_UNDER_QEMU[name])
    assert QEMU is not None
    done = subprocess.run([QEMU, build(name)], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout
