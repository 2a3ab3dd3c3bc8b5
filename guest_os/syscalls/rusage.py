"""struct rusage and its fields. include/uapi/linux/resource.h, kernel/sys.c:getrusage"""

from __future__ import annotations

import struct

from rvsim.guest_os.task.resources import Usage

RUSAGE = struct.Struct("<18q")


def pack_rusage(*parts: Usage) -> bytes:
    """The 144 bytes of a struct rusage that adds up `parts`; maxrss (KiB) is the largest."""
    utime = sum(part.utime_ns for part in parts)
    stime = sum(part.stime_ns for part in parts)
    return RUSAGE.pack(
        utime // 1_000_000_000, utime // 1000 % 1_000_000, stime // 1_000_000_000, stime // 1000 % 1_000_000,
        max(part.max_rss_pages for part in parts) * 4, 0, 0, 0,
        sum(part.minor_faults for part in parts), sum(part.major_faults for part in parts), 0,
        sum(part.in_blocks for part in parts), sum(part.out_blocks for part in parts), 0, 0,
        0, sum(part.voluntary for part in parts), sum(part.involuntary for part in parts))
