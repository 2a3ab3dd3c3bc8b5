"""A real gdb goes back: over instructions, calls, faults, signals, forks, and to the writes of watched bytes."""

from __future__ import annotations

import pytest

from rvsim.tests.guest import debug_program
from rvsim.tests.tools.gdb.driven import drive, interrupted, line, needs_gdb

pytestmark = needs_gdb
PROGRAM = "gdb/gdb.c"


def test_from_breakpoint_to_breakpoint() -> None:
    seen = drive(["break factorial", "continue", "continue", "continue", "reverse-continue", "reverse-continue",
                  "reverse-continue", "continue", "print number", "delete", "continue"], debug_program(PROGRAM),
                  "calls")
    seen.in_order("number=5", "number=4", "number=3", "number=4", "number=5", "No more reverse-execution history",
                  "_start", "number=5", r"\$1 = 5", "exited normally")
    assert seen.output == "125 2.5 before\n"


def test_instructions_lines_and_functions() -> None:
    seen = drive([f"break {line('%d %g')}", "continue", "reverse-next", "reverse-next", "reverse-next",
                  "print result", "reverse-stepi",
                  "break half", "reverse-continue", "reverse-finish", "reverse-step", "stepi", "delete", "continue"],
                 debug_program(PROGRAM), "calls")
    seen.in_order("Breakpoint 1, calls", r"double other = half", r"result \+= factorial", r"\$1 = 5", r"result = add",
                  "No more reverse|Breakpoint")
    assert seen.output == "125 2.5 before\n"


def test_to_the_writes_of_watched_bytes() -> None:
    seen = drive([f"break {line('return counter == 45')}", "continue", "watch counter", "reverse-continue", "print i",
                  "reverse-continue", "print i",
                  "continue", "print i", "kill"], debug_program(PROGRAM), "count", status=137)
    seen.in_order("Old value = 45", "New value = 36", r"\$1 = 9", "Old value = 36", "New value = 28", r"\$2 = 8",
                  "Old value = 28", "New value = 36", r"\$3 = 8")


def test_back_from_a_watched_write() -> None:
    seen = drive(["break count", "continue", "watch counter", "continue", "continue", "reverse-continue",
                  "reverse-continue", "continue", "kill"], debug_program(PROGRAM), "count", status=137)
    seen.in_order("New value = 1", "New value = 3", "Old value = 3", "New value = 1", "Old value = 1", "New value = 0",
                  "Old value = 0", "New value = 1")


def test_from_a_fault() -> None:
    seen = drive(["continue", "reverse-stepi", "reverse-finish", "continue", "continue"], debug_program(PROGRAM),
                 "fault", status=139)
    seen.in_order("SIGSEGV", r"in main \(", "SIGSEGV", "terminated with signal SIGSEGV")


def test_over_a_signal() -> None:
    seen = drive([f"break {line('caught %d')}", "handle SIGUSR1 nostop", "continue", "break handler",
                  "reverse-continue", "print signo",
                  "reverse-continue", "continue", "delete", "continue"], debug_program(PROGRAM), "signals")
    seen.in_order("Breakpoint 1, signals", r"Breakpoint 2, handler", r"\$1 = 10", "No more reverse", "Breakpoint 2")
    assert seen.output == "caught 1005\n"


def test_over_forks_with_both_sides() -> None:
    seen = drive(["set detach-on-fork off", "set schedule-multiple on", "break add", "continue", "reverse-continue",
                  "info threads", "continue", "backtrace", "reverse-stepi", "reverse-finish", "delete", "continue",
                  "inferior 1", "continue"], debug_program(PROGRAM), "forks")
    seen.in_order("New inferior 2", r"hit Breakpoint 1.2, add", "No more reverse-execution history", "_start",
                  r"hit Breakpoint 1.2, add \(left=3, right=4\)", r"in forks \(\)", "_exit", "exited with code 07",
                  "Inferior 1 .* exited normally")
    assert seen.output == "child 7\n"


def test_over_a_fork_whose_child_runs_freely() -> None:
    seen = drive([f"break {line('/* parent */')}", "continue", "reverse-next", "reverse-next", "reverse-next",
                  "print pid", "next", "next",
                  "continue"], debug_program(PROGRAM), "forks")
    assert seen.output == "child 7\n"
    assert seen.count("exited normally") == 1


def test_changes_hold_when_the_run_is_repeated() -> None:
    seen = drive(["break factorial", "continue", "set var number = 3", f"break {line('%d %g')}", "continue",
                  "reverse-continue",
                  "print number", "stepi", "print number", "delete", "continue"], debug_program(PROGRAM), "calls")
    seen.in_order("number=5", "number=2", r"Breakpoint 1, factorial \(number=", r"\$1 = 3", r"\$2 = 3")
    assert seen.output == "11 2.5 before\n"


def test_forward_anew_from_the_beginning() -> None:
    seen = drive(["set detach-on-fork off", "set schedule-multiple on", "break add", "continue", "watch counter",
                  "next", "set var counter = 7", "reverse-continue", "reverse-continue", "reverse-continue",
                  "reverse-continue", "delete", "continue", "inferior 1", "continue"], debug_program(PROGRAM), "forks")
    seen.in_order("No more reverse-execution history", "Inferior 2 .* exited with code 07", "exited normally")
    assert seen.output == "child 7\n"


def test_input_is_read_again() -> None:
    seen = drive(["break read", "continue", "finish", "print buf", "reverse-finish", "set var $t0 = 1", "continue"],
                 debug_program(PROGRAM), "reads", stdin="some text\n", early=True)
    assert seen.output == "read 10\n"


