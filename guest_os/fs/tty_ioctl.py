"""The requests of terminals. drivers/tty/tty_ioctl.c, tty_io.c, tty_jobctrl.c, ioctl_tty(2)"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from rvsim.guest_os.abi import ioctl as i
from rvsim.guest_os.abi.capability import CAP_SYS_ADMIN
from rvsim.guest_os.abi.errno import EINVAL, EIO, ENOTTY, EPERM
from rvsim.guest_os.abi.termios import ICANON, TERMIO, TERMIOS, TERMIOS2, VSTART, VSTOP, WINSIZE

if TYPE_CHECKING:
    from rvsim.guest_os.fs.tty import Tty
    from rvsim.guest_os.vfs.credentials import Credentials
    from rvsim.guest_os.vfs.file import IoctlArg

_GET = frozenset((i.TCGETS, i.TCGETS2, i.TCGETA))
_SET = frozenset(
    (i.TCSETS, i.TCSETSW, i.TCSETSF, i.TCSETS2, i.TCSETSW2, i.TCSETSF2, i.TCSETA, i.TCSETAW, i.TCSETAF)
)
_SET_FLUSH = frozenset((i.TCSETSF, i.TCSETSF2, i.TCSETAF))
_JOBS = frozenset((i.TIOCSCTTY, i.TIOCNOTTY, i.TIOCGPGRP, i.TIOCSPGRP, i.TIOCGSID))


class Side(Protocol):
    """The side of a terminal that a file is of: the terminal itself, or the master of a pty."""

    hung_up: bool

    def is_controlling(self) -> bool:
        """Whether this is the caller's controlling terminal."""
        ...

    def waiting_bytes(self) -> int:
        """What FIONREAD tells."""
        ...


def tty_ioctl(tty: Tty, opened: Side, request: int, arg: IoctlArg, cred: Credentials) -> int:
    """Serve a request on `tty`; `opened` is the side that the file is of (the master of a pty asks for its slave).

    Raises:
        ENOTTY: unknown, or not the caller's controlling terminal where it must be.
        EINVAL, EPERM, ESRCH: a bad argument, no right to it, no such group.
        EIO: a terminal that hung up.
    """
    if opened.hung_up:
        raise ENOTTY if request == i.TIOCSPGRP else EIO
    if request in _JOBS:
        return _job_ioctl(tty, opened, request, arg, cred)
    if request in _GET:
        termios = tty.termios
        if request == i.TCGETS:
            arg.write(termios.pack())
        else:
            arg.write(termios.pack2() if request == i.TCGETS2 else termios.pack_old())
        return 0
    if request in _SET:
        return _set_termios(tty, request, arg)
    match request:
        case i.TIOCGWINSZ:
            arg.write(WINSIZE.pack(*tty.size))
        case i.TIOCSWINSZ:
            tty.resize(WINSIZE.unpack(arg.read(WINSIZE.size)))
        case i.FIONREAD:
            arg.write(opened.waiting_bytes().to_bytes(4, "little"))
        case i.TIOCOUTQ:
            arg.write(bytes(4))
        case i.TCFLSH:
            _flush(tty, arg.value)
        case i.TCXONC:
            _flow(tty, arg.value)
        case i.TCSBRK | i.TCSBRKP:
            tty.check_change()
        case i.TIOCSTI:
            if not cred.capable(CAP_SYS_ADMIN) and not tty.is_controlling():
                raise EPERM
            tty.receive(arg.read(1))
        case i.TIOCEXCL:
            tty.exclusive = True
        case i.TIOCNXCL:
            tty.exclusive = False
        case i.TIOCGEXCL:
            arg.write(int(tty.exclusive).to_bytes(4, "little"))
        case i.TIOCGETD:
            arg.write(bytes(4))
        case i.TIOCSETD:
            if arg.read(4) != bytes(4):
                raise EINVAL
        case i.TIOCGDEV:
            arg.write((tty.rdev & 0xFFFFFFFF).to_bytes(4, "little"))
        case _:
            raise ENOTTY
    return 0


def _set_termios(tty: Tty, request: int, arg: IoctlArg) -> int:
    tty.check_change()
    canonical = bool(tty.termios.lflag & ICANON)
    if request in (i.TCSETS, i.TCSETSW, i.TCSETSF):
        data = arg.read(TERMIOS.size)
        tty.termios.unpack(data)
    elif request in (i.TCSETS2, i.TCSETSW2, i.TCSETSF2):
        data = arg.read(TERMIOS2.size)
        tty.termios.unpack2(data)
    else:
        data = arg.read(TERMIO.size)
        tty.termios.unpack_old(data)
    if request in _SET_FLUSH:
        tty.discipline.flush_input()
    tty.settings_changed(canonical)
    return 0


def _flush(tty: Tty, queue: int) -> None:
    if queue not in (i.TCIFLUSH, i.TCOFLUSH, i.TCIOFLUSH):
        raise EINVAL
    tty.check_change()
    if queue != i.TCOFLUSH:
        tty.discipline.flush_input()
    if queue != i.TCIFLUSH:
        tty.flush_output()


def _flow(tty: Tty, action: int) -> None:
    tty.check_change()
    if action in (i.TCOOFF, i.TCOON):
        tty.set_stopped(action == i.TCOOFF)
    elif action in (i.TCIOFF, i.TCION):
        char = tty.termios.cc[VSTOP if action == i.TCIOFF else VSTART]
        if char:
            tty.emit(bytes((char,)))
    else:
        raise EINVAL


def _job_ioctl(tty: Tty, opened: Side, request: int, arg: IoctlArg, cred: Credentials) -> int:
    jobs = tty.jobs
    if request == i.TIOCSCTTY:
        return _set_controlling(tty, arg.value, cred)
    if request == i.TIOCNOTTY:
        if not opened.is_controlling():
            raise ENOTTY
        if jobs.is_session_leader():
            tty.leave_session()
        else:
            jobs.set_controlling_tty(None, None)
        return 0
    if request == i.TIOCSPGRP:
        tty.check_change()
        if not tty.is_controlling() or tty.session != jobs.session():
            raise ENOTTY
        number = int.from_bytes(arg.read(4), "little", signed=True)
        if number < 0:
            raise EINVAL
        group = jobs.find_group(number)
        if jobs.session_of(group) != jobs.session():
            raise EPERM
        tty.group = group
        return 0
    if tty is opened and not tty.is_controlling():
        raise ENOTTY
    if request == i.TIOCGSID:
        if tty.session is None:
            raise ENOTTY
        arg.write(jobs.number(tty.session).to_bytes(4, "little"))
    else:
        arg.write((jobs.number(tty.group) if tty.group is not None else 0).to_bytes(4, "little"))
    return 0


def _set_controlling(tty: Tty, steal: int, cred: Credentials) -> int:
    """TIOCSCTTY. drivers/tty/tty_jobctrl.c:tiocsctty"""
    jobs = tty.jobs
    if jobs.is_session_leader() and tty.session is not None and tty.session == jobs.session():
        return 0
    if not jobs.is_session_leader() or jobs.controlling_tty() is not None:
        raise EPERM
    if tty.session is not None:
        if steal != 1 or not cred.capable(CAP_SYS_ADMIN):
            raise EPERM
        jobs.set_controlling_tty(tty.session, None)
    tty.take_session()
    return 0
