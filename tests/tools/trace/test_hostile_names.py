"""A program chooses its name and arguments: nothing in them reaches a terminal, a page or a picture as it is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from rvsim.tests.guest import debug_program
from rvsim.tools.cli import main
from rvsim.tools.plain import plain, visible

NAME = "a\x1b]2;owned\x07\x9b31m</script><img src=x onerror=alert(1)>&\"'\u202e"
ALLOWED = frozenset("\n")


def harmless(text: str) -> bool:
    """Whether a terminal shows it, and does nothing else."""
    return all(letter.isprintable() or letter in ALLOWED for letter in text)


@pytest.fixture
def named(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> tuple[Path, Path]:
    """A trace with stacks, and a recording, of a program of that name."""
    program = tmp_path / NAME.replace("/", "\u2215")
    program.write_bytes(debug_program("gdb/gdb.c").read_bytes())
    trace, recording = tmp_path / "trace", tmp_path / "rec"
    words = [str(program), "forks", NAME, "\udcff\r\n"]
    assert main(["run", "--clock", "virtual", "--trace", str(trace), "--trace-stacks", "1000", *words]) == 0
    assert main(["run", "--clock", "virtual", "--record", str(recording), *words]) == 0
    capfd.readouterr()
    return trace, recording


def test_texts(named: tuple[Path, Path], tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    trace, recording = named
    for words in (["trace", str(trace)], ["trace", str(trace), "--summary"],
                  ["trace", str(trace), "--event", "turn,fork,exec,exit,wait,wake,code,stack"],
                  ["trace", str(trace), "--pid", "1", "--compare", str(trace)], ["replay", "--info", str(recording)],
                  ["replay", "--gdb", "nowhere.invalid:1", str(recording)]):
        main(words)
        shown = capfd.readouterr()
        assert harmless(shown.out), words
        assert harmless(shown.err), words
    assert main(["trace", str(trace), "--flame", str(tmp_path / "out.folded")]) == 0
    assert harmless((tmp_path / "out.folded").read_text())


def test_pages_and_pictures(named: tuple[Path, Path], tmp_path: Path) -> None:
    page, picture = tmp_path / "out.html", tmp_path / "out.svg"
    assert main(["trace", str(named[0]), "--export", "html", str(page)]) == 0
    assert main(["trace", str(named[0]), "--flame", str(picture)]) == 0
    for file, scripts in (page, 2), (picture, 1):
        text = file.read_text()
        assert len(re.findall("</script", text, re.IGNORECASE)) == scripts
        assert "<img" not in text
        assert harmless(text.replace("\t", " "))


def test_what_gdb_shows() -> None:
    from rvsim.tests.tools.gdb.stopped import stopped_stub

    stub = stopped_stub()
    task = stub.report.task
    assert task is not None
    before, task.comm = task.comm, NAME.encode()[:15]
    try:
        for command in ("ps", "sched", "maps", "fds", "bt", "nonsense \x1b[31m", "print \x1b", "x/s \x07"):
            assert harmless(stub.commands.monitor.run(command).replace("\t", " ")), command
        for packet in b"qXfer:osdata:read:processes:0,1000", b"qXfer:threads:read::0,1000":
            answer = stub.commands.answer(packet)
            assert isinstance(answer, bytes)
            assert b"\x1b" not in answer
    finally:
        task.comm = before


def test_the_words_for_it() -> None:
    assert plain("a\x1b[0m\tb") == "a\ufffd[0m b"
    assert visible("a\x1b[0m\tb\udcff\x9b") == "a\\x1b[0m\\tb\\xff\\x9b"
