"""The load averages: tasks that run, could run or wait without being disturbed, over 1, 5 and 15 minutes.

kernel/sched/loadavg.c. Fixed point with 11 bits after the point; a sample every 5.01 s, as Linux takes with 100 ticks
in a second. Nobody wakes up for a sample: those that have come due are made up when a turn begins, after the machine
has idled, and when somebody asks.
"""

from __future__ import annotations

from collections.abc import Callable

FSHIFT = 11
FIXED_1 = 1 << FSHIFT
SAMPLE_NS = 5_010_000_000
DECAYS = (1884, 2014, 2037)
"""exp(-5 s / 1, 5, 15 min). include/linux/sched/loadavg.h:EXP_1, EXP_5, EXP_15"""


def decayed(load: int, decay: int, active: int) -> int:
    """`load` after one more sample of `active` tasks, both in fixed point. include/linux/sched/loadavg.h:calc_load"""
    new = load * decay + active * (FIXED_1 - decay)
    if active >= load:
        new += FIXED_1 - 1
    return new // FIXED_1


class LoadAverage:
    """The three averages, each in fixed point.

    Attributes:
        averages: over 1, 5, 15 minutes.
        next_ns: when the next sample is due.
    """

    __slots__ = ("averages", "next_ns")

    def __init__(self) -> None:
        self.averages = (0, 0, 0)
        self.next_ns = SAMPLE_NS

    def settle(self, now_ns: int, active: Callable[[], int]) -> None:
        """Take the samples that are due by `now_ns`, all with the number of tasks that `active` gives."""
        due = (now_ns - self.next_ns) // SAMPLE_NS + 1
        if due <= 0:
            return
        self.next_ns += due * SAMPLE_NS
        count = active() * FIXED_1
        while due:
            due -= 1
            one, five, fifteen = self.averages
            averages = tuple(decayed(load, decay, count) for load, decay in zip(self.averages, DECAYS, strict=True))
            if averages == (one, five, fifteen):
                return                        # no further sample changes them
            self.averages = (averages[0], averages[1], averages[2])
