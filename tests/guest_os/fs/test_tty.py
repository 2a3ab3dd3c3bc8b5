"""Terminals: line discipline, reading, job control, requests."""

from __future__ import annotations

import struct
from collections.abc import Hashable
from typing import TYPE_CHECKING

import pytest

from rvsim.guest_os.abi import ioctl as i
from rvsim.guest_os.abi import termios as t
from rvsim.guest_os.abi.errno import EAGAIN, EINVAL, EIO, ENOTTY, ENXIO, EPERM, ESRCH
from rvsim.guest_os.abi.fcntl import O_NOCTTY, O_NONBLOCK, O_RDWR
from rvsim.guest_os.abi.poll import POLLIN, POLLOUT
from rvsim.guest_os.fs.char_device import CONSOLE, TTY
from rvsim.guest_os.fs.console_tty import ConsoleTty, ControllingTtyDevice, TtyDevice
from rvsim.guest_os.wait import Blocked

if TYPE_CHECKING:
    from rvsim.guest_os.fs.tty import Tty
    from rvsim.tests.guest_os.conftest import World


class FakeConsole:
    """A person who has typed `typed`."""

    def __init__(self) -> None:
        self.typed = b""
        self.out = b""
        self.ended = False
        self.rows = 24

    def read(self, limit: int) -> bytes | None:
        data, self.typed = self.typed[:limit], self.typed[limit:]
        return data or (b"" if self.ended else None)

    def write(self, data: bytes) -> None:
        raise AssertionError

    write_error = write

    def write_terminal(self, data: bytes) -> None:
        self.out += data

    def wait(self, timeout_s: float | None) -> None:
        raise AssertionError

    def closed(self, fd: int) -> bool:
        return False

    def size(self) -> tuple[int, int]:
        return (self.rows, 80)

    def take_resize(self) -> bool:
        return self.rows != 24


class FakeJobs:
    """One session (100) with groups 100 and 200; the caller is in `current`."""

    def __init__(self) -> None:
        self.current = 100
        self.leader = True
        self.tty: Tty | None = None
        self.sent: list[tuple[object, int]] = []
        self.ignored: set[int] = set()
        self.orphaned = False
        self.resume: object = None

    def group(self) -> int:
        return self.current

    def session(self) -> int:
        return 100

    def is_session_leader(self) -> bool:
        return self.leader

    def controlling_tty(self) -> Tty | None:
        return self.tty

    def set_controlling_tty(self, session: Hashable, tty: Tty | None) -> None:
        self.tty = tty

    def find_group(self, number: int) -> int:
        if number not in (100, 200, 300):
            raise ESRCH
        return number

    def session_of(self, group: Hashable) -> int:
        return 300 if group == 300 else 100

    def number(self, group: Hashable) -> int:
        assert isinstance(group, int)
        return group

    def is_orphaned(self, group: Hashable) -> bool:
        return self.orphaned

    def ignores(self, signo: int) -> bool:
        return signo in self.ignored

    def signal_group(self, group: Hashable, signo: int) -> None:
        self.sent.append((group, signo))

    def signal_leader(self, session: Hashable, signo: int) -> None:
        self.sent.append((f"leader {session}", signo))


class Arg:
    """User memory at `value`."""

    def __init__(self, data: bytes = b"", value: int = 0) -> None:
        self.value = value
        self.data = data

    def read(self, size: int) -> bytes:
        return self.data[:size].ljust(size, b"\0")

    def write(self, data: bytes) -> None:
        self.data = data


