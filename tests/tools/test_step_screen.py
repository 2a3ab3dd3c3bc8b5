"""`rvsim step --screen`: in a terminal, as a person sees it, and the pieces that it is made of."""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prompt_toolkit.utils import get_cwidth

from rvsim.tests.guest import musl_program
from rvsim.tests.screen import Screen, pane
from rvsim.tests.terminal import START, Terminal
from rvsim.tools.cli import main
from rvsim.tools.debug.recent import Passed
from rvsim.tools.plain import plain
from rvsim.tools.step.screen.console import MOST_BYTES, Written, printed
from rvsim.tools.step.screen.layout import sizes
from rvsim.tools.step.screen.shell import Board, Wish
from rvsim.tools.step.screen.text import Marked, cut, pieces, wrap
from rvsim.tools.step.screen.traps import MOST, TrapList
from rvsim.tools.trace.format import RECORD, Record

Open = Callable[..., Screen]
IDLE = "a key, or : and a command"
CTRL_C, ESCAPE, ENTER = "\x03", "\x1b", "\r"


@pytest.fixture
def opened(tmp_path: object, monkeypatch: pytest.MonkeyPatch) -> Iterator[Open]:
    """Opens `rvsim step --screen` in a terminal that is closed afterwards; the history of lines is the test's own."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setenv("TERM", "xterm-256color")
    for name in ("NO_COLOR", "PYTHONUNBUFFERED"):
        monkeypatch.delenv(name, raising=False)
    screens: list[Screen] = []

    def open_one(*arguments: str, rows: int = 24, columns: int = 80) -> Screen:
        one = Screen("--screen", *arguments, rows=rows, columns=columns)
        screens.append(one)
        return one

    yield open_one
    for one in screens:
        one.close()


def leave(one: Screen, status: int = 0) -> None:
    """Press q; rvsim ends, and the terminal is as it was."""
    before = one.terminal.settings_before
    one.type("q")
    assert one.terminal.wait() == status
    assert one.terminal.seen.rstrip().endswith(b"\x1b[?25h")
    assert b"\x1b[?1049l" in one.terminal.seen
    assert b"Traceback" not in one.terminal.seen
    assert before[3] == one.terminal.settings()[3]


@pytest.mark.parametrize(("rows", "columns"), [(24, 80), (40, 120)])
def test_a_session(opened: Open, rows: int, columns: int) -> None:
    one = opened("echo", "hello", rows=rows, columns=columns)

    def comes(*wanted: str, **texts: str) -> list[str]:
        """Wait until the screen has what is wanted, and each pane its text; a pane that is to be empty has none."""
        return one.wait_for(*wanted, when=lambda seen: all(
            text in "\n".join(pane(seen, name)) if text else not any(pane(seen, name))
            for name, text in texts.items()))

    seen = comes("about to run", IDLE, code="=> 10000", traps="", processes="=> 1 echo", console="",
                 output="about to run")
    assert pane(seen, "registers")[0].split()[:2] == ["pc", "10000"]

    one.type("t")
    comes(" #1 pid 1 (echo): instruction page fault", traps="=>#1 1 instruction", output="invalid")
    one.type("r")
    comes("goes on", traps="file page")
    one.type(":until call write" + ENTER)
    seen = comes("=>#6", IDLE, traps='write(1, "hello', registers="a7*40", console="")
    assert "ecall" in next(row for row in pane(seen, "code") if "=>" in row)
    one.type("s")
    comes("= 6 ", console="hello")
    one.type("b")
    comes("=>#6", IDLE, console="", traps="= 6")       # what will come of it is known
    one.type("c")
    comes("the machine has ended with status 0", "no task, no registers", console="hello")
    one.type("s")
    comes("the machine has ended; `back` goes back")
    one.type("b")
    comes("exit_group(0)", IDLE)
    leave(one)


def test_changed_registers_have_a_colour_and_a_mark(opened: Open) -> None:
    one = opened("echo", "hello")
    one.wait_for(IDLE)
    one.type("ssss")
    seen = one.wait_for("tick 4,", IDLE)
    row, column = next((number, found.end() - 1) for number, row in enumerate(seen)
                       if (found := re.search(r"│.* (a\d)\*[0-9a-f]", row)))
    assert one.screen.buffer[row][column].bold
    assert one.screen.buffer[row][column].fg == "brown"     # what pyte calls yellow
    leave(one)


def test_no_colour(opened: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    one = opened("true")
    one.wait_for(IDLE)
    one.type("ssss")
    one.wait_for("tick 4,", IDLE)
    leave(one)
    codes = {code for found in re.findall(rb"\x1b\[([0-9;]*)m", one.terminal.seen) for code in found.split(b";")}
    assert codes <= {b"", b"0", b"1", b"7"}


def test_mistakes(opened: Open) -> None:
    one = opened("true")
    one.wait_for(IDLE)
    one.type("x")
    one.wait_for("no command has the key x")
    one.type(":nonsense" + ENTER)
    one.wait_for("there is no command 'nonsense'", gone="no command has the key")
    one.type(":break nowhere; c" + ENTER + ":p $nothing" + ENTER)
    one.wait_for("there is no symbol 'nowhere'", "there is no register $nothing")
    one.type(":half a comm" + ESCAPE)
    one.wait_for(IDLE, gone="half a comm")
    one.type("B")
    one.wait_for("nothing of that kind came before")
    one.type(":\x1b[200~\x01\x02 pasted \x7f\x1b[201~" + ENTER)
    one.wait_for("there is no command")
    leave(one)


def test_the_command_line(opened: Open) -> None:
    one = opened(str(musl_program("debugged.c")))
    one.wait_for(IDLE)
    one.type(":break inner\t")
    one.wait_for(":break innermost")
    one.type(ENTER + "c")
    one.wait_for("breakpoint 1 (tick")
    one.type("k")
    one.wait_for("in innermost at debugged.c", "in main at debugged.c")
    one.type("f" + ":d; until call fork clone" + ENTER)
    one.wait_for("clone(child_stack")
    one.type(":until exit" + ENTER)
    one.wait_for("exited with 3")
    one.type(":")
    one.wait_for("Enter: do it")
    one.type("\x1b[A" + ENTER)           # once more
    one.wait_for("exited with 22", IDLE)
    one.type(":quit 7" + ENTER)
    assert one.terminal.wait() == 7


def test_a_tree_of_processes(opened: Open) -> None:
    one = opened("initproc", rows=40, columns=120)
    one.wait_for(IDLE)
    one.type("c")
    one.wait_for("the guest waits for input: i types a line")
    one.type("iforktest_simple" + ENTER)
    one.wait_for("forktest_simple passed.", "(it waits for input: i)")
    one.type(":back exit; ps" + ENTER)
    seen = one.wait_for("PPID", IDLE)
    tree = pane(seen, "processes")
    assert re.match(r"   1 initproc  ", tree[0])
    assert re.match(r"   └ 2 sh  waits in wait4", tree[1])
    assert re.match(r"=>   └ 3 forktest", tree[2])
    assert "forktest_simple passed." in "\n".join(pane(seen, "console"))
    one.type("i\x04")                    # the end of its input
    one.wait_for("what was typed after this point is forgotten", IDLE)
    leave(one)


def test_interrupting(opened: Open) -> None:
    one = opened("infloop")
    one.wait_for(IDLE)
    for _ in range(2):
        one.type("c")
        one.wait_for("infloop runs; Ctrl-C stops it")
        one.type(CTRL_C)
        one.wait_for("interrupted (tick", "Looping for ever.", IDLE)
    one.type("c")
    one.wait_for("infloop runs; Ctrl-C stops it")
    one.type("tttt" + CTRL_C)
    one.wait_for("interrupted (tick", IDLE)
    one.type("c")
    one.wait_for("infloop runs; Ctrl-C stops it")
    leave(one)


def test_interrupting_a_way_back(opened: Open) -> None:
    """A search through a million traps, which takes many seconds, ends when somebody has enough of it."""
    one = opened("bench_getppid")
    one.wait_for(IDLE)
    one.type("c")
    one.wait_for("has ended with status 0, after 1000009 traps", IDLE)
    one.type(":back call openat" + ENTER)
    one.wait_for("bench_getppid runs; Ctrl-C stops it")
    one.type(CTRL_C)
    one.wait_for("interrupted on the way", "has ended with status 0, after 1000009 traps", IDLE)
    one.type("b")
    one.wait_for("=>#1000009", IDLE)
    leave(one)


def test_the_list_shows_the_traps_that_nobody_stopped_at(opened: Open) -> None:
    one = opened("bench_getppid", rows=40, columns=120)
    one.wait_for(IDLE)
    one.type("c")
    one.wait_for("after 1000009 traps", IDLE, when=lambda seen: [
        re.sub(r"0x[0-9a-f]+", "-", " ".join(row.split())) for row in pane(seen, "traps")[-5:]] == [
            "#1000005 1 load page fault - file page", "#1000006 1 load page fault - demand zero",
            "#1000007 1 ioctl(1, TCGETS, -) = ENOTTY", "#1000008 1 write(1, -, 17) = 17",
            "#1000009 1 exit_group(0) = ?"])
    one.type("\t\x1b[5~\x1b[5~")           # from the last pane to the first, and up
    one.wait_for("#999991 1 getppid() = 0", gone="#1000009")
    leave(one)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_signals(opened: Open, number: signal.Signals) -> None:
    one = opened("infloop")
    one.wait_for(IDLE)
    one.type("c")
    one.wait_for("infloop runs; Ctrl-C stops it")
    one.terminal.send(number)
    if number == signal.SIGINT:
        one.wait_for("interrupted (tick", IDLE)
        leave(one)
    else:
        assert one.terminal.wait() == 128 + number
        assert one.terminal.settings()[3] == one.terminal.settings_before[3]
        assert b"\x1b[?1049l" in one.terminal.seen


def test_pasted_lines_and_strange_keys(opened: Open) -> None:
    one = opened("echo", "hello")
    one.wait_for(IDLE)
    one.type("\x1b[200~t\nt\n# nothing\nassert $traps == 2; p 'a'\n\x1b[201~")
    one.wait_for("Enter: do it")
    one.type(ENTER)
    one.wait_for("=>#2", "97 = 0x61", IDLE)
    one.type("\x07")
    one.wait_for("no command has the key c-g")
    one.type("\x04")
    assert one.terminal.wait() == 0


ENDED_BEFORE = """
import os, signal
from rvsim.tools.step.screen.app import Screen
run = Screen.run
def ended(screen, begin):
    os.kill(os.getpid(), signal.SIGTERM)
    return run(screen, begin)
