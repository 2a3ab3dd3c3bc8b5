"""What the kernel asks of a system call interface; `syscalls` has the two that exist."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from rvsim.emu._gate import CallTable
    from rvsim.guest_os.task.signal import SigAction, SigInfo
    from rvsim.guest_os.task.task import Task


class Abi(Protocol):
    """A system call interface; it belongs to a process and is chosen at exec."""

    name: str
    calls: CallTable

    def start(self, task: Task, argv: list[bytes], env: list[bytes], entry: int, auxv: list[tuple[int, int]],
              execfn: bytes) -> None:
        """Lay out the new program's stack and set the registers that it finds at its entry."""

    def unanswered(self, task: Task) -> int:
        """Pending signals, as a set, that are to stay pending though they are not blocked."""

    def enter_handler(self, task: Task, info: SigInfo, action: SigAction) -> bool:
        """Set up the user's signal handler. False: its frame cannot be stored (SIGSEGV follows)."""

    def fault(self, task: Task, cause: int, epc: int, tval: int, info: SigInfo) -> None:
        """The program faulted and the kernel could not resolve it."""

    def killed(self, task: Task, signo: int) -> None:
        """A signal is about to end the process of `task` by its default action."""

    def new_state(self) -> Any:
        """Per-task data of this interface; None if it has none."""

    def fork_state(self, task: Task, child: Task, same_group: bool) -> None:
        """Give a new task its share of the parent's per-task data."""
