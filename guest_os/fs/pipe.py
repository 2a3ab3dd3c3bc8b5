"""Pipes and FIFOs. fs/pipe.c, pipe(7)

A pipe holds up to `capacity` bytes. A write of at most PIPE_BUF bytes goes in whole or waits.
Differs: room is counted in bytes, not in pages, so many small writes fit that Linux would make wait; and what is
written as packets behind plain bytes never joins these.
"""

from __future__ import annotations

from collections import deque

from rvsim.guest_os.abi.errno import EBADF, EBUSY, EINVAL, ENXIO, EPERM, EPIPE
from rvsim.guest_os.abi.fcntl import O_ACCMODE, O_DIRECT, O_NONBLOCK, O_RDONLY, O_WRONLY, PIPE_BUF
from rvsim.guest_os.abi.ioctl import FIONREAD
from rvsim.guest_os.abi.poll import POLLERR, POLLHUP, POLLIN, POLLOUT, POLLRDNORM, POLLWRNORM
from rvsim.guest_os.abi.signals import POLL_IN, POLL_OUT
from rvsim.guest_os.abi.stat import S_IFIFO
from rvsim.guest_os.vfs.clock import Clock
from rvsim.guest_os.vfs.credentials import Credentials
from rvsim.guest_os.vfs.dentry import Dentry
from rvsim.guest_os.vfs.file import File, IoctlArg
from rvsim.guest_os.vfs.inode import Inode
from rvsim.guest_os.vfs.mount import MountTable, Path
from rvsim.guest_os.vfs.super_block import SuperBlock
from rvsim.guest_os.wait import Blocked, WaitQueue

DEFAULT_CAPACITY = 65536
MAX_CAPACITY = 1 << 20
"""What F_SETPIPE_SZ gives without CAP_SYS_RESOURCE. /proc/sys/fs/pipe-max-size"""
PIPEFS_MAGIC = 0x50495045


