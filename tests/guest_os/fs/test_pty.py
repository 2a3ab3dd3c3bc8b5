"""Pseudo terminals. What is expected was seen on Linux, but for the sizes of the buffers."""

from __future__ import annotations

import struct

import pytest

from rvsim.guest_os.abi import ioctl as i
from rvsim.guest_os.abi import termios as t
from rvsim.guest_os.abi.errno import EACCES, EAGAIN, EINVAL, EIO, ENOENT, ENOTTY, EPERM
from rvsim.guest_os.abi.fcntl import O_CREAT, O_NOCTTY, O_NONBLOCK, O_RDWR
from rvsim.guest_os.abi.poll import POLLERR, POLLHUP, POLLIN, POLLOUT, POLLPRI, POLLRDNORM, POLLWRNORM
from rvsim.guest_os.abi.stat import DT_CHR, S_IFCHR, makedev
from rvsim.guest_os.fs.char_device import TTY
from rvsim.guest_os.fs.console_tty import ControllingTtyDevice
from rvsim.guest_os.fs.devpts import DevPts
from rvsim.guest_os.fs.pty import CAPACITY
from rvsim.guest_os.wait import Blocked

OUT = POLLOUT | POLLWRNORM
IN = POLLIN | POLLRDNORM
RW = O_RDWR | O_NOCTTY | O_NONBLOCK


class Jobs:
    """One session (100) with one group (100), which the caller leads."""

    def __init__(self):
        self.tty = None
        self.sent = []
        self.resume = None

    def group(self):
        return 100

    session = group

    def is_session_leader(self):
        return True

    def controlling_tty(self):
        return self.tty

    def set_controlling_tty(self, session, tty):
        self.tty = tty

    def session_of(self, group):
        return group

    find_group = number = session_of

    def is_orphaned(self, group):
        return False

    def ignores(self, signo):
        return False

    def signal_group(self, group, signo):
        self.sent.append((group, signo))

    def signal_leader(self, session, signo):
        self.sent.append((f"leader {session}", signo))


class Arg:
    """User memory at `value`."""

    def __init__(self, data=b"", value=0):
        self.value = value
        self.data = data

    def read(self, size):
        return self.data[:size].ljust(size, b"\0")

    def write(self, data):
        self.data = data


class Bench:
    """A machine with /dev/pts."""

    def __init__(self, world):
        self.world = world
        self.jobs = Jobs()
        self.devpts = DevPts(world.clock, world.devices, self.jobs)
        world.table.register(self.devpts)
        world.devices.register(TTY, ControllingTtyDevice(self.jobs))
        world.mkdir(b"/dev")
        world.table.mount_type(b"devtmpfs", b"dev", world.path(b"/dev"))
        world.table.mount_type(b"devpts", b"devpts", world.path(b"/dev/pts"), data=b"mode=620,gid=5")

    def master(self, flags=RW, *, locked=False):
        file = self.world.open(b"/dev/ptmx", flags)
        if not locked:
            file.ioctl(i.TIOCSPTLCK, Arg(bytes(4)))
        return file

    def slave(self, index=0, flags=RW):
        return self.world.open(b"/dev/pts/%d" % index, flags)

    def pair(self, *, raw=False):
        master, slave = self.master(), self.slave()
        if raw:
            change(slave, lflag=0, iflag=0, oflag=0)
        return master, slave


def change(file, **flags):
    arg = Arg()
    file.ioctl(i.TCGETS, arg)
    values = list(t.TERMIOS.unpack(arg.data))
    for name, value in flags.items():
        values[("iflag", "oflag", "cflag", "lflag").index(name)] = value
    file.ioctl(i.TCSETS, Arg(t.TERMIOS.pack(*values)))


@pytest.fixture
def bench(world):
    return Bench(world)


def test_numbers_and_nodes(bench):
    world = bench.world
    assert world.names(b"/dev/pts") == [b"ptmx"]
    first, second = bench.master(), world.open(b"/dev/ptmx", RW, cred=world.user(7, 8))
    arg = Arg()
    second.ioctl(i.TIOCGPTN, arg)
    assert arg.data == struct.pack("<I", 1)
    stat = world.stat(b"/dev/pts/1")
    assert (stat.mode, stat.uid, stat.gid, stat.rdev, stat.ino) == (S_IFCHR | 0o620, 7, 5, makedev(136, 1), 4)
    assert world.dirents(b"/dev/pts")[2:] == [(b"ptmx", 2, DT_CHR), (b"0", 3, DT_CHR), (b"1", 4, DT_CHR)]
    assert bench.slave().path.display() == b"/dev/pts/0"
    first.put()
    assert world.names(b"/dev/pts") == [b"ptmx", b"1"]
    assert world.error(bench.slave) is ENOENT
    assert world.error(world.unlink, b"/dev/pts/1") is EPERM
    assert world.error(world.open, b"/dev/pts/x", RW | O_CREAT) is EACCES
    assert world.error(world.mkdir, b"/dev/pts/d") is EPERM