Screen.run = ended
"""


def test_a_signal_before_the_view_is_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setenv("TERM", "xterm-256color")
    with closing(Terminal("--screen", "infloop", command="step", start=ENDED_BEFORE + START)) as terminal:
        assert terminal.wait() == 128 + signal.SIGTERM
        assert terminal.settings()[3] == terminal.settings_before[3]


@pytest.mark.parametrize(("rows", "columns"), [(5, 20), (1, 1), (1, 300), (200, 2)])
def test_a_terminal_with_no_room(opened: Open, rows: int, columns: int) -> None:
    one = opened("infloop")
    one.wait_for(IDLE)
    one.type("c")
    one.wait_for("infloop runs; Ctrl-C stops it")
    one.resize(rows, columns)
    one.type(CTRL_C)
    one.resize(24, 80)
    one.wait_for("interrupted (tick", IDLE)
    one.resize(rows, columns)
    one.type("q")
    assert one.terminal.wait() == 0
    assert b"\x1b[?1049l" in one.terminal.seen
    assert b"Traceback" not in one.terminal.seen
    assert one.terminal.settings()[3] == one.terminal.settings_before[3]


@pytest.mark.parametrize("runs", [False, True])
def test_a_terminal_that_goes_away(opened: Open, runs: bool) -> None:
    one = opened("infloop")
    one.wait_for(IDLE)
    if runs:
        one.type("c")
        one.wait_for("infloop runs; Ctrl-C stops it")
    assert one.terminal.hang_up() == 128 + signal.SIGHUP


def test_resizing(opened: Open) -> None:
    one = opened("echo", "hello")
    one.wait_for(IDLE)
    one.type("tt")
    one.wait_for("=>#2", IDLE)
    narrow = pane(one.look(), "traps")[1]
    one.resize(50, 140)
    seen = one.wait_for("=>#2", " s10 ")
    assert len(pane(seen, "traps")[1]) >= len(narrow)
    assert len(pane(seen, "registers")) == 17
    one.resize(20, 60)
    one.wait_for("wants 80x24; this is 60x20")
    one.resize(24, 80)
    seen = one.wait_for("=>#2", gone="wants 80x24")
    assert pane(seen, "traps")[1] == narrow
    leave(one)


def test_help_and_scrolling(opened: Open) -> None:
    one = opened("true")
    one.wait_for(IDLE)
    one.type("?")
    one.wait_for("any key goes back", "let the kernel act")
    one.type(" ")
    one.wait_for(IDLE, gone="any key goes back")
    one.type(":help" + ENTER)
    one.wait_for("several commands stand in a line", IDLE)
    one.type("\x1b[5~\x1b[5~")            # PageUp
    one.wait_for(gone="several commands stand in a line")
    one.type("t")
    one.wait_for(" #1 pid 1")
    leave(one)


def test_output_cannot_harm_the_terminal(opened: Open) -> None:
    evil = "\x1b]0;owned\x07\x1b[2J\x1b[31mred\x1b[0m\x1bc\u202eback\x9b5n"
    one = opened("echo", evil)
    one.wait_for(IDLE)
    one.type("c")
    one.wait_for("ended with status 0", "red")
    one.type("b")
    one.wait_for("exit_group")
    leave(one)
    for harm in (b"\x1b]0;owned", b"\x1b[2Jred", b"\x1bc", "\u202e".encode(), "\x9b".encode()):
        assert harm not in one.terminal.seen


def test_bytes_that_are_no_text(opened: Open, tmp_path: Path) -> None:
    file = tmp_path / "bytes"
    text = "\u6f22\u5b57" * 8 + "\ne\u0301 \U0001f642 |\n\u2066\u2028"
    file.write_bytes(b"\xff\xe6\xbc bad \xf0\x9f\x99\n" + text.encode()
                     + b"\x1b]52;c;aGk=\x07\xc2\x9b6n\x0e\x05\xed\xa0\x80 end\n")
    one = opened("--stdin", str(file), "cat", rows=40, columns=100)
    one.wait_for(IDLE)
    one.type("c")
    seen = one.wait_for("ended with status 0", "end", "bad")
    assert "bad" in "\n".join(pane(seen, "console"))
    leave(one)
    for harm in (b"\x1b]52", b"\xc2\x9b", b"\x0e", b"\x05", "\u2066".encode(), "\u2028".encode()):
        assert harm not in one.terminal.seen


def test_a_program_that_is_not_there(opened: Open) -> None:
    one = opened("./nowhere")
    assert one.terminal.wait() == 127
    last = one.terminal.seen.rsplit(b"\x1b", 1)[-1]
    assert b"nowhere" in last
    assert b"Traceback" not in one.terminal.seen


def test_waiting_for_a_file_can_be_ended(opened: Open, tmp_path: Any) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    holder = os.open(fifo, os.O_RDWR)
    try:
        one = opened("--stdin", str(fifo), "cat")
        one.wait_for(IDLE)
        one.type("c")
        one.wait_for("cat runs; Ctrl-C stops it")
        os.write(holder, b"from the file\n")
        one.wait_for("from the file")
        one.type(CTRL_C)
        one.wait_for("the guest waits for input", gone="Ctrl-C stops it")
        one.type("c")
        one.wait_for("cat runs; Ctrl-C stops it")
        leave(one)
    finally:
        os.close(holder)


def test_no_terminal(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    assert main(["step", "--screen", "true"]) == 125
    assert main(["step", "--screen", "-x", "t", "true"]) == 125
    lines = capfd.readouterr().err.splitlines()
    assert len(lines) == 2
    assert "no terminal" in lines[0]
    assert "-x" in lines[1]


# ---- the pieces


def test_leaving_is_not_forgotten() -> None:
    """q, and then Ctrl-C before the machine's thread has looked."""
    board = Board()
    board.wish(Wish("t"))
    board.wish(None)
    board.wish(Wish("t"))
    board.drop_wishes()
    assert board.next_wish() is None
    board.wish(Wish("t"))
    board.drop_wishes()
    board.wish(Wish("s"))
    assert board.next_wish() == Wish("s")


