"""Debian's bash at a terminal, as a person works in it."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from rvsim.tests.prompts import BASH_PROMPT, BashPrompt
from rvsim.tests.talk import Talk
from rvsim.tests.terminal import (
    BACKSPACE,
    CTRL_A,
    CTRL_BACKSLASH,
    CTRL_C,
    CTRL_D,
    CTRL_E,
    CTRL_K,
    CTRL_R,
    CTRL_U,
    CTRL_V,
    CTRL_W,
    CTRL_Z,
    ENTER,
    HOME,
    LEFT,
    TAB,
    UP,
)
from rvsim.tools import corpus
from rvsim.tools.testing.factory import Image, Point

JOB, OTHER = b"(echo begun; exec sleep 1000)", b"(echo begun; exec sleep 2000)"


class Bash(Talk, BashPrompt):
    """bash in Debian's tree, at its prompt."""

    def __init__(self, point: Point) -> None:
        super().__init__(point.spawn())
        self.greeting = point.shown.encode().partition(BASH_PROMPT % b"/")[0]


@pytest.fixture
def shell(rvsim_image: Callable[..., Image]) -> Bash:
    try:
        root = corpus.fetch()
    except corpus.CorpusError as error:
        pytest.skip(str(error))
    image = rvsim_image(root=root, memory="256M", env={"TERM": "xterm"})
    return Bash(image.snapshot("/bin/bash", ready=re.escape((BASH_PROMPT % b"/").decode())))


def told(number: int, state: str, command: bytes, sign: str = "+") -> bytes:
    """What `jobs` says of a job."""
    return b"[%d]%s  %-24s%s\n" % (number, sign.encode(), state.encode(), command)


def test_the_prompt_comes_without_complaints(shell: Bash) -> None:
    assert shell.greeting == b""
    assert shell.run(b"tty; echo $- $TERM $BASH") == b"/dev/console\nhimBHs xterm /bin/bash\n"
    assert shell.run(b"cd /usr/lib", b"/usr/lib") == b""
    assert shell.run(b"pwd; cd", b"~") == b"/usr/lib\n"
    assert shell.run(b"set -o | grep -e emacs -e monitor; shopt checkwinsize", b"~").split() == [
        b"emacs", b"on", b"monitor", b"on", b"checkwinsize", b"on"]  # fmt: skip


@pytest.mark.parametrize("keys", [
    b"echo one", b"eco one" + LEFT * 5 + b"h", b"cho on" + HOME + b"e" + CTRL_E + b"e",
    b"echo ome" + BACKSPACE * 2 + b"ne", b"xecho one" + CTRL_A + CTRL_D, b"nosuch" + CTRL_U + b"echo one",
    b"echo one two" + LEFT * 4 + CTRL_K, b"echo two" + CTRL_W + b"one", b"one" + CTRL_W + b"echo \x19",
    b"echo neo\x1bb\x1b\x14\x1f" + CTRL_W + b"one", b"echo $'on" + CTRL_V + TAB + b"'" + LEFT + BACKSPACE + b"e",
])  # fmt: skip
def test_editing(shell: Bash, keys: bytes) -> None:
    assert shell.run(keys) == b"one\n"


def test_completion(shell: Bash) -> None:
    assert shell.run(b"cat /etc/debian_v" + TAB + b"| wc -l") == b"1\n"
    assert shell.run(b"md5s" + TAB + b"/dev/nu" + TAB) == b"d41d8cd98f00b204e9800998ecf8427e  /dev/null\n"
    assert shell.run(b"echo $HISTFILES" + TAB) == b"500\n"
    shell.type(b"sha" + TAB + TAB)
    listed = shell.expect(b"# sha")
    assert set(re.findall(rb"sha\d+sum", listed)) == {b"sha%dsum" % size for size in (1, 224, 256, 384, 512)}
    assert b"^C" in shell.press(CTRL_C)
    assert shell.run(b"ls -d /e" + TAB + b"ter" + TAB) == b"/etc/terminfo/\n"


def test_history(shell: Bash) -> None:
    shell.run(b"echo one")
    shell.run(b"echo two")
    assert shell.run(UP + UP) == b"one\n"
    assert shell.run(CTRL_R + b"tw") == b"two\n"
    assert shell.run(b"!!").endswith(b"two\n")
    assert shell.run(b"!?one?:s/one/three/").endswith(b"three\n")
    assert shell.run(b"history | tail -n 3 | head -n 1").split() == [b"5", b"echo", b"two"]


def test_interrupts(shell: Bash) -> None:
    shell.press(b"half a line" + CTRL_C)
    assert shell.run(b"echo $?") == b"130\n"
    for line in (b"%s", b"while :; do %s; done", b"%s | cat", b"cat | %s", b"x=$(%s 2> /dev/null >&2; echo no)"):
        if line.startswith(b"x"):
            shell.start(b"x=$(echo begun > /dev/tty; sleep 1000)")
        else:
            shell.start(line % JOB)
        assert shell.press(CTRL_C).startswith(b"^C")
        assert shell.run(b"echo $?") == b"130\n"
    shell.start(JOB)
    assert b"Quit" in shell.press(CTRL_BACKSLASH)
    shell.start(b"trap 'echo trapped' INT; echo begun; read -r line")
    shell.hit(CTRL_C, b"trapped\r\n")
    shell.type(b"word" + ENTER)
    shell.to_prompt()
    assert shell.run(b"trap - INT; echo $line") == b"word\n"


