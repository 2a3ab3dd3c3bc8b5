"""What of the host a machine shows: its root, a directory or an archive, and what `-v` names."""

from __future__ import annotations

import os

from rvsim.guest_os.boot_error import BootError
from rvsim.guest_os.fs.host_os import HOST, HostOs
from rvsim.guest_os.fs.hostfs import HostSuperBlock
from rvsim.guest_os.vfs.clock import Clock
from rvsim.guest_os.vfs.super_block import SuperBlock


def open_root(path: bytes, clock: Clock, limit_bytes: int, host: HostOs = HOST) -> SuperBlock:
    """The tree of a host's directory, archive, or cached image, never to be written.

    An archive may take `limit_bytes` of memory.

    Raises:
        BootError: it is not there, or cannot be used.
    """
    shown = os.fsdecode(path)
    try:
        if host.is_directory(path):
            return HostSuperBlock(path, still=True, host=host)
        # Archives are rare, and reading them needs half a dozen modules.
        from rvsim.guest_os.fs.archive_entry import BadArchive
        from rvsim.guest_os.fs.archive_tree import open_archive

        try:
            return open_archive(path, clock, limit_bytes, host)
        except BadArchive as error:
            raise BootError(f"--root: {shown}: {error}") from None
    except OSError as error:
        raise BootError(f"--root: {shown}: {(error.strerror or '').lower()}; give a directory or an archive of this "
                        "host") from None


def open_share(path: bytes, *, readonly: bool, host: HostOs = HOST) -> HostSuperBlock:
    """A directory or file of the host, to be mounted. Raises BootError."""
    try:
        return HostSuperBlock(path, readonly=readonly, host=host)
    except OSError as error:
        raise BootError(f"-v: {os.fsdecode(path)}: {(error.strerror or '').lower()}; give a directory or a file of "
                        "this host") from None
