"""How values are written. The expected texts are strace 6.1's."""

from __future__ import annotations

import struct

import pytest

from rvsim.tools.strace import constants as c
from rvsim.tools.strace.output import Lines
from rvsim.tools.strace.signals import siginfo, signal_set
from rvsim.tools.strace.sockets import sockaddr
from rvsim.tools.strace.structs import rlimit, wait_status
from rvsim.tools.strace.text import cut, flags, one_of, quote
from rvsim.tools.strace.values import file_mode, octal_mode, open_flags


@pytest.mark.parametrize(("data", "text"), [
    (b"plain", '"plain"'), (b'\t\n\v\f\r"\\', r'"\t\n\v\f\r\"\\"'), (b"\1x", r'"\1x"'), (b"\0012", r'"\0012"'),
    (b"\0", r'"\0"'), (b"\377\1779", '"\\377\\1779"'), (b"", '""')])
def test_quote(data: bytes, text: str) -> None:
    assert quote(data) == text


def test_cut_at_32_bytes() -> None:
    assert cut(b"a" * 32) == '"' + "a" * 32 + '"'
    assert cut(b"a" * 33) == '"' + "a" * 32 + '"...'


@pytest.mark.parametrize(("value", "text"), [
    (0, "O_RDONLY"), (0o1102, "O_RDWR|O_CREAT|O_TRUNC"), (0o2200000, "O_RDONLY|O_CLOEXEC|O_DIRECTORY"),
    (3 | 0o20200000, "O_ACCMODE|O_TMPFILE"), (1 << 30, "O_RDONLY|0x40000000")])
def test_open_flags(value: int, text: str) -> None:
    assert open_flags(value) == text


def test_flags() -> None:
    assert flags(0, c.PROT) == "PROT_NONE"
    assert flags(0, c.MLOCKALL) == "0"
    assert flags(0x43, c.PROT) == "PROT_READ|PROT_WRITE|0x40"
    assert flags(0x40, c.PROT, "PROT_???") == "0x40 /* PROT_??? */"
    assert one_of(77, c.MADVISE, "MADV_???") == "0x4d /* MADV_??? */"


@pytest.mark.parametrize(("value", "text"), [(0, "000"), (7, "007"), (0o22, "022"), (0o644, "0644"), (0o1777, "01777")])
def test_modes(value: int, text: str) -> None:
    assert octal_mode(value) == text


def test_file_modes() -> None:
    assert file_mode(0o100644) == "S_IFREG|0644"
    assert file_mode(0o41777) == "S_IFDIR|S_ISVTX|0777"
    assert file_mode(0o644) == "0644"


def test_signal_sets() -> None:
    assert signal_set(0) == "[]"
    assert signal_set(2 | 1 << 16) == "[INT CHLD]"
    assert signal_set((1 << 64) - 1) == "~[]"
    assert signal_set((1 << 64) - 1 & ~(3 << 31)) == "~[RTMIN RT_1]"


def test_siginfo() -> None:
    child = struct.pack("<iiii iIi4xqq", 17, 0, 1, 0, 5, 0, 3, 0, 250).ljust(128, b"\0")
    assert siginfo(child) == ("{si_signo=SIGCHLD, si_code=CLD_EXITED, si_pid=5, si_uid=0, si_status=3, si_utime=0, "
                              "si_stime=250 /* 2.50 s */}")
    fault = struct.pack("<iiii Q", 11, 0, 1, 0, 0).ljust(128, b"\0")
    assert siginfo(fault) == "{si_signo=SIGSEGV, si_code=SEGV_MAPERR, si_addr=NULL}"
    assert siginfo(bytes(128)) == "{}"


def test_wait_statuses() -> None:
    assert wait_status(0x300) == "{WIFEXITED(s) && WEXITSTATUS(s) == 3}"
    assert wait_status(0x8B) == "{WIFSIGNALED(s) && WTERMSIG(s) == SIGSEGV && WCOREDUMP(s)}"
    assert wait_status(0x137F) == "{WIFSTOPPED(s) && WSTOPSIG(s) == SIGSTOP}"
    assert wait_status(0xFFFF) == "{WIFCONTINUED(s)}"


def test_limits() -> None:
    assert rlimit(struct.pack("<QQ", 8 << 20, (1 << 64) - 1)) == "{rlim_cur=8192*1024, rlim_max=RLIM64_INFINITY}"
    assert rlimit(struct.pack("<QQ", 1024, 1000)) == "{rlim_cur=1024, rlim_max=1000}"


@pytest.mark.parametrize(("data", "text"), [
    (b"\1\0/tmp/abc\0", '{sa_family=AF_UNIX, sun_path="/tmp/abc"}'),
    (b"\1\0\0abstract", '{sa_family=AF_UNIX, sun_path=@"abstract"}'), (b"\1\0", "{sa_family=AF_UNIX}"),
    (b"\2\0\0\x50\x7f\0\0\1" + bytes(8), '{sa_family=AF_INET, sin_port=htons(80), sin_addr=inet_addr("127.0.0.1")}')])
def test_addresses(data: bytes, text: str) -> None:
    assert sockaddr(data) == text


def test_lines_are_cut_off_and_go_on() -> None:
    pieces: list[str] = []
    lines = Lines(pieces.append)
    lines.tasks = 2
    lines.start(1, "wait4(-1, ")
    lines.start(2, "getpid(")
    lines.end("2")
    lines.tasks = 1
    lines.go_on(1, "wait4", "NULL, 0, NULL")
    lines.end("2")
    lines.start(1, "read(0, ")
    lines.close()
    assert "".join(pieces).splitlines() == [
        "[pid     1] wait4(-1,  <unfinished ...>", "[pid     2] getpid()                    = 2",
        "<... wait4 resumed>NULL, 0, NULL)       = 2", "read(0,  <detached ...>"]
