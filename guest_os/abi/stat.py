"""File types, mode bits, directory entry types and device numbers. include/uapi/linux/stat.h, include/linux/kdev_t.h"""

from __future__ import annotations

S_IFMT = 0o170000
S_IFSOCK = 0o140000
S_IFLNK = 0o120000
S_IFREG = 0o100000
S_IFBLK = 0o060000
S_IFDIR = 0o040000
S_IFCHR = 0o020000
S_IFIFO = 0o010000
S_ISUID = 0o4000
S_ISGID = 0o2000
S_ISVTX = 0o1000
S_IXGRP = 0o010
S_IALLUGO = 0o7777

DT_UNKNOWN = 0
DT_FIFO = 1
DT_CHR = 2
DT_DIR = 4
DT_BLK = 6
DT_REG = 8
DT_LNK = 10
DT_SOCK = 12
DT_WHT = 14


def makedev(major: int, minor: int) -> int:
    """A device number as user space encodes it in 64 bits. include/linux/kdev_t.h:huge_encode_dev"""
    return (minor & 0xFF) | (major & 0xFFF) << 8 | (minor & ~0xFF) << 12 | (major & ~0xFFF) << 32


def major(dev: int) -> int:
    """The major number of `dev`."""
    return dev >> 8 & 0xFFF | dev >> 32 & ~0xFFF


def minor(dev: int) -> int:
    """The minor number of `dev`."""
    return dev & 0xFF | dev >> 12 & 0xFFFFFF00
