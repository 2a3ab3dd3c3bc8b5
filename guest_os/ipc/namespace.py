"""All IPC objects of a machine. include/linux/ipc_namespace.h"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rvsim.guest_os.ipc.messages import MessageQueues
from rvsim.guest_os.ipc.semaphores import Semaphores, UndoList
from rvsim.guest_os.ipc.shared_memory import SharedMemory
from rvsim.guest_os.vfs.mount import MountTable

if TYPE_CHECKING:
    from rvsim.guest_os.task.kernel import Kernel


class IpcNamespace:
    """Segments of shared memory, sets of semaphores, message queues; each kind may use `bytes_limit` of the host."""

    def __init__(self, kernel: Kernel, table: MountTable, bytes_limit: int) -> None:
        self.shm = SharedMemory(kernel, table)
        self.sem = Semaphores(kernel, bytes_limit)
        self.msg = MessageQueues(kernel, bytes_limit)

    def undo_list(self) -> UndoList:
        """A new list of what the end of a process takes back from semaphores."""
        return UndoList()

    def clear(self) -> None:
        """The machine ends: give everything back."""
        self.shm.clear()
        self.sem.clear()
        self.msg.clear()
