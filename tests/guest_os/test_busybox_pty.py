"""busybox's `sh -i` at a terminal of the host: its end.

tests/e2e/test_busybox_shell.py has what a person does in it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from rvsim.tests.prompts import BUSYBOX_PROMPT, BusyboxPrompt
from rvsim.tests.terminal import CTRL_D, Terminal
from rvsim.tools import corpus


class Busybox(Terminal, BusyboxPrompt):
    """busybox's shell in Debian's tree, at its prompt."""

    def __init__(self, root: Path) -> None:
        super().__init__("--root", os.fspath(root), "--env", "TERM=xterm", "/bin/busybox", "sh", "-i")
        self.expect(BUSYBOX_PROMPT)


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
