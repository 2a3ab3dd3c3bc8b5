"""devpts: the directory /dev/pts, where the slaves of pseudo terminals appear and vanish. fs/devpts/inode.c"""

from __future__ import annotations

from collections.abc import Iterator

from rvsim.guest_os.abi.errno import ENOENT, ENOSPC
from rvsim.guest_os.abi.stat import DT_CHR, S_IFCHR, S_IFDIR, makedev
from rvsim.guest_os.fs.char_device import PTMX, DeviceTable
from rvsim.guest_os.fs.job_control import JobControl
from rvsim.guest_os.fs.pty import PtmxDevice, PtsDevice, PtySlave
from rvsim.guest_os.vfs.clock import Clock
from rvsim.guest_os.vfs.credentials import Credentials
from rvsim.guest_os.vfs.inode import Dirent, Inode
from rvsim.guest_os.vfs.mount import MountTable, Path
from rvsim.guest_os.vfs.super_block import FileSystemType, MountOptions, SuperBlock

DEVPTS_MAGIC = 0x1CD1
SLAVE_MAJOR = 136
MAX_PTYS = 4096
"""/proc/sys/kernel/pty/max"""
_ROOT_INO, _PTMX_INO, _FIRST_INO = 1, 2, 3


class PtsDir(Inode):
    """The root: `ptmx`, and a name per pty whose master is open."""

    __slots__ = ()

    volatile = True
    sb: DevPtsSuperBlock

    def lookup(self, name: bytes) -> Inode:
        if name == b"ptmx":
            return self.sb.ptmx
        try:
            return self.sb.nodes[name]
        except KeyError:
            raise ENOENT from None

    def readdir(self, position: int) -> Iterator[Dirent]:
        nodes = [(b"ptmx", self.sb.ptmx), *self.sb.nodes.items()]
        for ino, name in sorted((inode.ino, name) for name, inode in nodes):
            if ino >= position:
                yield ino, name, ino, DT_CHR


class DevPtsSuperBlock(SuperBlock):
    """All pseudo terminals of a machine.

    Attributes:
        slaves: by number, those whose master or slave is still open.
        nodes: by name, the inodes of those whose master is open.
        mode, uid, gid: of new nodes; without a uid or gid the opener's.
    """

    __slots__ = ("devices", "gid", "jobs", "mode", "nodes", "options", "ptmx", "slaves", "uid")

    magic = DEVPTS_MAGIC

    def __init__(self, clock: Clock, devices: DeviceTable, jobs: JobControl) -> None:
        super().__init__("devpts", clock)
        self.block_size = 1024
        self.kept = True
        self.devices = devices
        self.jobs = jobs
        self.mode = 0o600
        self.uid: int | None = None
        self.gid: int | None = None
        self.options = b",mode=600,ptmxmode=000"
        self.slaves: dict[int, PtySlave] = {}
        self.nodes: dict[bytes, Inode] = {}
        self.set_root(PtsDir(self, S_IFDIR | 0o755, ino=_ROOT_INO))
        self.ptmx = Inode(self, S_IFCHR, ino=_PTMX_INO, rdev=PTMX)
        devices.register(PTMX, PtmxDevice(self))

    def configure(self, options: MountOptions) -> None:
        """Take mount options, for nodes that come later. Raises EINVAL."""
        options.only("gid", "uid", "mode", "ptmxmode", "max", "newinstance")
        self.mode = options.octal("mode", self.mode) & 0o7777
        ptmx_mode = options.octal("ptmxmode", self.ptmx.mode & 0o7777) & 0o7777
        self.uid = options.number("uid", -1 if self.uid is None else self.uid)
        self.gid = options.number("gid", -1 if self.gid is None else self.gid)
        self.uid = None if self.uid < 0 else self.uid
        self.gid = None if self.gid < 0 else self.gid
        self.ptmx.mode = S_IFCHR | ptmx_mode
        owner = b"".join(b",%s=%d" % (key, value) for key, value in ((b"uid", self.uid), (b"gid", self.gid))
                         if value is not None)
        self.options = owner + b",mode=%03o,ptmxmode=%03o" % (self.mode, ptmx_mode)

    def new_pty(self, cred: Credentials) -> PtySlave:
        """A pty with the lowest free number, and its node. fs/devpts/inode.c:devpts_new_index, devpts_pty_new

        Raises:
            ENOSPC: there are MAX_PTYS already.
        """
        index = next((index for index in range(MAX_PTYS) if index not in self.slaves), None)
        if index is None:
            raise ENOSPC
        rdev = makedev(SLAVE_MAJOR + (index >> 8), index & 0xFF)
        slave = PtySlave(self, rdev, index)
        self.slaves[index] = slave
        self.devices.register(rdev, PtsDevice(slave))
        uid = cred.fsuid if self.uid is None else self.uid
        gid = cred.fsgid if self.gid is None else self.gid
        self.nodes[b"%d" % index] = Inode(self, S_IFCHR | self.mode, uid, gid, ino=_FIRST_INO + index, rdev=rdev)
        return slave

    def master_closed(self, slave: PtySlave) -> None:
        """The master is gone: its node goes, and its number once no slave is open. fs/devpts/inode.c:devpts_pty_kill"""
        name = b"%d" % slave.index
        inode = self.nodes.pop(name)
        inode.nlink = 0
        child = self.root.children.get(name)
        if child is not None:
            self.root.drop(child)
        if not slave.opens:
            self.forget(slave)

    def forget(self, slave: PtySlave) -> None:
        """Free the number of a pty of which nothing is open any more."""
        self.devices.unregister(slave.rdev)
        del self.slaves[slave.index]

    def place(self, table: MountTable, slave: PtySlave) -> Path:
        """Where a slave's node stands, for a file that is opened without a path."""
        mount = next((mount for mount in table if mount.sb is self), None) or table.make(self, b"devpts")
        name = b"%d" % slave.index
        inode = self.nodes[name]
        child = self.root.children.get(name)
        if child is None or child.inode is not inode:
            child = self.root.add(name, inode)
        return Path(mount, child)

    def reconfigure(self, options: MountOptions, readonly: bool) -> None:
        self.configure(options)
        self.readonly = readonly

    def show_options(self) -> bytes:
        return self.options


class DevPts(FileSystemType):
    """The nodes of pseudo terminals. Options: mode=OCTAL, uid=, gid= of new nodes, ptmxmode=OCTAL.

    Differs: one instance per machine; every mount shows the same (Linux: each mount is its own).
    """

    name = "devpts"

    def __init__(self, clock: Clock, devices: DeviceTable, jobs: JobControl) -> None:
        self.sb = DevPtsSuperBlock(clock, devices, jobs)

    def mount(self, source: bytes, options: MountOptions) -> DevPtsSuperBlock:
        self.sb.configure(options)
        return self.sb
