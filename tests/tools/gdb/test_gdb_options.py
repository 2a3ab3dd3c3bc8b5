"""gdb together with what else a run can be asked for: snapshots, traces; and what gdb itself writes."""

from __future__ import annotations

from pathlib import Path

from rvsim.tests.guest import debug_program
from rvsim.tests.tools.gdb.driven import drive, needs_gdb
from rvsim.tools.cli import main

pytestmark = needs_gdb
PROGRAM = "gdb/gdb.c"


def test_save_and_restore(tmp_path: Path) -> None:
    file = tmp_path / "machine"
    seen = drive(["break sleeps", "continue", "reverse-stepi", "run", "continue"], debug_program(PROGRAM), "sleeps",
                 options=("--save", str(file)), target="extended-remote", before=("set confirm off",), status=None)
    seen.in_order("Breakpoint 1, sleeps", "does not support this command", "failed")
    seen = drive(["break sleeps", "continue", "continue"], debug_program(PROGRAM), "sleeps",
                 options=("--save", str(file)))
    seen.in_order("Breakpoint 1, sleeps", "exited normally")
    seen = drive(["break printf", "continue", "backtrace", "reverse-continue", "delete", "run", "continue"],
                 options=("--restore", str(file)), target="extended-remote")
    seen.in_order("Breakpoint 1, .*printf", r"in sleeps \(\)", "No more reverse", "exited normally")
    assert seen.output == "slept\n"


def test_a_trace_is_that_of_a_run_without_gdb(tmp_path: Path) -> None:
    program, alone, along = debug_program(PROGRAM), tmp_path / "alone", tmp_path / "along"
    assert main(["run", "--clock", "virtual", "--trace", str(alone), str(program), "calls"]) == 0
    seen = drive(["break half", "continue", "stepi 5", "delete", "continue"], program, "calls",
                 options=("--trace", str(along)))
    seen.in_order("Breakpoint 1, half", "exited normally")
    assert main(["trace", "--compare", str(alone), str(along)]) == 0


def test_conditions_are_looked_at_by_the_target() -> None:
    seen = drive(["break gdb.c:43 if i == 7", "break factorial if $a0 == 3", "set debug remote 1", "continue",
                  "set debug remote 0", "info breakpoints", "print i", "print counter", "kill"],
                 debug_program(PROGRAM), "count", status=137)
    seen.in_order("T05", r"^count \(\)", "target evals", r"\$1 = 7", r"\$2 = 28")
    assert seen.count("Packet received: T05") == 1


def test_conditions_that_gdb_has_no_bytecode_for_or_that_are_wrong() -> None:
    seen = drive(["break half if value == 5.0", "break factorial if *(int *) 16 == 3", "continue", "delete 2",
                  "continue", "kill"], debug_program(PROGRAM), "calls", status=137)
    seen.in_order("Error in testing breakpoint condition|Cannot access memory", "Breakpoint 2, factorial",
                  "Breakpoint 1, half")


def test_a_core_file(tmp_path: Path) -> None:
    """gdb writes it from what it is told; that gdb 13 on x86-64 gives the registers of a RISC-V thread too little room
    in it is not in our hands, so its memory, threads and auxiliary vector are looked at."""
    core = tmp_path / "core"
    seen = drive(["break add", "continue", f"generate-core-file {core}", "info mem", "kill"], debug_program(PROGRAM),
                 "threads", status=137)
    seen.in_order(f"Saved corefile {core}", "no memory regions defined")
    data = core.read_bytes()
    assert data[:4] == b"\x7fELF"
    assert data[16] == 4            # ET_CORE
    assert data[18] == 243          # EM_RISCV
    assert debug_program(PROGRAM).name.encode() in data
    assert b"before\0" in data

