"""The console on real descriptors: pipes, files, and a pseudo-terminal that must always get its settings back."""

import contextlib
import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import pytest

PRELUDE = """
import os, signal, sys, time
from rvsim.emu.host_console import HostConsole
console = HostConsole()
"""

DEADLINE_S = 60.0


def start(body: str, stdin: int | IO[bytes] | None, stdout: Any, stderr: Any, **more: Any) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", PRELUDE + body], stdin=stdin, stdout=stdout, stderr=stderr, **more)


def run(body: str, stdin: bytes = b"") -> tuple[bytes, bytes, int]:
    process = start(body, subprocess.PIPE, subprocess.PIPE, subprocess.PIPE)
    output, errors = process.communicate(stdin, timeout=DEADLINE_S)
    return output, errors, process.returncode


def test_pipe_is_read_to_its_end() -> None:
    output, errors, status = run(
        """
with console:
    assert [console.kind(fd) for fd in range(3)] == ["pipe"] * 3
    taken = b""
    while True:
        console.wait(None)
        piece = console.read(5)
        if piece == b"":
            break
        taken += piece or b""
    console.write(taken)
    console.write_error(b"done")
""",
        b"hello, world",
    )
    assert (output, errors, status) == (b"hello, world", b"done", 0)


def test_bytes_that_nobody_asked_for_stay_in_the_pipe() -> None:
    output, _, status = run(
        """
with console:
    console.wait(None)
    assert console.read(3) == b"abc"
    console.poll()
os.write(1, os.read(0, 100))
""",
        b"abcdef",
    )
    assert (output, status) == (b"def", 0)


def test_nothing_yet_is_not_the_end() -> None:
    process = start(
        """
with console:
    assert console.read(1) is None
    assert not console.wait(0.01)
    console.write(b"ready")
    assert console.wait(None)
    console.write(console.read(10))
""",
        subprocess.PIPE,
        subprocess.PIPE,
        None,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stdout.read(5) == b"ready"  # flushed before the wait
    process.stdin.write(b"late")
    process.stdin.flush()
    assert process.communicate(timeout=DEADLINE_S)[0] == b"late"
    assert process.returncode == 0


def test_wait_ends_with_ctrl_c() -> None:
    process = start(
        """
try:
    with console:
        console.write(b"ready")
        console.wait(None)
except KeyboardInterrupt:
    sys.exit(77)
""",
        subprocess.PIPE,
        subprocess.PIPE,
        None,
    )
    assert process.stdout is not None
    assert process.stdout.read(5) == b"ready"
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=DEADLINE_S)
    assert process.returncode == 77


@pytest.mark.parametrize("wait", ["console.wait(60)", "host.sleep(60)", "host.wait_writable(2)"])
def test_a_signal_that_comes_as_a_wait_begins_ends_it(wait: str) -> None:
    """Python only notes a signal that comes before the call of the host: select(2) would wait on."""
    body = f"""
import random
from rvsim.emu import host
random.seed(1)
class Rang(Exception):
    pass
def ring(number, frame):
    raise Rang
signal.signal(signal.SIGALRM, ring)
with console:
    for _ in range(5000):
        try:
            signal.setitimer(signal.ITIMER_REAL, random.randrange(1, 60) / 1e6)
            {wait}
            break
        except Rang:
            pass
    else:
        sys.exit(77)
"""
    taken, full = os.pipe()
    fcntl.fcntl(full, fcntl.F_SETPIPE_SZ, 4096)
    os.write(full, bytes(4096))
    with open(taken, "rb"), open(full, "wb"), start(body, subprocess.PIPE, subprocess.DEVNULL, full) as process:
        try:
            assert process.wait(DEADLINE_S) == 77
        finally:
            process.kill()


def test_what_was_written_when_a_signal_ends_the_run_is_not_written_again() -> None:
    """The reader takes nothing: a part is written, and then the signal comes."""
    body = """
class Rang(Exception):
    pass
def ring(number, frame):
    os.write(2, b"rang")
    raise Rang
signal.signal(signal.SIGALRM, ring)
try:
    with console:
        console.write(bytes(range(250)) * 60)
        signal.setitimer(signal.ITIMER_REAL, 0.3)
        console.flush()
except Rang:
    pass
"""
    read_fd, write_fd = os.pipe()
    fcntl.fcntl(write_fd, fcntl.F_SETPIPE_SZ, 4096)
    with open(read_fd, "rb") as reader, start(body, None, write_fd, subprocess.PIPE) as process:
        os.close(write_fd)
        assert process.stderr is not None
        assert process.stderr.read(4) == b"rang"
        assert reader.read() == bytes(range(250)) * 60
    assert process.returncode == 0


def test_order_of_both_streams_holds_in_one_file(tmp_path: Path) -> None:
    target = tmp_path / "out"
    with target.open("wb") as file:
        process = start(
            """
with console:
    assert console.kind(0) == "null"
    assert console.kind(1) == "file"
    assert console.read(1) == b""
    for _ in range(3):
        console.write(b"1")
        console.write_error(b"2")
    console.notice("said")
""",
            subprocess.DEVNULL,
            file,
            file,
        )
        assert process.wait(DEADLINE_S) == 0
    assert target.read_bytes() == b"121212said\n"


