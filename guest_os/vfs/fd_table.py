"""The descriptors of a process. fs/file.c"""

from __future__ import annotations

from collections.abc import Iterator

from rvsim.guest_os.abi.errno import EBADF, EINVAL, EMFILE
from rvsim.guest_os.vfs.file import File


class FdTable:
    """Numbers of open files; shared by threads, copied by fork.

    Attributes:
        limit: one more than the highest number (RLIMIT_NOFILE).
        files: number to file.
        cloexec: the numbers that exec closes.
    """

    __slots__ = ("cloexec", "files", "limit", "lowest", "reserved")

    def __init__(self, limit: int = 1024) -> None:
        self.files: dict[int, File] = {}
        self.cloexec: set[int] = set()
        self.reserved: set[int] = set()
        self.limit = limit
        self.lowest = 0            # no free number is below

    def get(self, fd: int) -> File:
        """The file of `fd`. Raises EBADF."""
        try:
            return self.files[fd]
        except KeyError:
            raise EBADF from None

    def _free_number(self, start: int) -> int:
        files, reserved = self.files, self.reserved
        fd = max(start, self.lowest)
        while fd in files or fd in reserved:
            fd += 1
        if fd >= self.limit:
            raise EMFILE
        if start <= self.lowest:
            self.lowest = fd + 1
        return fd

    def install(self, file: File, *, cloexec: bool = False, lowest: int = 0) -> int:
        """Give `file` the lowest free number from `lowest` on; the table takes over the caller's hold.

        Raises:
            EMFILE: no number below the limit; the caller keeps its hold.
        """
        fd = self._free_number(lowest)
        self.files[fd] = file
        if cloexec:
            self.cloexec.add(fd)
        return fd

    def reserve(self, count: int) -> Reservation:
        """Set `count` numbers aside until `with` ends; what is not installed then is free again.

        Raises:
            EMFILE: fewer are free; none stays reserved.
        """
        return Reservation(self, count)

    def dup(self, fd: int, *, lowest: int = 0, cloexec: bool = False) -> int:
        """dup, F_DUPFD. Raises EBADF, EMFILE, and EINVAL for a `lowest` outside the limit."""
        file = self.get(fd)
        if not 0 <= lowest < self.limit:
            raise EINVAL
        new = self.install(file, cloexec=cloexec, lowest=lowest)
        file.count += 1
        return new

    def dup_to(self, fd: int, new: int, *, cloexec: bool = False) -> int:
        """dup3: make `new` the same file, closing what it was. The two must differ.

        Raises:
            EBADF: `fd` is closed, or `new` outside the limit.
        """
        if not 0 <= new < self.limit:
            raise EBADF
        file = self.get(fd).get()
        old = self.files.get(new)
        self.files[new] = file
        if cloexec:
            self.cloexec.add(new)
        else:
            self.cloexec.discard(new)
        if old is not None:
            self._closed(old)
        return new

    def close(self, fd: int) -> None:
        """Close `fd`. Raises EBADF."""
        try:
            file = self.files.pop(fd)
        except KeyError:
            raise EBADF from None
        self.cloexec.discard(fd)
        if fd < self.lowest:
            self.lowest = fd
        self._closed(file)

    def _closed(self, file: File) -> None:
        # Closing any descriptor of a file ends all record locks this process has on it. fs/locks.c:locks_remove_posix
        if file.inode.locks is not None:
            file.inode.locks.release_owner(self)
        file.flush()
        file.put()

    def get_cloexec(self, fd: int) -> bool:
        """F_GETFD. Raises EBADF."""
        if fd not in self.files:
            raise EBADF
        return fd in self.cloexec

    def set_cloexec(self, fd: int, value: bool) -> None:
        """F_SETFD. Raises EBADF."""
        if fd not in self.files:
            raise EBADF
        if value:
            self.cloexec.add(fd)
        else:
            self.cloexec.discard(fd)

    def copy(self) -> FdTable:
        """A table with the same files, as fork makes one."""
        new = FdTable(self.limit)
        new.files = dict(self.files)
        new.cloexec = set(self.cloexec)
        for file in new.files.values():
            file.count += 1
        return new

    def close_on_exec(self) -> None:
        """Close what exec closes."""
        for fd in sorted(self.cloexec):
            self.close(fd)

    def close_range(self, first: int, last: int) -> None:
        """Close every open number of [first, last]."""
        for fd in sorted(fd for fd in self.files if first <= fd <= last):
            self.close(fd)

    def clear(self) -> None:
        """Close everything, in order of number, as exit does."""
        for fd in sorted(self.files):
            self.close(fd)

    def __len__(self) -> int:
        return len(self.files)

    def __iter__(self) -> Iterator[tuple[int, File]]:
        """(number, file) in order of number."""
        return iter(sorted(self.files.items()))


class Reservation:
    """Numbers set aside; a context manager. `numbers` are in rising order."""

    __slots__ = ("numbers", "table")

    def __init__(self, table: FdTable, count: int) -> None:
        self.table = table
        self.numbers: list[int] = []
        try:
            for _ in range(count):
                number = table._free_number(0)
                table.reserved.add(number)
                self.numbers.append(number)
        except EMFILE:
            self._give_back()
            raise

    def install(self, *files: File, cloexec: bool = False) -> None:
        """Open the numbers as `files`, one each in order; the table takes over the caller's holds."""
        for number, file in zip(self.numbers, files, strict=True):
            self.table.files[number] = file
            if cloexec:
                self.table.cloexec.add(number)

    def _give_back(self) -> None:
        table = self.table
        for number in self.numbers:
            table.reserved.discard(number)
            if number not in table.files and number < table.lowest:
                table.lowest = number

    def __enter__(self) -> Reservation:
        return self

    def __exit__(self, *exc: object) -> None:
        self._give_back()
