"""Resource limits and what was used. include/uapi/asm-generic/resource.h, kernel/sys.c:getrusage"""

from __future__ import annotations

RLIMIT_CPU, RLIMIT_FSIZE, RLIMIT_DATA, RLIMIT_STACK, RLIMIT_CORE, RLIMIT_RSS, RLIMIT_NPROC, RLIMIT_NOFILE = range(8)
RLIMIT_MEMLOCK, RLIMIT_AS, RLIMIT_LOCKS, RLIMIT_SIGPENDING, RLIMIT_MSGQUEUE, RLIMIT_NICE = range(8, 14)
RLIMIT_RTPRIO, RLIMIT_RTTIME = 14, 15
RLIM_NLIMITS = 16
RLIM_INFINITY = (1 << 64) - 1

_STACK = 8 << 20
_MEMLOCK = 8 << 20


class Limits:
    """Soft and hard limit by resource. include/asm-generic/resource.h:INIT_RLIMITS"""

    __slots__ = ("hard", "soft")

    def __init__(self) -> None:
        self.soft = [RLIM_INFINITY] * RLIM_NLIMITS
        self.hard = [RLIM_INFINITY] * RLIM_NLIMITS
        for resource, soft, hard in (
            (RLIMIT_STACK, _STACK, RLIM_INFINITY), (RLIMIT_CORE, 0, RLIM_INFINITY), (RLIMIT_NOFILE, 1024, 1 << 20),
            (RLIMIT_MEMLOCK, _MEMLOCK, _MEMLOCK), (RLIMIT_SIGPENDING, 4096, 4096),
            (RLIMIT_MSGQUEUE, 819200, 819200), (RLIMIT_NICE, 0, 0), (RLIMIT_RTPRIO, 0, 0),
        ):
            self.soft[resource], self.hard[resource] = soft, hard

    def copy(self) -> Limits:
        other = Limits()
        other.soft = list(self.soft)
        other.hard = list(self.hard)
        return other

    def soft_or_none(self, resource: int) -> int | None:
        """The soft limit, None for no limit."""
        value = self.soft[resource]
        return None if value == RLIM_INFINITY else value


class Usage:
    """Times in nanoseconds of guest time; counts of faults, context switches, I/O."""

    __slots__ = ("in_blocks", "involuntary", "major_faults", "max_rss_pages", "minor_faults", "out_blocks", "rchar",
                 "signals", "stime_ns", "syscr", "syscw", "utime_ns", "voluntary", "wchar")

    def __init__(self) -> None:
        for name in self.__slots__:
            setattr(self, name, 0)

    def add(self, other: Usage) -> None:
        """Add what a child that was waited for had used; of the memory high-water mark, the larger."""
        for name in self.__slots__:
            if name == "max_rss_pages":
                self.max_rss_pages = max(self.max_rss_pages, other.max_rss_pages)
            else:
                setattr(self, name, getattr(self, name) + getattr(other, name))

    def add_moved(self, counts: tuple[int, int, int, int]) -> None:
        """Add what calls of one thread moved: see `Context.moved`."""
        self.syscr += counts[0]
        self.rchar += counts[1]
        self.syscw += counts[2]
        self.wchar += counts[3]

    in_blocks: int
    involuntary: int
    major_faults: int
    max_rss_pages: int
    minor_faults: int
    out_blocks: int
    rchar: int
    signals: int
    stime_ns: int
    syscr: int
    syscw: int
    utime_ns: int
    voluntary: int
    wchar: int
