"""The calls of System V IPC and of POSIX message queues, by their numbers. include/uapi/asm-generic/unistd.h"""

from __future__ import annotations

from rvsim.guest_os.syscalls import messages, posix_queues, semaphores, shared_memory
from rvsim.guest_os.syscalls.table import Row, full, partial

IPC_ROWS: dict[int, Row] = {
    180: full(posix_queues.sys_mq_open),
    181: full(posix_queues.sys_mq_unlink),
    182: full(posix_queues.sys_mq_timedsend),
    183: full(posix_queues.sys_mq_timedreceive),
    184: partial(posix_queues.sys_mq_notify, "no SIGEV_THREAD, which needs netlink"),
    185: full(posix_queues.sys_mq_getsetattr),
    186: full(messages.sys_msgget),
    187: full(messages.sys_msgctl),
    188: full(messages.sys_msgrcv),
    189: full(messages.sys_msgsnd),
    190: full(semaphores.sys_semget),
    191: full(semaphores.sys_semctl),
    192: full(semaphores.sys_semtimedop),
    193: full(semaphores.sys_semop),
    194: partial(shared_memory.sys_shmget, "no huge pages"),
    195: full(shared_memory.sys_shmctl),
    196: full(shared_memory.sys_shmat),
    197: full(shared_memory.sys_shmdt),
}
