"""A host stream that is no terminal, as a guest's file: standard input and output of a piped rvsim."""

from __future__ import annotations

from typing import Protocol

from rvsim.guest_os.abi.errno import EACCES, EBADF, EPIPE
from rvsim.guest_os.abi.fcntl import O_ACCMODE, O_NONBLOCK, O_RDONLY, O_WRONLY
from rvsim.guest_os.abi.ioctl import FIONREAD
from rvsim.guest_os.abi.poll import POLLERR, POLLHUP, POLLIN, POLLOUT, POLLRDNORM, POLLWRNORM
from rvsim.guest_os.abi.stat import S_IFIFO
from rvsim.guest_os.fs.console import Console
from rvsim.guest_os.fs.pipe import PipeEnd
from rvsim.guest_os.vfs.clock import Clock
from rvsim.guest_os.vfs.credentials import Credentials
from rvsim.guest_os.vfs.dentry import Dentry
from rvsim.guest_os.vfs.file import File, IoctlArg
from rvsim.guest_os.vfs.inode import Inode
from rvsim.guest_os.vfs.mount import MountTable, Path
from rvsim.guest_os.vfs.super_block import SuperBlock
from rvsim.guest_os.wait import WaitQueue

_FILL_BYTES = 65536


class HostWait(Protocol):
    """Who knows how long the machine may wait for the host."""

    def wait_for_input(self) -> bool:
        """Wait for the host's stream. False: the run is over before anything came."""
        ...


class HostInput:
    """What has come from the host and was not read yet.

    With `by_line` a read gives at most one line and waits for its end, so that how the host cut its input into pieces
    never shows. With `waits` a read that finds nothing makes the whole machine wait for the host: guest time stands
    still meanwhile, so that the moment at which input comes never shows either.
    """

    def __init__(self, console: Console, *, by_line: bool = True, waits: bool = False) -> None:
        self.console = console
        self.by_line = by_line
        self.waits = waits
        self.pending = bytearray()
        self.ended = False
        self.queue = WaitQueue()
        self.world: HostWait | None = None      # with `waits`: how long the machine may stand still

    def wait_for_host(self) -> bool:
        """Let the machine stand still until the host has something. False: its run is over before that."""
        if self.world is None:
            self.console.wait(None)
            return True
        return self.world.wait_for_input()

    def pump(self) -> bool:
        """Take what the host has now; tells whether something came, the end included. The idle loop calls this."""
        came = False
        while not self.ended and len(self.pending) < _FILL_BYTES:
            data = self.console.read(_FILL_BYTES)
            if data is None:
                break
            came = True
            if data:
                self.pending += data
            else:
                self.ended = True
        if came:
            self.queue.wake_all()
        return came

    def ready(self, size: int) -> int:
        """How many bytes a read of `size` gets now; 0 when it must wait (or at the end)."""
        have = len(self.pending)
        if not self.by_line:
            return min(size, have)
        end = self.pending.find(b"\n", 0, size) + 1
        if end:
            return end
        return min(size, have) if have >= size or have >= _FILL_BYTES or self.ended else 0

    def take(self, count: int) -> bytes:
        """Remove and return `count` bytes."""
        data = bytes(self.pending[:count])
        del self.pending[:count]
        return data