def test_a_number_is_free_when_both_sides_are_closed(bench):
    master, slave = bench.pair()
    master.put()
    other = bench.master()
    arg = Arg()
    other.ioctl(i.TIOCGPTN, arg)
    assert arg.data == struct.pack("<I", 1)
    slave.put()
    again = bench.master()
    again.ioctl(i.TIOCGPTN, arg)
    assert arg.data == struct.pack("<I", 0)
    for file in (again, other):
        file.put()
    assert not bench.devpts.sb.slaves
    assert not bench.devpts.sb.nodes


def test_lock(bench):
    master = bench.master(locked=True)
    assert bench.world.error(bench.slave) is EIO
    assert bench.world.error(master.open_peer, O_RDWR) is EIO
    arg = Arg()
    master.ioctl(i.TIOCGPTLCK, arg)
    assert arg.data == struct.pack("<I", 1)
    master.ioctl(i.TIOCSPTLCK, Arg(bytes(4)))
    peer = master.open_peer(RW)
    assert peer.path.display() == b"/dev/pts/0"
    assert peer.flags == O_RDWR | O_NONBLOCK
    for request in (i.TIOCGPTN, i.TIOCGPTLCK, i.TIOCPKT):
        assert bench.world.error(peer.ioctl, request, arg) is ENOTTY


def test_both_ways_through_the_line_discipline(bench):
    master, slave = bench.pair()
    assert master.write(b"typed\r") == 6
    assert master.read(99) == b"typed\r\n"
    assert slave.read(99) == b"typed\n"
    slave.write(b"out\n")
    assert master.read(3) == b"out"
    arg = Arg()
    master.ioctl(i.FIONREAD, arg)
    assert arg.data == struct.pack("<I", 2)
    assert master.read(99) == b"\r\n"
    assert bench.world.error(master.read, 9) is EAGAIN
    master.set_flags(0)
    with pytest.raises(Blocked) as caught:
        master.read(9)
    assert caught.value.queues == (bench.devpts.sb.slaves[0].master_read_queue,)


def test_what_is_written_before_the_slave_is_opened(bench):
    master = bench.master()
    assert master.poll() == OUT
    master.write(b"early\n")
    assert bench.slave().read(99) == b"early\n"


def test_end_of_the_slave(bench):
    world = bench.world
    master, slave = bench.pair(raw=True)
    slave.write(b"last words")
    slave.put()
    assert master.poll() == IN | OUT | POLLHUP
    assert master.write(b"waits\n") == 6
    assert master.read(99) == b"last words"
    assert world.error(master.read, 9) is EIO
    assert master.poll() == OUT | POLLHUP
    again = bench.slave()
    assert world.error(master.read, 9) is EAGAIN
    assert again.read(99) == b"waits\n"
    arg = Arg()
    again.ioctl(i.TCGETS, arg)
    assert t.TERMIOS.unpack(arg.data)[3] == 0


def test_end_of_the_master_hangs_up(bench):
    world = bench.world
    master, slave = bench.pair()
    slave.ioctl(i.TIOCSCTTY, Arg())
    assert world.open(b"/dev/tty", O_RDWR).write(b"x") == 1
    master.write(b"lost\n")
    master.put()
    assert bench.jobs.sent == [("leader 100", 1), ("leader 100", 18), (100, 1)]
    assert bench.jobs.tty is None
    assert slave.read(99) == b""
    assert world.error(slave.write, b"x") is EIO
    assert world.error(slave.ioctl, i.TCGETS, Arg()) is EIO
    assert world.error(slave.ioctl, i.TIOCSPGRP, Arg(bytes(4))) is ENOTTY
    assert slave.poll() == IN | OUT | POLLERR | POLLHUP
    assert slave.inode.nlink == 0
    assert slave.path.display() == b"/dev/pts/0 (deleted)"


def test_window_size_and_signals_from_the_master(bench):
    master, slave = bench.pair()
    slave.ioctl(i.TIOCSCTTY, Arg())
    size = struct.pack("<HHHH", 30, 90, 1, 2)
    master.ioctl(i.TIOCSWINSZ, Arg(size))
    arg = Arg()
    slave.ioctl(i.TIOCGWINSZ, arg)
    assert arg.data == size
    master.write(b"\x03")
    master.ioctl(i.TIOCSIG, Arg(value=15))
    assert bench.jobs.sent == [(100, 28), (100, 2), (100, 15)]
    assert master.read(99) == b"^C"
    assert bench.world.error(master.ioctl, i.TIOCSIG, Arg(value=99)) is EINVAL


