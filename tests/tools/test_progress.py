"""Progress on a terminal, and its absence elsewhere."""

from __future__ import annotations

import io

import pytest

from rvsim.tools.progress import Progress


class Screen(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_line_is_written_again_and_taken_away(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = Screen()
    monkeypatch.setattr("sys.stderr", screen)
    with Progress("work") as progress:
        progress.tell("too early")
        progress.say("now \x1b[2J" + "x" * 200)
        progress.tell("too soon after")
    shown = screen.getvalue()
    assert shown.startswith("\r\x1b[Krvsim: work: now \ufffd[2Jxxx")
    assert shown.endswith("x\r\x1b[K")
    assert "too" not in shown
    assert len(shown) < 90


def test_nothing_is_written_elsewhere(capsys: pytest.CaptureFixture[str]) -> None:
    with Progress("work") as progress:
        progress.say("now")
    assert capsys.readouterr() == ("", "")