@given(st.integers(24, 200), st.integers(80, 400))
def test_sizes_fill_the_terminal(rows: int, columns: int) -> None:
    shape = sizes(rows, columns)
    assert shape.traps + shape.code + 2 == shape.registers + shape.tasks + shape.console + 3 == rows - shape.said - 4
    assert min(shape) >= 2
    assert shape.right >= 42
    assert columns - shape.right - 1 >= 37


@given(st.text(), st.integers(1, 60))
def test_cut_and_wrap_keep_to_their_width(text: str, width: int) -> None:
    line = pieces(text.replace("\n", " "))
    assert all(one.isprintable() for _, one in line)
    assert sum(get_cwidth(one) for _, one in cut(line, width)) <= width
    rows = wrap(line, width)
    assert all(sum(get_cwidth(one) for _, one in row) <= width for row in rows)
    if width > 1:
        assert "".join(one for row in rows for _, one in row) == "".join(one for _, one in line)


def test_marks_become_styles() -> None:
    style = Marked()
    assert pieces(f"a {style.paint('here', 'b')} c{style.paint('dim', '')}") == [
        ("", "a "), ("class:here", "b"), ("", " c")]
    assert plain("a\x1b\x01\u202eb\tc") == "a\ufffd\ufffd\ufffdb c"