def test_the_master_answers_for_its_slave(bench):
    world = bench.world
    master, slave = bench.pair()
    arg = Arg()
    master.ioctl(i.TIOCGPGRP, arg)
    assert arg.data == bytes(4)
    assert world.error(master.ioctl, i.TIOCGSID, arg) is ENOTTY
    assert world.error(slave.ioctl, i.TIOCGPGRP, arg) is ENOTTY
    assert world.error(master.ioctl, i.TIOCNOTTY, arg) is ENOTTY
    master.ioctl(i.TIOCSCTTY, Arg())
    assert bench.jobs.tty is bench.devpts.sb.slaves[0]
    for file in (master, slave):
        file.ioctl(i.TIOCGSID, arg)
        assert arg.data == struct.pack("<I", 100)
    change(master, lflag=0)
    slave.ioctl(i.TCGETS, arg)
    assert t.TERMIOS.unpack(arg.data)[3] == 0


def test_a_slave_becomes_the_controlling_terminal(bench):
    bench.master()
    bench.slave(flags=O_RDWR | O_NOCTTY)
    assert bench.jobs.tty is None
    bench.slave(flags=O_RDWR)
    assert bench.jobs.tty is bench.devpts.sb.slaves[0]


def test_full_buffers(bench):
    world = bench.world
    master, slave = bench.pair(raw=True)
    written = 0
    while master.poll() & POLLOUT:
        written += master.write(b"x" * 1000)
    assert world.error(master.write, b"x") is EAGAIN
    got = 0
    while slave.poll() & POLLIN:
        got += len(slave.read(1000))
    assert got == written == CAPACITY + 4095
    assert master.poll() == OUT
    written = 0
    while slave.poll() & POLLOUT:
        written += slave.write(b"y" * 1000)
    assert world.error(slave.write, b"y") is EAGAIN
    assert len(master.read(1 << 20)) == written
    assert slave.poll() == OUT


def test_a_long_line_without_an_end_does_not_jam(bench):
    master, slave = bench.pair()
    change(slave, lflag=t.ICANON)
    for _ in range(20):
        master.write(b"x" * 1000)
    master.write(b"\n")
    assert len(slave.read(1 << 20)) == 4096


def test_packet_mode(bench):
    world = bench.world
    master, slave = bench.pair()
    change(slave, lflag=t.ICANON | t.ISIG)
    master.ioctl(i.TIOCPKT, Arg(struct.pack("<I", 1)))
    arg = Arg()
    master.ioctl(i.TIOCGPKT, arg)
    assert arg.data == struct.pack("<I", 1)
    slave.write(b"hello")
    assert master.read(4) == b"\0hel"
    assert master.read(9) == b"\0lo"
    slave.ioctl(i.TCFLSH, Arg(value=i.TCIFLUSH))
    assert master.poll() == IN | OUT | POLLPRI
    assert master.read(9) == b"\x01"
    slave.write(b"kept")
    for request, value, status in (
        (i.TCFLSH, i.TCOFLUSH, b"\x02"), (i.TCXONC, i.TCOOFF, b"\x04"), (i.TCXONC, i.TCOON, b"\x08"),
    ):  # fmt: skip
        slave.ioctl(request, Arg(value=value))
        assert master.read(9) == status
    assert master.read(9) == b"\0kept"
    for key, status in ((b"\x13", b"\x04"), (b"\x11", b"\x08"), (b"\x03", b"\x03")):
        master.write(key)
        assert master.read(9) == status
    change(slave, iflag=t.ICRNL)
    assert master.read(9) == b"\x10"
    change(slave, iflag=t.ICRNL | t.IXON)
    assert master.read(9) == b"\x20"
    change(slave, iflag=t.ICRNL | t.IXON)
    assert world.error(master.read, 9) is EAGAIN
    master.ioctl(i.TIOCPKT, Arg(bytes(4)))
    slave.write(b"plain")
    assert master.read(9) == b"plain"


def test_flush_from_the_master(bench):
    master, slave = bench.pair(raw=True)
    slave.write(b"gone")
    master.ioctl(i.TCFLSH, Arg(value=i.TCIFLUSH))
    assert bench.world.error(master.read, 9) is EAGAIN
    assert bench.world.error(master.ioctl, i.TCFLSH, Arg(value=9)) is EINVAL


def test_mount_options(bench):
    world = bench.world
    assert bench.devpts.sb.show_options() == b",gid=5,mode=620,ptmxmode=000"
    world.mkdir(b"/pts")
    at = world.path(b"/pts")
    assert world.error(world.table.mount_type, b"devpts", b"x", at, 0, b"mode=9") is EINVAL
    world.table.mount_type(b"devpts", b"x", at, 0, b"ptmxmode=666")
    assert world.stat(b"/pts/ptmx").mode == S_IFCHR | 0o666
    assert world.open(b"/pts/ptmx", RW).ioctl(i.TIOCGPTN, Arg()) == 0
