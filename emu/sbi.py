"""The machine's firmware as its S-mode guest sees it. RISC-V Supervisor Binary Interface Specification 2.0.

An extension has an `eid` and a `call(hart, fid, args)` that returns the value for a1 or raises an SbiError for a0; it
never touches a register. `Sbi` finds the extension and writes the registers. The legacy extensions answer in a0 alone.

The machine has one hart, number 0.
"""

from collections.abc import Sequence
from typing import Protocol

from rvsim.emu.console import Console
from rvsim.emu.physical_memory import OutsideMemory, PhysicalMemory
from rvsim.emu.power import Power, ResetKind
from rvsim.emu.timer import SupervisorTimer

SPEC_VERSION = 2 << 24
"""Version 2.0: bits 30..24 major, 23..0 minor."""

IMPLEMENTATION_ID = 0x7276_7369
"""Not one of the registered numbers: `rvsi` in ASCII."""

IMPLEMENTATION_VERSION = 1
HART_ID = 0
ALL_HARTS = (1 << 64) - 1

A0, A1, A6, A7 = 10, 11, 16, 17


class SbiError(Exception):
    """A call failed; `code` goes to a0. Chapter "Binary Encoding", table "Standard SBI Errors"."""

    code: int


class Failed(SbiError):
    code = -1


class NotSupported(SbiError):
    code = -2


class InvalidParam(SbiError):
    code = -3


class Denied(SbiError):
    code = -4


class InvalidAddress(SbiError):
    code = -5


class AlreadyAvailable(SbiError):
    code = -6


class SbiHart(Protocol):
    """The hart, as far as the extensions need it."""

    timer: SupervisorTimer

    def set_software_interrupt(self, pending: bool) -> None:
        """Set or clear mip.SSIP."""
        ...

    def fence_i(self) -> None:
        """Let instruction fetches see all stores before."""
        ...

    def fence_vma(self) -> None:
        """Let translations see all stores to page tables before."""
        ...

    def suspend(self) -> None:
        """Wait for an interrupt after this call, as `wfi` does."""
        ...

    def load_supervisor(self, address: int, size: int) -> int:
        """Little-endian integer at a supervisor address. Raises InvalidAddress where that is not readable."""
        ...


class Registers(Protocol):
    """What the dispatcher reads and writes."""

    def x(self, number: int) -> int: ...
    def set_x(self, number: int, value: int) -> None: ...


class Extension(Protocol):
    """One SBI extension."""

    eid: int

    def call(self, hart: SbiHart, fid: int, args: Sequence[int]) -> int:
        """Run function `fid` with a0..a5; the value goes to a1, an SbiError to a0."""
        ...


def named_harts(mask: int, base: int) -> bool:
    """Whether a hart mask names our only hart. Chapter "Binary Encoding", "Hart list parameter".

    Raises:
        InvalidParam: it names a hart that the machine does not have.
    """
    if base == ALL_HARTS:
        return True
    if (base > HART_ID and mask) or mask >> 1:
        raise InvalidParam
    return bool(mask)


class BaseExtension:
    """What this firmware is and has. SBI specification, "Base Extension"."""

    eid = 0x10

    def __init__(self, known: set[int]) -> None:
        self.known = known

    def call(self, hart: SbiHart, fid: int, args: Sequence[int]) -> int:
        """Functions 0..6: version, implementation, its version, probe (0: absent), mvendorid, marchid, mimpid."""
        match fid:
            case 0:
                return SPEC_VERSION
            case 1:
                return IMPLEMENTATION_ID
            case 2:
                return IMPLEMENTATION_VERSION
            case 3:
                return int(args[0] in self.known)
            case 4 | 5 | 6:
                return 0
            case _:
                raise NotSupported


class TimeExtension:
    """The supervisor timer. SBI specification, "Timer Extension"."""

    eid = 0x54494D45  # "TIME"

    def call(self, hart: SbiHart, fid: int, args: Sequence[int]) -> int:
        """Function 0, set_timer: an absolute time in timebase ticks."""
        if fid != 0:
            raise NotSupported
        hart.timer.arm(args[0])
        return 0


class IpiExtension:
    """Software interrupts between harts. SBI specification, "IPI Extension"."""

    eid = 0x735049  # "sPI"

    def call(self, hart: SbiHart, fid: int, args: Sequence[int]) -> int:
        """Function 0, send_ipi: (hart_mask, hart_mask_base). InvalidParam: no such hart."""
        if fid != 0:
            raise NotSupported
        if named_harts(args[0], args[1]):
            hart.set_software_interrupt(True)
        return 0


class RemoteFenceExtension:
    """Fences on other harts, here always our own. SBI specification, "RFENCE Extension"."""

    eid = 0x52464E43  # "RFNC"

    def call(self, hart: SbiHart, fid: int, args: Sequence[int]) -> int:
        """Functions 0..2: fence_i, sfence_vma, sfence_vma_asid. The hypervisor's, 3..6, are not supported."""
        if fid > 2:
            raise NotSupported
        if named_harts(args[0], args[1]):
            if fid == 0:
                hart.fence_i()
            else:
                hart.fence_vma()
        return 0


