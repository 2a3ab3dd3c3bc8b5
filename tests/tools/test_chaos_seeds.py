"""`rvsim run --chaos`: mistakes are found by some seed, and each seed breaks again as it did; robust programs stand."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from contextlib import closing

import pytest

from rvsim.guest_os.faults import FaultPlan, parse_fault
from rvsim.tests.guest import TIMEOUT_S, musl_program, run
from rvsim.tests.recorded import complaint
from rvsim.tests.terminal import START, Terminal
from rvsim.tools import corpus
from rvsim.tools.chaos import parse_seeds, words_with_seed
from rvsim.tools.errors import NOT_FOUND, OWN_ERROR, TIMED_OUT

SCRIPT = "echo a b | cat | wc; ls / | cat | wc; sleep 1; cat /etc/nothing /etc/motd | wc; ls /bin | wc > /tmp/x; " \
         "cat /tmp/x; exit 3"


def rvsim(*words: str, stdin: bytes = b"") -> tuple[int, bytes, str]:
    """Status, output and errors of `rvsim WORDS`."""
    done = subprocess.run([sys.executable, "-c", START, *words], input=stdin, capture_output=True, check=False,
                          timeout=TIMEOUT_S)
    return done.returncode, done.stdout, done.stderr.decode()


def found(mode: str, *options: str, seeds: str = "1-60") -> tuple[int, bytes, str]:
    """The status, the output and the seed's line of the first seed that breaks; the one command gives them again."""
    program = str(musl_program("faults/careless.c"))
    status, output, errors = rvsim("run", "--chaos", seeds, *options, program, mode)
    told = re.fullmatch(r"rvsim: chaos seed (\d+): (.+), and without chaos it ended with status 0, "
                        r"after (\d+) faults?; again: rvsim (.+)\n", errors)
    assert told is not None, errors
    again = rvsim(*shlex.split(told[4]))
    assert again[:2] == (status, output)
    assert again[2] == f"rvsim: chaos seed {told[1]}: {told[2]}, after {told[3]} fault{'s' * (told[3] != '1')}; " \
                       f"again: rvsim {told[4]}\n"
    return status, output, errors


@pytest.mark.parametrize("mode", ["short_read", "short_write", "interrupted", "race"])
def test_mistakes_are_found(mode: str) -> None:
    assert found(mode, "--chaos-rate", "3")[:2] == (1, b"broken\n")


def test_a_program_that_takes_memory_for_granted() -> None:
    assert found("memory", "--chaos-level", "hard")[0] == 128 + 11
    status, output, errors = rvsim("run", "--chaos", "1-9", str(musl_program("faults/careless.c")), "memory")
    assert (status, output) == (0, b"fine\n")
    assert errors == "rvsim: chaos seeds 1 to 9: it ended with status 0 with each\n"


def test_a_program_that_never_ends() -> None:
    program = str(musl_program("faults/careless.c"))
    status, _, errors = rvsim("run", "--chaos=1-9", "--chaos-level=hard", program, "spin")
    assert status == TIMED_OUT
    assert re.search(r"chaos seed \d: it does not end: 2\d\d,\d\d\d,\d\d\d ticks so far, and without chaos", errors)
    assert re.search(r"again: rvsim run --chaos=\d --chaos-level=hard /", errors)


def test_input_is_the_same_for_each_seed() -> None:
    status, output, _ = rvsim("run", "--chaos", "1-5", "--chaos-rate", "2", "cat", stdin=b"some\ninput\n")
    assert (status, output) == (0, b"some\ninput\n")


