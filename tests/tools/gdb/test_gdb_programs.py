"""A real gdb looks at one process: stops, values, calls, signals, watched bytes, threads."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from rvsim.tests.guest import debug_program, musl_program
from rvsim.tests.tools.gdb.driven import drive, interrupted, line, needs_gdb

pytestmark = needs_gdb
PROGRAM = "gdb/gdb.c"


def test_functions_and_values() -> None:
    seen = drive(["break add", "continue", "backtrace", "info args", "finish", "print pair", "print pair.right * 2",
                  "set var pair.left = 9", "print pair", "print text", "x/3i $pc", "info frame", "continue"],
                 debug_program(PROGRAM), "calls")
    seen.in_order(r"Breakpoint 1, add \(left=2, right=3\)", r"#1 .* in calls \(\)", r"#2 .* in main \(argc=2",
                  "left = 2", "Value returned is .* = 5", "{left = 3, right = 1.5}", "= 3$", "{left = 9, right = 1.5}",
                  '"before"', r"=> 0x.* <calls\+", "Saved registers", "exited normally")
    assert seen.output == "125 2.5 before\n"


def test_steps() -> None:
    seen = drive(["break calls", "continue", "step", "next", "next", "next", "stepi", "nexti",
                  f"advance {line('%d %g')}", "kill"],
                 debug_program(PROGRAM), "calls", status=137)
    seen.in_order("Breakpoint 1, calls", r"add \(left=2, right=3\)", "return sum", r"^calls \(\)", "half", "^0x.*half",
                  "^0x.*half", "printf", "killed")


def test_conditions() -> None:
    seen = drive([f"break {line('/* count */')} if i == 7", "continue", "print i", "print counter",
                  f"tbreak {line('return counter == 45')}", "continue",
                  "hbreak half", "info breakpoints", "continue"], debug_program(PROGRAM), "count")
    seen.in_order("Breakpoint 1, count", r"= 7$", r"= 21$", "Temporary breakpoint 2", "hw breakpoint",
                  "exited normally")


def test_a_hardware_breakpoint() -> None:
    seen = drive(["hbreak half", "continue", "print value", "continue"], debug_program(PROGRAM), "calls")
    seen.in_order("Breakpoint 1, half", "= 5$", "exited normally")


def test_calls_of_functions() -> None:
    seen = drive(["break calls", "continue", "print add(40, 2)", "print half(3.0)", "print factorial(6)",
                  "print (long) strlen(\"hello\")", "print $fcsr", "delete", "continue"],
                 debug_program(PROGRAM), "calls")
    seen.in_order(r"\$1 = 42$", r"\$2 = 1.5$", r"\$3 = 720$", r"\$4 = 5$", r"\$5 = ")
    assert seen.output == "125 2.5 before\n"


def test_a_call_that_hits_a_breakpoint() -> None:
    seen = drive(["break calls", "continue", "break *add", "print add(1, 2)", "backtrace", "delete", "finish",
                  "continue"],
                 debug_program(PROGRAM), "calls")
    seen.in_order(r"Breakpoint 2, .*add", "stopped while in a function called from GDB",
                  "#1 *<function called from gdb>")
    assert seen.output == "125 2.5 before\n"


def test_registers() -> None:
    seen = drive(["info registers pc fcsr", "print $cycle == 0", "print $time >= 0", "print $instret >= 0",
                  "print $fa0",
                  "info all-registers", "set var $t0 = 0x123456789abcdef0", "print/x $t0", "set var $fcsr = 0x61",
                  "print $frm", "set var $fa0.double = 2.5", "print $fa0.double", "set var $zero = 5", "print $zero",
                  "continue"], debug_program(PROGRAM), "calls")
    seen.in_order("pc .* <_start>", "fcsr .* 0x0", r"\$1 = 1", r"\$2 = 1", r"\$3 = 1", "ft11 ", "instret",
                  "= 0x123456789abcdef0", "= 3", r"= 2.5", r"= 0$")


def test_watched_bytes() -> None:
    seen = drive(["break count", "continue", "watch counter", "continue", "continue", "delete 2",
                  "rwatch read_only_so_far",
                  "awatch text[0]", "continue", "continue", "continue"], debug_program(PROGRAM), "count")
    seen.in_order("Old value = 0", "New value = 1", "Old value = 1", "New value = 3", r"watchpoint 4: text\[0\]",
                  "Old value = 98 'b'", "New value = 66 'B'", "read watchpoint 3: read_only_so_far", "Value = 7",
                  "exited normally")


def test_a_fault() -> None:
    seen = drive(["continue", "print $_siginfo.si_signo", "print $_siginfo._sifields._sigfault.si_addr", "continue"],
                 debug_program(PROGRAM), "fault", status=139)
    seen.in_order("SIGSEGV", r"/\* fault \*/", r"\$1 = 11", r"\(void \*\) 0x10",
                  "Program terminated with signal SIGSEGV")


@pytest.mark.parametrize(("commands", "caught"), [
    (["continue", "continue"], 1005), (["continue", "signal 0"], 0), (["continue", "signal SIGUSR2"], 1200),
    (["handle SIGUSR1 nostop noprint", "continue"], 1005), (["handle SIGUSR1 nopass", "continue", "continue"], 0),
    (["continue", "set var $_siginfo._sifields._rt.si_sigval.sival_int = 7", "continue"], 1007),
])
def test_signals(commands: list[str], caught: int) -> None:
    seen = drive(commands, debug_program(PROGRAM), "signals")
    assert seen.count("received signal SIGUSR1") == ("nostop" not in commands[0])
    assert seen.output == f"caught {caught}\n"


def test_a_signal_out_of_nothing() -> None:
    seen = drive(["break handler", "break printf", "continue", "continue", "signal SIGUSR2", "print signo", "delete",
                  "continue"], debug_program(PROGRAM), "signals")
    seen.in_order("received signal SIGUSR1", "Breakpoint 1, handler", r"\$1 = 10|Breakpoint 1, handler")


def test_threads() -> None:
    seen = drive(["break add", "continue", "info threads", "thread apply all backtrace 1", "thread 1", "backtrace 1",
                  "continue", "continue", "delete", "continue"], debug_program(PROGRAM), "threads")
    assert seen.count(r"^Thread \d \"gdb-debug-\w+\" hit Breakpoint 1, add|hit Breakpoint 1, add") == 3
    assert seen.count("waits in futex") >= 1
    assert seen.output == "6\n"


def test_one_thread_alone() -> None:
    seen = drive(["break thread", "continue", "delete", "set scheduler-locking on", "stepi 20", "next", "info threads",
                  "next", "set scheduler-locking off", "continue"], debug_program(PROGRAM), "threads")
    seen.in_order("hit Breakpoint 1, thread", r"\* 2 ", "__clone", "exited normally")
    assert seen.output == "6\n"


@pytest.mark.parametrize("options", [(), ("--clock", "host")])
@pytest.mark.parametrize("part", ["spins", "reads"])
def test_ctrl_c(part: str, options: tuple[str, ...]) -> None:
    seen = drive([*interrupted(), "continue", "info threads", "print add(1, 2)", "delete", "kill"],
                 debug_program(PROGRAM), part, options=options, stdin="some text\n", status=137)
    seen.in_order("received signal SIGINT", r"in spins \(\)" if part == "spins" else "__syscall", r"\$1 = 3", "killed")


def test_ctrl_c_while_it_sleeps() -> None:
    seen = drive([*interrupted(), "continue", "backtrace", "print add(1, 2)", "kill"], debug_program(PROGRAM), "sleeps",
                 options=("--clock", "host"), status=137)
    seen.in_order("received signal SIGINT", r"in sleeps \(\)", r"\$1 = 3", "killed")


def test_questions_to_the_kernel() -> None:
    program = debug_program(PROGRAM)
    seen = drive(["break calls", "continue", "info auxv", "info proc", "info proc mappings", "info os processes",
                  "info inferiors", "monitor help", "monitor ps", "monitor maps", "monitor fds", "monitor sched",
                  "monitor walk $sp", "monitor trap", "monitor nonsense", "info os threads", "continue"], program,
                  "calls")
    name = re.escape(program.name)
    seen.in_order("AT_PHDR .*0x", "AT_EXECFN .*/" + name, "process 1", f"cmdline = '.*{name} calls'", "cwd = '/'",
                  f"exe = '/{name}'", r"r-xp .*/" + name, r"\[stack\]", f"1 +0 +.*{name} calls", "process 1",
                  "monitor ps", "1 +1 +0 R .*gdb-debug", r"r-xp", r"\[stack\]", r"^ +1 ", "runs +pid 1 ",
                  "level|leaf|PTE",
                  "does not stand at a trap", "there is no command 'nonsense'", "exited normally")


def test_what_is_there_while_it_runs_freely() -> None:
    seen = drive(["break add", "continue", "detach"], debug_program(PROGRAM), "calls")
    assert seen.output == "125 2.5 before\n"


def test_ticks_and_output_are_those_of_a_run_without_gdb() -> None:
    program = musl_program("stepped.c")
    alone = subprocess.run([sys.executable, "-c", "import sys; from rvsim.tools.cli import main; sys.exit(main())",
                            "run", "--stats", program], capture_output=True, text=True, check=True, timeout=60,
                           env={"PYTHONPATH": ":".join(filter(None, sys.path)), "PATH": "/usr/bin:/bin"})
    seen = drive(["handle SIGUSR1 nostop noprint", "break straight", "continue 20", "watch watched[1]", "continue",
                  "continue", "delete", "stepi 100", "break clocks", "continue", "finish", "delete", "continue"],
                 program, options=("--stats",))
    assert seen.count(r"Breakpoint \d, |Old value") >= 3
    assert seen.output == alone.stdout
    ticks = r"\d+ ticks|ticks.*\d+"
    assert re.findall(ticks, seen.errors) == re.findall(ticks, alone.stderr) != []
