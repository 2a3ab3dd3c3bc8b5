"""Coverage of programs, libraries and machines: what is attached, merged, restored, and of which file the code is."""

from __future__ import annotations

import contextlib
import json
import pickle
import shutil
import subprocess
from pathlib import Path, PurePosixPath
from typing import Any

import pytest

from rvsim.emu.console import CapturedConsole
from rvsim.guest_os.abi.errno import EEXIST
from rvsim.guest_os.boot import Share
from rvsim.guest_os.snapshot import Snapshot, restore, take
from rvsim.guest_os.vfs.entries import mkdir
from rvsim.tests.guest import GLIBC_CC, TIMEOUT_S, compiled, make, nothing_left
from rvsim.tools.coverage import Coverage

OBJCOPY = shutil.which("riscv64-linux-gnu-objcopy")
LIBRARIES = Path("/usr/riscv64-linux-gnu/lib")
needs_gcc = pytest.mark.skipif(GLIBC_CC is None, reason="needs gcc for riscv64")


def branches() -> Path:
    return compiled("coverage/branches.c", str(GLIBC_CC), "-O0", "-g", "-static", "-pthread", "-w")


def run(program: Path, *arguments: str, coverage: Coverage | None = None, install: dict[bytes, bytes] | None = None,
        **config: Any) -> tuple[Coverage, int, int]:
    """(coverage, exit status, ticks) of a run in a new machine."""
    coverage, machine = coverage or Coverage(), make(CapturedConsole(), **config)
    for path, data in (install or {}).items():
        for folder in reversed(PurePosixPath(path.decode()).parents[:-1]):
            with contextlib.suppress(EEXIST):
                mkdir(machine.context, machine.cred, bytes(folder), 0o755)
        machine.install(path, data)
    with coverage.attached(machine):
        status = machine.run(bytes(program), [bytes(program), *(word.encode() for word in arguments)])
    nothing_left(machine)
    return coverage, status, machine.hart.ticks


def lines(coverage: Coverage, name: str) -> dict[int, int]:
    path, = (path for path in coverage.report.sources if path.endswith(f"/{name}"))
    return coverage.report.sources[path].lines


@needs_gcc
def test_a_machine_runs_as_if_nobody_looked() -> None:
    machine = make(CapturedConsole())
    machine.run(bytes(branches()), [bytes(branches())])
    assert run(branches())[1:] == (7, machine.hart.ticks)


@needs_gcc
def test_two_cases_make_one_coverage(tmp_path: Path) -> None:
    source = tmp_path / "choose.c"
    source.write_text("int main(int argc, char **argv) {\n(void)argv;\nif (argc > 1)\nreturn 3;\nreturn 4;\n}\n")
    program = tmp_path / "choose"
    subprocess.run([str(GLIBC_CC), "-O0", "-g", "-static", source, "-o", program], check=True)
    first, status, _ = run(program)
    assert status == 4
    assert (lines(first, "choose.c")[4], lines(first, "choose.c")[5]) == (0, 1)
    second, status, _ = run(program, "x")
    assert status == 3
    assert (lines(second, "choose.c")[4], lines(second, "choose.c")[5]) == (1, 0)

    together, _, _ = run(program)
    run(program, "x", coverage=together)
    assert (lines(together, "choose.c")[4], lines(together, "choose.c")[5]) == (1, 1)
    first.merge(pickle.loads(pickle.dumps(second)))
    assert first.to_lcov() == together.to_lcov()
    assert Coverage.from_data(json.loads(json.dumps(first.to_data()))).to_lcov() == together.to_lcov()


@needs_gcc
def test_a_machine_has_one_coverage_at_a_time() -> None:
    machine, coverage = make(CapturedConsole()), Coverage()
    with coverage.attached(machine), pytest.raises(ValueError, match="already"):
        Coverage().attach(machine)
    assert machine.hart.cover is None


@needs_gcc
def test_after_a_snapshot_only_what_runs_then(tmp_path: Path) -> None:
    source = tmp_path / "later.c"
    source.write_text("#include <unistd.h>\n"
                      "int main(void) {\nint x = 1;\nx += 1;\nusleep(1000);\nx += 2;\nreturn x;\n}\n")
    program = tmp_path / "later"
    subprocess.run([str(GLIBC_CC), "-O0", "-g", "-static", source, "-o", program], check=True)
    machine = make(CapturedConsole())
    kept: list[Snapshot] = []
    scheduler = machine.kernel.scheduler

    def look() -> None:
        if not kept and not scheduler.runnable:
            kept.append(take(machine))

    scheduler.at_rest = look
    assert machine.run(bytes(program), [bytes(program)]) == 4
    again, coverage = restore(kept[0], CapturedConsole(), timeout_ns=TIMEOUT_S * 10**9), Coverage()
    with coverage.attached(again):
        assert again.finish() == 4
    ran = lines(coverage, "later.c")
    assert (ran[3], ran[4], ran[6], ran[7]) == (0, 0, 1, 1)


