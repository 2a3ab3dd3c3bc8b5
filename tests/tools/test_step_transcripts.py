"""Every session in docs/stepping.md is what `rvsim step` shows: line for line, where no line with … stands for some."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest

import rvsim
from rvsim.tests.guest import musl_program
from rvsim.tools.cli import main
from rvsim.tools.step.registry import find
from rvsim.tools.step.shell import COMMANDS as TABLE

HOME = Path(rvsim.__path__[0])
DOCUMENT = (HOME / "docs" / "stepping.md").read_text()
BLOCKS = [block.splitlines() for block in re.findall(r"^```\n(.*?)^```$", DOCUMENT, re.MULTILINE | re.DOTALL)]
COMMAND, PROMPT, SOME = "$ rvsim ", "(rvsim) ", "…"
Rvsim = Callable[..., tuple[int, list[str]]]


@pytest.fixture
def run(capfd: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Rvsim:
    """Runs a command line of the document: (status, the lines that it shows). Sources are found from here."""
    monkeypatch.chdir(HOME)

    def run_one(line: str, *script: str) -> tuple[int, list[str]]:
        words = [word.replace("./program", str(musl_program("debugged.c"))) for word in shlex.split(line)]
        words = [str(tmp_path / word) if word.endswith(".rec") else word for word in words]
        for commands in reversed(script):
            words[1:1] = ["-x", commands]
        capfd.readouterr()
        status = main(words)
        out, err = capfd.readouterr()
        return status, (err + out).replace(f"{tmp_path}/", "").splitlines()

    return run_one


def agrees(wanted: list[str], shown: list[str]) -> bool:
    """Whether these lines are shown; SOME stands for any number of lines."""
    pattern = "".join("(?s:.*\n|)" if line == SOME else re.escape(line + "\n") for line in wanted)
    return re.fullmatch(pattern, "".join(line + "\n" for line in shown)) is not None


def test_agrees() -> None:
    assert agrees(["a", SOME, "c"], ["a", "b", "b", "c"])
    assert agrees(["a", SOME], ["a"])
    assert not agrees(["a", "c"], ["a", "b", "c"])
    assert not agrees([SOME, "b"], ["ab"])
    assert not agrees(["a"], ["a", "b"])


def test_there_are_sessions() -> None:
    assert [sum(line.startswith(COMMAND) for line in block) for block in BLOCKS] == [1, 0, 1, 0, 2]


@pytest.mark.parametrize("number", [number for number, block in enumerate(BLOCKS) if block[0].startswith(COMMAND)])
def test_a_session(number: int, run: Rvsim) -> None:
    block = [*BLOCKS[number], COMMAND]
    starts = [at for at, line in enumerate(block) if line.startswith(COMMAND)]
    for start, end in pairwise(starts):
        _, shown = run(block[start].removeprefix("$ rvsim "))
        assert agrees(block[start + 1:end], shown), "\n".join(shown)


def test_a_session_goes_on_at_the_prompt(run: Rvsim) -> None:
    """What comes behind a prompt is what that command adds to what was shown."""
    first, more = BLOCKS[0], [*BLOCKS[1], PROMPT]
    command, script = first[0].removeprefix("$ rvsim "), ""
    _, before = run(command)
    starts = [at for at, line in enumerate(more) if line.startswith(PROMPT)]
    assert len(starts) == 3
    for start, end in pairwise(starts):
        script += f"; {more[start].removeprefix(PROMPT)}"
        start_of, quote, rest = command.rpartition("'")
        _, shown = run(f"{start_of}{script}{quote}{rest}")
        assert shown[:len(before)] == before
        assert agrees(more[start + 1:end], shown[len(before):]), "\n".join(shown)
        before = shown


def test_a_script_of_the_document_succeeds(run: Rvsim) -> None:
    lines = [line for block in BLOCKS for line in block if line.startswith("rvsim step ")]
    assert len(lines) == 1
    assert run(lines[0].removeprefix("rvsim "))[0] == 0
    assert run(lines[0].removeprefix("rvsim ").replace("4000", "1"))[0] == 1


ROWS = re.findall(r"^\| [a-z ,']+ \| (.*) \|$", DOCUMENT, re.MULTILINE)
COMMANDS = [text for row in ROWS for text in re.findall(r"`([^`]+)`", row)]


def test_every_command_of_the_table_is_one() -> None:
    names = {find(TABLE, text.split()[0].split("/")[0]).name for text in COMMANDS}
    assert len(names) >= len(TABLE) - 5
