"""The captured console, which other tests rely on."""

import pytest

from rvsim.emu.console import CapturedConsole, ConsoleStarved


def test_input_is_read_up_to_the_limit_then_ends() -> None:
    console = CapturedConsole(b"abcde")
    assert console.wait(None)
    assert console.read(2) == b"ab"
    assert console.read(10) == b"cde"
    assert console.read(10) == b""
    assert console.read(10) == b""
    assert console.wait(None)


def test_open_ended_input_starves_loudly() -> None:
    console = CapturedConsole(ended=False)
    assert console.read(1) is None
    assert not console.wait(1.0)
    with pytest.raises(ConsoleStarved):
        console.wait(None)
    console.feed(b"x")
    assert console.wait(None)
    assert console.read(1) == b"x"
    console.feed_end()
    assert console.read(1) == b""


def test_script_replies_when_the_output_appears() -> None:
    console = CapturedConsole(script=[(b"$ ", b"ls\n"), (b"$ ", b"exit\n")])
    assert console.read(10) is None
    console.write(b"$ ")
    assert console.read(10) == b"ls\n"
    assert console.read(10) is None
    with pytest.raises(ConsoleStarved, match=r"\$ "):
        console.wait(None)
    console.write(b"file\n$")
    console.write(b" ")
    assert console.read(10) == b"exit\n"
    assert console.read(10) == b""


def test_streams_are_kept_apart_and_in_order() -> None:
    console = CapturedConsole(kinds=("terminal", "file", "terminal"))
    console.write(b"1")
    console.write_error(b"2")
    console.write_terminal(b"3")
    assert bytes(console.output + b"|" + console.errors + b"|" + console.transcript) == b"1|23|123"
    console.close_reader(1)
    console.write(b"lost")
    assert console.closed(1)
    assert console.output == b"1"


def test_resize_is_noticed_once() -> None:
    console = CapturedConsole(ended=False, kinds=("terminal", "terminal", "terminal"))
    assert console.size() == (24, 80)
    console.resize(50, 132)
    assert console.wait(None)
    assert console.take_resize()
    assert not console.take_resize()
    assert console.size() == (50, 132)
