"""Guest programs and machines for tests: compile a C file once, run it, and see that nothing is left behind.

A program is compiled into `.cache/guests/` of the checkout under a name that states its content, so a second run of
the tests compiles nothing.
"""

from __future__ import annotations

import gc
import hashlib
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from rvsim.emu.console import CapturedConsole
from rvsim.guest_os.boot import Machine, MachineConfig
from rvsim.guest_os.outside import Outside
from rvsim.guest_os.vfs.file import File
from rvsim.tools import guest_build

TESTS = Path(__file__).resolve().parent
GUESTS = TESTS / "guests"
CACHE = TESTS.parent / ".cache" / "guests"
GLIBC_CC = shutil.which("riscv64-linux-gnu-gcc")
MEBIBYTE = 1 << 20
TIMEOUT_S = 240

_CASE = re.compile(r"^CASE\((\w+)\)", re.MULTILINE)
_FLAGS = ("-O1", "-g", "-Wall", "-Wextra", f"-I{GUESTS}")


def cases(name: str) -> list[str]:
    """The names of the cases in a guest test, in their order."""
    return _CASE.findall((GUESTS / name).read_text())


@cache
def _tools_digest() -> bytes:
    """What every compilation depends on besides its source: our library, the builder, the compilers, the headers."""
    state = hashlib.sha256()
    apps = guest_build.USER_APPS
    files = [*apps.glob("lib/**/*"), *apps.glob("include/**/*"), *GUESTS.glob("**/*.h"), Path(guest_build.__file__)]
    for path in sorted(file for file in files if file.is_file()):
        state.update(path.name.encode() + b"\0" + path.read_bytes())
    state.update(guest_build.find_compiler().identity.encode())
    if GLIBC_CC:
        state.update(subprocess.run([GLIBC_CC, "--version"], capture_output=True, check=True).stdout)
    return state.digest()


def _compiled(source: Path, kind: str, flags: Sequence[str], build: Callable[[Path], object]) -> Path:
    digest = hashlib.sha256(_tools_digest() + repr((kind, flags)).encode() + source.read_bytes()).hexdigest()[:16]
    out = CACHE / f"{source.stem}-{kind}-{digest}"
    if not out.exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        new = out.with_name(f"{out.name}.{os.getpid()}")
        build(new)
        new.replace(out)
    return out


def rcore_program(name: str) -> Path:
    """`guests/NAME` with our library, in the ABI `rcore`."""
    source = GUESTS / name
    flags = (f"-I{GUESTS}", "-DCHECK_RCORE")
    return _compiled(source, "rcore", flags, lambda out: guest_build.compile_program([source], out, "rcore", flags))


def own_program(name: str) -> Path:
    """`guests/NAME` with our library, in the ABI `linux`."""
    source = GUESTS / name
    flags = (f"-I{GUESTS}",)
    return _compiled(source, "own", flags, lambda out: guest_build.compile_program([source], out, "linux", flags))


def musl_program(name: str) -> Path:
    """`guests/NAME` with musl, static, in the ABI `linux`."""
    source = GUESTS / name
    flags = (*_FLAGS, "-fno-sanitize=undefined")
    return _compiled(source, "musl", flags, lambda out: guest_build.compile_musl(source, out, flags))


def debug_program(name: str) -> Path:
    """`guests/NAME` with musl, static, in the ABI `linux`, not optimized."""
    source = GUESTS / name
    flags = ("-O0", "-g", "-Wall", "-Wextra", f"-I{GUESTS}", "-fno-sanitize=undefined")
    return _compiled(source, "debug", flags, lambda out: guest_build.compile_musl(source, out, flags))


def glibc_program(name: str) -> Path:
    """`guests/NAME` with glibc, static, in the ABI `linux`; only where `GLIBC_CC` is not None."""
    source = GUESTS / name
    command = [str(GLIBC_CC), "-static", *_FLAGS, str(source), "-o"]
    return _compiled(source, "glibc", _FLAGS, lambda out: subprocess.run([*command, str(out)], check=True))


