"""All faults of a run, and what is drawn from a seed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from rvsim.guest_os.faults.fault import BadFault, Fault, Injected

if TYPE_CHECKING:
    from rvsim.guest_os.faults.injector import Injector
    from rvsim.guest_os.task.kernel import Kernel

LEVELS = ("legal", "hard")
DEFAULT_RATE = 20


@dataclass(frozen=True)
class FaultPlan:
    """What is to happen to the calls of a machine.

    Attributes:
        faults: in their order; the first one that hits a call is the one that happens, and all of them count it.
        chaos_seed: draw faults and the lengths of time slices from this number; None: draw nothing.
        chaos_level: legal: what Linux may do to a correct program at any time; hard: errors too.
        chaos_rate: of how many calls one is met, on the average.
        log: what has happened, in its order, in the machine that was given this plan last.

    Raises:
        BadFault: one of them makes no sense.
    """

    faults: tuple[Fault, ...] = ()
    chaos_seed: int | None = None
    chaos_level: str = "legal"
    chaos_rate: int = DEFAULT_RATE
    log: list[Injected] = field(default_factory=list, compare=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "faults", tuple(self.faults))
        if self.chaos_seed is not None and (type(self.chaos_seed) is not int or not 0 <= self.chaos_seed < 1 << 63):
            raise BadFault(f"{self.chaos_seed!r} is no seed; it is a number from 0 on")
        if self.chaos_level not in LEVELS:
            raise BadFault(f"{self.chaos_level!r} is no level of chaos; use {' or '.join(LEVELS)}")
        if type(self.chaos_rate) is not int or not 1 <= self.chaos_rate <= 1 << 30:
            raise BadFault(f"{self.chaos_rate!r} is no rate; it is a number from 1 on: of so many calls, one")

    def start(self, kernel: Kernel) -> Injector:
        """Have it happen in this machine from now on."""
        from rvsim.guest_os.faults.injector import Injector

        injector = Injector(kernel, self)
        object.__setattr__(self, "log", injector.log)
        injector.arm()
        return injector
