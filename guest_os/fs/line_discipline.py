"""The line discipline N_TTY: editing, echo, signals from keys, output processing. drivers/tty/n_tty.c, termios(3)"""

from __future__ import annotations

from typing import Protocol

from rvsim.guest_os.abi import termios as t
from rvsim.guest_os.fs.job_control import SIGINT, SIGQUIT, SIGTSTP
from rvsim.guest_os.fs.output_processing import OutputProcessing, is_control
from rvsim.guest_os.fs.termios import Termios

BUFFER_BYTES = 4096
"""N_TTY_BUF_SIZE"""
_KEY_SIGNALS = ((t.VINTR, SIGINT), (t.VQUIT, SIGQUIT), (t.VSUSP, SIGTSTP))


class Terminal(Protocol):
    """What the line discipline asks of its terminal."""

    termios: Termios

    def emit(self, data: bytes) -> None:
        """Send processed output to the other side."""
        ...

    def key_signal(self, signo: int) -> None:
        """A key asked for a signal to the foreground group."""
        ...

    def set_stopped(self, stopped: bool) -> None:
        """Stop or start output (^S, ^Q)."""
        ...

    def drained(self, *, flushed: bool) -> None:
        """There is room for more input: some was read, or all that waited was `flushed`."""
        ...


class LineDiscipline:
    """Input on its way to readers.

    Attributes:
        lines: in canonical mode, what may be read: each entry a line with its end, or what ^D pushed (perhaps empty).
        edit: the line that is being typed.
        raw: in raw mode, what may be read.
    """

    __slots__ = ("edit", "erasing", "lines", "literal", "output", "raw", "start_column", "terminal")

    def __init__(self, terminal: Terminal) -> None:
        self.terminal = terminal
        self.output = OutputProcessing(terminal.termios)
        self.lines: list[bytes] = []
        self.edit = bytearray()
        self.raw = bytearray()
        self.literal = False
        self.erasing = False
        self.start_column = 0

    # State ------------------------------------------------------------------------------------------------------------

    def waiting_bytes(self) -> int:
        """What FIONREAD tells."""
        if self.terminal.termios.lflag & t.ICANON:
            return sum(map(len, self.lines))
        return len(self.raw)

    def room(self) -> int:
        """How many bytes `receive` takes now; at least 1 while a line is typed and none is waiting."""
        if self.terminal.termios.lflag & t.ICANON:
            held = sum(map(len, self.lines)) + len(self.edit)
            return max(BUFFER_BYTES - 1 - held, 0 if self.lines else 1)
        return max(BUFFER_BYTES - 1 - len(self.raw), 0)

    def changed(self, was_canonical: bool) -> None:
        """The mode may have changed: carry over what is waiting. drivers/tty/n_tty.c:n_tty_set_termios"""
        canonical = bool(self.terminal.termios.lflag & t.ICANON)
        if canonical and not was_canonical:
            if self.raw:
                self.lines.append(bytes(self.raw))
                self.raw.clear()
        elif was_canonical and not canonical:
            self.raw += b"".join(self.lines) + self.edit
            self.lines.clear()
            self.edit.clear()
        self.literal = self.erasing = False

    def flush_input(self) -> None:
        """Forget what was not read."""
        self.lines.clear()
        self.edit.clear()
        self.raw.clear()
        self.literal = self.erasing = False
        self.terminal.drained(flushed=True)

    # Input ------------------------------------------------------------------------------------------------------------

    def receive(self, data: bytes) -> None:
        """Bytes come in from the other side (no more than `room`). drivers/tty/n_tty.c:n_tty_receive_buf_common"""
        termios = self.terminal.termios
        if not termios.lflag & (t.ICANON | t.ISIG | t.ECHO | t.ECHONL) and not termios.iflag & (
            t.ISTRIP | t.IUCLC | t.IGNCR | t.ICRNL | t.INLCR | t.IXON | t.PARMRK
        ):
            self.raw += data
            return
        for char in data:
            self._receive_char(char)

    def _receive_char(self, c: int) -> None:
        termios = self.terminal.termios
        iflag, lflag, cc = termios.iflag, termios.lflag, termios.cc
        if iflag & t.ISTRIP:
            c &= 0x7F
        if iflag & t.IUCLC and lflag & t.IEXTEN and 65 <= c <= 90:
            c += 32
        if self.literal:
            self.literal = False
            self._ordinary(c)
            return
        if iflag & t.IXON:
            if c and c == cc[t.VSTART]:
                self.terminal.set_stopped(False)
                return
            if c and c == cc[t.VSTOP]:
                self.terminal.set_stopped(True)
                return
            if iflag & t.IXANY:
                self.terminal.set_stopped(False)
        if lflag & t.ISIG and c:
            for index, signo in _KEY_SIGNALS:
                if c == cc[index]:
                    self._signal_key(c, signo)
                    return
        if c == 13:
            if iflag & t.IGNCR:
                return
            if iflag & t.ICRNL:
                c = 10
        elif c == 10 and iflag & t.INLCR:
            c = 13
        if lflag & t.ICANON and self._editing(c):
            return
        self._ordinary(c)

    def _signal_key(self, c: int, signo: int) -> None:
        termios = self.terminal.termios
        if not termios.lflag & t.NOFLSH:
            self.flush_input()
        self.terminal.key_signal(signo)
        if termios.iflag & t.IXON:
            self.terminal.set_stopped(False)
        if termios.lflag & t.ECHO:
            self._echo_char(c)

    def _editing(self, c: int) -> bool:
        """Serve a character that edits or ends a line; tells whether it was one."""
        termios = self.terminal.termios
        lflag, cc = termios.lflag, termios.cc
        extended = lflag & t.IEXTEN
        if c and (c in (cc[t.VERASE], cc[t.VKILL]) or (extended and c == cc[t.VWERASE])):
            self._erase(c)
            return True
        if c and extended and c == cc[t.VLNEXT]:
            self.literal = True
            if lflag & t.ECHO:
                self._finish_erasing()
                if lflag & t.ECHOCTL:
                    self._echo(b"^\b")
            return True
        if c and extended and lflag & t.ECHO and c == cc[t.VREPRINT]:
            self._finish_erasing()
            self._echo_char(c)
            self._echo(b"\n")
            for char in self.edit:
                self._echo_char(char)
            return True
        if c == 10:
            if lflag & (t.ECHO | t.ECHONL):
                self._echo(b"\n")
            self._end_line(b"\n")
            return True
        if c and c == cc[t.VEOF]:
            self._end_line(b"")
            return True
        if c and (c == cc[t.VEOL] or (extended and c == cc[t.VEOL2])):
            if lflag & t.ECHO:
                self._note_start()
                self._echo_char(c)
            self._end_line(bytes((c,)))
            return True
        return False

    def _end_line(self, end: bytes) -> None:
        self._finish_erasing()
        self.lines.append(bytes(self.edit) + end)
        self.edit.clear()

    def _ordinary(self, c: int) -> None:
        termios = self.terminal.termios
        canonical = termios.lflag & t.ICANON
        target = self.edit if canonical else self.raw
        if canonical and len(self.edit) >= BUFFER_BYTES - 1:
            if termios.iflag & t.IMAXBEL:
                self._echo(b"\a")
            return
        if termios.lflag & t.ECHO:
            self._finish_erasing()
            if c == 10:
                self._echo(b"\n")
            else:
                self._note_start()
                self._echo_char(c)
        if c == 0xFF and termios.iflag & t.PARMRK:
            target.append(c)
        target.append(c)

    # Erasing ----------------------------------------------------------------------------------------------------------

    def _erase(self, c: int) -> None:
        """Erase a character, a word or the line. drivers/tty/n_tty.c:eraser"""
        termios = self.terminal.termios
        lflag, cc, edit = termios.lflag, termios.cc, self.edit
        if not edit:
            return
        if c == cc[t.VKILL] and c != cc[t.VERASE]:
            if not lflag & t.ECHO:
                edit.clear()
                return
            if lflag & (t.ECHOK | t.ECHOKE | t.ECHOE) != t.ECHOK | t.ECHOKE | t.ECHOE:
                edit.clear()
                self._finish_erasing()
                self._echo_char(c)
                if lflag & t.ECHOK:
                    self._echo(b"\n")
                return
        one = c == cc[t.VERASE]
        word = c == cc[t.VWERASE] and not one
        seen = False
        while edit:
            start = len(edit) - 1
            if termios.iflag & t.IUTF8:
                while start and edit[start] & 0xC0 == 0x80:
                    start -= 1
            gone = edit[start]
            if word:
                if (chr(gone).isalnum() and gone < 128) or gone == 95 or gone >= 128:
                    seen = True
                elif seen:
                    break
            erased = bytes(edit[start:])
            del edit[start:]
            if lflag & t.ECHO:
                self._echo_erased(erased, one, c)
            if one:
                break
        if not edit:
            self._finish_erasing()

    def _echo_erased(self, erased: bytes, one: bool, key: int) -> None:
        lflag = self.terminal.termios.lflag
        gone = erased[0]
        if lflag & t.ECHOPRT:
            if not self.erasing:
                self._echo(b"\\")
                self.erasing = True
            self._echo_char(gone)
            self.terminal.emit(erased[1:])
        elif one and not lflag & t.ECHOE:
            self._echo_char(key)
        elif gone == 9:
            before = self.output.width(self.edit, self.start_column, bool(lflag & t.ECHOCTL))
            self._echo(b"\b" * (8 - before % 8))
        else:
            if is_control(gone) and lflag & t.ECHOCTL:
                self._echo(b"\b \b")
            if not is_control(gone) or lflag & t.ECHOCTL:
                self._echo(b"\b \b")

    def _finish_erasing(self) -> None:
        if self.erasing:
            self._echo(b"/")
            self.erasing = False

    # Echo -------------------------------------------------------------------------------------------------------------

    def _note_start(self) -> None:
        if not self.edit:
            self.start_column = self.output.column

    def _echo(self, data: bytes) -> None:
        self.terminal.emit(self.output.process(data))

    def _echo_char(self, c: int) -> None:
        """Echo one character, control characters as ^X. drivers/tty/n_tty.c:echo_char"""
        if self.terminal.termios.lflag & t.ECHOCTL and is_control(c) and c != 9:
            self._echo(bytes((94, c ^ 0x40)))
        else:
            self._echo(bytes((c,)))

    # Reading ----------------------------------------------------------------------------------------------------------

    def read_line(self, size: int) -> bytes:
        """Canonical: take from the first entry of `lines` (there is one); b"" is an end of file."""
        line = self.lines[0]
        if len(line) <= size:
            del self.lines[0]
        else:
            self.lines[0] = line[size:]
            line = line[:size]
        self.terminal.drained(flushed=False)
        return line

    def read_raw(self, size: int) -> bytes:
        """Raw: take up to `size` bytes."""
        data = bytes(self.raw[:size])
        del self.raw[:size]
        self.terminal.drained(flushed=False)
        return data
