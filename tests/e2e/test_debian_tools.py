"""Larger programs of Debian: compilers, interpreters, git, and what looks at processes. Hundreds of megabytes to fetch.

They come into a tree of their own, beside the one that the other tests run from.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from rvsim.tests.talk import Talk
from rvsim.tests.terminal import ENTER, ESCAPE
from rvsim.tools import corpus
from rvsim.tools.testing.factory import Image

pytestmark = pytest.mark.slow

TOOLS = (
    "base-files", "base-passwd", "bash", "dash", "coreutils", "grep", "sed", "findutils", "ncurses-base", "python3",
    "gcc", "libc6-dev", "git", "perl", "make", "vim-tiny", "procps", "psmisc", "lsof", "htop", "util-linux",
    "golang-go", "python3-psutil",
)  # fmt: skip
ESCAPES = re.compile(rb"\x1b(\[[0-9;?]*[a-zA-Z]|\(B)")
SCRIPTS = Path(__file__).with_name("debian_tools")
ENVIRONMENT = {"PATH": "/bb:/usr/bin:/usr/sbin", "HOME": "/w", "LC_ALL": "C", "TZ": "UTC0", "TERM": "dumb"}
EXPECTED = {script: script.with_suffix(".out") for script in sorted(SCRIPTS.glob("*.sh"))}


@pytest.fixture(scope="session")
def tree() -> Path:
    """The tree of these programs."""
    try:
        return corpus.fetch(TOOLS, corpus.corpus_home() / f"{corpus.SUITE}-tools")
    except corpus.CorpusError as error:
        pytest.skip(str(error))


@pytest.mark.parametrize("script", EXPECTED, ids=[script.stem for script in EXPECTED])
def test_script(script: Path, tree: Path, rvsim_image: Callable[..., Image]) -> None:
    image = rvsim_image(root=tree, memory="1G", env=ENVIRONMENT)
    files = {"/script": b"exec 2>&1 < /dev/null\n" + script.read_bytes(), "/w/.hushlogin": ""}
    bash = image.spawn("bash", "/script", cwd="/w", files=files, terminal=False, stdin="", time="1h", ticks=10**12)
    assert (bash.wait(), bash.output) == (0, EXPECTED[script].read_text())


@pytest.fixture
def shell(tree: Path, rvsim_image: Callable[..., Image]) -> Talk:
    image = rvsim_image(root=tree, memory="512M", env={"TERM": "xterm"})
    return Talk(image.snapshot("/bin/bash", ready="root@rvsim:/# ").spawn())


def test_vim(shell: Talk) -> None:
    shell.enter(b"vim.tiny /tmp/f", b"[New]")
    shell.hit(b"ihello world" + ESCAPE, b"hello world")
    shell.enter(b"yyp:s/world/there/", b"there")
    shell.enter(b":wq", b"2L, 24B written")
    shell.expect(b"root@rvsim:/# ")
    shell.enter(b"cat /tmp/f", b"hello world\r\nhello there\r\n")


def test_htop_and_top(shell: Talk) -> None:
    shell.type(b"sleep 1234 & htop" + ENTER)
    screen = ESCAPES.sub(b"", shell.expect(b"Quit"))
    for shown in (b"Tasks: ", b"Load average: ", b"Uptime: ", b"/512M", b"sleep 1234", b"/bin/bash", b"root"):
        assert shown in screen, shown
    shell.type(b"t")                            # as a tree
    shell.expect(b"`- ")
    shell.expect(b"sleep 1234")
    shell.hit(b"q", b"root@rvsim:/# ")
    shell.enter(b"top", b"COMMAND")
    shell.expect(b"bash")
    shell.hit(b"q", b"root@rvsim:/# ")


def test_python_reads_the_terminal(shell: Talk) -> None:
    shell.enter(b"python3 -q", b">>> ")
    shell.enter(b"6 * 7", b"42\r\n")
    shell.enter(b"import os; os._exit(9)", b"root@rvsim:/# ")
    shell.enter(b"echo $?", b"9\r\n")
