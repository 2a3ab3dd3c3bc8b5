"""A terminal's settings and their layouts in user memory. include/uapi/asm-generic/termbits.h"""

from __future__ import annotations

from rvsim.guest_os.abi.termios import (
    B38400,
    BAUD_RATES,
    CBAUD,
    CREAD,
    CS8,
    DEFAULT_CC,
    ECHO,
    ECHOCTL,
    ECHOE,
    ECHOK,
    ECHOKE,
    HUPCL,
    ICANON,
    ICRNL,
    IEXTEN,
    ISIG,
    IXON,
    ONLCR,
    OPOST,
    TERMIO,
    TERMIOS,
    TERMIOS2,
)

_HIGH_RATES = {
    0o10001: 57600, 0o10002: 115200, 0o10003: 230400, 0o10004: 460800, 0o10005: 500000, 0o10006: 576000,
    0o10007: 921600, 0o10010: 1000000, 0o10011: 1152000, 0o10012: 1500000, 0o10013: 2000000, 0o10014: 2500000,
    0o10015: 3000000, 0o10016: 3500000, 0o10017: 4000000,
}  # fmt: skip
BOTHER = 0o10000


class Termios:
    """Flags and special characters; at first what Linux calls tty_std_termios: cooked."""

    __slots__ = ("cc", "cflag", "iflag", "ispeed", "lflag", "line", "oflag", "ospeed")

    def __init__(self) -> None:
        self.iflag = ICRNL | IXON
        self.oflag = OPOST | ONLCR
        self.cflag = B38400 | CS8 | CREAD | HUPCL
        self.lflag = ISIG | ICANON | ECHO | ECHOE | ECHOK | ECHOCTL | ECHOKE | IEXTEN
        self.line = 0
        self.cc = bytearray(DEFAULT_CC)
        self.ispeed = self.ospeed = 38400

    def pack(self) -> bytes:
        """struct termios."""
        return TERMIOS.pack(self.iflag, self.oflag, self.cflag, self.lflag, self.line, bytes(self.cc))

    def pack2(self) -> bytes:
        """struct termios2."""
        return TERMIOS2.pack(
            self.iflag, self.oflag, self.cflag, self.lflag, self.line, bytes(self.cc), self.ispeed, self.ospeed
        )  # fmt: skip

    def pack_old(self) -> bytes:
        """struct termio."""
        return TERMIO.pack(
            self.iflag & 0xFFFF, self.oflag & 0xFFFF, self.cflag & 0xFFFF, self.lflag & 0xFFFF, self.line,
            bytes(self.cc[:8]),
        )  # fmt: skip

    def unpack(self, data: bytes) -> None:
        """Set from struct termios."""
        self.iflag, self.oflag, self.cflag, self.lflag, self.line, chars = TERMIOS.unpack(data)
        self.cc[:] = chars
        self._rates(self.ospeed)

    def unpack2(self, data: bytes) -> None:
        """Set from struct termios2."""
        self.iflag, self.oflag, self.cflag, self.lflag, self.line, chars, _, speed = TERMIOS2.unpack(data)
        self.cc[:] = chars
        self._rates(speed)

    def unpack_old(self, data: bytes) -> None:
        """Set from struct termio: the low halves of the flags, eight characters."""
        iflag, oflag, cflag, lflag, self.line, chars = TERMIO.unpack(data)
        high = 0xFFFF0000
        self.iflag = self.iflag & high | iflag
        self.oflag = self.oflag & high | oflag
        self.cflag = self.cflag & high | cflag
        self.lflag = self.lflag & high | lflag
        self.cc[:8] = chars
        self._rates(self.ospeed)

    def _rates(self, other: int) -> None:
        code = self.cflag & CBAUD
        if code == BOTHER:
            speed = other
        elif code < len(BAUD_RATES):
            speed = BAUD_RATES[code]
        else:
            speed = _HIGH_RATES[code]
        self.ispeed = self.ospeed = speed


