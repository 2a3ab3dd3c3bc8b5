"""`rvsim step` as a stranger uses it: every command with right, wrong and nonsense arguments; any condition. No Python
exception comes of it, and each mistake is one line."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rvsim.guest_os.boot import Machine, MachineConfig
from rvsim.tests.guest import musl_program
from rvsim.tools.debug.console import SessionConsole, TypedInput
from rvsim.tools.debug.session import Session
from rvsim.tools.step.shell import COMMANDS, Reader, Shell
from rvsim.tools.step.style import Style

LONGEST = 300
WORDS = (
    "", "0", "-1", "1", "9" * 23, "main", "zzz", "$a0", "$zz", "0x10001", "8", "counter 4 w", "counter 0", "0 0",
    "1 9999", "counter 8 q", "x99 1", "$x99 = 1", "$a0 =", "= 5", "$pc = 1", "*(u8*)8 = 1", "*(u9*)8 = 1",
    "*(u8*)counter = 300",
    "call", "call frok", "pid", "pid x", "fault fault", "signal 99", "trap 99", "start", "step 5", "write",
    "write counter 4",
    "ENOSPC", "EWHAT", "hello world", "/", "a/b", "'", '"', "((((", "1/0", "1<<99999", "main if", "main if $a0 ==",
    "main if 1/0", "main if *(u8*)0", "if 1", "none.c:1", ":1", "strange_steps.c:0", "strange_steps.c:10",
    "é\u202e\x1b[2J",
    "x" * 3000, "-" * 5000 + "1", "*" * 3000 + "1", "(" * 3000 + "1" + ")" * 3000, "/4xg $sp", "/0xg $sp", "/-1xg $sp",
    "/99999999i $pc", "/s 0", "/5i $pc", "/i", "/zz", "all", "1 2 3")
STAGES = ("", "until call clone; t; t", "until pid 2 trap 15; until signal SEGV", "c")


class Lines(Reader):
    """A person's lines, after each of which `shell` is asked what it said."""

    interactive = True

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines = lines

    def line(self, prompt: str) -> str | None:
        return next(self._lines, None)


class Talk:
    """One session on the program that faults, forks, has threads and signals."""

    def __init__(self) -> None:
        self.done = False
        self.bytes = io.BytesIO()
        out = io.TextIOWrapper(self.bytes, encoding="utf-8", write_through=True)
        self.shell = Shell(Reader(), out, Style(False))
        self.shell.session = Session(self._boot, self.shell, SessionConsole(self.shell.guest_output, TypedInput()))
        self.mistakes: list[str] = []
        fail = self.shell.fail

        def note(message: str) -> None:
            self.mistakes.append(message)
            fail(message)

        self.shell.fail = note      # type: ignore[method-assign]

    @staticmethod
    def _boot(console: SessionConsole) -> Machine:
        program = bytes(musl_program("strange_steps.c"))
        machine = Machine(MachineConfig(memory_bytes=32 << 20), console)
        machine.start(program, [program])
        return machine

    def run(self, lines: Iterable[str]) -> None:
        self.shell.reader = Lines(iter(lines))
        self.shell.session.run()
        for message in self.mistakes:
            assert "\n" not in message
            assert message.isprintable(), message
            assert len(message) < LONGEST, message


    def after_each(self, stage: str, lines: Iterable[str]) -> None:
        """Every line at the same place, with the same breakpoints."""
        def all_lines() -> Iterator[str]:
            yield f"{stage}; save here"
            place = self.shell.stop.position
            for line in lines:
                yield line
                yield "d"
                if self.shell.stop.position != place or self.shell.session.history.fresh:
                    yield "load here"
            self.done = True

        self.run(all_lines())
        assert self.done


@pytest.mark.parametrize("stage", range(len(STAGES)))
@pytest.mark.parametrize("share", [9, pytest.param(1, marks=pytest.mark.slow)])
def test_every_command(stage: int, share: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    lines = [f"{command.name}{'' if word.startswith('/') else ' '}{word}" for command in COMMANDS for word in WORDS
             if command.name not in ("quit", "save")]
    talk = Talk()
    talk.after_each(STAGES[stage], [*lines[stage::share], *(f"{name} {word}" for name in ("save", "quit", "back")
                                                           for word in ("99999999x", "-1", "/none/x.snap"))])
    assert len(talk.mistakes) > 20


LEAVES = st.sampled_from(["0", "1", "-1", "7", "0x80", "'a'", "'", "9" * 25, "$a0", "$pc", "$stval", "$ticks",
                          "$nothing", "counter", "main", "nothing", "", "*(u8*)8", "é", "\x1b"])
PARTS = st.recursive(LEAVES, lambda part: st.one_of(
    st.builds("{}{}{}".format, part, st.sampled_from(
        ["+", "-", "*", "/", "%", "<<", ">>", "&", "|", "^", "&&", "||", "==", "!=", "<", ">=", "=", ",", "?",
         " if "]), part),
    st.builds("({})".format, part),
    st.builds("*({}*){}".format, st.sampled_from(["u8", "i64", "char", "u9", ""]), part),
    st.builds("{}{}".format, st.sampled_from(["-", "~", "!", "*", "&", "("]), part)), max_leaves=6)


@settings(max_examples=4, deadline=None, derandomize=True,
          suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.lists(PARTS, min_size=8, max_size=8))
def test_any_condition(conditions: list[str]) -> None:
    """A condition that cannot be worked out where it is looked at is no reason to stop, or is one; never to break."""
    talk = Talk()
    talk.after_each("until main", [line for text in conditions for line in (
        f"break work if {text}", f"watch counter 4 w if {text}", f"p {text}", "until signal USR1")])
