"""Calls on processes whose arguments depend on their values: futex, prctl, clone, personality."""

from __future__ import annotations

import struct
from collections.abc import Sequence

from rvsim.guest_os.abi.sched import (
    CLONE_CHILD_CLEARTID,
    CLONE_CHILD_SETTID,
    CLONE_PARENT_SETTID,
    CLONE_PIDFD,
    CLONE_SETTLS,
    CSIGNAL,
)
from rvsim.tools.strace import constants as c
from rvsim.tools.strace.call import Arg, Call, decimal
from rvsim.tools.strace.structs import TIMESPEC_IN
from rvsim.tools.strace.text import address, fields, flags, one_of
from rvsim.tools.strace.values import (
    HEX,
    PTR,
    SIGNAL,
    SIZE,
    STRING,
    STRING_OUT,
    UINT,
    ULONG,
    choice,
    flag_long,
    named,
    number_out,
    signal_name,
)

NUMBER_OUT = number_out("i")
TID_OUT = number_out("I")


# ---- futex

_PRIVATE, _REALTIME = 128, 256


def _operation(call: Call, value: int) -> str:
    operation = value & 0xFFFF_FFFF
    number = operation & ~(_PRIVATE | _REALTIME)
    name = next((name for name, known in c.FUTEX.items() if known == number), None)
    if name is None or (operation & _REALTIME and number not in (9, 11, 13)):
        return f"{operation:#x} /* FUTEX_??? */"
    private = "_PRIVATE" if operation & _PRIVATE else ""
    return name + private + ("|FUTEX_CLOCK_REALTIME" if operation & _REALTIME else "")


def _wake_op(call: Call, value: int) -> str:
    """FUTEX_WAKE_OP's packed operation and comparison"""
    op, cmp = value >> 28 & 15, value >> 24 & 15
    shift = "FUTEX_OP_OPARG_SHIFT<<28|" if op & 8 else ""
    change = _packed(op & 7, 28, c.FUTEX_OPS, "FUTEX_OP_???")
    compare = _packed(cmp, 24, c.FUTEX_CMPS, "FUTEX_OP_CMP_???")
    return f"{shift}{change}|{value >> 12 & 0xFFF:#x}<<12|{compare}|{value & 0xFFF:#x}"


def _packed(value: int, shift: int, table: c.Table, unknown: str) -> str:
    for name, number in table.items():
        if number == value:
            return f"{name}<<{shift}"
    return f"{value:#x}<<{shift} /* {unknown} */"


def _bitset(call: Call, value: int) -> str:
    value &= 0xFFFF_FFFF
    return "FUTEX_BITSET_MATCH_ANY" if value == 0xFFFF_FFFF else f"{value:#x}"


def futex(call: Call) -> Sequence[Arg]:
    """Each operation has its own arguments; the fourth is a time or a second count."""
    head = PTR, Arg(_operation)
    match call.args[1] & 0xFFFF_FFFF & ~(_PRIVATE | _REALTIME):
        case 0:
            return *head, UINT, TIMESPEC_IN
        case 1:
            return *head, UINT
        case 3:
            return *head, UINT, UINT, PTR
        case 4:
            return *head, UINT, UINT, PTR, UINT
        case 5:
            return *head, UINT, UINT, PTR, Arg(_wake_op)
        case 6 | 13:
            return *head, TIMESPEC_IN.at(3)
        case 7 | 8:
            return head
        case 9:
            return *head, UINT, TIMESPEC_IN, Arg(_bitset, register=5)
        case 10:
            return *head, UINT, Arg(_bitset, register=5)
        case 11:
            return *head, UINT, TIMESPEC_IN, PTR
        case 12:
            return *head, UINT, UINT, PTR, UINT
        case _:
            return *head, UINT, HEX, HEX, HEX


# ---- prctl

_CAPABILITY = choice(c.CAPABILITIES, "CAP_???")
_PRCTL: dict[str, tuple[Arg, ...]] = {
    "PR_SET_PDEATHSIG": (SIGNAL,), "PR_GET_PDEATHSIG": (number_out("i", signal_name),), "PR_GET_DUMPABLE": (),
    "PR_SET_DUMPABLE": (choice(c.DUMPABLE, "SUID_DUMP_???"),), "PR_GET_KEEPCAPS": (), "PR_SET_KEEPCAPS": (ULONG,),
    "PR_GET_TIMING": (), "PR_SET_TIMING": (ULONG,), "PR_SET_NAME": (STRING,), "PR_GET_NAME": (STRING_OUT,),
    "PR_GET_SECCOMP": (), "PR_CAPBSET_READ": (_CAPABILITY,), "PR_CAPBSET_DROP": (_CAPABILITY,),
    "PR_GET_SECUREBITS": (), "PR_SET_TIMERSLACK": (ULONG,), "PR_GET_TIMERSLACK": (), "PR_SET_CHILD_SUBREAPER": (ULONG,),
    "PR_GET_CHILD_SUBREAPER": (NUMBER_OUT,), "PR_SET_NO_NEW_PRIVS": (ULONG, HEX, HEX, HEX),
    "PR_GET_NO_NEW_PRIVS": (ULONG, HEX, HEX, HEX), "PR_GET_TID_ADDRESS": (number_out("Q", address),),
    "PR_SET_SECUREBITS": (flag_long(c.SECUREBITS, "SECBIT_???"),), "PR_SET_THP_DISABLE": (ULONG, HEX, HEX, HEX),
}
_ANON_NAME = (choice({"PR_SET_VMA_ANON_NAME": 0}, "PR_SET_VMA_???"), PTR, SIZE, STRING)


def _zero_hex(arg: Arg) -> Arg:
    return Arg(lambda call, value: "0" if not value else arg.show(call, value))