@pytest.mark.skipif(GLIBC_CC is None or not LIBRARIES.is_dir(), reason="needs glibc for riscv64")
def test_a_library_that_is_opened_late(tmp_path: Path) -> None:
    """Of a library that is mapped, closed, and mapped again elsewhere, the code is that of its file."""
    (tmp_path / "lib.c").write_text("int one(int x) {\nif (x)\nreturn 1;\nreturn 2;\n}\n"
                                    "int two(void) {\nreturn 5;\n}\n")
    (tmp_path / "main.c").write_text("""#include <dlfcn.h>
#include <sys/mman.h>
int main(void) {
    int sum = 0;
    for (int turn = 0; turn < 2; turn++) {
        void *library = dlopen("/lab/lib.so", RTLD_NOW);
        int (*one)(int) = (int (*)(int))dlsym(library, "one");
        sum += one(turn);
        dlclose(library);
        mmap(0, 1 << 20, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    }
    return sum;
}
""")
    for flags in (["-shared", "-fPIC", "lib.c", "-o", "lib.so"], ["main.c", "-o", "main"]):
        subprocess.run([str(GLIBC_CC), "-O0", "-g", *flags], cwd=tmp_path, check=True)
    coverage, status, _ = run(
        tmp_path / "main", shares=(Share(bytes(LIBRARIES), b"/lib", True), Share(bytes(tmp_path), b"/lab", True)))
    assert status == 3
    ran = lines(coverage, "lib.c")
    assert (ran[2], ran[3], ran[4], ran[7]) == (1, 1, 1, 0)
    assert all(lines(coverage, "main.c")[number] for number in (4, 6, 7, 8, 9, 12))
    assert any(path.startswith("/lib/libc.so") and plain.functions["dlopen"]
               for path, plain in coverage.report.plain.items())


@needs_gcc
def test_inlined_functions(tmp_path: Path) -> None:
    source = tmp_path / "inlined.c"
    source.write_text("""#include <stdlib.h>
static inline __attribute__((always_inline)) int used(int x) {
    return rand() + x;
}
static inline __attribute__((always_inline)) int unused(int x) {
    return rand() - x;
}
int main(int argc, char **argv) {
    (void)argv;
    if (argc > 3)
        return unused(argc) == 12345;
    return used(argc) == 12345;
}
""")
    program = tmp_path / "inlined"
    subprocess.run([str(GLIBC_CC), "-O2", "-g", "-static", source, "-o", program], check=True)
    coverage, _, _ = run(program)
    path, = (path for path in coverage.report.sources if path.endswith("/inlined.c"))
    found = coverage.report.sources[path]
    assert {name: count for name, (_, count) in found.functions.items()} == {"main": 1, "used": 1, "unused": 0}
    assert (found.lines[3], found.lines[6]) == (1, 0)


@pytest.mark.skipif(GLIBC_CC is None or OBJCOPY is None, reason="needs gcc and binutils for riscv64")
@pytest.mark.parametrize("way", ["build-id", "debuglink", "none", "another's"])
def test_where_the_dwarf_is_in_another_file(way: str, tmp_path: Path) -> None:
    program = tmp_path / "p"
    source = branches().parent / "branches.c"
    subprocess.run([str(GLIBC_CC), "-O0", "-g", "-static", "-Wl,--build-id=0x1234567890", "-w", "-o", program,
                    Path(__file__).parents[2] / "guests" / "coverage" / source.name], check=True)
    subprocess.run([str(OBJCOPY), "--only-keep-debug", "p", "p.debug"], cwd=tmp_path, check=True)
    link = ["--add-gnu-debuglink=p.debug"] if way in ("debuglink", "another's") else []
    subprocess.run([str(OBJCOPY), "--strip-debug", *link, "p"], cwd=tmp_path, check=True)
    debug = (tmp_path / "p.debug").read_bytes()
    place = {"build-id": b"/usr/lib/debug/.build-id/12/34567890.debug", "debuglink": b"/p.debug",
             "another's": b"/p.debug"}.get(way)
    install = {} if place is None else {place: debug + b"!" if way == "another's" else debug}
    coverage, status, _ = run(program, install=install)
    assert status == 7
    if way in ("build-id", "debuglink"):
        full, _, _ = run(branches())
        assert lines(coverage, "branches.c") == lines(full, "branches.c")
    else:
        plain, = coverage.report.plain.values()
        assert not coverage.report.sources
        assert plain.functions["main"]
        assert plain.functions["classify"]
        assert not plain.functions["never_called"]


@needs_gcc
def test_code_that_a_program_made_is_nobodys(tmp_path: Path) -> None:
    source = tmp_path / "jit.c"
    source.write_text("""#include <string.h>
#include <sys/mman.h>
int main(void) {
    unsigned code[] = {0x02a00513, 0x00008067};     /* li a0, 42; ret */
    int *page = mmap(0, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    memcpy(page, code, sizeof code);
    __builtin___clear_cache((char *)page, (char *)page + 4096);
    return ((int (*)(void))page)();
}
""")
    program = tmp_path / "jit"
    subprocess.run([str(GLIBC_CC), "-O0", "-g", "-static", "-w", source, "-o", program], check=True)
    coverage, status, _ = run(program)
    assert status == 42
    assert all(lines(coverage, "jit.c").values())
