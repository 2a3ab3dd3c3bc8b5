"""The guest library: its own cases, on the host's CPU and as a guest program."""

import shutil
import subprocess
from pathlib import Path

import pytest

from rvsim.tools import guest_build
from rvsim.tools.guest_build import USER_APPS

HERE = Path(__file__).parent
CASES = HERE / "library_test.c"
QEMU = shutil.which("qemu-riscv64-static") or shutil.which("qemu-riscv64")
COMMON = ("malloc", "memory", "number", "printf", "sort", "string")


def test_cases_on_the_host(tmp_path: Path) -> None:
    """Under the host's sanitizers, where memory errors show."""
    flags = [
        "-O1", "-g", "-ffreestanding", "-fno-builtin", "-fsanitize=undefined", "-fno-sanitize-recover=all",
        "-include", str(HERE / "host_names.h"), f"-I{USER_APPS / 'include'}", f"-I{USER_APPS / 'lib'}",
        *(str(USER_APPS / "lib/common" / f"{name}.c") for name in COMMON), str(HERE / "host_abi.c"),
    ]  # fmt: skip
    if not shutil.which("cc"):
        pytest.skip("no host compiler")
    program = guest_build.compile_host(CASES, tmp_path / "library_test", flags)
    done = subprocess.run([program], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "library passed\n", "")


@pytest.mark.skipif(QEMU is None, reason="no qemu-riscv64")
def test_cases_as_a_guest(tmp_path: Path) -> None:
    assert QEMU
    program = guest_build.compile_program([CASES], tmp_path / "library_test", "linux")
    done = subprocess.run([QEMU, program], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "library passed\n", "")
