"""busybox's `sh -i` and `vi` at a terminal, as a person meets them."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from rvsim.tests.prompts import BUSYBOX_PROMPT, BusyboxPrompt
from rvsim.tests.talk import Talk
from rvsim.tests.terminal import (
    BACKSPACE,
    CTRL_A,
    CTRL_C,
    CTRL_D,
    CTRL_E,
    CTRL_K,
    CTRL_U,
    CTRL_W,
    CTRL_Z,
    DELETE,
    ENTER,
    ESCAPE,
    LEFT,
    RIGHT,
    TAB,
    UP,
)
from rvsim.tools import corpus
from rvsim.tools.testing.factory import Image, Point


class Busybox(Talk, BusyboxPrompt):
    """busybox's shell in Debian's tree, at its prompt."""

    def __init__(self, point: Point) -> None:
        super().__init__(point.spawn())
        self.greeting = point.shown.encode().partition(BUSYBOX_PROMPT)[0]

    def start(self, line: bytes, begun: bytes = b"begun\r\n") -> None:
        """Type a line whose program stays in the foreground; wait until it shows `begun`."""
        self.enter(line, b"\r\n")
        self.expect(begun)

    def stop(self) -> bytes:
        """Press ^Z; what the shell says, from the key's echo on."""
        self.type(CTRL_Z)
        return self.expect(BUSYBOX_PROMPT).replace(b"\r\n", b"\n")


JOB, OTHER = b"(echo begun; exec sleep 1000)", b"(echo begun; exec sleep 2000)"


@pytest.fixture
def shell(rvsim_image: Callable[..., Image]) -> Busybox:
    try:
        root = corpus.fetch()
    except corpus.CorpusError as error:
        pytest.skip(str(error))
    image = rvsim_image(root=root, memory="256M", env={"TERM": "xterm"})
    return Busybox(image.snapshot("/bin/busybox", "sh", "-i", ready=re.escape(BUSYBOX_PROMPT.decode())))


def test_the_prompt_comes_without_complaints(shell: Busybox) -> None:
    assert b"built-in shell (ash)" in shell.greeting
    assert b"job control" not in shell.greeting
    assert b"access tty" not in shell.greeting
    assert shell.run(b"tty; echo $-") == b"/dev/console\nsmi\n"


@pytest.mark.parametrize("keys", [
    b"echo one", b"eco one" + LEFT * 5 + b"h", b"eco one" + LEFT * 6 + RIGHT + b"h", b"cho one" + CTRL_A + b"e",
    b"cho on" + CTRL_A + b"e" + CTRL_E + b"e", b"echo ome" + BACKSPACE * 2 + b"ne",
    b"xecho one" + CTRL_A + DELETE, b"nosuch" + CTRL_U + b"echo one", b"echo one two" + LEFT * 4 + CTRL_K,
    b"echo two" + CTRL_W + b"one",
])  # fmt: skip
def test_editing(shell: Busybox, keys: bytes) -> None:
    assert shell.run(keys) == b"one\n"


def test_history_and_completion(shell: Busybox) -> None:
    shell.run(b"echo one")
    shell.run(b"echo two")
    assert shell.run(UP + UP) == b"one\n"
    assert shell.run(UP * 2 + b" more") == b"two more\n"
    assert shell.run(b"echo /etc/deb" + TAB) == b"/etc/debian_version\n"


def test_interrupts(shell: Busybox) -> None:
    shell.hit(b"half a line" + CTRL_C, BUSYBOX_PROMPT)
    assert shell.run(b"echo $?") == b"130\n"
    for line in (b"%s", b"while :; do %s; done", b"%s | cat", b"cat | %s", b"cat | %s | cat", b"{ %s; } 2>&1"):
        shell.start(line % JOB)
        shell.type(CTRL_C)
        assert shell.expect(BUSYBOX_PROMPT).startswith(b"^C")
        assert shell.run(b"echo $?") == b"130\n"
    assert shell.run(b"trap 'echo trapped' INT; sh -c 'kill -INT $PPID'; trap - INT") == b"trapped\n"