class InputFile(PipeEnd):
    """Standard input from a pipe or file of the host."""

    __slots__ = ("source",)

    def __init__(self, inode: Inode, path: Path, cred: Credentials, source: HostInput) -> None:
        super().__init__(inode, path, O_RDONLY, cred)
        self.source = source

    def read(self, size: int) -> bytes:
        if not size:
            return b""
        source = self.source
        count = self._available(size)
        if not count:
            if source.ended:
                return b""
            self.would_block(source.queue)
        return source.take(count)

    def _available(self, size: int) -> int:
        """How many of `size` bytes there are; 0 at the end, or when a task must wait for more."""
        source = self.source
        count = source.ready(size)
        while not count:
            if source.pump():
                count = source.ready(size)
            elif source.ended or not source.waits or not source.wait_for_host():
                break
        return count

    def peek(self, size: int) -> bytes:
        return bytes(self.source.pending[: self._available(size)])

    def skip(self, count: int) -> None:
        self.source.take(count)

    def at_end(self) -> bool:
        return self.source.ended

    def poll(self) -> int:
        source = self.source
        while not source.pump() and source.waits and not source.ready(_FILL_BYTES) and not source.ended:
            if not source.wait_for_host():
                break
        if source.ready(_FILL_BYTES):
            return POLLIN | POLLRDNORM
        return POLLHUP if source.ended else 0

    def poll_queues(self) -> tuple[WaitQueue, ...]:
        return (self.source.queue,)

    def ioctl(self, request: int, arg: IoctlArg) -> int:
        if request == FIONREAD:
            arg.write(len(self.source.pending).to_bytes(4, "little"))
            return 0
        return super().ioctl(request, arg)


class OutputFile(PipeEnd):
    """Standard output or error to a pipe or file of the host."""

    __slots__ = ("console", "stream")

    writes_all = True

    def __init__(self, inode: Inode, path: Path, cred: Credentials, console: Console, stream: int) -> None:
        super().__init__(inode, path, O_WRONLY, cred)
        self.console = console
        self.stream = stream

    def read(self, size: int) -> bytes:
        raise EBADF

    def write(self, data: bytes) -> int:
        if not data:
            return 0
        if self.console.closed(self.stream):
            raise EPIPE
        if self.stream == 2:
            self.console.write_error(data)
        else:
            self.console.write(data)
        return len(data)

    def room(self) -> int:
        return _FILL_BYTES

    def add(self, data: bytes) -> None:
        self.write(data)

    def broken(self) -> bool:
        return self.console.closed(self.stream)

    def poll(self) -> int:
        mask = POLLOUT | POLLWRNORM
        return mask | POLLERR if self.console.closed(self.stream) else mask


class StreamInode(Inode):
    """What a host stream looks like to the guest: a pipe, which /proc/self/fd opens again for the same direction.

    Differs: Linux opens either end of a pipe there; the other end of this one is the host's, so that gives EACCES.
    """

    __slots__ = ()

    def open(self, path: Path, flags: int, cred: Credentials) -> File:
        """Another open file description of the stream. EACCES: for the other direction."""
        first: InputFile | OutputFile = self.special
        if flags & O_ACCMODE != first.flags & O_ACCMODE:
            raise EACCES
        file: File
        if isinstance(first, InputFile):
            file = InputFile(self, path, cred, first.source)
        else:
            file = OutputFile(self, path, cred, first.console, first.stream)
        if flags & O_NONBLOCK:
            file.set_flags(O_NONBLOCK)
        return file


class StreamFs(SuperBlock):
    """Where the inodes of host streams live; never mounted in the tree. To the guest they are pipes."""

    __slots__ = ("mount",)

    pseudo = True

    def __init__(self, clock: Clock, table: MountTable) -> None:
        super().__init__("pipefs", clock)
        self.set_root(Inode(self, 0o040555))
        self.mount = table.make(self)

    def _place(self) -> tuple[Inode, Path]:
        inode = StreamInode(self, S_IFIFO | 0o600)
        return inode, Path(self.mount, Dentry(b"pipe:[%d]" % inode.ino, None, inode))

    def open_input(self, source: HostInput, cred: Credentials) -> InputFile:
        """A file to read the host's input from."""
        inode, path = self._place()
        inode.special = file = InputFile(inode, path, cred, source)
        return file

    def open_output(self, console: Console, stream: int, cred: Credentials) -> OutputFile:
        """A file that writes to the host's stream 1 (output) or 2 (error)."""
        inode, path = self._place()
        inode.special = file = OutputFile(inode, path, cred, console, stream)
        return file
