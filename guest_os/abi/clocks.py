"""Clocks by number. include/uapi/linux/time.h"""

CLOCK_REALTIME = 0
CLOCK_MONOTONIC = 1
CLOCK_PROCESS_CPUTIME_ID = 2
CLOCK_THREAD_CPUTIME_ID = 3
CLOCK_MONOTONIC_RAW = 4
CLOCK_REALTIME_COARSE = 5
CLOCK_MONOTONIC_COARSE = 6
CLOCK_BOOTTIME = 7
CLOCK_REALTIME_ALARM = 8
CLOCK_BOOTTIME_ALARM = 9
CLOCK_TAI = 11

TIMER_ABSTIME = 1

NS = 1_000_000_000
"""Nanoseconds in a second."""

COARSE_NS = 4_000_000
"""How fine the coarse clocks say they are: a kernel tick at CONFIG_HZ=250."""

TIMEBASE_NS = 1
"""Nanoseconds in one count of `rdtime`, as our programs see it: the clocks and the counter then never disagree."""
