"""How each system call of the rCore-Tutorial is shown. rCore-Tutorial-v3, os/src/syscall"""

from __future__ import annotations

from rvsim.tools.strace import constants as c
from rvsim.tools.strace.call import Arg, Call, Signature, row
from rvsim.tools.strace.signals import RCORE_ACTION_IN, RCORE_ACTION_OUT, rcore_set
from rvsim.tools.strace.text import address, array, flags
from rvsim.tools.strace.values import (
    BUFFER_OUT,
    FD,
    HEX,
    INT,
    PATH,
    PTR,
    SIGNAL,
    SIZE,
    ULONG,
    array_text,
    buffer_in,
    string_array,
)


def _open_flags(call: Call, value: int) -> str:
    value &= 0xFFFF_FFFF
    name = next((name for name, mode in c.RCORE_ACCESS_MODES.items() if mode == value & 3), "3")
    rest = value & ~3
    return f"{name}|{flags(rest, c.RCORE_OPEN_FLAGS)}" if rest else name


def _argv(call: Call, value: int) -> str:
    """Chapters 5 and 6 pass no second argument: then a1 is anything."""
    text = string_array(call, value)
    return text if text.startswith("[") else address(value)


def _ends(call: Call, value: int) -> str:
    if call.failed:
        return address(value)
    return array_text(call, value, 2, 8, lambda data: str(int.from_bytes(data, "little")))


def _status(call: Call, value: int) -> str:
    if call.result is None or call.result < 0:
        return address(value)
    data = call.read(value, 4) if value else None
    return array([str(int.from_bytes(data, "little", signed=True))]) if data is not None else address(value)


_MASK = Arg(lambda call, value: rcore_set(value & 0xFFFF_FFFF))

RCORE_CALLS: dict[str, Signature] = {
    "dup": row(FD), "open": row(PATH, Arg(_open_flags)), "close": row(FD), "pipe": row(Arg(_ends, out=True)),
    "read": row(FD, BUFFER_OUT, SIZE), "write": row(FD, buffer_in(2), SIZE), "exit": row(INT), "sleep": row(ULONG),
    "yield": row(), "kill": row(INT, SIGNAL), "kill_flags": row(INT, _MASK),
    "sigaction": row(SIGNAL, RCORE_ACTION_IN, RCORE_ACTION_OUT), "sigprocmask": row(_MASK), "sigreturn": row(),
    "get_time": row(), "getpid": row(), "fork": row(), "exec": row(PATH, Arg(_argv)),
    "waitpid": row(INT, Arg(_status, out=True)), "thread_create": row(PTR, HEX), "gettid": row(), "waittid": row(INT),
    "mutex_create": row(ULONG), "mutex_lock": row(ULONG), "mutex_unlock": row(ULONG),
    "semaphore_create": row(ULONG), "semaphore_up": row(ULONG), "semaphore_down": row(ULONG),
    "condvar_create": row(), "condvar_signal": row(ULONG), "condvar_wait": row(ULONG, ULONG),
}
