"""Whom the first program runs as, where an image says so: names are those of the guest's /etc/passwd and /etc/group.

OCI image specification, "config.User"; passwd(5), group(5).
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any

from rvsim.guest_os.abi.errno import Errno
from rvsim.guest_os.abi.stat import S_IFMT, S_IFREG
from rvsim.guest_os.boot_error import BootError
from rvsim.guest_os.vfs.credentials import Credentials
from rvsim.guest_os.vfs.fs_context import FsContext
from rvsim.guest_os.vfs.namei import lookup

_FILE_LIMIT_BYTES = 4 << 20
_ID_LIMIT = 1 << 31
_PASSWD_FIELDS = 7
_GROUP_FIELDS = 4


@dataclass(frozen=True)
class FirstUser:
    """`home`: its directory; None: nobody says."""

    uid: int
    gid: int
    groups: tuple[int, ...] = ()
    home: bytes | None = None

    def credentials(self) -> Credentials:
        """What a process of this user has."""
        return Credentials(self.uid, self.gid, self.groups)


def find_user(context: FsContext, cred: Credentials, text: bytes) -> FirstUser:
    """The user that `USER[:GROUP]` means, each a name or a number; empty: root.

    A number need not be in the files; then the group is 0, and home is / where it is not root. Who is called by a name,
    or is in the files, has the groups that the files give, unless GROUP stands there.

    Raises:
        BootError: there is no such user or group.
    """
    user_text, colon, group_text = text.partition(b":")
    user_text = user_text or b"0"
    uid = _number(user_text)
    gid, home, name = 0, b"/" if uid else None, None
    for row in _rows(context, cred, b"/etc/passwd", _PASSWD_FIELDS):
        known = _number(row[2])
        if known is not None and (row[0] == user_text or known == uid):
            name, uid, gid, home = row[0], known, _number(row[3]) or 0, row[5]
            break
    if uid is None:
        raise BootError(f"the image's user {_shown(user_text)} is not in its /etc/passwd")
    groups = [row for row in _rows(context, cred, b"/etc/group", _GROUP_FIELDS) if _number(row[2]) is not None]
    if colon and group_text:
        number = _number(group_text)
        for row in groups:
            if row[0] == group_text:
                number = _number(row[2])
                break
        if number is None:
            raise BootError(f"the image's group {_shown(group_text)} is not in its /etc/group")
        return FirstUser(uid, number, (), home)
    more = [_number(row[2]) or 0 for row in groups if name is not None and name in row[3].split(b",")]
    return FirstUser(uid, gid, tuple(dict.fromkeys(more)), home)


def _rows(context: FsContext, cred: Credentials, path: bytes, fields: int) -> list[list[bytes]]:
    """The lines of one of the files, in fields; none if it cannot be read."""
    try:
        inode: Any = lookup(context, cred, path).inode
        if inode.mode & S_IFMT != S_IFREG:
            return []
        data: bytes = inode.read_at(0, min(inode.size, _FILE_LIMIT_BYTES))
    except Errno:
        return []
    rows = [line.split(b":") for line in data.split(b"\n")]
    return [row for row in rows if len(row) == fields]


def _number(text: bytes) -> int | None:
    """A user's or a group's number; None: it is none."""
    return int(text) if text.isdigit() and len(text) <= 10 and int(text) < _ID_LIMIT else None


def _shown(text: bytes) -> str:
    return ascii(os.fsdecode(text[:80]))
