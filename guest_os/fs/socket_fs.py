"""Where sockets live, and the names that they are bound to. net/socket.c:sockfs, net/unix/af_unix.c"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rvsim.guest_os.abi.errno import EADDRINUSE, ECONNREFUSED, EEXIST, EINVAL, ENFILE, ENOSPC, EPROTOTYPE
from rvsim.guest_os.abi.socket import SOCKFS_MAGIC
from rvsim.guest_os.abi.stat import S_IFMT, S_IFSOCK
from rvsim.guest_os.fs.socket_file import SocketFile, StreamSocketFile
from rvsim.guest_os.fs.unix_in_flight import InFlight
from rvsim.guest_os.fs.unix_socket import CONNECTED, LISTENING, UnixSocket
from rvsim.guest_os.vfs import entries, namei
from rvsim.guest_os.vfs.dentry import Dentry
from rvsim.guest_os.vfs.inode import Inode
from rvsim.guest_os.vfs.mount import MountTable, Path
from rvsim.guest_os.vfs.permission import MAY_WRITE
from rvsim.guest_os.vfs.super_block import SuperBlock

if TYPE_CHECKING:
    from rvsim.guest_os.task.kernel import Kernel
    from rvsim.guest_os.task.task import Task

MAX_SOCKETS = 65_536
AUTOBIND_NAMES = 1 << 20
_ACCEPTS = 0x10000
_SS_UNCONNECTED, _SS_CONNECTING, _SS_CONNECTED, _SS_DISCONNECTING = 1, 2, 3, 4


class SocketFs(SuperBlock):
    """The sockets of a machine; never mounted in the tree. Its files are named socket:[7].

    Attributes:
        sockets: all of them, in the order of their making.
        abstract: by kind and name, those with an abstract name.
        bytes_held, bytes_limit: what all messages cost, and the most that they may.
    """

    __slots__ = ("abstract", "bytes_held", "bytes_limit", "in_flight", "kernel", "last_name", "mount", "sockets")

    magic = SOCKFS_MAGIC
    pseudo = True

    def __init__(self, kernel: Kernel, table: MountTable, bytes_limit: int) -> None:
        super().__init__("sockfs", kernel.clock)
        self.kernel = kernel
        self.set_root(Inode(self, 0o040777))
        self.mount = table.make(self)
        self.sockets: dict[UnixSocket, None] = {}
        self.abstract: dict[tuple[int, bytes], UnixSocket] = {}
        self.last_name = 0
        self.bytes_held = 0
        self.bytes_limit = bytes_limit
        self.in_flight = InFlight()

    def current(self) -> Task:
        """Who makes the call."""
        task = self.kernel.scheduler.current
        if task is None:
            raise RuntimeError("a socket was used outside of any task")
        return task

    def make(self, kind: int) -> UnixSocket:
        """A socket without a file. ENFILE: there are too many. net/unix/af_unix.c:unix_create1"""
        if len(self.sockets) >= MAX_SOCKETS:
            raise ENFILE
        sock = UnixSocket(self, kind)
        self.sockets[sock] = None
        return sock

    def open(self, sock: UnixSocket, flags: int, task: Task) -> SocketFile:
        """The file of a socket that has none; `flags` may have O_NONBLOCK. net/socket.c:sock_alloc_file"""
        cred = task.cred
        inode = Inode(self, S_IFSOCK | 0o777, cred.fsuid, cred.fsgid)
        path = Path(self.mount, Dentry(b"socket:[%d]" % inode.ino, None, inode))
        return (StreamSocketFile if sock.is_stream else SocketFile)(inode, path, flags, cred, sock)

    def forget(self, sock: UnixSocket) -> None:
        """A socket is closed: nobody finds it any more."""
        self.sockets.pop(sock, None)
        name, place = sock.name, sock.place
        if name is not None and self.abstract.get((sock.kind, name)) is sock:
            del self.abstract[sock.kind, name]
        if place is not None:
            sock.place = None
            inode = place.inode
            inode.special = None
            inode.open_count -= 1
            if inode.open_count == 0 and inode.nlink == 0:
                inode.evict()

    # ---- names

    def bind_path(self, sock: UnixSocket, path: bytes, task: Task) -> None:
        """Make the file `path` and be found there. net/unix/af_unix.c:unix_bind_bsd

        Raises:
            EADDRINUSE: the name is taken, by whatever.
            EINVAL: bound already. And what making a name raises.
        """
        if sock.file is None:
            raise EINVAL
        mode = S_IFSOCK | sock.file.inode.mode & 0o7777
        try:
            place = entries.mknod(task.fs, task.cred, path, mode)
        except EEXIST:
            raise EADDRINUSE from None
        if sock.name is not None:
            entries.unlink(task.fs, task.cred, path)
            raise EINVAL
        sock.name = path + b"\0"
        sock.place = place
        place.inode.special = sock
        place.inode.open_count += 1

    def bind_abstract(self, sock: UnixSocket, name: bytes) -> None:
        """Be found as `name`, which begins with a NUL. EINVAL: bound already. EADDRINUSE. unix_bind_abstract"""
        if sock.name is not None:
            raise EINVAL
        if (sock.kind, name) in self.abstract:
            raise EADDRINUSE
        self.abstract[sock.kind, name] = sock
        sock.name = name

    def autobind(self, sock: UnixSocket) -> None:
        """Take a free abstract name of five hexadecimal digits, unless bound. ENOSPC: all are taken. unix_autobind"""
        if sock.name is not None:
            return
        for _ in range(AUTOBIND_NAMES):
            self.last_name = (self.last_name + 1) % AUTOBIND_NAMES
            name = b"\0%05x" % self.last_name
            if (sock.kind, name) not in self.abstract:
                self.bind_abstract(sock, name)
                return
        raise ENOSPC

    def find(self, name: bytes, kind: int, task: Task) -> UnixSocket:
        """The socket that is bound to an address. net/unix/af_unix.c:unix_find_other

        Raises:
            ECONNREFUSED: no socket has that name. EPROTOTYPE: one of another kind. EACCES: its file may not be
            written. And what the path walk raises.
        """
        if name[:1] == b"\0":
            found = self.abstract.get((kind, name))
            if found is None:
                raise ECONNREFUSED
            return found
        inode = namei.lookup(task.fs, task.cred, name.partition(b"\0")[0]).inode
        inode.permission(task.cred, MAY_WRITE)
        if inode.mode & S_IFMT != S_IFSOCK or inode.special is None:
            raise ECONNREFUSED
        sock: UnixSocket = inode.special
        if sock.kind != kind:
            raise EPROTOTYPE
        return sock

    # ---- /proc/net/unix

    def listing(self) -> bytes:
        """net/unix/af_unix.c:unix_seq_show"""
        lines = [b"Num       RefCount Protocol Flags    Type St Inode Path\n"]
        for sock in self.sockets:
            users = 2 + (sock.peer is not None and sock.peer.peer is sock) + len(sock.senders)
            connected = sock.state == CONNECTED
            if sock.file is not None:
                state = _SS_CONNECTED if connected else _SS_UNCONNECTED
            else:
                state = _SS_CONNECTING if connected else _SS_DISCONNECTING
            line = b"%016x: %08X %08X %08X %04X %02X %5d" % (
                0, users, 0, _ACCEPTS if sock.state == LISTENING else 0, sock.kind, state, sock.ino)
            name = sock.name
            if name is not None:
                line += b" " + (name.replace(b"\0", b"@") if name[:1] == b"\0" else name[:-1])
            lines.append(line + b"\n")
        return b"".join(lines)
