"""Calls of the host that Python's `os` lacks, renameat2 and fallocate, and plain ways where the host lacks them."""

from __future__ import annotations

import ctypes
import errno
import os
from functools import cache

from rvsim.guest_os.abi.fcntl import RENAME_NOREPLACE


@cache
def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _checked(result: int) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def rename(old_fd: int, old: bytes, new_fd: int, new: bytes, flags: int) -> None:
    """renameat2(2). Where the host or its file system knows no flags, RENAME_NOREPLACE is left to the caller's look.

    Raises:
        OSError: the host's; EINVAL for an exchange that it does not know.
    """
    if flags:
        call = getattr(_libc(), "renameat2", None)
        if call is None and flags != RENAME_NOREPLACE:
            raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))
        if call is not None:
            try:
                _checked(call(old_fd, old, new_fd, new, ctypes.c_uint(flags)))
            except OSError as error:
                if error.errno not in (errno.EINVAL, errno.ENOSYS) or flags != RENAME_NOREPLACE:
                    raise
            else:
                return
    os.rename(old, new, src_dir_fd=old_fd, dst_dir_fd=new_fd)


def fallocate(fd: int, mode: int, offset: int, size: int) -> None:
    """fallocate(2). Raises OSError: the host's; EOPNOTSUPP where it has no such call and `mode` is not 0."""
    call = getattr(_libc(), "fallocate64", None)
    if call is not None:
        _checked(call(fd, mode, ctypes.c_int64(offset), ctypes.c_int64(size)))
    elif not mode and hasattr(os, "posix_fallocate"):
        os.posix_fallocate(fd, offset, size)
    else:
        raise OSError(errno.EOPNOTSUPP, os.strerror(errno.EOPNOTSUPP))