def test_reader_gone_is_noticed() -> None:
    read_fd, write_fd = os.pipe()
    os.close(read_fd)
    process = start(
        """
with console:
    console.write(b"x")
    assert not console.closed(1)
    console.flush()
    assert console.closed(1) and not console.closed(2)
    console.write(b"lost" * 100000)
    console.write_error(console.close_reasons[1].encode())
""",
        subprocess.DEVNULL,
        write_fd,
        subprocess.PIPE,
    )
    os.close(write_fd)
    assert process.communicate(timeout=DEADLINE_S)[1] == b"Broken pipe"
    assert process.returncode == 0


def test_full_device_closes_the_stream() -> None:
    with open("/dev/full", "wb") as full:
        body = "console.open(); console.write(b'x'); console.close(); assert console.closed(1)"
        process = start(body, None, full, None)
        assert process.wait(DEADLINE_S) == 0


def test_output_that_others_made_non_blocking_arrives_whole() -> None:
    process = start(
        "os.set_blocking(1, False)\nwith console:\n    console.write(bytes(1_000_000))",
        subprocess.DEVNULL,
        subprocess.PIPE,
        None,
    )
    time.sleep(0.2)
    assert process.communicate(timeout=DEADLINE_S)[0] == bytes(1_000_000)


def test_closed_descriptors_are_null() -> None:
    body = PRELUDE + "print(*map(console.kind, range(3)), file=sys.stderr)"
    command = ["sh", "-c", 'exec 0<&- 1>&-; exec "$@"', "sh", sys.executable, "-c", body]
    done = subprocess.run(command, stderr=subprocess.PIPE, timeout=DEADLINE_S, check=True)
    assert done.stderr.split()[:2] == [b"null", b"null"]


class Terminal:
    """A pseudo-terminal whose other end a child process has as its controlling terminal."""

    def __init__(self) -> None:
        self.controller, self.terminal = pty.openpty()
        self.settings = termios.tcgetattr(self.terminal)
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, body: str, stdout: Any = None) -> subprocess.Popen[bytes]:
        self.process = start(
            f"import fcntl, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0)\n{body}",
            self.terminal,
            self.terminal if stdout is None else stdout,
            self.terminal,
            start_new_session=True,
        )
        return self.process

    def read_until(self, expected: bytes) -> bytes:
        seen = b""
        end = time.monotonic() + DEADLINE_S
        while expected not in seen:
            assert select.select([self.controller], [], [], max(0.0, end - time.monotonic()))[0], seen
            seen += os.read(self.controller, 4096)
        return seen

    def type(self, keys: bytes) -> None:
        os.write(self.controller, keys)

    def is_raw(self) -> bool:
        return not termios.tcgetattr(self.terminal)[3] & (termios.ICANON | termios.ECHO | termios.ISIG)

    def await_raw(self, raw: bool) -> None:
        end = time.monotonic() + DEADLINE_S
        while self.is_raw() != raw:
            assert time.monotonic() < end
            time.sleep(0.01)

    def finish(self) -> int:
        assert self.process is not None
        status = self.process.wait(DEADLINE_S)
        assert termios.tcgetattr(self.terminal) == self.settings
        return status

    def close(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        os.close(self.controller)
        os.close(self.terminal)


@pytest.fixture
def terminal() -> Iterator[Terminal]:
    with contextlib.closing(Terminal()) as made:
        yield made


ECHO_KEYS = """
with console:
    console.write_terminal(b"ready\\r\\n")
    while True:
        if console.wait(None):
            if console.take_resize():
                console.write_terminal(b"size %d %d|" % console.size())
            for key in console.read(100) or b"":
                console.write_terminal(b"<%d>" % key)
"""


def test_keys_arrive_raw(terminal: Terminal) -> None:
    terminal.start(ECHO_KEYS)
    assert terminal.read_until(b"ready\r\n") == b"ready\r\n"
    assert terminal.is_raw()
    terminal.type(b"\x03\r\x1a\x04")
    assert terminal.read_until(b"<4>") == b"<3><13><26><4>"
    terminal.type(b"\x1d\x1d\x1da")
    assert terminal.read_until(b"<97>") == b"<29><29><97>"


def test_escape_key_leaves(terminal: Terminal) -> None:
    terminal.start(ECHO_KEYS)
    terminal.read_until(b"ready")
    terminal.type(b"\x1dx")
    terminal.read_until(b"KeyboardInterrupt")
    assert terminal.finish() in (1, 130, -signal.SIGINT)


def test_escape_key_works_while_the_guest_reads_nothing(terminal: Terminal) -> None:
    terminal.start("with console:\n    console.write(b'ready')\n    while True:\n        console.poll()")
    terminal.read_until(b"ready")
    terminal.type(b"\x1dx")
    terminal.read_until(b"KeyboardInterrupt")
    assert terminal.finish() != 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT])