def test_no_way_back_with_the_hosts_clock() -> None:
    seen = drive(["break add", "continue", "reverse-stepi", "kill"], debug_program(PROGRAM), "calls",
                 options=("--clock", "host"), status=137)
    seen.in_order("Breakpoint 1, add", "does not support this command", "killed")


def test_a_watched_write_over_a_fork_calls_and_faults() -> None:
    """From the parent's write after the wait, back over the child's whole life to the beginning, and forth again."""
    seen = drive(["set detach-on-fork off", "set schedule-multiple on", "break add", "continue", "inferior 1",
                  "watch counter", "delete 1", "continue", "inferior 1", "continue", "print counter",
                  "reverse-continue", "reverse-continue", "info inferiors", "print counter", "delete", "continue",
                  "inferior 1", "continue"], debug_program(PROGRAM), "forks")
    seen.in_order("hit Breakpoint 1.2, add", "Switching to inferior 1", "exited with code 07",
                  "New value = 200", r"\$1 = 200", "Old value = 200", r"New value = 0", "No more reverse", r"\$2 = 0")
    assert seen.output == "child 7\n"


def test_a_watched_write_before_a_fault_and_a_signal() -> None:
    seen = drive(["continue", "watch text[0]", "reverse-continue", "continue", "continue"], debug_program(PROGRAM),
                 "fault", status=139)
    seen.in_order("SIGSEGV", "No more reverse", "SIGSEGV", "terminated with signal SIGSEGV")
    seen = drive(["handle SIGUSR1 nostop", f"break {line('caught %d')}", "continue", "watch caught",
                  "reverse-continue", "backtrace", "print caught", "stepi", "delete", "continue"],
                 debug_program(PROGRAM), "signals")
    seen.in_order("Breakpoint 1, signals", "Old value = 1005", "New value = 0", r"#0 .*handler",
                  "signal handler called", r"\$1 = 0")
    assert seen.output == "caught 1005\n"


def test_what_a_call_stored_is_found() -> None:
    """The kernel stored what `read` gave: the watch leads back to before the call."""
    seen = drive([f"break {line('read %ld')}", "continue", "watch line[0]", "reverse-continue", "x/2i $pc",
                  "delete", "continue"], debug_program(PROGRAM), "reads", stdin="some text\n",
                 early=True)
    seen.in_order("Breakpoint 1, reads", "Old value = 115 's'", r"New value = 0 '", "ecall", "exited normally")
    assert seen.output == "read 10\n"


def test_a_process_that_has_not_begun_yet() -> None:
    """It stays in the session, and what gdb asks of it is not there: that ends no command of gdb's."""
    seen = drive(["set detach-on-fork off", "set schedule-multiple on", "break add", "continue", "delete",
                  "reverse-continue", "info threads", "continue", "inferior 1", "continue"],
                 debug_program(PROGRAM), "forks")
    seen.in_order("hit Breakpoint 1.2, add", "No more reverse", r"\* 1.1 .*_start", r"2.1 .*<unavailable> in",
                  "Inferior 2 .* exited with code 07", "Inferior 1 .* exited normally")
    assert not seen.count("E01")
    assert seen.output == "child 7\n"


def test_back_from_a_child_whose_parent_gdb_has_let_go() -> None:
    """Before the fork there is only the parent: gdb sees it again."""
    seen = drive(["set follow-fork-mode child", "tbreak add", "continue", "reverse-continue", "info threads",
                  "print $pc", "kill"], debug_program(PROGRAM), "forks", status=None)
    seen.in_order("hit Temporary breakpoint 1, add", "No more reverse", "Thread 1",
                  r"\$1 = .*_start")
    assert not seen.count("E01")


def test_back_into_the_child_from_its_end() -> None:
    seen = drive(["set detach-on-fork off", "set schedule-multiple on", "break add", "continue", "watch counter",
                  "reverse-continue", "print counter", "reverse-stepi", "delete 2", "continue", "print counter",
                  "delete", "continue", "inferior 1", "continue"], debug_program(PROGRAM), "forks")
    seen.in_order("hit Breakpoint 1.2, add", "Old value = 100", "New value = 0", r"\$1 = 0", "hit Breakpoint 1.2, add",
                  r"\$2 = 100", "exited with code 07", "exited normally")
    assert seen.output == "child 7\n"


def test_back_from_where_it_computes() -> None:
    """Ctrl-C stops where a turn begins: one instruction before that ends another turn. What is watched there changes
    all the time, and the last change is near."""
    seen = drive([*interrupted(0.5), "continue", "print $pc", "reverse-stepi", "print $pc", "stepi", "print $pc",
                  "set var $now = counter", "watch counter", "reverse-continue", "print $now - counter", "delete",
                  "kill"], debug_program(PROGRAM), "spins", status=137)
    places = [shown.split()[-2] for shown in seen.lines(r"^\$\d = \(void")]
    assert len(places) == 3
    assert places[0] == places[2] != places[1]
    assert seen.count(r"^\$4 = 1$")


@pytest.mark.slow
def test_a_way_back_ends_when_somebody_wants_that() -> None:
    """Ctrl-C while it looks for what never was: it stands again where it stood."""
    seen = drive(["set can-use-hw-watchpoints 1", "tbreak spins", "continue", *interrupted(0.5), "continue",
                  "set var $there = $pc", "set var $then = counter", "awatch counter if counter == -5",
                  *interrupted(1.0), "reverse-continue", "print $pc == $there", "print $then - counter", "delete",
                  "kill"], debug_program(PROGRAM), "spins", status=137)
    assert seen.count("SIGINT") == 2
    assert seen.count(r"^\$1 = 1$")
    assert seen.count(r"^\$2 = 0$")
