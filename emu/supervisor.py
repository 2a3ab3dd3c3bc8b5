"""Runs a guest that has a supervisor of its own: hands exceptions to it, and its ecalls to the firmware.

The engine delivers interrupts by itself (a bit in mip is enough) but no exception; see `Gate.deliver`. Exceptions are
delegated to S-mode one and all, as firmware does it, except an ecall from S-mode.
"""

from rvsim.emu._gate import ENGINE_ERROR, HALT, SLICE_END
from rvsim.emu.clock import Clock
from rvsim.emu.hart import ACCESS_FAULTS, Csr, Hart
from rvsim.emu.sbi import HART_ID, InvalidAddress, Sbi
from rvsim.emu.timer import SupervisorTimer

SUPERVISOR = 1
FETCH_ACCESS, BREAKPOINT, ECALL_U = 1, 3, 8
A0, A1 = 10, 11

SSIP, STIP, SEIP = 1 << 1, 1 << 5, 1 << 9
S_INTERRUPTS = SSIP | STIP | SEIP

SLICE_TICKS = 10_000_000
"""Longest run between two looks at the timer and the console: 10 ms of guest time."""


class EngineFailure(Exception):
    """The engine stopped in a way that no guest can cause: a defect of ours."""


class Supervised:
    """The hart under a supervisor of the guest's own. It is the `SbiHart` of the firmware's extensions."""

    def __init__(self, hart: Hart, clock: Clock, sbi: Sbi) -> None:
        self.hart = hart
        self.clock = clock
        self.sbi = sbi
        self.timer = SupervisorTimer(clock, lambda pending: self._set_pending(STIP, pending))
        self.idle = False
        """The hart waits for an interrupt."""

    def start(self, entry: int, opaque: int) -> None:
        """Make the hart's state what a kernel finds on entry: a0 the hart, a1 `opaque`. SBI, "Hart Start"."""
        hart = self.hart
        hart.unload()
        hart.stop_at_bus_errors()
        hart.set_csr(Csr.SATP, 0)
        hart.set_csr(Csr.MSTATUS, 0)
        hart.set_csr(Csr.MIDELEG, S_INTERRUPTS)
        hart.set_csr(Csr.MIE, 0)
        hart.set_csr(Csr.MIP, 0)
        hart.set_csr(Csr.SCOUNTEREN, 0)
        hart.flush_tlb()
        for number in range(1, 32):
            hart.set_x(number, 0)
        hart.set_x(A0, HART_ID)
        hart.set_x(A1, opaque)
        hart.priv = SUPERVISOR
        hart.pc = entry
        self.timer.deadline_ns = None
        self.idle = False

    def run(self) -> None:
        """Run to the next event: a trap, the end of a time slice, or `wfi`, which leaves `idle` set.

        Raises:
            EngineFailure: the engine failed.
        """
        hart = self.hart
        cause = hart.run(None, None, self._budget())
        if cause == ECALL_U and hart.priv == SUPERVISOR:
            self.sbi.ecall(self, hart)
            hart.pc += 4
            hart.ticks += 4
        elif cause >= 0:
            hart.deliver(cause, hart.epc if cause == BREAKPOINT else hart.tval)
        elif cause == HALT:
            self.idle = True
        elif cause == ENGINE_ERROR:
            self._access_fault(hart.error)
        elif cause == SLICE_END:
            hart.flush_tlb()  # the engine resizes its soft TLB only then
        else:
            raise EngineFailure(f"the gate returned {cause} at {hart.pc:#x}")
        self.timer.poll()

    def _budget(self) -> int:
        if self.timer.deadline_ns is None:
            return SLICE_TICKS
        return max(1, min(SLICE_TICKS, self.timer.deadline_ns - self.clock.monotonic_ns()))

    def _access_fault(self, error: int) -> None:
        # The engine knows the physical address only; stval may be zero. Volume II, "Supervisor Trap Value Register".
        if error not in ACCESS_FAULTS:
            raise EngineFailure(f"the engine's error {error} at {self.hart.pc:#x}")
        cause = ACCESS_FAULTS[error]
        self.hart.deliver(cause, self.hart.pc if cause == FETCH_ACCESS else 0)

    def interrupt_pending(self) -> bool:
        """Whether an interrupt that is enabled in sie waits, which ends a `wfi` whatever sstatus.SIE says."""
        return bool(self.hart.csr(Csr.MIP) & self.hart.csr(Csr.MIE))

    # ---- what the firmware's extensions do to the hart

    def _set_pending(self, bits: int, pending: bool) -> None:
        now = self.hart.csr(Csr.MIP)
        self.hart.set_csr(Csr.MIP, now | bits if pending else now & ~bits)

    def set_software_interrupt(self, pending: bool) -> None:
        self._set_pending(SSIP, pending)

    def fence_i(self) -> None:
        self.hart.flush_blocks()

    def fence_vma(self) -> None:
        self.hart.flush_tlb()

    def suspend(self) -> None:
        self.idle = True

    def load_supervisor(self, address: int, size: int) -> int:
        value = self.hart.load_virtual(address, size)
        if value is None:
            raise InvalidAddress
        return value
