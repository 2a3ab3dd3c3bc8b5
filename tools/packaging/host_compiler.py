"""Which C compiler makes the trap gate on this machine, and whether the guest programs need `ziglang`.

A machine may have neither a C compiler nor a RISC-V one: then `ziglang`, a compiler that installs as a Python package,
serves for both. Standard library only: this runs before anything is installed.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path

ZIG = "ziglang>=0.13,<1"
RISCV_COMPILERS = ("riscv64-unknown-elf-gcc", "riscv64-linux-gnu-gcc")


def compiles_shared_objects(command: str) -> bool:
    """Can `command` (a shell-quoted command line) make a shared object from C that includes libc's headers?"""
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "probe.c")
        source.write_text("#include <stdio.h>\nint probe(void) { return puts(\"\"); }\n", encoding="ascii")
        words = [*shlex.split(command), "-shared", "-fPIC", "-o", str(Path(folder, "probe.so")), str(source)]
        try:
            return subprocess.run(words, capture_output=True, check=False).returncode == 0
        except OSError:
            return False


def compiler_environment() -> dict[str, str] | None:
    """The variables that make setuptools use a C compiler that works here; None if only `ziglang` would do.

    Empty where setuptools' own choice is right: CC is set, the host is not Linux, or the compiler that Python itself
    was built with is present.
    """
    if os.environ.get("CC") or not sys.platform.startswith("linux"):
        return {}
    own = sysconfig.get_config_var("CC") or "cc"
    if compiles_shared_objects(own):
        return {}
    for name in ("cc", "gcc", "clang"):
        if compiles_shared_objects(name):
            return {"CC": name, "LDSHARED": f"{name} -shared"}
    return None


def zig_environment() -> dict[str, str]:
    """The variables that make setuptools compile with `ziglang`, which must be importable by this Python."""
    zig = f"{shlex.quote(sys.executable)} -m ziglang cc"
    return {"CC": zig, "LDSHARED": f"{zig} -shared"}


def needs_zig_for_guests() -> bool:
    """True if nothing but `ziglang` could compile the guest programs."""
    return not os.environ.get("RISCV_CC") and not any(map(shutil.which, RISCV_COMPILERS))


def choose_compiler() -> None:
    """Set CC and LDSHARED in the environment for the build that follows."""
    found = compiler_environment()
    os.environ.update(zig_environment() if found is None else found)