def prctl(call: Call) -> Sequence[Arg]:
    """The option says how many arguments there are, and what they are."""
    option = call.args[0] & 0xFFFF_FFFF
    name = choice(c.PRCTL, "PR_???")
    known = next((text for text, number in c.PRCTL.items() if number == option), "")
    if known == "PR_SET_VMA":
        return name, *_ANON_NAME
    if known == "PR_CAP_AMBIENT":
        clears = call.args[1] == 4 or not 1 <= call.args[1] <= 3
        return (name, choice(c.AMBIENT, "PR_CAP_AMBIENT_???"), _zero_hex(HEX) if clears else _CAPABILITY,
                _zero_hex(HEX), _zero_hex(HEX))
    return name, *(_zero_hex(arg) if arg is HEX else arg for arg in _PRCTL.get(known, (HEX, HEX, HEX, HEX)))


def prctl_result(call: Call) -> str:
    """Two options have named results."""
    if call.result and not call.failed and call.args[0] == c.PRCTL["PR_GET_SECUREBITS"]:
        return f"{call.result:#x} ({flags(call.result, c.SECUREBITS)})"
    if call.result is not None and not call.failed and call.args[0] == c.PRCTL["PR_GET_DUMPABLE"]:
        return f"{call.result} ({one_of(call.result, c.DUMPABLE, 'SUID_DUMP_???')})"
    return decimal(call)


# ---- clone


def _clone_flags(call: Call, value: int) -> str:
    signo = value & CSIGNAL
    bits = value & 0xFFFF_FFFF & ~CSIGNAL
    parts = [flags(bits, c.CLONE, "CLONE_???")] if bits else []
    if signo:
        parts.append(signal_name(signo))
    return "|".join(parts) or "0"


def clone(call: Call) -> Sequence[Arg]:
    """Stack and flags first, then what the flags ask for. riscv: tls is in a3, child_tid in a4."""
    asked = call.args[0]
    args = [named("child_stack", PTR, 1), named("flags", Arg(_clone_flags), 0)]
    if asked & (CLONE_PARENT_SETTID | CLONE_PIDFD):
        args.append(named("parent_tid", TID_OUT, 2))
    if asked & CLONE_SETTLS:
        args.append(named("tls", HEX, 3))
    if asked & (CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID):
        args.append(named("child_tidptr", PTR, 4))
    return args


def _clone_args(call: Call, value: int) -> str:
    """struct clone_args: the first eight words, then set_tid, its size, cgroup"""
    size = call.args[1]
    data = call.read(value, min(size, 88)) if value and size >= 64 else None
    if data is None:
        return address(value)
    asked, pidfd, child, parent, signo, stack, stack_size, tls, tids, tids_size, cgroup = struct.unpack(
        "<11Q", data.ljust(88, b"\0"))
    pairs: list[tuple[str, object]] = [("flags", flags(asked, c.CLONE3, "CLONE_???"))]
    if asked & 0x1000:
        pairs.append(("pidfd", address(pidfd)))
    if asked & (CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID):
        pairs.append(("child_tid", address(child)))
    if asked & CLONE_PARENT_SETTID:
        pairs.append(("parent_tid", address(parent)))
    pairs += [("exit_signal", signal_name(signo)), ("stack", address(stack)),
              ("stack_size", f"{stack_size:#x}" if stack_size else "0")]
    if asked & CLONE_SETTLS:
        pairs.append(("tls", address(tls)))
    if tids or tids_size:
        pairs += [("set_tid", address(tids)), ("set_tid_size", tids_size)]
    if asked & 0x2_0000_0000:
        pairs.append(("cgroup", cgroup))
    return fields(*pairs)


def _clone_tid(call: Call, value: int) -> str:
    """What clone3 stored, behind the structure: ` => {pidfd=[3], parent_tid=[5]}`, then the size."""
    text = f", {call.args[1]}"
    data = call.read(value, 32) if value and not call.failed and call.args[1] >= 64 else None
    if data is None:
        return text
    asked, pidfd, _, parent = struct.unpack("<4Q", data)
    pairs: list[tuple[str, object]] = []
    for name, flag, at in (("pidfd", CLONE_PIDFD, pidfd), ("parent_tid", CLONE_PARENT_SETTID, parent)):
        stored = call.read(at, 4) if asked & flag else None
        if stored is not None:
            pairs.append((name, f"[{int.from_bytes(stored, 'little')}]"))
    return f" => {fields(*pairs)}{text}" if pairs else text


def clone3(call: Call) -> Sequence[Arg]:
    """One structure, shown before the call, and what the call stored, after."""
    return Arg(_clone_args), Arg(_clone_tid, out=True, register=0, glue="")


# ---- names of what a process is


def personality_text(value: int) -> str:
    """The kind, then the flags."""
    kind = one_of(value & 0xFF, c.PERSONALITIES, "PER_???")
    rest = value & 0xFFFF_FF00
    return f"{kind}|{flags(rest, c.PERSONALITY_FLAGS)}" if rest else kind


def personality_result(call: Call) -> str:
    """What it was, by name."""
    if call.result is None or call.failed:
        return decimal(call)
    return f"{call.result:#x} ({personality_text(call.result)})" if call.result else "0 (PER_LINUX)"


PERSONALITY = Arg(lambda call, value: "0xffffffff" if value & 0xFFFF_FFFF == 0xFFFF_FFFF else personality_text(value))


def scheduler_result(call: Call) -> str:
    """The policy by name."""
    if call.result is None or call.failed:
        return decimal(call)
    return f"{call.result} ({one_of(call.result & ~0x4000_0000, c.SCHED, 'SCHED_???')})"
