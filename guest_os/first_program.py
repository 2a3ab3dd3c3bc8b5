"""The program to start with: where it is, and in words why it cannot be run."""

from __future__ import annotations

import errno
import os
import stat as host_stat
from typing import Any

from rvsim.guest_os.abi.errno import (
    E2BIG,
    EACCES,
    ELIBBAD,
    ELOOP,
    ENOENT,
    ENOEXEC,
    ENOMEM,
    ENOTDIR,
    ETXTBSY,
    Errno,
)
from rvsim.guest_os.abi.stat import S_IFMT, S_IFREG
from rvsim.guest_os.boot_error import NOT_EXECUTABLE, NOT_FOUND, BootError
from rvsim.guest_os.mm import elf
from rvsim.guest_os.vfs.credentials import Credentials
from rvsim.guest_os.vfs.fs_context import FsContext
from rvsim.guest_os.vfs.mount import Path
from rvsim.guest_os.vfs.namei import lookup

_KINDS = (
    (host_stat.S_ISDIR, "a directory"), (host_stat.S_ISFIFO, "a FIFO"), (host_stat.S_ISSOCK, "a socket"),
    (host_stat.S_ISCHR, "a device"), (host_stat.S_ISBLK, "a device"),
)  # fmt: skip
_REASONS: dict[type[Errno], str] = {
    ENOMEM: "it does not fit into the machine; give --memory more",
    ENOEXEC: "it is no program for this machine",
    E2BIG: "its arguments and environment are too long",
    ENOENT: "it, or the interpreter it names, is not in the guest's tree",
    ELIBBAD: "its interpreter is no program for this machine",
    EACCES: "it may not be executed",
    ELOOP: "too many symbolic links",
    ENOTDIR: "a part of its path is not a directory",
    ETXTBSY: "it is open for writing",
}


def find_program(context: FsContext, cred: Credentials, program: bytes, search: bytes) -> bytes | None:
    """The path of a program in the guest's tree: a path as it is, a name on `search` (PATH); None if it is nowhere.

    Raises:
        BootError: a path leads to something that is no file.
    """
    if b"/" not in program:
        for directory in search.split(b":"):
            candidate = directory + b"/" + program
            try:
                if directory and lookup(context, cred, candidate).inode.mode & S_IFMT == S_IFREG:
                    return candidate
            except Errno:
                continue
        return None
    try:
        inode = lookup(context, cred, program).inode
    except ENOENT:
        return None
    except Errno as error:
        raise cannot_run(program, error) from None
    if inode.mode & S_IFMT != S_IFREG:
        raise BootError(f"{os.fsdecode(program)}: in the guest it is {_kind(inode.mode)}; give a program",
                        NOT_EXECUTABLE)
    return program


def _kind(mode: int) -> str:
    return next((text for test, text in _KINDS if test(mode)), "no regular file")


def not_found(program: bytes, root: bytes | None) -> BootError:
    """Why a program that the guest does not have cannot be run: without a root, by what the host has of that name."""
    shown = os.fsdecode(program)
    if root is not None:
        return BootError(f"{shown}: not found in {os.fsdecode(root)}; give a path or a name on the guest's PATH",
                         NOT_FOUND)
    try:
        mode = os.stat(program).st_mode
    except OSError as error:
        if error.errno == errno.ELOOP:
            return BootError(f"{shown}: it is a symbolic link that leads in a circle; give a program", NOT_EXECUTABLE)
        if os.path.islink(program):
            target = os.fsdecode(os.readlink(program))
            return BootError(f"{shown}: it is a symbolic link to {target}, which cannot be reached: "
                             f"{(error.strerror or '').lower()}", NOT_FOUND)
        if error.errno not in (errno.ENOENT, errno.ENOTDIR):
            return BootError(f"{shown}: {(error.strerror or '').lower()}", NOT_EXECUTABLE)
        return BootError(f"{shown}: not found, neither on this host nor in the guest; "
                         "`rvsim run sh` shows what there is with ls /bin", NOT_FOUND)
    return BootError(f"{shown}: it is {_kind(mode)}; give a program", NOT_EXECUTABLE)


def check_image(path: Path) -> None:
    """Say in words what is wrong with an image. Raises BootError."""
    inode: Any = path.inode
    if inode.read_raw(0, 2) == b"#!":
        return
    try:
        image = elf.parse(inode)
        for segment in image.segments:
            if segment.vaddr < 0x10000 and image.kind == elf.ET_EXEC:
                raise elf.BadImage("a segment lies below 0x10000, the lowest address that can be mapped")
    except elf.BadImage as error:
        raise BootError(f"{os.fsdecode(path.dentry.name)}: {error}", NOT_EXECUTABLE) from None


def cannot_run(program: bytes, error: Errno) -> BootError:
    """What an errno means for the program to start with."""
    status = NOT_FOUND if isinstance(error, ENOENT) else NOT_EXECUTABLE
    return BootError(f"{os.fsdecode(program)}: {_REASONS.get(type(error), error.text)}", status)
