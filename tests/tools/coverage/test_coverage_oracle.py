"""Lines that ran and lines that did not, as gcov counts them.

The oracle is gcov (gcc's `--coverage`, -O0) of the same program on the host; ours comes from the same source compiled
for the guest without it. The two do not name quite the same lines (gcov counts a function at its name, DWARF at its
brace), so those are compared that both know, and they must be most.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from rvsim.emu.console import CapturedConsole
from rvsim.tests.guest import GLIBC_CC, GUESTS, compiled, debug_program, make
from rvsim.tools.coverage import Coverage

GCC, GCOV = shutil.which("gcc"), shutil.which("gcov")
PROGRAMS = {"branches": 7, "signals": 0, "tasks": 0}
CALLED = {
    "branches": {"classify", "name", "find", "short_circuit", "leaves_early", "jumps", "main"},
    "signals": {"on_fault", "on_user", "reads", "jumps", "faults_at_first", "main"},
    "tasks": {"only_in_the_child", "work", "in_another_program", "start", "main"},
}


def by_gcov(source: Path, folder: Path, status: int) -> dict[int, bool]:
    """Whether each line ran, by number."""
    subprocess.run([str(GCC), "-O0", "--coverage", "-pthread", source, "-o", "program"], cwd=folder, check=True)
    done = subprocess.run([folder / "program"], cwd=folder, check=False, stdout=subprocess.DEVNULL, timeout=60)
    assert done.returncode == status
    notes = next(folder.glob("*.gcda"))
    text = subprocess.run([str(GCOV), "--stdout", "--json-format", notes], cwd=folder, check=True,
                          capture_output=True).stdout
    file, = json.loads(text)["files"]
    return {line["line_number"]: line["count"] > 0 for line in file["lines"]}


def covered(program: Path, status: int) -> Coverage:
    machine = make(CapturedConsole())
    coverage = Coverage()
    with coverage.attached(machine):
        assert machine.run(bytes(program), [bytes(program)]) == status
    return coverage


@pytest.mark.skipif(GCC is None or GCOV is None, reason="needs gcc and gcov")
@pytest.mark.parametrize("compiler", ["gcc", "clang"])
@pytest.mark.parametrize("name", PROGRAMS)
def test_lines(name: str, compiler: str, tmp_path: Path) -> None:
    source, status = GUESTS / "coverage" / f"{name}.c", PROGRAMS[name]
    if compiler == "gcc":
        if GLIBC_CC is None:
            pytest.skip("needs gcc for riscv64")
        program = compiled(f"coverage/{name}.c", GLIBC_CC, "-O0", "-g", "-static", "-pthread", "-w")
    else:
        program = debug_program(f"coverage/{name}.c")
    coverage = covered(program, status)
    path, = (path for path in coverage.report.sources if path.endswith(f"/{name}.c"))
    ours = {line: count > 0 for line, count in coverage.report.sources[path].lines.items()}
    expected = by_gcov(source, tmp_path, status)
    for number, text in enumerate(source.read_text().splitlines(), 1):
        if re.search(r"gcov is wrong: did not run", text):
            expected[number] = False
    both = sorted(ours.keys() & expected.keys())
    assert {line: ours[line] for line in both} == {line: expected[line] for line in both}
    assert len(both) > 0.7 * len(expected)
    assert {name for name, (_, count) in coverage.report.sources[path].functions.items() if count} == CALLED[
        source.stem]