def test_input_is_not_waited_for_unless_a_program_asks() -> None:
    """As in a single run: whoever leaves a pipe open hangs nothing."""
    with subprocess.Popen([sys.executable, "-c", START, "run", "--chaos", "1-3", "true"], stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:
        assert running.wait(TIMEOUT_S) == 0


def test_at_a_terminal() -> None:
    """Nobody types while seeds are tried; the command says so, and in a shell the seed breaks again."""
    program = str(musl_program("faults/careless.c"))
    with closing(Terminal("--chaos", "1-60", "--chaos-rate", "3", program, "short_read")) as terminal:
        terminal.expect(b"broken")
        terminal.expect(b"chaos seed ")
        seed = terminal.expect(b": it ended with status 1").decode()
        terminal.expect(b"short_read </dev/null")
        assert terminal.wait() == 1
    with closing(Terminal("--chaos", seed, "--chaos-rate", "3", program, "short_read")) as terminal:
        terminal.expect(b"broken")
        terminal.expect(f"chaos seed {seed}: it ended with status 1".encode())
        assert terminal.wait() == 1


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("rate", [1, 4])
def test_a_shell_stands_what_linux_may_do(seed: int, rate: int) -> None:
    plan = FaultPlan((), seed, "legal", rate)
    calm, result = run("sh", "-c", SCRIPT), run("sh", "-c", SCRIPT, faults=plan)
    assert (result.status, result.output, result.errors) == (3, calm.output, calm.errors)
    assert plan.log


@pytest.mark.parametrize("seed", range(6))
def test_careful_programs_stand_it(seed: int) -> None:
    plan = FaultPlan((), seed, "legal", 2)
    assert run(musl_program("faults/careless.c"), "careful", faults=plan).output == b"fine\n"


def test_busybox_stands_it() -> None:
    try:
        busybox = corpus.fetch(("busybox-static", "base-passwd")) / "usr/bin/busybox"
    except corpus.CorpusError as error:
        pytest.skip(str(error))
    script = ("mkdir /tmp/d; cd /tmp/d; for i in 1 2 3; do echo $i > $i; done; cat * | sort -r | head -2; "
              "trap 'echo caught' USR1; kill -USR1 $$; (sleep 1; exit 4) & wait $!; echo $?; ls | wc -l; rm -r /tmp/d")
    for seed in range(5):
        plan = FaultPlan((), seed, "legal", 3)
        result = run(busybox, "sh", "-c", script, faults=plan)
        assert (result.output, result.status) == (b"3\n2\ncaught\n4\n3\n", 0), seed
        assert plan.log


@pytest.mark.slow
@pytest.mark.parametrize("level", ["legal", "hard"])
def test_usertests(level: str) -> None:
    """At `legal` all pass; at `hard`, programs fail, as they would on a broken machine, and the machine goes on."""
    for seed in range(3):
        result = run("usertests", faults=FaultPlan((), seed, level, 5), timeout_ns=300 * 10**9)
        if level == "legal":
            assert result.status == 0, result.output.decode()[-500:]


def test_chaos_beside_faults() -> None:
    """Each does what it says; the calm run that a hunt compares with has the faults too."""
    plan = FaultPlan((parse_fault("write:1=short(1)"),), 5, "legal", 1)
    assert run("echo", "hello", faults=plan).output == b"hello\n"
    assert "short(1)" in [one.action for one in plan.log]
    assert len(plan.log) > 2
    status, output, errors = rvsim("run", "--chaos", "1-3", "--fault", "write=ENOSPC", "echo", "hello")
    assert (output, errors) == (b"", f"rvsim: chaos seeds 1 to 3: it ended with status {status} with each\n")


def test_seeds() -> None:
    assert list(parse_seeds("7")) == [7]
    assert list(parse_seeds("7-7")) == [7]
    assert list(parse_seeds("0-2")) == [0, 1, 2]
    for text in ("", "-1", "1-", "3-1", "x", "1-2-3", "1 - 2", "٣", "9" * 30):
        with pytest.raises(ValueError, match="is no seed; write 7, or 1-100"):
            parse_seeds(text)


def test_words() -> None:
    assert words_with_seed(["--chaos", "1-9", "p", "--chaos", "2"], 4) == ["--chaos", "4", "p", "--chaos", "2"]
    assert words_with_seed(["--chaos-rate", "3", "--chaos=1-9", "p"], 4) == ["--chaos-rate", "3", "--chaos=4", "p"]


@pytest.mark.parametrize(("words", "said"), [
    (["--chaos", "3-1", "true"], "is no seed; write 7, or 1-100"),
    (["--chaos-level", "hard", "true"], "give --chaos SEED too"),
    (["--chaos-rate", "3", "true"], "give --chaos SEED too"),
    (["--chaos", "1", "--chaos-level", "soft", "true"], "is not one of 'legal', 'hard'"),
    (["--chaos", "1-2", "--stats", "true"], "leave the other options"),
    (["--chaos", "1-2", "--strace", "true"], "leave the other options"),
    (["--chaos", "1-2", "--record", "x.rec", "true"], "leave the other options"),
    (["--chaos", "1-2", "/nowhere/at/all"], "not found"),
])  # fmt: skip
def test_what_makes_no_sense_is_one_line(words: list[str], said: str) -> None:
    status, errors = complaint("run", *words)
    assert status in (OWN_ERROR, NOT_FOUND)
    assert said in errors
    assert errors.count("\n") == 1