class HartStateExtension:
    """Harts come and go. SBI specification, "Hart State Management Extension"."""

    eid = 0x48534D  # "HSM"
    RETENTIVE, NON_RETENTIVE = 0, 0x8000_0000

    def call(self, hart: SbiHart, fid: int, args: Sequence[int]) -> int:
        """Functions 0..3: start, stop, get_status (0: started), suspend.

        Raises:
            AlreadyAvailable: start of the running hart. InvalidParam: no such hart, or a reserved kind of suspend.
            Failed: the only hart cannot stop; a guest that is done resets the system.
            NotSupported: non-retentive suspend.
        """
        match fid:
            case 0:
                raise AlreadyAvailable if args[0] == HART_ID else InvalidParam
            case 1:
                raise Failed
            case 2:
                if args[0] != HART_ID:
                    raise InvalidParam
                return 0
            case 3:
                kind = args[0] & 0xFFFF_FFFF
                if kind == self.NON_RETENTIVE:
                    raise NotSupported
                if kind != self.RETENTIVE:
                    raise InvalidParam
                hart.suspend()
                return 0
            case _:
                raise NotSupported


class ResetExtension:
    """Shutdown and reboot. SBI specification, "System Reset Extension"."""

    eid = 0x53525354  # "SRST"

    def __init__(self, power: Power) -> None:
        self.power = power

    def call(self, hart: SbiHart, fid: int, args: Sequence[int]) -> int:
        """Function 0, system_reset: (type, reason). InvalidParam: a reserved type or reason. Vendors' are reserved."""
        if fid != 0:
            raise NotSupported
        kind, reason = args[0] & 0xFFFF_FFFF, args[1] & 0xFFFF_FFFF
        if kind > ResetKind.WARM_REBOOT or reason > 1:
            raise InvalidParam
        self.power.reset(ResetKind(kind), failure=reason == 1)
        return 0


class DebugConsoleExtension:
    """Text to and from physical memory. SBI specification, "Debug Console Extension"."""

    eid = 0x4442434E  # "DBCN"

    def __init__(self, console: Console, memory: PhysicalMemory) -> None:
        self.console = console
        self.memory = memory

    def call(self, hart: SbiHart, fid: int, args: Sequence[int]) -> int:
        """Functions 0..2: write and read (num_bytes, base_lo, base_hi), write_byte. The value: bytes moved.

        Raises:
            InvalidParam: the range is not in RAM.
        """
        match fid:
            case 0:
                self._check_address(args)
                try:
                    data = self.memory.read(args[1], args[0])
                except OutsideMemory:
                    raise InvalidParam from None
                self.console.write(data)
                return len(data)
            case 1:
                self._check_address(args)
                try:
                    self.memory.check(args[1], args[0])
                except OutsideMemory:
                    raise InvalidParam from None
                data = self.console.read(args[0]) or b"" if args[0] else b""
                self.memory.write(args[1], data)
                return len(data)
            case 2:
                self.console.write(bytes([args[0] & 0xFF]))
                return 0
            case _:
                raise NotSupported

    def _check_address(self, args: Sequence[int]) -> None:
        if args[2]:
            raise InvalidParam  # above 2**64


class LegacyExtensions:
    """Extensions 0..8 of version 0.1, told apart by their eid; a0 alone answers. "Legacy Extensions"."""

    eids = range(9)

    def __init__(self, console: Console, power: Power) -> None:
        self.console = console
        self.power = power

    def call(self, hart: SbiHart, eid: int, args: Sequence[int]) -> int:
        """The value for a0. Raises InvalidAddress: a hart mask that is not readable."""
        match eid:
            case 0:
                hart.timer.arm(args[0])
            case 1:
                self.console.write(bytes([args[0] & 0xFF]))
            case 2:
                data = self.console.read(1)
                return data[0] if data else -1
            case 3:
                hart.set_software_interrupt(False)
            case 4:
                if self._named(hart, args[0]):
                    hart.set_software_interrupt(True)
            case 5:
                if self._named(hart, args[0]):
                    hart.fence_i()
            case 6 | 7:
                if self._named(hart, args[0]):
                    hart.fence_vma()
            case 8:
                self.power.reset(ResetKind.SHUTDOWN, failure=False)
        return 0

    def _named(self, hart: SbiHart, address: int) -> bool:
        # The mask stands in supervisor memory; a null pointer names all harts, as OpenSBI has it.
        return bool(hart.load_supervisor(address, 8) & 1) if address else True


class Sbi:
    """Answers the ecalls of an S-mode guest."""

    def __init__(self, console: Console, memory: PhysicalMemory, power: Power) -> None:
        self.legacy = LegacyExtensions(console, power)
        extensions: list[Extension] = [
            TimeExtension(), IpiExtension(), RemoteFenceExtension(), HartStateExtension(), ResetExtension(power),
            DebugConsoleExtension(console, memory),
        ]
        known = {extension.eid for extension in extensions} | set(self.legacy.eids) | {BaseExtension.eid}
        extensions.append(BaseExtension(known))
        self.extensions = {extension.eid: extension for extension in extensions}

    def ecall(self, hart: SbiHart, registers: Registers) -> None:
        """Run the call in a7 (eid), a6 (fid) and a0..a5, and answer in a0 and a1. pc is the caller's business."""
        eid = registers.x(A7)
        args = [registers.x(A0 + number) for number in range(6)]
        if eid in self.legacy.eids:
            try:
                registers.set_x(A0, self.legacy.call(hart, eid, args))
            except SbiError as error:
                registers.set_x(A0, error.code)
            return
        try:
            if (extension := self.extensions.get(eid)) is None:
                raise NotSupported
            value, code = extension.call(hart, registers.x(A6), args), 0
        except SbiError as error:
            value, code = 0, error.code
        registers.set_x(A0, code)
        registers.set_x(A1, value)