def zig_program(name: str) -> Path:
    """`guests/NAME`, a Zig program that makes its system calls itself, in the ABI `linux`."""
    source = GUESTS / name
    return _compiled(source, "zig", (), lambda out: guest_build.compile_zig(source, out))


def compiled(name: str, *command: str) -> Path:
    """`guests/NAME` by a compiler and flags of the test's own choice."""
    source = GUESTS / name
    return _compiled(source, "with", command, lambda out: subprocess.run([*command, source, "-o", out], check=True))


def host_program(name: str) -> Path:
    """`guests/NAME` for this host."""
    source = GUESTS / name
    return _compiled(source, "host", _FLAGS, lambda out: guest_build.compile_host(source, out, _FLAGS))


@dataclass
class Result:
    """How a run ended. `ticks`: guest instructions in bytes; `machine` is closed."""

    status: int
    output: bytes
    errors: bytes
    ticks: int
    machine: Machine


def left_behind(machine: Machine) -> dict[str, int]:
    """What a machine still holds, by name; all zero when it has ended as it should."""
    machine.memory.reclaim()
    kernel: Any = machine.kernel
    files = [thing for thing in gc.get_objects() if isinstance(thing, File)]
    return {
        "frames": machine.memory.frames.used,
        "tasks": kernel.tasks,
        "pids": len(kernel.root_ns),
        "open files": sum(1 for file in files if file.count > 0 and file.inode.sb.clock is machine.clock),
        "mappings": sum(memory_cache.mappers for memory_cache in machine.memory.caches),
        "timers": len(kernel.scheduler.timers),
        "futexes": len(kernel.futexes),
        "waiters for input": len(machine.input.queue.waiters),
    }


def nothing_left(machine: Machine) -> None:
    """Assert that frames, tasks, pids, files and waits are back at their count from boot."""
    left = {name: count for name, count in left_behind(machine).items() if count}
    assert not left, f"left behind: {left}"


def make(console: CapturedConsole | None = None, outside: Outside | None = None, **config: Any) -> Machine:
    """A machine with the defaults of a test: 64 MiB, the virtual clock, at most some minutes of host time."""
    settings: dict[str, Any] = {"memory_bytes": 64 * MEBIBYTE, "timeout_ns": TIMEOUT_S * 10**9} | config
    return Machine(MachineConfig(**settings), console if console is not None else CapturedConsole(), outside)


def run(program: Path | str, *args: str | bytes, stdin: bytes = b"", console: CapturedConsole | None = None,
        files: Mapping[bytes, bytes] | None = None, **config: Any) -> Result:
    """Run a program, a file of the host or a name in the guest, until its machine ends, and see that nothing is left.

    Raises:
        BootError: it cannot be started, or nothing can ever run again.
    """
    screen = console if console is not None else CapturedConsole(stdin)
    machine = make(screen, **config)
    for path, data in (files or {}).items():
        machine.install(path, data)
    name = os.fsencode(program)
    status = machine.run(name, [name, *(os.fsencode(arg) for arg in args)])
    nothing_left(machine)
    return Result(status, bytes(screen.output), bytes(screen.errors), machine.hart.ticks, machine)


def passes(program: Path, case: str, **config: Any) -> None:
    """Run one case of a guest test in rvsim; it must pass."""
    result = run(program, case, **config)
    assert (result.output.decode(errors="replace"), result.status) == ("passed\n", 0)


def passes_on_the_host(program: Path, case: str) -> None:
    """Run one case of a guest test on this host's own kernel; it must pass."""
    done = subprocess.run([program, case], capture_output=True, text=True, check=False, timeout=TIMEOUT_S,
                          stdin=subprocess.DEVNULL)
    assert (done.stdout, done.returncode) == ("passed\n", 0)
