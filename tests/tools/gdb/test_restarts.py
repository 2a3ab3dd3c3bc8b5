"""`target extended-remote`: a real gdb runs the program again, kills it, attaches to its processes."""

from __future__ import annotations

from rvsim.tests.guest import debug_program
from rvsim.tests.tools.gdb.client import client
from rvsim.tests.tools.gdb.driven import drive, needs_gdb

pytestmark = needs_gdb
PROGRAM = "gdb/gdb.c"


def test_the_same_program_from_its_beginning() -> None:
    seen = drive(["break add", "continue", "run", "print left", "set var left = 40", "continue", "run", "print left",
                  "reverse-continue", "continue", "print left", "delete", "continue"], debug_program(PROGRAM), "calls",
                 target="extended-remote")
    seen.in_order(r"hit|Breakpoint 1, add \(left=2", r"Breakpoint 1, add \(left=2", r"\$1 = 2", "exited normally",
                  r"Breakpoint 1, add \(left=2", r"\$2 = 2", "No more reverse", r"\$3 = 2", "exited normally")
    assert seen.output == "163 2.5 before\n125 2.5 before\n"


def test_with_other_arguments() -> None:
    seen = drive(["run ends", "run", "run forks", "info inferiors"], debug_program(PROGRAM), "calls",
                 target="extended-remote")
    seen.in_order("exited with code 026", "exited with code 026", "exited normally", "<null>")
    assert seen.output == "child 7\n"


def test_its_input_comes_again() -> None:
    seen = drive(["continue", "run", "continue"], debug_program(PROGRAM), "reads", stdin="some text\n", early=True,
                 target="extended-remote")
    assert seen.count("exited normally") == 2
    assert seen.output == "read 10\nread 10\n"


def test_with_the_hosts_clock() -> None:
    seen = drive(["break add", "continue", "run", "delete", "continue", "kill"], debug_program(PROGRAM), "calls",
                 target="extended-remote", options=("--clock", "host"))
    seen.in_order("Breakpoint 1, add", "Breakpoint 1, add", "exited normally", "not being run")
    assert seen.output == "125 2.5 before\n"


def test_kill_and_run() -> None:
    seen = drive(["kill", "info inferiors", "monitor ps", "run", "break half", "run", "kill"], debug_program(PROGRAM),
                 "calls", target="extended-remote", status=137)
    seen.in_order("killed", "<null>", "exited normally", "Breakpoint 1, half", "killed")


def test_attach_to_a_child() -> None:
    seen = drive(["break forks", "continue", "next", "next", "add-inferior", "inferior 2", "attach 2",
                  "info inferiors", "backtrace 1", "detach", "inferior 1", "continue"], debug_program(PROGRAM), "forks",
                 target="extended-remote")
    seen.in_order("Detaching after fork from child process 2", r"\* 2 +process 2", "#0 +_?[Ff]ork", "detached",
                  "exited normally")
    assert not seen.count("Unknown signal")
    assert seen.output == "child 7\n"


def test_what_a_client_may_not_run() -> None:
    name = debug_program(PROGRAM).name.encode()
    with client("ends") as (gdb, _):
        assert gdb.ask(b"vRun;") == b"E01"          # only after `!`
        assert gdb.ask(b"R00") == b""
        assert gdb.ask(b"!") == b"OK"
        assert gdb.ask(b"vRun;%s" % b"/etc/passwd".hex().encode()) == b"E01"
        assert gdb.ask(b"vRun;zz") == b"E01"
        assert gdb.ask(b"vRun;%s" % (b"/" + name).hex().encode()).startswith(b"T05")
        assert gdb.ask(b"vCont;c") == b"W16;process:1"
        gdb.send(b"R00")
        assert gdb.ask(b"?").startswith(b"T05")
        assert gdb.ask(b"vCont;c") == b"W16;process:1"
