"""ctl and lwpctl: what a controlling process says to a process or to one lwp of it. illumos: fs/proc/prcontrol.c

A write carries messages, each a long and its operand, and each is carried out before the next is looked at. One that
waits raises `Blocked`; the write runs again and goes on at that message.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from rvsim.guest_os.abi import solproc as sol
from rvsim.guest_os.abi.errno import EBADF, EINVAL, ENOENT
from rvsim.guest_os.abi.solproc import Control
from rvsim.guest_os.proc.solproc import changes, running
from rvsim.guest_os.proc.solproc.files import WriterFile, WriterNode
from rvsim.guest_os.proc.solproc.order import ControlWait, Order
from rvsim.guest_os.proc.solproc.prnode import PrType
from rvsim.guest_os.wait import Blocked

if TYPE_CHECKING:
    from rvsim.guest_os.proc.solproc.prnode import PrCommon, SolSuperBlock
    from rvsim.guest_os.task.task import Task


class ControlFile(WriterFile):
    """Messages go in; the offset does not matter."""

    __slots__ = ()

    def pread(self, size: int, offset: int) -> bytes:
        raise EBADF

    def pwrite(self, data: bytes, offset: int) -> int:
        if not self.writable:
            raise EBADF
        current = self.inode.sb.kernel.scheduler.current
        if current is None:
            raise EINVAL
        wait = current.resume
        at = wait.at if isinstance(wait, ControlWait) else 0
        while at < len(data):
            self.check()
            size, carry_out = _message(data, at)
            if not self._killed(current):
                self._carry_out(current, carry_out, data[at + 8:at + 8 + size], at)
            current.resume = None
            at += 8 + -(-size // 8) * 8
        return len(data)

    def _killed(self, current: Task) -> bool:
        """Whether the message sent SIGKILL, and the process has ended: then it is done."""
        wait = current.resume
        if not isinstance(wait, ControlWait) or not wait.deadly:
            return False
        try:
            self.inode.about.live_process()
        except ENOENT:
            return True
        return False

    def _carry_out(self, current: Task, carry_out: Callable[[Order, bytes], None], operand: bytes, at: int) -> None:
        try:
            carry_out(Order(self.inode, current), operand)
        except Blocked as blocked:
            wait = current.resume
            if not isinstance(wait, ControlWait):
                wait = current.resume = ControlWait(at, blocked.deadline_ns)
            wait.deadly = carry_out in (changes.kill, changes.set_signal)
            raise


def _message(data: bytes, at: int) -> tuple[int, Callable[[Order, bytes], None]]:
    """Size of the operand and meaning of the message at `at`. Raises EINVAL: it is unknown or incomplete."""
    if len(data) - at < 8:
        raise EINVAL
    message = MESSAGES.get(int.from_bytes(data[at:at + 8], "little"))
    if message is None:
        raise EINVAL
    size, carry_out = message
    if carry_out is changes.credentials_and_groups and len(data) - at - 8 >= size:
        size = changes.credentials_size(data[at + 8:])
    if len(data) - at - 8 < size:
        raise EINVAL
    return size, carry_out


class ControlNode(WriterNode):
    """ctl of a process, or lwpctl of an lwp."""

    __slots__ = ()

    file_class = ControlFile

    def __init__(self, sb: SolSuperBlock, common: PrCommon) -> None:
        super().__init__(sb, PrType.CTL if common.thread is None else PrType.LWPCTL, common, 0o200)


MESSAGES: dict[int, tuple[int, Callable[[Order, bytes], None]]] = {
    Control.NULL: (0, running.null), Control.STOP: (0, running.stop), Control.DSTOP: (0, running.direct),
    Control.WSTOP: (0, running.wait), Control.TWSTOP: (8, running.wait_some_time), Control.RUN: (8, running.run),
    Control.CSIG: (0, changes.clear_signal), Control.CFAULT: (0, changes.clear_fault),
    Control.SSIG: (sol.SIGINFO.size, changes.set_signal), Control.KILL: (8, changes.kill),
    Control.UNKILL: (8, changes.unkill), Control.SHOLD: (sol.SIGSET.size, changes.hold),
    Control.STRACE: (sol.SIGSET.size, changes.trace_signals),
    Control.SFAULT: (sol.FLTSET.size, changes.trace_faults),
    Control.SENTRY: (sol.SYSSET.size, changes.trace_entry), Control.SEXIT: (sol.SYSSET.size, changes.trace_exit),
    Control.SET: (8, changes.set_modes), Control.UNSET: (8, changes.unset_modes),
    Control.SREG: (sol.GREGSET.size, changes.set_registers),
    Control.SFPREG: (sol.FPREGSET.size, changes.set_float_registers),
    Control.SXREG: (8, changes.unsupported_state), Control.NICE: (8, changes.nice),
    Control.SVADDR: (8, changes.set_address), Control.WATCH: (sol.PRWATCH.size, changes.watch_area),
    Control.AGENT: (sol.GREGSET.size, changes.create_agent), Control.READ: (sol.PRIOVEC.size, changes.read_memory),
    Control.WRITE: (sol.PRIOVEC.size, changes.write_memory), Control.SCRED: (sol.PRCRED.size, changes.credentials),
    Control.SPRIV: (8, changes.unsupported_state), Control.SCREDX: (sol.PRCRED.size, changes.credentials_and_groups),
}
"""Size of the operand, and what carries the message out."""
