"""What a terminal does to output before it leaves, and the column it is in. drivers/tty/n_tty.c:do_output_char"""

from __future__ import annotations

from rvsim.guest_os.abi import termios as t
from rvsim.guest_os.fs.termios import Termios

_PLAIN = t.OPOST | t.ONLCR
_PRINTABLE = bytes(range(32, 127))


def is_control(c: int) -> bool:
    """Whether a byte is a control character in Linux's sense (Latin-1). lib/ctype.c"""
    return c < 32 or 127 <= c < 160


class OutputProcessing:
    """Output flags at work; knows the cursor's column."""

    __slots__ = ("column", "termios")

    def __init__(self, termios: Termios) -> None:
        self.termios = termios
        self.column = 0

    def process(self, data: bytes) -> bytes:
        """What goes out for `data`."""
        oflag = self.termios.oflag
        if not oflag & t.OPOST:
            return data
        if oflag == _PLAIN:
            # The usual flags: only newlines change, only what follows the last one moves the cursor.
            end = data.rfind(b"\n")
            if end >= 0:
                self.column = 0
            tail = data[end + 1 :]
            if not tail.translate(None, _PRINTABLE):
                self.column += len(tail)
            else:
                for c in tail:
                    self._advance(c)
            return data.replace(b"\n", b"\r\n") if end >= 0 else data
        out = bytearray()
        for c in data:
            self._process_char(c, oflag, out)
        return bytes(out)

    def _advance(self, c: int) -> None:
        if c == 9:
            self.column += 8 - self.column % 8
        elif c == 8:
            self.column = max(self.column - 1, 0)
        elif c == 13:
            self.column = 0
        elif not is_control(c) and not (self.termios.iflag & t.IUTF8 and c & 0xC0 == 0x80):
            self.column += 1

    def _process_char(self, c: int, oflag: int, out: bytearray) -> None:
        if c == 10:
            if oflag & (t.ONLRET | t.ONLCR):
                self.column = 0
            if oflag & t.ONLCR:
                out.append(13)
        elif c == 13:
            if oflag & t.ONOCR and not self.column:
                return
            if oflag & t.OCRNL:
                c = 10
                if oflag & t.ONLRET:
                    self.column = 0
            else:
                self.column = 0
        elif c == 9 and oflag & t.TABDLY == t.XTABS:
            spaces = 8 - self.column % 8
            self.column += spaces
            out += b" " * spaces
            return
        else:
            if oflag & t.OLCUC and 97 <= c <= 122:
                c -= 32
            self._advance(c)
        out.append(c)

    def width(self, text: bytes | bytearray, start: int, carets: bool) -> int:
        """The column after `text` was echoed from column `start`; with `carets` control characters show as ^X."""
        column = start
        for c in text:
            if c == 9:
                column += 8 - column % 8
            elif is_control(c):
                column += 2 if carets else 0
            elif not (self.termios.iflag & t.IUTF8 and c & 0xC0 == 0x80):
                column += 1
        return column
