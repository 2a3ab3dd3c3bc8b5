"""Every guest program by itself on the machine: what it must show, and how it must end."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from rvsim.emu.console import CapturedConsole
from rvsim.guest_os.abi.fcntl import O_CREAT, O_WRONLY
from rvsim.guest_os.boot import Machine, MachineConfig
from rvsim.guest_os.vfs.open import open_file
from rvsim.tools import guest_build

FAULT, ILLEGAL = 254, 253  # the tutorial's exit codes -2 and -3, as rvsim's own exit status
LOST_UPDATES = 1
TEXT = b"one two\nthree\n"


@dataclass(frozen=True)
class Ran:
    """How a program ended, and what it printed."""

    status: int
    output: str
    errors: str


def run(*command: str, stdin: bytes = b"") -> Ran:
    """Run a program as the first process; /text holds TEXT. Everything must be given back afterwards."""
    console = CapturedConsole(stdin)
    machine = Machine(MachineConfig(timeout_ns=100_000_000_000), console)
    file = open_file(machine.context, machine.cred, b"/text", O_CREAT | O_WRONLY, 0o644)
    file.write(TEXT)
    file.put()
    status = machine.run(command[0].encode(), [word.encode() for word in command])
    assert machine.kernel.tasks == 0
    return Ran(status, console.output.decode(), console.errors.decode())


def pattern(text: str) -> Callable[[str], object]:
    """The whole output, as a regular expression."""
    return re.compile(text, re.DOTALL).fullmatch


def lines(*expected: str) -> Callable[[str], object]:
    """These lines in this order, each a regular expression, and nothing else."""
    return pattern("".join(line + "\n" for line in expected))


def any_order(last: str, *expected: str) -> Callable[[str], object]:
    """These lines in any order, then `last`."""
    return lambda output: sorted(output.splitlines()) == sorted((*expected, last)) and output.endswith(last + "\n")


def exactly(expected: str) -> Callable[[str], object]:
    """The output to the letter."""
    return lambda output: output == expected


def adds_up(name: str, total: int) -> Callable[[str], object]:
    return lines(rf"{name}: counted {total} of {total} in \d+ ms: no update was lost\.")


def loses(name: str) -> Callable[[str], object]:
    return lines(rf"{name}: counted \d+ of \d+ in \d+ ms: updates were lost\.")


def forktest(output: str) -> bool:
    shown = output.splitlines()
    children = {f"I am child {number}." for number in range(30)}
    pids = [line for line in shown if re.fullmatch(r"forked child pid = \d+\.", line)]
    return children <= set(shown) and len(set(pids)) == 30 and shown[-1] == "forktest passed." and len(shown) == 61


def forktest2(output: str) -> bool:
    shown = output.splitlines()
    slept = sorted(int(text) for text in re.findall(r"^pid \d+ sleeps for (\d+) ms\.$", output, re.MULTILINE))
    woken = re.findall(r"^pid (\d+) woke up\.$", output, re.MULTILINE)
    return (slept == list(range(40, 1201, 40)) and len(set(woken)) == 30
            and shown[-1] == "they ended in the order of their alarms. forktest2 passed.")


def forktree(output: str) -> bool:
    nodes = re.findall(r'^pid \d+: "([01]*)"$', output, re.MULTILINE)
    tree = {format(number, f"0{depth}b") if depth else "" for depth in range(5) for number in range(1 << depth)}
    return set(nodes) == tree and len(nodes) == 31 and output.endswith("forktree passed.\n")


def matrix(output: str) -> bool:
    running = Counter(re.findall(r"^pid (\d+) is running \(\d+ times\)\.$", output, re.MULTILINE))
    done = Counter(re.findall(r"^pid (\d+) is done\.$", output, re.MULTILINE))
    return len(running) == 30 and running == done and output.endswith("matrix passed.\n")


def threads(passed: str) -> Callable[[str], object]:
    def check(output: str) -> bool:
        ends = re.findall(r"^thread (\d) exited with code (\d)\.$", output, re.MULTILINE)
        letters = output.replace(passed, "").translate(str.maketrans("", "", "\n"))
        letters = re.sub(r"thread \d exited with code \d\.", "", letters)
        return ends == [("1", "1"), ("2", "2"), ("3", "3")] and Counter(letters) == dict.fromkeys("abc", 200)
    return check


def barrier_fail(output: str) -> bool:
    return Counter(output.splitlines()[0]) == dict.fromkeys("abc", 300)


def mpsc(output: str) -> bool:
    numbers, passed = output.splitlines()
    return Counter(numbers.split()) == dict.fromkeys("0123", 100) and passed == "mpsc_sem passed."


def philosophers(output: str) -> bool:
    _, *rows, passed = output.splitlines()
    busy = [[index for index, mark in enumerate(row[4:]) if mark == "x"] for row in rows]
    neighbours_share = any(set(busy[seat]) & set(busy[(seat + 1) % 5]) for seat in range(5))
    return len(rows) == 5 and all(busy) and not neighbours_share and passed == "phil_din_mutex passed."


def pipe_sums(output: str) -> bool:
    sums = re.findall(r"sum = (\d+) \((parent|child)\)", output)
    return len({number for number, _ in sums}) == 1 and {who for _, who in sums} == {"parent", "child"}


def coroutines(output: str) -> bool:
    """Four coroutines of 2, 4, 6 and 8 steps, one step each in turn."""
    steps = [f"coroutine {number}: step {step}." for step in range(8) for number in range(1, 5) if step < 2 * number]
    shown = output.splitlines()
    return [line for line in shown if "step" in line] == steps and shown[-1] == "stackful_coroutine passed."


def fault(first: str, cause: str, address: str) -> Callable[[str], object]:
    return pattern(f"{first}.*" + re.escape(f"[kernel] Exception({cause}) in application, bad addr = ") + address
                   + r", bad instruction = 0x[0-9a-f]+, kernel killed it\.\n")


PASSING = [
    ("hello_world", 0, exactly("Hello, world, from a process in user mode!\n")),
    ("hello", 0, exactly("Hello, world!\n")),
    ("cmdline_args 1 two", 0, exactly("argc = 3\nargv[0] = cmdline_args\nargv[1] = 1\nargv[2] = two\n")),
    ("fantastic_text", 0, lambda output: len(output.splitlines()) == 17 and output.count("\x1b[4munderlined") == 16),
    ("exit", 0, pattern(r"I am the parent\. Forking.*I am the child\..*exit code -66436\. exit passed\.\n")),
    ("yield", 0, lines(r"Hello, I am process (\d+)\.", *(rf"Back in process \1, iteration {i}\." for i in range(5)),
                       r"yield passed\.")),
    ("sleep_simple", 0, lines(r"asked for 100 ms, slept 10[0-9] ms\.", r"sleep_simple passed\.")),
    ("sleep_test", 0, lines(*(rf"slept {i} x 100 ms\." for i in range(1, 6)), r"took 5\d\d ms\. sleep_test passed\.")),
    ("forktest_simple", 0, lines(
        r"sys_wait without a child: ok\.", r"parent starts, pid = \d+\.", "hello from the child: value is 2 here.",
        r"child \d+ exited with 100; value is still 1 in the parent\. forktest_simple passed\.")),
    ("forktest", 0, forktest),
    ("forktest2", 0, forktest2),
    ("forktree", 0, forktree),
    ("matrix", 0, matrix),
    ("stack_overflow", FAULT, fault("The stack must overflow.*depth 512\n", "StorePageFault", "0x[0-9a-f]{5,}")),
    ("store_fault", FAULT, fault("Storing to address 0", "StorePageFault", "0x0")),
    ("priv_inst", ILLEGAL, pattern(r"Executing sret.*\[kernel\] IllegalInstruction in application, .*killed it\.\n")),
    ("priv_csr", ILLEGAL, pattern(r"Writing sstatus.*\[kernel\] IllegalInstruction in application, .*killed it\.\n")),
    ("until_timeout infloop 50", 0, exactly(
        "Looping for ever.\nthe child has run for 50 ms: killing it.\nits exit code is -2.\n")),
    ("until_timeout hello_world 1000", 0, lines(
        "Hello, world, .*", "the child ended by itself within 1000 ms, with exit code 0.")),
    ("until_timeout", 1, exactly("usage: until_timeout PROGRAM MILLISECONDS\n")),
    ("filetest_simple", 0, exactly("filetest_simple passed.\n")),
    ("huge_write", 0, lines(r"1 MiB written in \d+ ms.*\.")),
    ("pipetest", 0, exactly("The child read: Hello through a pipe!\npipetest passed.\n")),
    ("pipe_large_test", 0, pipe_sums),
    ("run_pipe_test", 0, lambda output: re.findall(r"iteration (\d) ok\.", output) == list("01234")),
    ("sig_simple", 0, exactly("sending signal 10 to myself.\nhandler of signal 10 runs.\nsig_simple passed.\n")),
    ("sig_simple2", 0, exactly(
        "parent: sending signal 10.\nchild: handler of signal 10 runs.\nchild: done.\nsig_simple2 passed.\n")),
    ("sig_tests", 0, lambda output: "FAILED" not in output and output.endswith("sig_tests passed.\n")),
    ("threads", 0, threads("threads passed.")),
    ("threads_arg", 0, threads("threads_arg passed.")),
    ("early_exit", 0, exactly("the thread falls asleep.\nthe first thread exits.\n")),
    ("adder", LOST_UPDATES, loses("adder")),
    ("adder_simple_spin", LOST_UPDATES, loses("adder_simple_spin")),
    ("adder_simple_yield", LOST_UPDATES, loses("adder_simple_yield")),
    ("adder_atomic", 0, adds_up("adder_atomic", 20000)),
    ("adder_mutex_spin", 0, adds_up("adder_mutex_spin", 8000)),
    ("adder_mutex_blocking", 0, adds_up("adder_mutex_blocking", 8000)),
    ("adder_semaphore", 0, adds_up("adder_semaphore", 8000)),
    ("adder_peterson_spin", 0, adds_up("adder_peterson_spin", 8000)),
    ("adder_peterson_yield", 0, adds_up("adder_peterson_yield", 8000)),
    ("race_adder_loop", LOST_UPDATES, lines(r"race_adder_loop: counted \d{3} of 800\.")),
    ("race_adder_arg", 0, lines(r"race_adder_arg: counted \d+ of 1200\.")),
    ("race_adder_hidden", 0, lines(r"race_adder_hidden: counted 8000 of 8000\.")),
    ("race_adder_atomic", 0, exactly("race_adder_atomic: counted 800 of 800.\n")),
    ("race_adder_mutex_spin", 0, exactly("race_adder_mutex_spin: counted 800 of 800.\n")),
    ("race_adder_mutex_blocking", 0, exactly("race_adder_mutex_blocking: counted 800 of 800.\n")),
    ("barrier_condvar", 0, exactly("a" * 300 + "b" * 300 + "c" * 300 + "\nbarrier_condvar passed.\n")),
    ("barrier_fail", 0, barrier_fail),
    ("sync_sem", 0, lines("second waits for first.", "first has worked and wakes second.", "second goes on.",
                          "sync_sem passed.")),
    ("condsync_sem", 0, lines("second: the value is 0, waiting.", "first sets the value to 1 and wakes second.",
                              "second: the value is 1, going on.", "condsync_sem passed.")),
    ("condsync_condvar", 0, lines("second: the value is 0, waiting.", "first sets the value to 1 and wakes second.",
                                  "second: the value is 1, going on.", "condsync_condvar passed.")),
    ("mpsc_sem", 0, mpsc),
    ("phil_din_mutex", 0, philosophers),
    ("stackful_coroutine", 0, coroutines),
    ("stackless_coroutine", 0, exactly(
        "".join(f"  task {task}: {what}.\n" for what in ("begins", "goes on", "ends") for task in (1, 2, 3))
        + "stackless_coroutine passed.\n")),
    ("initproc hello_world", 0, exactly("Hello, world, from a process in user mode!\n")),
    ("initproc nosuch", 127, exactly("initproc: cannot execute nosuch\n")),
    ("true", 0, exactly("")),
    ("false", 1, exactly("")),
    ("echo one  two", 0, exactly("one two\n")),
    ("echo -n one", 0, exactly("one")),
    ("cat text /text", 0, exactly(2 * TEXT.decode())),
    ("wc text", 0, exactly("2 3 14 text\n")),
    ("wc -l text text", 0, exactly("2 text\n2 text\n4 total\n")),
    ("head -n 1 text", 0, exactly("one two\n")),
    ("head -1 text text", 0, exactly("==> text <==\none two\n\n==> text <==\none two\n")),
    ("head -c 5 text", 0, exactly("one t")),
    ("head -n 0 text", 0, exactly("")),
    ("head /text", 0, exactly(TEXT.decode())),
    ("ls /", 0, exactly("bin\ndev\netc\nproc\nroot\nsys\nsystem\ntext\ntmp\n")),
    ("ls -l text", 0, lines(r"-rw-r--r--   1    0    0        14 \d{4}-\d\d-\d\d \d\d:\d\d text")),
    ("ls -la /tmp", 0, lines(r"drwxrwxrwt .* \.", r"drwxr-xr-x .* \.\.")),
    ("kill -l", 0, lambda output: output.startswith(" 1 HUP\n 2 INT\n") and len(output.splitlines()) == 31),
    ("sleep 0.25", 0, exactly("")),
]  # fmt: skip


@pytest.mark.parametrize(("command", "status", "shows"), PASSING, ids=[case[0] for case in PASSING])
def test_program(command: str, status: int, shows: Callable[[str], object]) -> None:
    ran = run(*command.split())
    assert (ran.status, ran.errors) == (status, ""), ran.output
    assert shows(ran.output), ran.output


@pytest.mark.parametrize(("command", "status", "says"), [
    ("cat nosuch text", 1, "cat: nosuch: no such file or directory\n"),
    ("cat /bin", 1, "cat: /bin: is a directory\n"),
    ("ls nosuch", 1, "ls: nosuch: no such file or directory\n"),
    ("ls -z", 2, "ls: unknown option -z\n"),
    ("wc nosuch", 1, "wc: nosuch: no such file or directory\n"),
    ("wc -z", 2, "wc: unknown option -z\n"),
    ("head nosuch", 1, "head: nosuch: no such file or directory\n"),
    ("head /bin", 1, "head: /bin: is a directory\n"),
    ("head -n x", 2, "head: x: not a number of lines\n"),
    ("head -z", 2, "head: unknown option -z\n"),
    ("kill", 2, "usage: kill [-SIGNAL] PID...\n"),
    ("kill x", 1, "kill: x: not a pid\n"),
    ("kill -NOSUCH 1", 2, "kill: NOSUCH: unknown signal\n"),
    ("kill 999", 1, "kill: 999: no such process\n"),
    ("sleep", 2, "usage: sleep SECONDS\n"),
    ("sleep soon", 2, "usage: sleep SECONDS\n"),
    ("time", 2, "usage: time COMMAND [ARGUMENT...]\n"),
    ("time nosuch", 127, "time: nosuch: no such file or directory\nreal\t0.000 s\nuser\t0.000 s\nsys\t0.000 s\n"),
    ("time sleep 1.5", 0, "real\t1.500 s\nuser\t0.000 s\nsys\t0.000 s\n"),
    ("sh nosuch", 127, "sh: nosuch: no such file or directory\n"),
    ("sh -c", 2, "sh: -c: the commands are missing\n"),
])  # fmt: skip
def test_complaint(command: str, status: int, says: str) -> None:
    ran = run(*command.split())
    assert (ran.status, ran.errors) == (status, says)


def test_programs_read_their_input() -> None:
    assert run("count_lines", stdin=b"one\ntwo\nthree").output == "3\n"
    assert run("count_lines").output == "0\n"
    assert run("wc", stdin=TEXT).output == "2 3 14\n"
    assert run("head", "-c9", stdin=TEXT).output == TEXT.decode()[:9]
    assert run("head", stdin=b"\n" * 100_000).output == "\n" * 10
    assert run("cat", stdin=TEXT).output == TEXT.decode()
    assert run("cat", "text", "-", stdin=b"more").output == TEXT.decode() + "more"


def test_infloop_never_ends() -> None:
    console = CapturedConsole()
    machine = Machine(MachineConfig(timeout_ns=200_000_000), console)
    assert machine.run(b"infloop", [b"infloop"]) == 124
    assert console.output == b"Looping for ever.\n"


def test_usertests_runs_every_program_of_the_tutorial() -> None:
    ran = run("initproc", stdin=b"ls\nusertests\nexit\n")
    assert ran.status == 0
    verdicts = re.findall(r"^usertests: (ok|FAILED) +(\w+)", ran.output, re.MULTILINE)
    assert {verdict for verdict, _ in verdicts} == {"ok"}
    assert f"usertests: {len(verdicts)} of {len(verdicts)} passed.\n" in ran.output
    listed = {name for _, name in verdicts}
    by_others = {"hello", "initproc", "usertests", "infloop", "pipe_large_test", "count_lines", "true", "false", "kill",
                 "race_adder_hidden"}
    with_tests_of_their_own = {program.name for program in guest_build.programs()
                               if program.name.startswith("bench_") or "src/proc" in program.sources[0].as_posix()}
    assert {program.name for program in guest_build.programs()} - listed - with_tests_of_their_own <= by_others


def test_the_same_on_every_run() -> None:
    first = run("initproc", stdin=b"usertests\n")
    assert run("initproc", stdin=b"usertests\n") == first
