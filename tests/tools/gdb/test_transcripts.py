"""Every session in docs/gdb.md is what a real gdb shows."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from rvsim.tests.guest import debug_program
from rvsim.tests.tools.gdb.driven import needs_gdb
from rvsim.tests.tools.gdb.transcripts import plain, played, sessions, typed

pytestmark = needs_gdb


def test_there_are_sessions() -> None:
    assert len(sessions()) == 3


@pytest.mark.parametrize("number", range(3))
def test_a_session_of_the_document(number: int, tmp_path: Path) -> None:
    program = tmp_path / "sum"
    shutil.copy(debug_program("gdb/sum.c"), program)
    said = typed(sessions()[number])
    shown = played([command for command, _ in said], program, tmp_path)
    assert [[plain(line) for line in lines] for _, lines in said] == shown
