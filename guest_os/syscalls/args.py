"""Argument types of system calls, and the decoder that is compiled from a handler's annotations.

A handler is `def sys_name(task, …) -> int | None`; its annotations say how each register is read. `compile_call`
makes the function that the trap gate calls with raw registers: it converts, calls, and turns an `Errno` into its
negative number. None means that the handler has set the registers itself. A call that failed waits no more: what it
kept in `task.resume` is dropped; one that succeeds without having waited must not have kept anything.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Annotated, Any

from rvsim.guest_os.abi.errno import Errno
from rvsim.guest_os.mm import user_memory
from rvsim.guest_os.mm.fault import OutOfMemory

Int = Annotated[int, "int"]
"""A C int: the low 32 bits, signed."""
UInt = Annotated[int, "uint"]
"""A C unsigned int: the low 32 bits."""
Long = Annotated[int, "long"]
"""A C long: the whole register, signed."""
ULong = Annotated[int, "ulong"]
"""An unsigned long or a size_t: the whole register."""
SizeT = Annotated[int, "size"]
Ptr = Annotated[int, "ptr"]
"""A user address, not looked at yet."""
Fd = Annotated[int, "fd"]
"""A descriptor's number: a C int."""
Flags = Annotated[int, "flags"]
"""A C int of flag bits, taken as unsigned."""
Path = Annotated[bytes, "path"]
"""A path name, copied in. Raises EFAULT and ENAMETOOLONG before the handler runs."""

Handler = Callable[..., int | None]
RawCall = Callable[..., int | None]

_CONVERSIONS = {
    "int": "(({0} & 0xffffffff) ^ 0x80000000) - 0x80000000",
    "fd": "(({0} & 0xffffffff) ^ 0x80000000) - 0x80000000",
    "uint": "{0} & 0xffffffff",
    "flags": "{0} & 0xffffffff",
    "long": "({0} ^ 0x8000000000000000) - 0x8000000000000000",
    "ulong": "{0}",
    "size": "{0}",
    "ptr": "{0}",
    "path": "_path(task.mm, {0})",
}

_KINDS = {"Int": "int", "UInt": "uint", "Long": "long", "ULong": "ulong", "SizeT": "size", "Ptr": "ptr", "Fd": "fd",
          "Flags": "flags", "Path": "path"}

ENOMEM_RESULT = -12


def parameters(handler: Handler) -> list[tuple[str, str]]:
    """[(name, kind), …] of a handler's arguments after the task. TypeError: an annotation that is no argument type.

    The annotations are taken by their names in this module, which is much quicker than evaluating them.
    """
    code = handler.__code__
    kinds = []
    for name in code.co_varnames[1:code.co_argcount]:
        kind = _KINDS.get(handler.__annotations__.get(name, ""))
        if kind is None:
            raise TypeError(f"{handler.__name__}: the argument {name} has no system call type")
        kinds.append((name, kind))
    if len(kinds) > 6:
        raise TypeError(f"{handler.__name__} takes more than six arguments")
    return kinds


@functools.cache
def _maker(kinds: tuple[str, ...], on_errno: int | None) -> Callable[[Handler], RawCall]:
    """Makes the decoders of all handlers whose arguments are of these kinds."""
    raw = [f"a{at}" for at in range(len(kinds))]
    converted = [_CONVERSIONS[kind].format(register) for register, kind in zip(raw, kinds, strict=True)]
    source = (
        f"def make(handler):\n"
        f"    def call({', '.join(['task', *raw])}):\n"
        f"        try:\n"
        f"            return handler({', '.join(['task', *converted])})\n"
        f"        except Errno as error:\n"
        f"            task.resume = None\n"
        f"            return {'-error.number' if on_errno is None else on_errno}\n"
        f"        except OutOfMemory:\n"
        f"            task.resume = None\n"
        f"            return {ENOMEM_RESULT if on_errno is None else on_errno}\n"
        f"    return call\n"
    )
    namespace: dict[str, Any] = {"Errno": Errno, "OutOfMemory": OutOfMemory, "_path": user_memory.path}
    exec(compile(source, "<system call decoder>", "exec"), namespace)
    maker: Callable[[Handler], RawCall] = namespace["make"]
    return maker


def compile_call(handler: Handler, on_errno: int | None = None) -> tuple[RawCall, int]:
    """(function of raw registers, number of registers it takes). `on_errno`: what every error becomes instead.

    TypeError: the handler's signature is no system call's.
    """
    kinds = tuple(kind for _, kind in parameters(handler))
    call = _maker(kinds, on_errno)(handler)
    call.__qualname__ = f"call_{handler.__name__}"
    return call, len(kinds)
