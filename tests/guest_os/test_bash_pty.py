"""`rvsim run --root TREE /bin/bash` at a terminal of the host: its size, and that it is given back.

tests/e2e/test_bash.py has what a person does in it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from rvsim.tests.prompts import BASH_PROMPT, BashPrompt
from rvsim.tests.terminal import CTRL_C, CTRL_D, Terminal
from rvsim.tools import corpus


class Bash(Terminal, BashPrompt):
    """bash in Debian's tree, at its prompt."""

    def __init__(self, root: Path) -> None:
        super().__init__("--root", os.fspath(root), "--env", "TERM=xterm", "/bin/bash")
        self.expect(BASH_PROMPT % b"/")


@pytest.fixture
def shell() -> Iterator[Bash]:
    try:
        root = corpus.fetch()
    except corpus.CorpusError as error:
        pytest.skip(str(error))
    started = Bash(root)
    yield started
    started.close()


def test_the_window_may_change(shell: Bash) -> None:
    assert shell.run(b"echo $COLUMNS $LINES; stty size") == b"80 24\n24 80\n"
    shell.resize(30, 100)
    shell.expect(b"root@rvsim:/# ")              # drawn again for the new width
    assert shell.run(b"echo $COLUMNS $LINES; stty size") == b"100 30\n30 100\n"
    shell.start(b"(trap 'echo window $(stty size)' WINCH; echo begun; while :; do :; done)")
    shell.resize(20, 40)
    shell.expect(b"window 20 40\r\n")
    shell.press(CTRL_C)
    assert shell.run(b"echo $COLUMNS; ls -C / | head -n 1").startswith(b"40\n")


def test_the_end(shell: Bash) -> None:
    assert shell.settings() != shell.settings_before
    shell.run(b"(exit 6)")
    shell.type(CTRL_D)
    assert shell.wait() == 6
    assert shell.settings() == shell.settings_before
    assert b"cannot" not in shell.seen
