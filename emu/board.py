"""A board: hart, RAM, clock, console and firmware, which runs a supervisor's image until it shuts the machine down."""

import enum

from rvsim.emu.clock import HostClock, VirtualClock
from rvsim.emu.console import Console
from rvsim.emu.hart import Hart
from rvsim.emu.image import load_image
from rvsim.emu.power import Power, ResetKind
from rvsim.emu.sbi import Sbi
from rvsim.emu.supervisor import Supervised

IDLE_NS = 50_000_000
"""Longest sleep of an idle machine in host time."""


class End(enum.Enum):
    """How a run of the board ended."""

    SHUTDOWN = "the guest shut the machine down"
    FAILURE = "the guest shut the machine down after a failure"
    STUCK = "the guest waits for an interrupt that nothing will raise"
    TIMEOUT = "the time is over"


class Board:
    """One machine for one image. A reboot starts the image afresh, in RAM that is zero again."""

    def __init__(self, memory_bytes: int, console: Console, image: bytes, *, host_time: bool = False) -> None:
        """Raises MemoryError (the host refuses the RAM) and BadImage."""
        self.hart = Hart(memory_bytes)
        self.console = console
        self.image = image
        self.clock = HostClock(self.hart) if host_time else VirtualClock(self.hart)
        self.power = Power()
        self.supervised = Supervised(self.hart, self.clock, Sbi(console, self.hart.memory, self.power))
        self._start()

    def _start(self) -> None:
        self.power.request = None
        self.supervised.start(load_image(self.hart.memory, self.image), opaque=0)

    def run(self, until_ns: int | None = None) -> End:
        """Run until the guest ends the machine, or to guest time `until_ns`."""
        while True:
            if (request := self.power.request) is not None:
                if request.kind is ResetKind.SHUTDOWN:
                    self.console.flush()
                    return End.FAILURE if request.failure else End.SHUTDOWN
                self.hart.memory.clear()
                self._start()
            if until_ns is not None and self.clock.monotonic_ns() >= until_ns:
                return End.TIMEOUT
            if self.supervised.idle:
                if not self._idle(until_ns):
                    return End.STUCK
            else:
                self.supervised.run()
            self.console.poll()

    def _idle(self, until_ns: int | None) -> bool:
        # Let time pass until an interrupt ends the `wfi`; False if none ever will. (The console raises none.)
        supervised = self.supervised
        supervised.timer.poll()
        if supervised.interrupt_pending():
            supervised.idle = False
            return True
        deadline_ns = supervised.timer.deadline_ns
        if deadline_ns is None:
            return False
        if until_ns is not None:
            deadline_ns = min(deadline_ns, until_ns)
        self.console.flush()
        if self.clock.host_delay_s(deadline_ns) > IDLE_NS / 1e9:
            deadline_ns = self.clock.monotonic_ns() + IDLE_NS  # and look at the console in between
        self.clock.advance_to(deadline_ns)
        return True