def test_settings_come_back_when_a_signal_ends_us(terminal: Terminal, number: signal.Signals) -> None:
    process = terminal.start(ECHO_KEYS)
    terminal.read_until(b"ready")
    process.send_signal(number)
    assert terminal.finish() == -number


@pytest.mark.parametrize("moment", ["real(*arguments); end()", "end(); real(*arguments)"])
@pytest.mark.parametrize("call", ["console.open()", "console.close()"])
def test_a_signal_that_comes_while_the_settings_change_ends_us_too(terminal: Terminal, call: str, moment: str) -> None:
    terminal.start(f"""
real = termios.tcsetattr
def end():
    termios.tcsetattr = real
    os.kill(os.getpid(), signal.SIGTERM)
def change(*arguments):
    {moment}
{"" if "open" in call else "console.open()"}
termios.tcsetattr = change
{call}
time.sleep(60)
""")
    assert terminal.finish() == -signal.SIGTERM


@pytest.mark.parametrize("end", ["raise ValueError", "sys.exit(3)", "signal.raise_signal(signal.SIGINT)"])
def test_settings_come_back_without_close(terminal: Terminal, end: str) -> None:
    terminal.start(f"console.open()\nconsole.write(b'ready')\nconsole.flush()\nassert console._terminal.raw\n{end}")
    terminal.read_until(b"ready")
    assert terminal.finish() != 0


JOB_CONTROL = """
signal.signal(signal.SIGTTOU, signal.SIG_IGN)
job = os.fork()
if job:
    os.setpgid(job, job)
    os.tcsetpgrp(0, job)
    while True:
        _, status = os.waitpid(job, os.WUNTRACED)
        if not os.WIFSTOPPED(status):
            os._exit(os.waitstatus_to_exitcode(status) & 0xFF)
while os.tcgetpgrp(0) != os.getpgrp():
    time.sleep(0.01)
console.write_terminal(b"job %d " % os.getpid())
"""


def test_stop_gives_the_settings_back_and_continue_takes_them(terminal: Terminal) -> None:
    terminal.start(JOB_CONTROL + ECHO_KEYS)
    job = int(terminal.read_until(b"ready").split()[1])
    terminal.await_raw(True)
    for key in (b"k", b"l"):
        os.kill(job, signal.SIGTSTP)
        terminal.await_raw(False)
        assert termios.tcgetattr(terminal.terminal) == terminal.settings
        while Path(f"/proc/{job}/stat").read_text().rsplit(")", 1)[1].split()[0] != "T":
            time.sleep(0.01)
        os.kill(job, signal.SIGCONT)
        terminal.await_raw(True)
        terminal.type(key)
        terminal.read_until(b"<%d>" % key[0])
    os.kill(job, signal.SIGTERM)
    assert terminal.finish() == -signal.SIGTERM & 0xFF


def test_stop_without_a_shell_changes_nothing(terminal: Terminal) -> None:
    process = terminal.start(ECHO_KEYS)
    terminal.read_until(b"ready")
    process.send_signal(signal.SIGTSTP)
    terminal.type(b"k")
    terminal.read_until(b"<107>")
    terminal.await_raw(True)
    process.terminate()
    assert terminal.finish() == -signal.SIGTERM


def test_resize_wakes_the_wait(terminal: Terminal) -> None:
    terminal.start(ECHO_KEYS)
    terminal.read_until(b"ready")
    fcntl.ioctl(terminal.controller, termios.TIOCSWINSZ, struct.pack("HHHH", 43, 132, 0, 0))
    terminal.read_until(b"size 43 132|")


def test_hangup_is_the_end(terminal: Terminal, tmp_path: Path) -> None:
    note = tmp_path / "note"
    process = terminal.start(
        f"""
signal.signal(signal.SIGHUP, signal.SIG_IGN)
with console:
    console.write(b"ready")
    console.wait(None)
    open({str(note)!r}, "wb").write(b"end" if console.read(10) == b"" else b"no")
"""
    )
    terminal.read_until(b"ready")
    os.close(terminal.terminal)
    os.close(terminal.controller)
    assert process.wait(DEADLINE_S) == 0
    assert note.read_bytes() == b"end"
    terminal.controller, terminal.terminal = pty.openpty()


def test_keys_from_a_terminal_output_to_a_pipe(terminal: Terminal) -> None:
    process = terminal.start(
        """
with console:
    assert [console.kind(fd) for fd in range(3)] == ["terminal", "pipe", "terminal"]
    console.write_terminal(b"screen")
    console.wait(None)
    console.write(b"got " + console.read(10))
    console.notice("a word")
""",
        stdout=subprocess.PIPE,
    )
    assert terminal.read_until(b"screen") == b"screen"
    terminal.type(b"k")
    assert process.stdout is not None
    assert process.stdout.read() == b"got k"
    assert terminal.read_until(b"\n") == b"a word\r\n"
    assert terminal.finish() == 0
    process.stdout.close()
