"""inotify: a file from which a program reads what happens to other files. fs/notify/inotify/

An event (include/uapi/linux/inotify.h:inotify_event) is 16 bytes and a name, padded with NULs to a multiple of 16:
    0 wd 4 mask 8 cookie 12 length of the padded name 16 name
"""

from __future__ import annotations

import struct
from collections import deque

from rvsim.guest_os.abi.errno import EEXIST, EINVAL, EMFILE, ENOSPC
from rvsim.guest_os.abi.fcntl import O_NONBLOCK
from rvsim.guest_os.abi.inotify import (
    IN_ALL_EVENTS,
    IN_DELETE_SELF,
    IN_EXCL_UNLINK,
    IN_IGNORED,
    IN_ISDIR,
    IN_MASK_ADD,
    IN_MASK_CREATE,
    IN_MOVE_SELF,
    IN_ONESHOT,
    IN_Q_OVERFLOW,
    IN_UNMOUNT,
    MAX_QUEUED_EVENTS,
    MAX_USER_INSTANCES,
    MAX_USER_WATCHES,
)
from rvsim.guest_os.abi.ioctl import FIONREAD
from rvsim.guest_os.abi.poll import POLLIN, POLLRDNORM
from rvsim.guest_os.fs.anon import AnonFile, AnonFs
from rvsim.guest_os.vfs import notify
from rvsim.guest_os.vfs.credentials import Credentials
from rvsim.guest_os.vfs.dentry import Dentry
from rvsim.guest_os.vfs.file import File, IoctlArg
from rvsim.guest_os.vfs.inode import Inode
from rvsim.guest_os.vfs.mount import Path
from rvsim.guest_os.wait import WaitQueue

_EVENT = struct.Struct("<iIII")
_KEPT = IN_ALL_EVENTS | IN_EXCL_UNLINK | IN_ONESHOT


class InotifyUsers:
    """How many instances and watches each user has, by uid."""

    __slots__ = ("instances", "watches")

    def __init__(self) -> None:
        self.instances: dict[int, int] = {}
        self.watches: dict[int, int] = {}


class Watch:
    """What one instance wants to know of one inode."""

    __slots__ = ("file", "inode", "mask", "wd")

    def __init__(self, file: InotifyFile, wd: int, inode: Inode, mask: int) -> None:
        self.file = file
        self.wd = wd
        self.inode = inode
        self.mask = mask

    def happened(self, event: int, name: bytes, cookie: int) -> None:
        """fs/notify/inotify/inotify_fsnotify.c:inotify_handle_inode_event"""
        if event & (IN_DELETE_SELF | IN_MOVE_SELF):
            event &= ~IN_ISDIR
        self.file.enqueue(self.wd, event, cookie, name)
        if self.mask & IN_ONESHOT:
            self.file.drop(self)

    def removed(self) -> None:
        """The inode is gone."""
        self.file.drop(self)