def test_a_job_stops_and_goes_on(shell: Bash) -> None:
    shell.start(JOB)
    assert shell.press(CTRL_Z) == b"^Z\n" + told(1, "Stopped", b"( echo begun; exec sleep 1000 )")
    assert shell.run(b"echo $?; jobs") == b"148\n" + told(1, "Stopped", b"( echo begun; exec sleep 1000 )")
    assert shell.run(b"bg") == b"[1]+ ( echo begun; exec sleep 1000 ) &\n"
    assert shell.run(b"jobs") == told(1, "Running", b"( echo begun; exec sleep 1000 ) &")
    shell.start(b"fg", b"( echo begun; exec sleep 1000 )\r\n")
    shell.press(CTRL_Z)
    shell.start(OTHER)
    assert shell.press(CTRL_Z) == b"^Z\n" + told(2, "Stopped", b"( echo begun; exec sleep 2000 )")
    shell.run(b"kill %1; wait %1")
    assert shell.run(b"jobs > /dev/null; jobs") == told(2, "Stopped", b"( echo begun; exec sleep 2000 )")
    shell.start(b"%2", b"( echo begun; exec sleep 2000 )\r\n")
    assert shell.press(CTRL_C) == b"^C\n"
    assert shell.run(b"jobs") == b""


def test_a_pipeline_stops_as_one_and_goes_on(shell: Bash) -> None:
    line = b"cat | { echo begun; tr a-z A-Z; } | cat"
    shell.start(line)
    for _ in range(2):
        assert shell.press(CTRL_Z).count(b"Stopped") == 1
        assert shell.run(b"jobs -l").count(b"Stopped") == 1
        shell.start(b"fg", b"| cat\r\n")
    shell.hit(b"one" + ENTER + CTRL_D, b"ONE\r\n")
    shell.to_prompt()
    assert shell.run(b"echo $?") == b"0\n"


def test_the_background_may_not_read(shell: Bash) -> None:
    shell.run(b"cat &")
    while b"Stopped" not in shell.run(b"jobs"):
        pass
    shell.start(b"fg", b"cat\r\n")
    shell.enter(b"word", b"word\r\nword\r\n")
    shell.press(CTRL_D)
    assert re.fullmatch(rb"\[1\] \d+\n", shell.run(b"sleep 0.01 &"))
    assert told(1, "Done", b"sleep 0.01") in shell.run(b"wait; true")
    assert b"Terminated" in shell.run(b"sleep 1000 & kill $!; wait")


def test_a_shell_in_the_shell(shell: Bash) -> None:
    shell.enter(b"bash --norc", b"bash-5")
    shell.type(b"suspend" + ENTER)
    assert b"Stopped" in shell.to_prompt()
    shell.enter(b"fg", b"bash-5")
    shell.enter(b"(echo begun; exec sleep 1000)", b"begun\r\n")
    shell.hit(CTRL_Z, b"Stopped")
    shell.enter(b"exit", b"There are stopped jobs.")
    shell.type(b"exit 4" + ENTER)
    shell.to_prompt()
    assert shell.run(b"echo $?; jobs") == b"4\n"


def test_lines_of_the_terminal_itself(shell: Bash) -> None:
    shell.start(b"(echo begun; head -n 1)")
    shell.type(b"wrong" + CTRL_U + b"one twx" + BACKSPACE + b"o three" + CTRL_W + b"end" + ENTER)
    assert shell.to_prompt().endswith(b"\none two end\n")
    shell.start(b"read -r -s -p 'Word: ' word", b"Word: ")
    assert shell.press(b"secret" + ENTER) == b""
    assert shell.run(b"echo; echo $word") == b"\nsecret\n"
    shell.start(b"read -r -n 1 -p key: key", b"key:")
    assert shell.press(b"k") == b"k"
    assert shell.run(b"echo; stty -echo; stty -a | grep -o -e '-echo '; stty sane") == b"\n-echo \n"


def test_less(shell: Bash) -> None:
    shell.run(b"seq 1000 | sed 's/.*/line & of a long text/' > /tmp/text")
    shell.start(b"less /tmp/text", b"line 23 of a long text")
    shell.expect(b"/tmp/text")
    shell.hit(b" ", b"line 46 of a long text\r\n")
    shell.enter(b"/77 of", b"line 99 of a long text\r\n")
    shell.hit(b"G", b"(END)")
    shell.type(b"q")
    shell.to_prompt()
    shell.start(b"seq 500 | less", b"23")
    shell.expect(b":")
    assert b"Stopped" in shell.press(CTRL_Z)
    shell.start(b"fg", b"\x1b[?1049h")
    shell.type(b"q")
    shell.to_prompt()
    assert shell.run(b"echo $?") == b"0\n"