def test_a_job_stops_and_goes_on(shell: Busybox) -> None:
    shell.start(JOB)
    assert shell.stop() == b"^Z[1]+  Stopped                    %s\n" % JOB
    assert shell.run(b"echo $?") == b"148\n"
    assert shell.run(b"jobs") == b"[1]+  Stopped                    %s\n" % JOB
    assert shell.run(b"bg") == b"[1] %s\n" % JOB
    assert shell.run(b"jobs") == b"[1]+  Running                    %s\n" % JOB
    shell.enter(b"fg", JOB + b"\r\n")
    shell.stop()
    shell.start(OTHER)
    assert shell.stop().startswith(b"^Z[2]+")
    shell.run(b"kill %1; kill -CONT %1")
    while b"Terminated" not in (told := shell.run(b"jobs")):
        assert b"[1]" in told
    shell.enter(b"fg %2", OTHER + b"\r\n")
    shell.hit(CTRL_C, BUSYBOX_PROMPT)
    assert shell.run(b"jobs") == b""


def test_a_pipeline_stops_as_one_and_goes_on(shell: Busybox) -> None:
    line = b"cat | (echo begun; tr a-z A-Z) | cat"
    shell.start(line)
    for _ in range(2):
        assert b"Stopped" in shell.stop()
        assert shell.run(b"jobs").count(b"Stopped") == 1
        shell.enter(b"fg", line + b"\r\n")
    shell.hit(b"one" + ENTER + CTRL_D, b"ONE\r\n")
    shell.expect(BUSYBOX_PROMPT)
    assert shell.run(b"echo $?") == b"0\n"


def test_the_background_may_not_read(shell: Busybox) -> None:
    shell.run(b"cat &")
    while b"Stopped (tty input)" not in shell.run(b"jobs"):
        pass
    shell.enter(b"fg", b"\ncat\r\n")
    shell.enter(b"word", b"word\r\nword\r\n")
    shell.hit(CTRL_D, BUSYBOX_PROMPT)


def test_the_background_may_not_write_where_the_terminal_says_so(shell: Busybox) -> None:
    shell.run(b"stty tostop; echo written &")
    while b"Stopped (tty output)" not in shell.run(b"jobs"):
        pass
    shell.enter(b"fg", b"\nwritten\r\n")
    shell.expect(BUSYBOX_PROMPT)


def test_vi(shell: Busybox) -> None:
    shell.start(b"vi /tmp/file", b"/tmp/file 1/1 100%")
    for keys in (
        b"ione" + ENTER + b"twx" + BACKSPACE + b"o" + ENTER + b"four" + ENTER + b"five" + ESCAPE,
        b"kOthree" + ESCAPE,             # a line above the last but one
        b"1Gddp" + b"G$r!A?" + ESCAPE,   # the first line goes behind the second; the end of the last one changes
        b"/three" + ENTER + b"cwthird" + ESCAPE,
        b"yypui" + ESCAPE,   # a line twice, and undone
    ):
        shell.hit(keys, b"I /tmp/file")
        shell.expect(b"- /tmp/file [Modified]")
    shell.enter(b":%s/two/TWO/", b"TWO")
    shell.enter(b":wq", b"'/tmp/file' 5L, 25C")
    shell.expect(BUSYBOX_PROMPT)
    assert shell.run(b"cat /tmp/file") == b"TWO\none\nthird\nfour\nfiv!?\n"
    shell.start(b"vi /tmp/file", b"/tmp/file 1/5 20%")
    shell.enter(b"dG:q!", BUSYBOX_PROMPT)
    assert shell.run(b"wc -l /tmp/file") == b"5 /tmp/file\n"
    assert b" echo " in shell.run(b"stty -a")
