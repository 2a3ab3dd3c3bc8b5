"""Files of many records, which are read a page of whole records at a time. fs/seq_file.c:seq_read_iter, traverse"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import TYPE_CHECKING

from rvsim.guest_os.abi.errno import EBADF, EINVAL
from rvsim.guest_os.mm.layout import PAGE_SIZE
from rvsim.guest_os.proc.node import Subject, TextFile

if TYPE_CHECKING:
    from rvsim.guest_os.proc.node import TextInode
    from rvsim.guest_os.vfs.credentials import Credentials
    from rvsim.guest_os.vfs.mount import Path


class RecordsFile(TextFile, ABC):
    """A read that goes on resumes behind the record that was shown last, whatever came and went meanwhile.

    Attributes:
        cursor: where the next record is looked for.
        rest: what is left of records that were made and not yet read.
    """

    __slots__ = ("cursor", "rest")

    def __init__(self, inode: TextInode, path: Path, flags: int, cred: Credentials) -> None:
        super().__init__(inode, path, flags, cred)
        self.cursor = 0
        self.rest = b""

    @abstractmethod
    def records(self, subject: Subject, cursor: int) -> Iterator[tuple[int, bytes]]:
        """(cursor behind it, text) of each record from `cursor` on."""

    def pread(self, size: int, offset: int) -> bytes:
        if not self.readable:
            raise EBADF
        if offset < 0:
            raise EINVAL
        if offset == 0 or offset != self.expected:
            self.expected = -1
            self._find(offset)
        data, self.rest = self.rest[:size], self.rest[size:]
        if len(data) < size:
            made = self._make(size - len(data))
            data, self.rest = data + made[:size - len(data)], made[size - len(data):]
        self.expected = offset + len(data)
        return data

    def _find(self, offset: int) -> None:
        """Go to a place, from the beginning on."""
        self.cursor, self.rest = 0, b""
        if offset:
            at = 0
            for cursor, record in self.records(self.subject(), 0):
                self.cursor = cursor
                at += len(record)
                if at > offset:
                    self.rest = record[len(record) - (at - offset):]
                    break
                if at == offset:
                    break

    def _make(self, wanted: int) -> bytes:
        """The next records: one at least, until there are `wanted` bytes, less than a page of them."""
        made: list[bytes] = []
        count = 0
        for cursor, record in self.records(self.subject(), self.cursor):
            if made and count + len(record) >= PAGE_SIZE:
                break
            self.cursor = cursor
            made.append(record)
            count += len(record)
            if count >= wanted:
                break
        return b"".join(made)
