"""The host's files in a recording: every answer that the kernel got, in order. Then it needs no host any more.

A kernel that gets the same answers asks the same questions, so an answer needs no key: its question is the next one.
The question's name and a checksum of its arguments are kept to notice a run that is another one.
"""

from __future__ import annotations

import errno
import os
import struct
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import islice
from typing import Any, Protocol

from rvsim.guest_os.fs.archive_entry import Source
from rvsim.guest_os.fs.host_os import HOST, HostOs
from rvsim.guest_os.recording.file import BadRecording

QUESTIONS = tuple(name for name, thing in vars(HostOs).items()
                  if callable(thing) and not name.startswith("_") and name not in ("aside", "close", "archive"))
_STAT = struct.Struct("<7Q3q2Q")
"""st_mode, st_ino, st_dev, st_nlink, st_uid, st_gid, st_size; and `_STAT_MORE`. Little-endian."""

_STAT_MORE = ("st_atime_ns", "st_mtime_ns", "st_ctime_ns", "st_rdev", "st_blocks")
MOST_AHEAD = 50_000
"""So many answers ahead somebody who looks at a replay sees."""

_LISTS = {"scan": (bytes, int, int), "programs": (bytes, int)}
_FACTS = {"statvfs": 10, "user": 3}
_KINDS: dict[str, type] = {
    **dict.fromkeys(("open", "dup", "monotonic_ns", "realtime_ns", "pwrite", "lseek", "archive"), int),
    **dict.fromkeys(("readlink", "realpath", "pread", "read_at", "read_file", "program"), bytes),
    **dict.fromkeys(("is_directory", "is_file"), bool),
}


class HostLog(Protocol):
    """Where the answers go to, or come from."""

    def host_answered(self, question: str, checksum: int, error: str | None, value: Any) -> None:
        """Keep an answer; `error`: the name of an errno."""

    def host_answer(self, question: str, checksum: int) -> tuple[str | None, Any]:
        """(error, value) of the next one. Raises Diverged."""

    def host_ahead(self) -> Iterator[tuple[str, int, str | None, Any]]:
        """(question, checksum, error, value) of those that come next. None is taken."""


def checksum_of(arguments: tuple[Any, ...]) -> int:
    """What tells one question from another."""
    checksum = 0
    for argument in arguments:
        if isinstance(argument, bytes | memoryview):
            checksum = zlib.crc32(argument, zlib.crc32(b"%d bytes" % len(argument), checksum))
        else:
            checksum = zlib.crc32(b"%a;" % argument, checksum)
    return checksum


def plain(value: Any) -> Any:
    """An answer as a value of a recording."""
    if isinstance(value, os.stat_result):
        return _STAT.pack(*value[:7], value.st_atime_ns, value.st_mtime_ns, value.st_ctime_ns,
                          getattr(value, "st_rdev", 0), getattr(value, "st_blocks", 0))
    return tuple(value) if isinstance(value, tuple | list) else value


def fits(question: str, value: Any) -> bool:
    """Whether a value can be the answer to a question."""
    if question in ("stat", "fstat"):
        return type(value) is bytes and len(value) == _STAT.size
    if question in _KINDS:
        return type(value) is _KINDS[question]
    if question in _FACTS:
        return _row(value, (int,) * _FACTS[question]) and all(-1 << 63 <= number < 1 << 63 for number in value)
    if question in _LISTS:
        return isinstance(value, tuple) and all(_row(row, _LISTS[question]) for row in value)
    return value is None or (question == "soft_limit" and type(value) is int)


def _row(value: Any, kinds: tuple[type, ...]) -> bool:
    return (isinstance(value, tuple) and len(value) == len(kinds)
            and all(type(one) is kind for one, kind in zip(value, kinds, strict=True)))


def rebuilt(question: str, value: Any) -> Any:
    """The answer that `plain` took apart."""
    if question in ("stat", "fstat"):
        facts = _STAT.unpack(value)
        return os.stat_result((*facts[:7], 0, 0, 0), dict(zip(_STAT_MORE, facts[7:], strict=True)))
    if question == "statvfs":
        return os.statvfs_result(value)
    return list(value) if question in _LISTS else value


class LoggedHost(HostOs):
    """A host whose answers are in a log, or go there."""

    remembers = True

    def __init__(self, log: HostLog) -> None:
        self._log = log
        self._looks = 0

    @contextmanager
    def aside(self) -> Iterator[None]:
        self._looks += 1
        try:
            yield
        finally:
            self._looks -= 1


class RecordedHost(LoggedHost):
    """The live host, and every answer goes into a log."""

    def __init__(self, log: HostLog) -> None:
        super().__init__(log)
        for name in QUESTIONS:
            setattr(self, name, self._heard(name, getattr(HOST, name)))

    def _heard(self, name: str, live: Callable[..., Any]) -> Callable[..., Any]:
        def ask(*arguments: Any, **named: Any) -> Any:
            if self._looks:
                return live(*arguments, **named)
            checksum = checksum_of((*arguments, *named.values()))
            try:
                value = live(*arguments, **named)
            except OSError as error:
                self._log.host_answered(name, checksum, errno.errorcode.get(error.errno or 0, "EIO"), None)
                raise
            self._log.host_answered(name, checksum, None, plain(value))
            return value

        return ask

    def archive(self, path: bytes, limit_bytes: int) -> Source:
        source = super().archive(path, limit_bytes)
        self._log.host_answered("archive", 0, None, source.size)
        return _HeardSource(source, self)


class _HeardSource:
    """An archive of the live host."""

    def __init__(self, source: Source, host: RecordedHost) -> None:
        self.host = host
        self.size = source.size
        self.read_at = host._heard("read_at", source.read_at)


class ReplayedHost(LoggedHost):
    """A host that is not asked: a log has its answers."""

    live = False

    def __init__(self, log: HostLog) -> None:
        super().__init__(log)
        for name in QUESTIONS:
            setattr(self, name, self.remembered(name))

    def remembered(self, name: str) -> Callable[..., Any]:
        """What answers the question `name`."""
        def ask(*arguments: Any, **named: Any) -> Any:
            checksum = checksum_of((*arguments, *named.values()))
            if self._looks:
                error, value = self._ahead(name, checksum, arguments)
            else:
                error, value = self._log.host_answer(name, checksum)
            if error is not None:
                number = getattr(errno, error, errno.EIO)
                raise OSError(number, os.strerror(number))
            if name in ("pread", "read_at") and len(value) > arguments[1]:
                raise BadRecording("it is damaged: more was read of a file than was asked for")
            return rebuilt(name, value)

        return ask

    def _ahead(self, name: str, checksum: int, arguments: tuple[Any, ...]) -> tuple[str | None, Any]:
        """What the run will be told if it asks this itself, of the same open file or archive; else ESTALE."""
        if name in ("fstat", "pread", "read_at"):
            for question, expected, error, value in islice(self._log.host_ahead(), MOST_AHEAD):
                if (question, expected) == (name, checksum):
                    return error, value
                if name != "read_at" and question == "open" and value == arguments[0]:
                    break
        return "ESTALE", None

    def close(self, fd: int) -> None:
        """There is nothing to close."""

    def archive(self, path: bytes, limit_bytes: int) -> Source:
        return RememberedSource(self, os.path.abspath(path), self._log.host_answer("archive", 0)[1])


class RememberedSource:
    """An archive that is only in a log. `path`: where it was."""

    def __init__(self, host: ReplayedHost, path: bytes, size: int) -> None:
        self.host = host
        self.path = path
        self.size = size
        self.read_at = host.remembered("read_at")
