"""busybox's `sh -i` at a terminal of the host: its end.

tests/e2e/test_busybox_shell.py has what a person does in it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from rvsim.tests.terminal import CTRL_D, ENTER, Terminal
from rvsim.tools import corpus

PROMPT = b"/ # \x1b[6n"
"""What busybox draws before a line: the prompt, then the question where the cursor is."""


class Busybox(Terminal):
    """busybox's shell in Debian's tree, at its prompt."""

    def __init__(self, root: Path) -> None:
        super().__init__("--root", os.fspath(root), "--env", "TERM=xterm", "/bin/busybox", "sh", "-i")
        self.expect(PROMPT)

    def run(self, keys: bytes) -> bytes:
        """Type a line; what it prints, with plain newlines."""
        self.type(keys + ENTER)
        self.expect(b"\r\n")
        return self.expect(PROMPT).replace(b"\r\n", b"\n")


@pytest.fixture
def shell() -> Iterator[Busybox]:
    try:
        root = corpus.fetch()
    except corpus.CorpusError as error:
        pytest.skip(str(error))
    started = Busybox(root)
    yield started
    started.close()


def test_the_end_of_input_ends_the_shell(shell: Busybox) -> None:
    shell.run(b"sh -c 'exit 5'")
    shell.type(CTRL_D)
    assert shell.wait() == 5
    assert shell.settings() == shell.settings_before
