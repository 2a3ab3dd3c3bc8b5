"""The table of the ABI `rcore`. The numbers are the tutorial's."""

from __future__ import annotations

from rvsim.guest_os.syscalls import rcore, rcore_threads
from rvsim.guest_os.syscalls.table import Row, full

ROWS: dict[int, Row] = {
    24: full(rcore.rcore_dup),
    56: full(rcore.rcore_open),
    57: full(rcore.rcore_close),
    59: full(rcore.rcore_pipe),
    63: full(rcore.rcore_read),
    64: full(rcore.rcore_write),
    93: full(rcore.rcore_exit),
    101: full(rcore.rcore_sleep),
    124: full(rcore.rcore_yield),
    129: full(rcore.rcore_kill),
    134: full(rcore.rcore_sigaction),
    135: full(rcore.rcore_sigprocmask),
    139: full(rcore.rcore_sigreturn),
    169: full(rcore.rcore_get_time),
    172: full(rcore.rcore_getpid),
    220: full(rcore.rcore_fork),
    221: full(rcore.rcore_exec),
    260: full(rcore.rcore_waitpid),
    1000: full(rcore_threads.rcore_thread_create),
    1001: full(rcore_threads.rcore_gettid),
    1002: full(rcore_threads.rcore_waittid),
    1010: full(rcore_threads.rcore_mutex_create),
    1011: full(rcore_threads.rcore_mutex_lock),
    1012: full(rcore_threads.rcore_mutex_unlock),
    1020: full(rcore_threads.rcore_semaphore_create),
    1021: full(rcore_threads.rcore_semaphore_up),
    1022: full(rcore_threads.rcore_semaphore_down),
    1030: full(rcore_threads.rcore_condvar_create),
    1031: full(rcore_threads.rcore_condvar_signal),
    1032: full(rcore_threads.rcore_condvar_wait),
}

ROWS_CHAPTER_8: dict[int, Row] = ROWS | {129: full(rcore.rcore_kill_flags)}
