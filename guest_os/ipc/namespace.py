"""All IPC objects of a machine. include/linux/ipc_namespace.h"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rvsim.guest_os.ipc.messages import MessageQueues
from rvsim.guest_os.ipc.posix_queues import QueueFs, QueueFsType
from rvsim.guest_os.ipc.semaphores import Semaphores, UndoList
from rvsim.guest_os.ipc.shared_memory import SharedMemory
from rvsim.guest_os.vfs.mount import MountTable

if TYPE_CHECKING:
    from rvsim.guest_os.task.kernel import Kernel


class IpcNamespace:
    """Shared memory, semaphores, message queues of both kinds; of each, so much that `bytes_limit` allows it."""

    def __init__(self, kernel: Kernel, table: MountTable, bytes_limit: int) -> None:
        self.shm = SharedMemory(kernel, table)
        self.sem = Semaphores(kernel, bytes_limit)
        self.msg = MessageQueues(kernel, bytes_limit)
        self.queues = QueueFs(kernel, table, bytes_limit)
        table.register(QueueFsType(self.queues))

    def undo_list(self) -> UndoList:
        """A new list of what the end of a process takes back from semaphores."""
        return UndoList()

    def clear(self) -> None:
        """The machine ends: give everything back."""
        self.shm.clear()
        self.sem.clear()
        self.msg.clear()