def test_printed() -> None:
    assert printed("\x1b[1mone\x1b[0m\r\ntwo\rthree\nfou\bur\a\tx\n\x1b7") == ["one", "three", "four    x", "\ufffd7"]


def test_output_follows_the_machine_back() -> None:
    written = Written()
    written.write(1, 0, b"one\n")
    written.write(2, 0, b"error\n")
    written.write(1, 4, b"two\n")
    written.show_until((0, 4, 6))
    assert written.lines() == ["one", "error"]
    written.show_until((0, 8, 6))
    assert written.lines() == ["one", "error", "two"]
    written.write(1, 4, b"another\n")          # something was changed at that place
    assert written.lines() == ["one", "error", "another"]
    for at in range(0, 3 * MOST_BYTES, 8192):
        written.write(1, 12 + at, b"x" * 8191 + b"\n")
    assert set(written.lines()[1:]) == {"x" * 8191}


def test_the_trap_list_has_gaps() -> None:
    traps = TrapList()

    def note(number: int, outcome: str = "") -> None:
        call = SimpleNamespace()
        traps.note(SimpleNamespace(number=number, tid=1, call=call, call_text="getpid()",  # type: ignore[arg-type]
                                   outcome=outcome, cause_name="", tval=0))

    note(2, "getpid() = 1")
    note(2)
    note(5)
    rows = list(traps.rows(2, 2))
    assert [(row.number, row.text, row.result, row.here, row.ahead) for row in rows] == [
        (0, "1 more trap", "", False, False), (2, "getpid()", "= 1", True, False),
        (0, "2 more traps", "", False, True), (5, "getpid()", "", False, True)]
    record = Record._make(RECORD.unpack(bytes(RECORD.size)))._replace(cause=8, number=172, pid=1, tid=1, result=7)
    traps.fill([Passed(number, "linux", record) for number in (1, 2, 5)])
    assert [(row.number, row.text, row.result) for row in traps.rows(2, 2)] == [
        (1, "getpid()", "= 7"), (2, "getpid()", "= 1"), (0, "2 more traps", ""), (5, "getpid()", "= 7")]
    traps.forget_after(4)
    assert [row.text for row in traps.rows(0, 9)] == ["getpid()", "getpid()", "7 more traps"]
    traps.fill([Passed(number, "linux", record) for number in range(10, 3000)])
    numbers = [row.number for row in traps.rows(1500, 1500)]
    assert numbers == [0, *range(1501 - MOST, 1501 + MOST)]