class Bench:
    """A console terminal, open."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.console = FakeConsole()
        self.jobs = FakeJobs()
        self.tty = ConsoleTty(self.console, world.clock, self.jobs)
        world.devices.register(CONSOLE, TtyDevice(self.tty))
        world.devices.register(TTY, ControllingTtyDevice(self.jobs))
        world.mkdir(b"/dev")
        world.table.mount_type(b"devtmpfs", b"dev", world.path(b"/dev"))
        self.file = world.open(b"/dev/console", O_RDWR | O_NOCTTY)

    def type(self, data: bytes) -> bytes:
        """Type and return what appears on the screen."""
        self.console.out = b""
        self.tty.receive(data)
        return self.console.out

    def set(
        self, *, lflag: int | None = None, iflag: int | None = None, oflag: int | None = None, **chars: int
    ) -> None:
        """TCSETS with changes."""
        arg = Arg()
        self.file.ioctl(i.TCGETS, arg)
        values = list(t.TERMIOS.unpack(arg.data))
        for index, value in enumerate((iflag, oflag, None, lflag)):
            if value is not None:
                values[index] = value
        cc = bytearray(values[5])
        for name, value in chars.items():
            cc[getattr(t, name)] = value
        values[5] = bytes(cc)
        assert self.file.ioctl(i.TCSETS, Arg(t.TERMIOS.pack(*values))) == 0

    def ready(self) -> bool:
        return bool(self.file.poll() & POLLIN)


@pytest.fixture
def bench(world: World) -> Bench:
    return Bench(world)


LFLAG = t.ISIG | t.ICANON | t.ECHO | t.ECHOE | t.ECHOK | t.ECHOCTL | t.ECHOKE | t.IEXTEN


def test_canonical_lines_and_echo(bench: Bench) -> None:
    assert bench.type(b"ab") == b"ab"
    assert not bench.ready()
    with pytest.raises(Blocked):
        bench.file.read(9)
    assert bench.type(b"c\rnext\n") == b"c\r\nnext\r\n"
    assert bench.ready()
    assert bench.file.read(2) == b"ab"
    assert bench.file.read(99) == b"c\n"
    assert bench.file.read(99) == b"next\n"
    bench.file.set_flags(O_NONBLOCK)
    assert bench.world.error(bench.file.read, 1) is EAGAIN


@pytest.mark.parametrize(
    ("typed", "line", "screen"),
    [
        (b"ab\x7fc\n", b"ac\n", b"ab\b \bc\r\n"),
        (b"\x7f\x7fx\n", b"x\n", b"x\r\n"),
        (b"one two\x17X\n", b"one X\n", b"one two" + b"\b \b" * 3 + b"X\r\n"),
        (b"a, b..\x17\x17Z\n", b"Z\n", b"a, b.." + b"\b \b" * 6 + b"Z\r\n"),
        (b"abc\x15d\n", b"d\n", b"abc" + b"\b \b" * 3 + b"d\r\n"),
        (b"a\x01\x7fb\n", b"ab\n", b"a^A\b \b\b \bb\r\n"),
        (b"ab\t\x7fc\n", b"abc\n", b"ab\t" + b"\b" * 6 + b"c\r\n"),
        (b"a\x16\x03b\n", b"a\x03b\n", b"a^\b^Cb\r\n"),
        (b"ab\x12c\n", b"abc\n", b"ab^R\r\nabc\r\n"),
    ],
)  # fmt: skip
def test_editing(bench: Bench, typed: bytes, line: bytes, screen: bytes) -> None:
    assert bench.type(typed) == screen
    assert bench.file.read(99) == line


def test_end_of_file_key(bench: Bench) -> None:
    bench.type(b"\x04")
    assert bench.ready()
    assert bench.file.read(9) == b""
    bench.type(b"part\x04")
    assert bench.file.read(4) == b"part"
    with pytest.raises(Blocked):
        bench.file.read(9)


def test_erasing_utf8(bench: Bench) -> None:
    bench.set(iflag=t.ICRNL | t.IXON | t.IUTF8)
    assert bench.type("aé\x7f\n".encode()) == "aé\b \b\r\n".encode()
    assert bench.file.read(9) == b"a\n"


def test_signal_keys(bench: Bench) -> None:
    bench.file.ioctl(i.TIOCSCTTY, Arg())
    assert bench.type(b"abc\x03") == b"abc^C"
    assert bench.type(b"\x1c\x1a") == b"^\\^Z"
    assert bench.jobs.sent == [(100, 2), (100, 3), (100, 20)]
    bench.type(b"x\n")
    assert bench.file.read(9) == b"x\n"
    bench.set(lflag=LFLAG & ~t.ISIG)
    bench.type(b"\x03\n")
    assert bench.file.read(9) == b"\x03\n"


def test_flow_control(bench: Bench) -> None:
    bench.type(b"\x13")
    assert not bench.file.poll() & POLLOUT
    with pytest.raises(Blocked):
        bench.file.write(b"held")
    bench.type(b"\x11")
    assert bench.file.write(b"on\n") == 3
    assert bench.console.out == b"on\r\n"


def test_raw_mode_reads(bench: Bench) -> None:
    bench.set(lflag=0, iflag=0, oflag=0)
    assert bench.type(b"a\r\x03") == b""
    assert bench.file.read(2) == b"a\r"
    assert bench.file.read(9) == b"\x03"
    bench.file.write(b"x\ny")
    assert bench.console.out == b"x\ny"
    bench.set(lflag=0, VMIN=3)
    bench.type(b"12")
    assert not bench.ready()
    with pytest.raises(Blocked):
        bench.file.read(9)
    assert bench.file.read(2) == b"12"
    bench.set(lflag=0, VMIN=0)
    assert bench.file.read(9) == b""


def test_read_timeouts(bench: Bench) -> None:
    bench.set(lflag=0, VMIN=0, VTIME=5)
    with pytest.raises(Blocked) as caught:
        bench.file.read(9)
    deadline = bench.world.clock.monotonic_ns() + 500_000_000
    assert caught.value.deadline_ns == deadline
    bench.world.clock.now += 300_000_000
    with pytest.raises(Blocked) as caught:
        bench.file.read(9)
    assert caught.value.deadline_ns == deadline
    bench.world.clock.now = deadline
    assert bench.file.read(9) == b""
    bench.set(lflag=0, VMIN=2, VTIME=1)
    with pytest.raises(Blocked) as caught:
        bench.file.read(9)
    assert caught.value.deadline_ns is None
    bench.type(b"x")
    with pytest.raises(Blocked) as caught:
        bench.file.read(9)
    deadline_ns = caught.value.deadline_ns
    assert deadline_ns is not None
    bench.world.clock.now = deadline_ns
    assert bench.file.read(9) == b"x"


def test_mode_change_keeps_what_is_typed(bench: Bench) -> None:
    bench.type(b"line\nhalf")
    bench.set(lflag=0)
    assert bench.file.read(99) == b"line\nhalf"
    bench.type(b"more")
    bench.set(lflag=LFLAG)
    assert bench.file.read(99) == b"more"
    bench.type(b"gone")
    arg = Arg()
    bench.file.ioctl(i.TCGETS, arg)
    bench.file.ioctl(i.TCSETSF, arg)
    bench.type(b"x\n")
    assert bench.file.read(99) == b"x\n"


def test_termios_layout(bench: Bench) -> None:
    arg = Arg()
    bench.file.ioctl(i.TCGETS, arg)
    assert struct.unpack("<IIIIB19s", arg.data) == (
        0o2400, 0o5, 0o2277, 0o105073, 0, b"\x03\x1c\x7f\x15\x04\0\x01\0\x11\x13\x1a\0\x12\x0f\x17\x16\0\0\0",
    )  # fmt: skip
    bench.file.ioctl(i.TCGETS2, arg)
    assert arg.data[36:] == struct.pack("<II", 38400, 38400)
    bench.file.ioctl(i.TCGETA, arg)
    assert len(arg.data) == 18
    bench.file.ioctl(i.TCSETA, arg)
    assert bench.world.error(bench.file.ioctl, 0x12345, arg) is ENOTTY
    assert bench.world.error(bench.file.ioctl, i.TCFLSH, Arg(value=7)) is EINVAL


def test_window_size(bench: Bench) -> None:
    arg = Arg()
    bench.file.ioctl(i.TIOCGWINSZ, arg)
    assert arg.data == struct.pack("<HHHH", 24, 80, 0, 0)
    bench.file.ioctl(i.TIOCSCTTY, arg)
    bench.file.ioctl(i.TIOCSWINSZ, Arg(struct.pack("<HHHH", 30, 90, 0, 0)))
    bench.file.ioctl(i.TIOCSWINSZ, Arg(struct.pack("<HHHH", 30, 90, 0, 0)))
    assert bench.jobs.sent == [(100, 28)]
    bench.console.rows = 50
    bench.tty.pump()
    assert bench.tty.size == (50, 80, 0, 0)


def test_controlling_terminal(bench: Bench) -> None:
    world = bench.world
    assert world.error(world.open, b"/dev/tty", O_RDWR) is ENXIO
    arg = Arg()
    assert world.error(bench.file.ioctl, i.TIOCGPGRP, arg) is ENOTTY
    world.open(b"/dev/console", O_RDWR)
    assert bench.jobs.tty is bench.tty
    assert world.open(b"/dev/tty", O_RDWR).write(b"hi") == 2
    bench.file.ioctl(i.TIOCGPGRP, arg)
    assert arg.data == struct.pack("<i", 100)
    bench.file.ioctl(i.TIOCGSID, arg)
    assert arg.data == struct.pack("<i", 100)
    bench.file.ioctl(i.TIOCSPGRP, Arg(struct.pack("<i", 200)))
    assert bench.tty.group == 200
    bench.jobs.ignored.add(22)
    for number, error in ((-1, EINVAL), (9, ESRCH), (300, EPERM), (100, None)):
        assert world.error(bench.file.ioctl, i.TIOCSPGRP, Arg(struct.pack("<i", number))) is error
    bench.file.ioctl(i.TIOCNOTTY, arg)
    assert bench.jobs.tty is None
    assert bench.jobs.sent[-2:] == [(100, 1), (100, 18)]


def test_background_processes_are_stopped(bench: Bench) -> None:
    bench.file.ioctl(i.TIOCSCTTY, Arg())
    bench.type(b"x\n")
    bench.jobs.current = 200
    with pytest.raises(Blocked):
        bench.file.read(9)
    assert bench.jobs.sent == [(200, 21)]
    assert bench.file.write(b"allowed") == 7
    bench.jobs.ignored.add(21)
    assert bench.world.error(bench.file.read, 9) is EIO
    bench.jobs.current = 100
    bench.set(lflag=LFLAG | t.TOSTOP)
    bench.jobs.current = 200
    with pytest.raises(Blocked):
        bench.file.write(b"x")
    with pytest.raises(Blocked):
        bench.file.ioctl(i.TCSETS, Arg(bytes(36)))
    assert bench.jobs.sent[1:] == [(200, 22), (200, 22)]
    bench.jobs.orphaned = True
    assert bench.world.error(bench.file.write, b"x") is EIO
    bench.jobs.ignored.add(22)
    assert bench.file.write(b"x") == 1


def test_hangup(bench: Bench) -> None:
    bench.file.ioctl(i.TIOCSCTTY, Arg())
    bench.console.ended = True
    bench.tty.pump()
    assert bench.jobs.sent == [("leader 100", 1), ("leader 100", 18), (100, 1)]
    assert bench.file.read(9) == b""
    assert bench.world.error(bench.file.write, b"x") is EIO
    assert bench.world.error(bench.file.ioctl, i.TCGETS, Arg()) is EIO


def test_output_processing(bench: Bench) -> None:
    bench.file.write(b"a\tb\nc")
    assert bench.console.out == b"a\tb\r\nc"
    assert bench.tty.discipline.output.column == 1
    bench.set(oflag=t.OPOST | t.XTABS | t.OCRNL)
    bench.console.out = b""
    bench.file.write(b"\tx\r")
    assert bench.console.out == b"       x\n"


def test_long_lines_are_cut(bench: Bench) -> None:
    bench.type(b"x" * 5000 + b"\n")
    assert len(bench.file.read(9999)) == 4096