class InotifyFile(AnonFile):
    """An instance: its watches by number and by inode, and the events that were not read yet, oldest first.

    An event is (wd, mask, cookie, name).
    """

    __slots__ = ("by_inode", "events", "last_wd", "overflowed", "queue", "users", "watches")

    kind = b"inotify"
    record_bytes = _EVENT.size

    def __init__(self, anon: AnonFs, flags: int, cred: Credentials, users: InotifyUsers) -> None:
        """EMFILE: the user has too many already."""
        if users.instances.get(cred.euid, 0) >= MAX_USER_INSTANCES:
            raise EMFILE
        path = Path(anon.mount, Dentry(b"anon_inode:" + self.kind, None, anon.inode))
        File.__init__(self, anon.inode, path, flags & O_NONBLOCK, cred)
        self.watches: dict[int, Watch] = {}
        self.by_inode: dict[Inode, Watch] = {}
        self.events: deque[tuple[int, int, int, bytes]] = deque()
        self.last_wd = 0
        self.overflowed = False
        self.queue = WaitQueue()
        self.users = users
        users.instances[cred.euid] = users.instances.get(cred.euid, 0) + 1

    def release(self) -> None:
        for watch in self.by_inode.values():
            notify.remove(watch.inode, watch)
        self._count(-len(self.watches))
        self.users.instances[self.cred.euid] -= 1
        super().release()

    def _count(self, change: int) -> None:
        self.users.watches[self.cred.euid] = self.users.watches.get(self.cred.euid, 0) + change

    def watch(self, inode: Inode, mask: int) -> int:
        """Watch an inode, or watch it otherwise; its number. inotify_update_watch

        Raises:
            EEXIST: IN_MASK_CREATE, and it is watched already. ENOSPC: the user watches too many.
        """
        known = self.by_inode.get(inode)
        if known is not None:
            if mask & IN_MASK_CREATE:
                raise EEXIST
            known.mask = mask & _KEPT | (known.mask if mask & IN_MASK_ADD else 0)
            return known.wd
        if self.users.watches.get(self.cred.euid, 0) >= MAX_USER_WATCHES:
            raise ENOSPC
        self.last_wd += 1
        made = self.watches[self.last_wd] = self.by_inode[inode] = Watch(self, self.last_wd, inode, mask & _KEPT)
        notify.add(inode, made)
        self._count(1)
        return made.wd

    def unwatch(self, wd: int) -> None:
        """Watch no more. EINVAL: no such number. inotify_rm_watch"""
        watch = self.watches.get(wd)
        if watch is None:
            raise EINVAL
        self.drop(watch)

    def drop(self, watch: Watch) -> None:
        """Forget a watch and say so. inotify_ignored_and_remove_idr"""
        notify.remove(watch.inode, watch)
        del self.watches[watch.wd]
        del self.by_inode[watch.inode]
        self._count(-1)
        self.enqueue(watch.wd, IN_IGNORED, 0, b"")

    def enqueue(self, wd: int, mask: int, cookie: int, name: bytes) -> None:
        """Add an event, unless the newest one says the same. fs/notify/notification.c:fsnotify_insert_event"""
        events = self.events
        if len(events) >= MAX_QUEUED_EVENTS:
            if not self.overflowed:
                self.overflowed = True
                events.append((-1, IN_Q_OVERFLOW, 0, b""))
            return
        if events and not mask & IN_IGNORED:
            last = events[-1]
            if last[0] == wd and last[1] == mask and last[3] == name:
                return
        events.append((wd, mask, cookie, name))
        self.queue.wake_all()

    def read(self, size: int) -> bytes:
        """As many events as fit. EINVAL: not even one does."""
        if not self.events:
            self.would_block(self.queue)
        taken: list[bytes] = []
        while self.events:
            wd, mask, cookie, name = self.events[0]
            length = _padded(name)
            if _EVENT.size + length > size:
                if not taken:
                    raise EINVAL
                break
            size -= _EVENT.size + length
            taken.append(_EVENT.pack(wd, mask, cookie, length) + name.ljust(length, b"\0"))
            self.events.popleft()
            if mask == IN_Q_OVERFLOW:
                self.overflowed = False
        return b"".join(taken)

    def fdinfo(self, ns: object) -> bytes:
        """A line for each watch; without the file handle, which nothing here could open. inotify_show_fdinfo"""
        lines = [b"inotify wd:%x ino:%x sdev:%x mask:%x ignored_mask:0 \n"
                 % (watch.wd, watch.inode.ino, watch.inode.sb.dev, watch.mask & (IN_ALL_EVENTS | IN_UNMOUNT))
                 for watch in self.watches.values()]
        return b"".join(lines)

    def poll(self) -> int:
        return POLLIN | POLLRDNORM if self.events else 0

    def poll_queues(self) -> tuple[WaitQueue, ...]:
        return (self.queue,)

    def ioctl(self, request: int, arg: IoctlArg) -> int:
        if request == FIONREAD:
            arg.write(sum(_EVENT.size + _padded(event[3]) for event in self.events).to_bytes(4, "little"))
            return 0
        return super().ioctl(request, arg)


def _padded(name: bytes) -> int:
    """What a name and its NUL take in an event. round_event_name_len"""
    return len(name) + 16 & ~15 if name else 0
