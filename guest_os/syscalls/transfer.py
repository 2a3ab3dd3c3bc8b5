"""What the calls that move bytes from file to file share: where they read and write, and how they wait. fs/splice.c"""

from __future__ import annotations

from rvsim.guest_os.abi.errno import EAGAIN, EINVAL, EPIPE
from rvsim.guest_os.abi.poll import POLLHUP, POLLIN
from rvsim.guest_os.abi.signals import SIGPIPE
from rvsim.guest_os.fs.pipe import PipeEnd
from rvsim.guest_os.mm import user_memory
from rvsim.guest_os.mm.layout import MAX_RW_COUNT
from rvsim.guest_os.syscalls.io import CHUNK_BYTES, raise_signal, size_allowed
from rvsim.guest_os.task.task import Task
from rvsim.guest_os.vfs import notify
from rvsim.guest_os.vfs.file import File
from rvsim.guest_os.wait import Blocked

OFFSET_END = 1 << 63


class Position:
    """Where a transfer reads or writes: at the file's own offset, or at the one in user memory at `address`.

    It moves on with every piece, so a call that runs again after a wait goes on where it was.
    """

    __slots__ = ("address", "at", "file", "space")

    def __init__(self, task: Task, file: File | None, address: int) -> None:
        """EFAULT: `address` (0: there is none) is not readable. Without it there must be a file."""
        self.file = file
        self.address = address
        self.space = task.space
        self.at = file.offset if file is not None else 0
        if address:
            word = user_memory.read_u64(task.space, address)
            self.at = word - (1 << 64) if word >= OFFSET_END else word

    def check(self, size: int) -> int:
        """The size clamped to what one call moves. EINVAL: a negative or too large range. fs/read_write.c"""
        if size >= OFFSET_END or self.at < 0 or self.at + size >= OFFSET_END:
            raise EINVAL
        return min(size, MAX_RW_COUNT)

    def advance(self, count: int) -> None:
        """`count` bytes were moved. EFAULT: the user's offset cannot be written."""
        self.at += count
        if self.address:
            self.store()
        elif self.file is not None and self.file.seekable:
            self.file.offset = self.at

    def store(self) -> None:
        """Bring the offset to user memory. EFAULT."""
        user_memory.write_u64(self.space, self.address, self.at)


def put(task: Task, file: File, data: bytes, position: Position) -> int:
    """Write a piece at `position`, which moves on; how many bytes went in. EPIPE comes with SIGPIPE.

    Raises:
        EINVAL: nothing can be spliced into this kind of file. EFBIG (with SIGXFSZ): RLIMIT_FSIZE.
        What the file's own write raises.
    """
    if not file.splice_write:
        raise EINVAL
    if not file.seekable:
        try:
            return file.write(data)
        except EPIPE:
            raise_signal(task, SIGPIPE)
            raise
    allowed = size_allowed(task, position.at, len(data))
    count = file.pwrite(data if allowed == len(data) else data[:allowed], position.at)
    position.advance(count)
    return count


def await_room(task: Task, pipe: PipeEnd, nonblock: bool) -> int:
    """The room in a pipe, when there is some. fs/splice.c:wait_for_space

    Raises:
        EPIPE (with SIGPIPE): nobody reads. EAGAIN: it is full, with `nonblock`. Blocked: it is full.
    """
    if pipe.broken():
        raise_signal(task, SIGPIPE)
        raise EPIPE
    room = pipe.room()
    if not room:
        if nonblock:
            raise EAGAIN
        raise Blocked(*pipe.poll_queues())
    return room


def await_data(pipe: PipeEnd, nonblock: bool) -> bool:
    """Whether a pipe has data; False: it is empty and stays so. fs/splice.c:ipipe_prep

    Raises:
        EAGAIN: it is empty, with `nonblock`. Blocked: it is empty.
    """
    if pipe.peek(1):
        return True
    if pipe.at_end():
        return False
    if nonblock:
        raise EAGAIN
    raise Blocked(*pipe.poll_queues())


def file_to_pipe(task: Task, file: File, pipe: PipeEnd, position: Position, size: int, nonblock: bool) -> int:
    """Fill a pipe from a file: what there is room for, once. fs/splice.c:splice_file_to_pipe

    Raises:
        EINVAL: nothing can be spliced from this kind of file. And as `await_room` and the file's own read.
    """
    size = min(size, await_room(task, pipe, nonblock), CHUNK_BYTES)
    if not size:
        return 0
    if not file.splice_read:
        raise EINVAL
    if nonblock and file.is_socket and not file.poll() & (POLLIN | POLLHUP):
        raise EAGAIN
    data = file.pread(size, position.at) if file.seekable else file.read(size)
    if data:
        pipe.add(data)
        position.advance(len(data))
    return len(data)


def told(done: int, source: File, target: File) -> int:
    """`done` bytes were moved: those who watch the files hear of it."""
    if done:
        notify.modified(target)
        notify.accessed(source)
    return done
