"""A real gdb with several processes in one session: fork, vfork, exec, their ends, and libraries in the guest."""

from __future__ import annotations

from pathlib import Path

import pytest

from rvsim.tests.guest import debug_program
from rvsim.tests.tools.gdb.driven import drive, line, needs_gdb

pytestmark = needs_gdb
PROGRAM = "gdb/gdb.c"
BOTH = ["set detach-on-fork off", "set schedule-multiple on"]


def test_the_child_runs_freely() -> None:
    seen = drive(["break add", "continue"], debug_program(PROGRAM), "forks")
    seen.in_order("Detaching after fork from child process 2", "Inferior 1 .* exited normally")
    assert seen.output == "child 7\n"
    assert not seen.count("Breakpoint 1, ")


def test_into_the_child() -> None:
    seen = drive(["set follow-fork-mode child", "break add", "continue", "backtrace", "continue"],
                 debug_program(PROGRAM), "forks")
    seen.in_order("Attaching after .* fork to child", r"hit Breakpoint 1, add \(left=3, right=4\)", r"in forks \(\)",
                  "Inferior 2 .* exited with code 07")
    assert seen.output == "child 7\n"


def test_both_sides_of_a_fork() -> None:
    seen = drive([*BOTH, "catch fork", "break add", f"break {line('/* parent */')}", "continue", "continue",
                  "info inferiors", "backtrace",
                  "print counter", "continue", "inferior 1", "continue", "print counter", "continue"],
                 debug_program(PROGRAM), "forks")
    seen.in_order(r"Catchpoint 1 \(forked process 2\)", "New inferior 2",
                  r"hit Breakpoint 2.*, add \(left=3, right=4\)",
                  "1 +process 1", r"\* 2 +process 2", r"in forks \(\)", r"\$1 = 100",
                  "Inferior 2 .* exited with code 07",
                  "Switching to inferior 1", "Breakpoint 3", r"\$2 = ", "Inferior 1 .* exited normally")
    assert seen.output == "child 7\n"


def test_one_side_stands_while_the_other_runs() -> None:
    seen = drive(["set detach-on-fork off", "break add", "continue", "info inferiors", "inferior 2", "continue",
                  "continue", "inferior 1", "continue"], debug_program(PROGRAM), "forks")
    seen.in_order("New inferior 2", "nothing can run any more", "Thread 1.1 .* received signal SIGINT",
                  r"\* 1 +process 1", "Switching to inferior 2", r"hit Breakpoint 1.2, add \(left=3, right=4\)",
                  "Inferior 2 .* exited with code 07", "Inferior 1 .* exited normally")


def test_vfork_and_exec() -> None:
    seen = drive([*BOTH, "catch vfork", "catch exec", "break add", "continue", "continue", "info inferiors", "continue",
                  "backtrace", "continue", "info inferiors"], debug_program(PROGRAM), "vforks", status=None)
    seen.in_order(r"Catchpoint 1 \(vforked process 2\)", "New inferior 2", "process 2 is executing new program: /gdb",
                  r"Catchpoint 2 \(exec'd /gdb-", r"\* 2 +process 2",
                  r"hit Breakpoint 3.*, add \(left=20, right=2\)", r"in main \(argc=2", "exited")


def test_a_vfork_that_gdb_does_not_follow() -> None:
    seen = drive(["break vforks", "continue", "next", "next", "next", "next", "continue"], debug_program(PROGRAM),
                 "vforks")
    seen.in_order("Breakpoint 1, vforks", "Detaching after vfork from child process 2", "exited normally")
    assert seen.output == "child 22\n"


def test_the_child_of_a_vfork_alone() -> None:
    seen = drive(["set follow-fork-mode child", "break add", "continue", "continue"], debug_program(PROGRAM), "vforks")
    seen.in_order("Attaching after .* vfork to child", "executing new program", r"add \(left=20, right=2\)",
                  "exited with code 026")
    assert seen.output == "child 22\n"


def test_kill_and_detach_one_of_two() -> None:
    seen = drive([*BOTH, "catch fork", "continue", "next", "kill inferiors 2", "info inferiors", "continue"],
                 debug_program(PROGRAM), "forks")
    seen.in_order("Catchpoint 1", r"2 +<null>", "Inferior 1 .* exited normally")
    assert seen.output == "child 0\n"
    seen = drive([*BOTH, "catch fork", "continue", "next", "detach inferiors 2", "info inferiors", "continue"],
                 debug_program(PROGRAM), "forks")
    seen.in_order("Catchpoint 1", r"Inferior 2 .* detached", "Inferior 1 .* exited normally")
    assert seen.output == "child 7\n"


def test_threads_come_and_go() -> None:
    seen = drive(["set debug remote 0", f"break {line('/* thread */')}", "continue", "info threads", "delete",
                  "continue"],
                 debug_program(PROGRAM), "threads")
    seen.in_order("New Thread 1.2", "Breakpoint 1, thread", "info threads|Thread 1.1", "exited normally")


def test_the_tutorials_processes() -> None:
    seen = drive(["info threads", "info inferiors", "x/i $pc", "stepi", "info registers pc", "kill"], "initproc",
                 options=("--abi", "rcore"), status=137)
    seen.in_order(r"Thread \d+\.\d+", "=> 0x", "killed")


ROOT = Path.home() / ".cache" / "rvsim" / "corpus" / "trixie-root"


@pytest.mark.skipif(not (ROOT / "bin/bash").exists(), reason="no Debian root: rvsim corpus fetch")
def test_libraries_of_the_guest() -> None:
    seen = drive(["set breakpoint pending on", "break write", "continue", "info sharedlibrary", "backtrace 3",
                  "info symbol $pc", "delete", "continue"], "/bin/bash", "-c", "echo hello",
                 options=("--root", str(ROOT), "--memory", "512M"))
    seen.in_order(r"Breakpoint 1, .*write.* from target:/.*libc\.so\.6", r"target:/.*ld-linux-riscv64",
                  r"target:/.*libc\.so\.6", r"#0 .*write", r"write.* in section \.text of target:/.*libc\.so\.6",
                  "exited normally")
    assert not seen.count("parsing target library list")
    assert seen.output == "hello\n"
