"""Printers of signals: sets, actions, siginfo, stacks, and what is shown when one arrives."""

from __future__ import annotations

import struct

from rvsim.guest_os.abi.signals import SIG_DFL, SIG_IGN, SIGBUS, SIGCHLD, SIGFPE, SIGILL, SIGIO, SIGSEGV, SIGTRAP
from rvsim.tools.strace import constants as c
from rvsim.tools.strace.call import Arg, Call
from rvsim.tools.strace.text import address, fields, flags, one_of, signed
from rvsim.tools.strace.values import pointed, signal_name, struct_in, struct_out

SET_SIZE = 8
ALL = 0xFFFF_FFFF_FFFF_FFFF
_FAULTS = (SIGILL, SIGFPE, SIGSEGV, SIGBUS, SIGTRAP)


def signal_set(bits: int) -> str:
    """[INT CHLD], or ~[KILL] if most are in it."""
    inverted = bits.bit_count() > 42
    if inverted:
        bits = ~bits & ALL
    names = [signal_name(number).removeprefix("SIG") for number in range(1, 65) if bits >> (number - 1) & 1]
    return ("~" if inverted else "") + "[" + " ".join(names) + "]"


def set_bytes(data: bytes) -> str:
    """sigset_t"""
    return signal_set(int.from_bytes(data, "little"))


def _set(call: Call, value: int, size: int) -> str:
    return pointed(SET_SIZE, set_bytes)(call, value) if call.args[size] == SET_SIZE else address(value)


def set_in(size: int) -> Arg:
    """A signal set that the call reads; its size is in register `size`."""
    return Arg(lambda call, value: _set(call, value, size), kind="set_bytes")


def set_out(size: int) -> Arg:
    """A signal set that the call stores."""
    return Arg(lambda call, value: address(value) if call.failed else _set(call, value, size), out=True,
               kind="set_bytes")


def action(data: bytes) -> str:
    """struct sigaction of riscv: handler, flags, mask; there is no restorer."""
    handler, flag, mask = struct.unpack("<QQQ", data)
    return fields(("sa_handler", _handler(handler)), ("sa_mask", signal_set(mask)),
                  ("sa_flags", flags(flag & 0xFFFF_FFFF, c.SA_FLAGS, "SA_???")))


def _handler(handler: int) -> str:
    return {SIG_DFL: "SIG_DFL", SIG_IGN: "SIG_IGN"}.get(handler, f"{handler:#x}")


def stack(data: bytes) -> str:
    """stack_t"""
    base, flag, size = struct.unpack("<QI4xQ", data)
    return fields(("ss_sp", address(base)), ("ss_flags", flags(flag, c.SS_FLAGS, "SS_???")), ("ss_size", size))


def siginfo(data: bytes) -> str:
    """siginfo_t: the fields that si_signo and si_code give a meaning"""
    signo, error, code = struct.unpack_from("<iii", data)
    if not signo and not error and not code:
        return "{}"
    pairs: list[tuple[str, object]] = [("si_signo", signal_name(signo)), ("si_code", _code(signo, code))]
    if error:
        pairs.append(("si_errno", error))
    pid, uid = struct.unpack_from("<iI", data, 16)
    if signo == SIGCHLD and code > 0 and code < 0x80:
        status, = struct.unpack_from("<i", data, 24)
        utime, stime = struct.unpack_from("<qq", data, 32)
        shown = str(status) if code == 1 else signal_name(status)
        pairs += [("si_pid", pid), ("si_uid", uid), ("si_status", shown), ("si_utime", _clock(utime)),
                  ("si_stime", _clock(stime))]
    elif signo in _FAULTS and 0 < code < 0x80:
        pairs.append(("si_addr", address(struct.unpack_from("<Q", data, 16)[0])))
    elif code == -2:
        value, = struct.unpack_from("<Q", data, 24)
        pairs += [("si_timerid", f"{pid:#x}" if pid else "0"), ("si_overrun", uid),
                  ("si_int", signed(value)), ("si_ptr", address(value))]
    elif code == 0x80:
        pass
    elif signo == SIGIO and 0 < code < 7:
        pairs += [("si_band", pid), ("si_fd", struct.unpack_from("<i", data, 24)[0])]
    else:
        pairs += [("si_pid", pid), ("si_uid", uid)]
        if code < 0 and code != -6:
            pairs += _value(struct.unpack_from("<Q", data, 24)[0])
    return fields(*pairs)


def _value(value: int) -> list[tuple[str, object]]:
    number = ((value & 0xFFFF_FFFF) ^ 0x8000_0000) - 0x8000_0000
    return [("si_int", number), ("si_ptr", address(value))] if value else []


def _clock(ticks: int) -> str:
    """Hundredths of a second, which is what CLOCKS_PER_SEC makes of them."""
    return f"{ticks} /* {ticks / 100:.2f} s */" if ticks else "0"


def _code(signo: int, code: int) -> str:
    table = c.FAULT_CODES.get(signo, {})
    for name, number in (*c.SI_CODES.items(), *table.items()):
        if number == code:
            return name
    return f"{code & 0xFFFF_FFFF:#x}"


def _waited_info(call: Call, value: int) -> str:
    return address(value) if call.failed else pointed(128, siginfo)(call, value)


ACTION_IN, ACTION_OUT = struct_in(24, action), struct_out(24, action)
STACK_IN, STACK_OUT = struct_in(24, stack), struct_out(24, stack)
SIGINFO_IN, SIGINFO_OUT = struct_in(128, siginfo), struct_out(128, siginfo)
WAITED_INFO_OUT = Arg(_waited_info, out=True, kind="siginfo")


def _frame(call: Call, value: int) -> str:
    """The mask that rt_sigreturn brings back: at 168 in the frame. arch/riscv/kernel/signal.c"""
    frame = call.task.kernel.hart.x(2)
    data = call.read(frame + 168, SET_SIZE)
    return fields(("mask", set_bytes(data))) if data is not None else f"{frame:#x}"


FRAME_IN = Arg(_frame)


def rcore_set(bits: int) -> str:
    """The tutorial's signal set: bit n is signal n."""
    return signal_set(bits >> 1 & 0x7FFF_FFFF)


def rcore_action(data: bytes) -> str:
    """The tutorial's SignalAction: handler and mask"""
    handler, mask = struct.unpack("<QI4x", data)
    return fields(("handler", address(handler)), ("mask", rcore_set(mask)))


def event(call: Call, value: int, size: int = 64) -> str:
    """struct sigevent"""
    data = call.read(value, size) if value else None
    if data is None:
        return address(value)
    sival, signo, notify, tid = struct.unpack_from("<Qiii", data)
    pairs: list[tuple[str, object]] = []
    if sival:
        pairs.append(("sigev_value", fields(("sival_int", signed(sival)), ("sival_ptr", address(sival)))))
    pairs += [("sigev_signo", signal_name(signo) if notify in (0, 4) else signo),
              ("sigev_notify", one_of(notify, c.SIGEV, "SIGEV_???"))]
    if notify == 4:
        pairs.append(("sigev_notify_thread_id", tid))
    return fields(*pairs)


EVENT_IN = Arg(event)
RCORE_ACTION_IN, RCORE_ACTION_OUT = struct_in(16, rcore_action), struct_out(16, rcore_action)