class Pipe:
    """Bytes on their way, and who is at the two ends. include/linux/pipe_fs_i.h

    Attributes:
        packets: how `data` divides into packets (the length of one) and what comes without bounds (its length
            below 0), in order; empty as long as nothing was written with O_DIRECT.
        readers, writers: open ends.
        reader_opens, writer_opens: how often an end was opened; a FIFO's open waits for these to change.
    """

    __slots__ = (
        "capacity", "data", "packets", "read_queue", "reader_opens", "readers", "write_queue", "writer_opens",
        "writers",
    )  # fmt: skip

    def __init__(self) -> None:
        self.data = bytearray()
        self.packets: deque[int] = deque()
        self.capacity = DEFAULT_CAPACITY
        self.readers = self.writers = 0
        self.reader_opens = self.writer_opens = 0
        self.read_queue = WaitQueue()
        self.write_queue = WaitQueue()

    def write_packets(self, data: bytes) -> None:
        """Add `data` as packets of at most PIPE_BUF bytes. pipe(2), O_DIRECT; fs/pipe.c:is_packetized"""
        if not self.packets and self.data:
            self.packets.append(-len(self.data))
        size = len(data)
        self.packets.extend([PIPE_BUF] * (size // PIPE_BUF))
        if size % PIPE_BUF:
            self.packets.append(size % PIPE_BUF)
        self.data += data

    def read_packet(self, size: int) -> bytes:
        """Up to `size` bytes and at most one packet, whose rest is lost."""
        data, packets = self.data, self.packets
        taken = bytearray()
        while packets and len(taken) < size:
            length = packets.popleft()
            count = min(abs(length), size - len(taken))
            taken += data[:count]
            if length > 0:
                del data[:length]
                break
            del data[:count]
            if count < -length:
                packets.appendleft(length + count)
        return bytes(taken)

    def drop(self, count: int) -> None:
        """Forget the first `count` bytes; what is left of a packet stays one."""
        del self.data[:count]
        packets = self.packets
        while packets and count:
            length = packets.popleft()
            here = min(abs(length), count)
            count -= here
            if here < abs(length):
                packets.appendleft(length - here if length > 0 else length + here)

    def resize(self, size: int) -> int:
        """F_SETPIPE_SZ: round up to a power of two of pages; returns the new capacity. fs/pipe.c:pipe_set_size

        Raises:
            EINVAL: out of range.
            EPERM: above the limit.
            EBUSY: more bytes than that are in the pipe.
        """
        if size > 1 << 31:
            raise EINVAL
        capacity = max(4096, 1 << (size - 1).bit_length())
        if capacity > MAX_CAPACITY:
            raise EPERM
        if capacity < len(self.data):
            raise EBUSY
        self.capacity = capacity
        self.write_queue.wake_all()
        return capacity


class PipeEnd(File):
    """What is a pipe to the guest: splice and its family look into it and know its room."""

    __slots__ = ()

    def peek(self, size: int) -> bytes:
        """Up to `size` bytes of what is there now, which stay there."""
        return b""

    def skip(self, count: int) -> None:
        """Take `count` bytes that `peek` gave away."""

    def at_end(self) -> bool:
        """Whether nobody will ever write any more."""
        return True

    def room(self) -> int:
        """How many bytes it takes now."""
        return 0

    def add(self, data: bytes) -> None:
        """Put in what there is `room` for."""

    def broken(self) -> bool:
        """Whether nobody will ever read any more."""
        return True


class PipeFile(PipeEnd):
    """One end of a pipe, or both (a FIFO opened O_RDWR)."""

    __slots__ = ("opening", "pipe")

    writes_all = True

    def __init__(self, inode: Inode, path: Path, flags: int, cred: Credentials, pipe: Pipe) -> None:
        super().__init__(inode, path, flags, cred)
        self.pipe = pipe
        self.opening: int | None = None
        if self.readable:
            pipe.readers += 1
            pipe.reader_opens += 1
        if self.writable:
            pipe.writers += 1
            pipe.writer_opens += 1

    def release(self) -> None:
        pipe = self.pipe
        if self.readable:
            pipe.readers -= 1
        if self.writable:
            pipe.writers -= 1
        pipe.read_queue.wake_all()
        pipe.write_queue.wake_all()
        if not pipe.readers and not pipe.writers:
            self.inode.special = None
        super().release()

    def read(self, size: int) -> bytes:
        if not self.readable:
            raise EBADF
        pipe = self.pipe
        data = pipe.data
        if not data:
            if not size or not pipe.writers:
                return b""
            self.would_block(pipe.read_queue)
        if pipe.packets:
            taken = pipe.read_packet(size)
        elif size >= len(data):
            taken = bytes(data)
            data.clear()
        else:
            taken = bytes(data[:size])
            del data[:size]
        if pipe.write_queue.waiters:
            pipe.write_queue.wake_all()
        return taken

    def write(self, data: bytes) -> int:
        if not self.writable:
            raise EBADF
        size = len(data)
        if not size:
            return 0
        pipe = self.pipe
        if not pipe.readers:
            raise EPIPE
        held = pipe.data
        room = pipe.capacity - len(held)
        if size > room:
            if not room or size <= PIPE_BUF:
                self.would_block(pipe.write_queue)
            data = data[:room]
            size = room
        if self.flags & O_DIRECT:
            pipe.write_packets(data)
        else:
            held += data
            if pipe.packets:
                pipe.packets.append(-size)
        if pipe.read_queue.waiters:
            pipe.read_queue.wake_all()
        return size

    def peek(self, size: int) -> bytes:
        return bytes(memoryview(self.pipe.data)[:size])

    def skip(self, count: int) -> None:
        self.pipe.drop(count)
        self.pipe.write_queue.wake_all()

    def at_end(self) -> bool:
        return not self.pipe.writers

    def room(self) -> int:
        return max(self.pipe.capacity - len(self.pipe.data), 0)

    def add(self, data: bytes) -> None:
        pipe = self.pipe
        pipe.data += data
        if pipe.packets:
            pipe.packets.append(-len(data))
        pipe.read_queue.wake_all()

    def broken(self) -> bool:
        return not self.pipe.readers

    def poll(self) -> int:
        pipe = self.pipe
        mask = 0
        if self.readable:
            if pipe.data:
                mask |= POLLIN | POLLRDNORM
            if not pipe.writers and pipe.writer_opens:
                mask |= POLLHUP
        if self.writable:
            if pipe.capacity - len(pipe.data) >= PIPE_BUF:
                mask |= POLLOUT | POLLWRNORM
            if not pipe.readers:
                mask |= POLLERR
        return mask

    def poll_queues(self) -> tuple[WaitQueue, ...]:
        if not self.writable:
            return (self.pipe.read_queue,)
        if not self.readable:
            return (self.pipe.write_queue,)
        return (self.pipe.read_queue, self.pipe.write_queue)

    def async_queues(self) -> tuple[tuple[WaitQueue, int], ...]:
        """fs/pipe.c:pipe_fasync"""
        reading = ((self.pipe.read_queue, POLL_IN),) if self.readable else ()
        return (*reading, (self.pipe.write_queue, POLL_OUT)) if self.writable else reading

    def ioctl(self, request: int, arg: IoctlArg) -> int:
        if request == FIONREAD:
            arg.write(len(self.pipe.data).to_bytes(4, "little"))
            return 0
        return super().ioctl(request, arg)

    def finish_open(self) -> PipeFile:
        """Go on with an open that had to wait for the other end. fs/pipe.c:fifo_open

        Raises:
            Blocked: still nobody there.
        """
        pipe = self.pipe
        if self.opening is not None:
            if self.readable:
                met = pipe.writer_opens != self.opening
                queue = pipe.read_queue
            else:
                met = pipe.reader_opens != self.opening
                queue = pipe.write_queue
            if not met:
                raise OpenBlocked(self, queue)
            self.opening = None
        return self


class OpenBlocked(Blocked):
    """A FIFO's open waits for the other end.

    The end that is open already is `file`: the call keeps it (it is plain data), and when it runs again it calls
    `file.finish_open()` instead of opening. When the call ends without it, `file.put()`.
    """

    def __init__(self, file: PipeFile, queue: WaitQueue) -> None:
        super().__init__(queue)
        self.file = file


def open_fifo(inode: Inode, path: Path, flags: int, cred: Credentials) -> PipeFile:
    """Open a FIFO. fs/pipe.c:fifo_open, fifo(7)

    Raises:
        ENXIO: for writing with O_NONBLOCK, and nobody reads.
        OpenBlocked: no other end, without O_NONBLOCK.
    """
    pipe: Pipe | None = inode.special
    mode = flags & O_ACCMODE
    if mode == O_WRONLY and flags & O_NONBLOCK and (pipe is None or not pipe.readers):
        raise ENXIO
    if pipe is None:
        pipe = inode.special = Pipe()
    file = PipeFile(inode, path, flags, cred, pipe)
    pipe.read_queue.wake_all()
    pipe.write_queue.wake_all()
    if mode == O_RDONLY and not pipe.writers:
        if flags & O_NONBLOCK:
            # No POLLHUP until a writer has come and gone: it must see a writer opened from now on.
            pipe.writer_opens = 0
        else:
            file.opening = pipe.writer_opens
    elif mode == O_WRONLY and not pipe.readers:
        file.opening = pipe.reader_opens
    return file.finish_open()


class PipeInode(Inode):
    """A pipe's inode, which /proc/self/fd opens again. Such an open waits for nobody. fs/pipe.c:fifo_open"""

    __slots__ = ()

    def open(self, path: Path, flags: int, cred: Credentials) -> PipeFile:
        """Another end. ENXIO: the pipe is gone."""
        pipe: Pipe | None = self.special
        if pipe is None:
            raise ENXIO
        file = PipeFile(self, path, flags, cred, pipe)
        pipe.read_queue.wake_all()
        pipe.write_queue.wake_all()
        return file


class PipeFs(SuperBlock):
    """Where the inodes of pipes live; never mounted in the tree. Numbers them as Linux names them: pipe:[7]."""

    __slots__ = ("mount",)

    magic = PIPEFS_MAGIC
    pseudo = True

    def __init__(self, clock: Clock, table: MountTable) -> None:
        super().__init__("pipefs", clock)
        self.set_root(Inode(self, 0o040555))
        self.mount = table.make(self)

    def open_pipe(self, flags: int, cred: Credentials) -> tuple[PipeFile, PipeFile]:
        """Make a pipe; returns the end to read and the end to write. `flags`: O_NONBLOCK and O_DIRECT count."""
        inode = PipeInode(self, S_IFIFO | 0o600, cred.fsuid, cred.fsgid)
        pipe = inode.special = Pipe()
        path = Path(self.mount, Dentry(b"pipe:[%d]" % inode.ino, None, inode))
        flags &= ~O_ACCMODE
        return (
            PipeFile(inode, path, flags | O_RDONLY, cred, pipe),
            PipeFile(inode, path, flags | O_WRONLY, cred, pipe),
        )
