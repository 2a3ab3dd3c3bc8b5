"""Guest programs whose output depends on who came first, and the whole of `usertests`: what must hold all the same."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable

import pytest

from rvsim.tools import guest_build
from rvsim.tools.testing.factory import Guests, Image
from rvsim.tools.testing.guest import Guest, GuestFailure


def run(image: Guests | Image, *command: str, stdin: str = "") -> Guest:
    """A program that was run to its end, its streams being pipes."""
    guest = image.spawn(*command, terminal=False, stdin=stdin)
    guest.wait()
    return guest


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



def kill_list(output: str) -> bool:
    return output.startswith(" 1 HUP\n 2 INT\n") and len(output.splitlines()) == 31


@pytest.mark.parametrize(("command", "shows"), [
    ("fantastic_text", lambda output: len(output.splitlines()) == 17 and output.count("\x1b[4munderlined") == 16),
    ("forktest", forktest),
    ("forktest2", forktest2),
    ("forktree", forktree),
    ("matrix", matrix),
    ("pipe_large_test", pipe_sums),
    ("run_pipe_test", lambda output: re.findall(r"iteration (\d) ok\.", output) == list("01234")),
    ("sig_tests", lambda output: "FAILED" not in output and output.endswith("sig_tests passed.\n")),
    ("threads", threads("threads passed.")),
    ("threads_arg", threads("threads_arg passed.")),
    ("barrier_fail", barrier_fail),
    ("mpsc_sem", mpsc),
    ("phil_din_mutex", philosophers),
    ("stackful_coroutine", coroutines),
    ("kill -l", kill_list),
])  # fmt: skip
def test_program(rvsim: Guests, command: str, shows: Callable[[str], object]) -> None:
    ran = run(rvsim, *command.split())
    assert (ran.status, ran.errors) == (0, "")
    assert shows(ran.output), ran.output


def test_head_leaves_off_where_it_may(rvsim: Guests) -> None:
    assert run(rvsim, "head", stdin="\n" * 100_000).output == "\n" * 10


def test_infloop_never_ends(rvsim: Guests) -> None:
    loop = rvsim.spawn("infloop", terminal=False, stdin="", time="200ms")
    with pytest.raises(GuestFailure, match=r"the limit of 0\.2 s of guest time was passed"):
        loop.wait()
    assert loop.output == "Looping for ever.\n"


def outcome(ran: Guest) -> tuple[str, str, int | None, int]:
    return ran.output, ran.errors, ran.status, ran.ticks


def usertests(image: Guests | Image) -> tuple[str, str, int | None, int]:
    return outcome(run(image, "initproc", stdin="ls\nusertests\nexit\n"))


def test_usertests_twice(rvsim: Guests) -> None:
    """It runs every program of the tutorial, they are all right, and the second time is the first time again."""
    first = usertests(rvsim)
    output, _, status, _ = first
    assert status == 0
    verdicts = re.findall(r"^usertests: (ok|FAILED) +(\w+)", output, re.MULTILINE)
    assert {verdict for verdict, _ in verdicts} == {"ok"}
    assert f"usertests: {len(verdicts)} of {len(verdicts)} passed.\n" in output
    listed = {name for _, name in verdicts}
    by_others = {"hello", "initproc", "usertests", "infloop", "pipe_large_test", "count_lines", "true", "false", "kill",
                 "head", "race_adder_hidden"}
    with_tests_of_their_own = {program.name for program in guest_build.programs()
                               if program.name.startswith("bench_") or "src/proc" in program.sources[0].as_posix()}
    assert {program.name for program in guest_build.programs()} - listed - with_tests_of_their_own <= by_others
    assert usertests(rvsim) == first


@pytest.mark.slow
def test_usertests_ten_times(rvsim: Guests) -> None:
    first = usertests(rvsim.image(memory="128M"))
    assert first[2] == 0
    for memory in (128, 128, 128, 128, 128, 128, 128, 256, 64):
        assert usertests(rvsim.image(memory=f"{memory}M")) == first


@pytest.mark.parametrize("program", ["adder_simple_spin", "race_adder_loop", "threads", "forktree", "phil_din_mutex"])
def test_the_same_run_twice(rvsim: Guests, program: str) -> None:
    first = outcome(run(rvsim, program))
    assert outcome(run(rvsim, program)) == first
    assert outcome(run(rvsim.image(memory="100M"), program)) == first
