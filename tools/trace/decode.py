"""Records in words: calls as strace writes them, as far as registers alone tell; faults, signals and the rest."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from rvsim.guest_os.abi.errno import BY_NUMBER
from rvsim.guest_os.abi.signals import SIGBUS, SIGFPE, SIGILL, SIGSEGV, SIGTRAP
from rvsim.guest_os.faults.spec import duration_text
from rvsim.tools.plain import visible
from rvsim.tools.strace import constants
from rvsim.tools.strace.call import Call
from rvsim.tools.strace.text import signed_long
from rvsim.tools.strace.tracer import call_name, signature
from rvsim.tools.strace.values import signal_name
from rvsim.tools.trace import format as f
from rvsim.tools.trace.format import CAUSES, OUTCOMES, Action, Kind, Over, Record, Taken, Woken

if TYPE_CHECKING:
    from rvsim.tools.trace.lives import Lives

_NO_REGISTER = ("rt_sigreturn", "sigreturn")
_ABIS = ("linux", "rcore", "rcore:5", "rcore:6", "rcore:7", "rcore:8")
CORE_FLAG = 0x80
SI_KERNEL = 0x80
_FAULTS = frozenset((SIGILL, SIGTRAP, SIGBUS, SIGFPE, SIGSEGV))
_TAKEN: dict[int, str] = {Taken.HANDLER: ": handler", Taken.IGNORED: ": ignored"}
_OVER: dict[int, str] = {Over.QUEUED: "others run", Over.WAITS: "waits", Over.STOPPED: "stopped", Over.GONE: "gone"}
_BY: dict[int, str] = {Woken.DEADLINE: "its deadline", Woken.SIGNAL: "a signal"}


class RecordedCall(Call):
    """A call of which only registers are known: its memory is as if nothing could be read."""

    __slots__ = ()

    def read(self, address: int, size: int) -> bytes | None:
        """Nothing."""
        return None

    def string(self, address: int, limit: int) -> tuple[bytes, bool] | None:
        """Nothing."""
        return None


@lru_cache(maxsize=4096)
def name_of(abi: str, number: int) -> str:
    """The name of a call, `syscall_0x1234` if it has none."""
    name = call_name(abi if abi in _ABIS else "linux", number)
    return (name or f"syscall_{number:#x}").removesuffix("_flags")


def call_number(record: Record) -> int:
    """All 64 bits of a CALL's number."""
    return record.number | record.tval << 32 if record.kind == Kind.CALL else record.number


def failed(abi: str, record: Record) -> bool:
    """Whether a call that is over gave an error."""
    if record.flags & (f.NO_RESULT | f.OPEN):
        return False
    return -4096 < record.result < 0 if abi.startswith("linux") else record.result == -1


def _call(abi: str, number: int, arguments: tuple[int, ...]) -> RecordedCall:
    linux = not abi.startswith("rcore")
    known = call_name(abi if abi in _ABIS else "linux", number)
    nothing: Any = None
    return RecordedCall(nothing, number, arguments, name_of(abi, number), signature(linux, known), linux)


def call_text(abi: str, record: Record) -> str:
    """`openat(AT_FDCWD, 0x10120, O_RDONLY|O_CLOEXEC)`"""
    call = _call(abi, call_number(record), record[13:19])
    if record.flags & f.OPEN:
        call.result = None
    else:
        call.result = record.result
    if call.name in _NO_REGISTER:
        return f"{call.name}()"
    parts = []
    for at, argument in enumerate(call.signature.arguments(call)):
        register = at if argument.register is None else argument.register
        parts += [argument.glue] * bool(at) + [argument.show(call, call.args[register])]
    return f"{call.name}({''.join(parts)})"


def result_text(abi: str, record: Record) -> str:
    """What a call or its return gave: a number, an address, an error by name; `?` if nothing did."""
    if record.flags & (f.NO_RESULT | f.OPEN):
        return "?"
    call = _call(abi, call_number(record), (0,) * 6)
    call.result = record.result
    return call.signature.result(call)


def outcome_name(number: int) -> str:
    """What a trap led to, as people write it."""
    return next((name for outcome, name in OUTCOMES.items() if outcome == number), str(number))


def trap_text(record: Record, at: str | None) -> str:
    """`store/AMO page fault at 0x3ffff010: demand-zero`; `at`: the function of its epc."""
    cause = CAUSES.get(record.cause, f"cause {record.cause}")
    outcome = outcome_name(record.outcome)
    where = f" in {at}" if at else ""
    if record.outcome == f.Outcome.COUNTER:
        csr = {0xC00: "cycle", 0xC01: "time", 0xC02: "instret"}.get(record.tval >> 20, "counter")
        return f"{cause}: read of {csr} = {record.result & (1 << 64) - 1}{where}"
    what = f" {record.tval:#x}" if record.cause == 2 else f" at {record.tval:#x}" if record.cause in _HAVE_TVAL else ""
    return f"{cause}{what}, pc {record.epc:#x}{where}: {outcome}"


_HAVE_TVAL = frozenset((0, 1, 4, 5, 6, 7, 12, 13, 15))


def status_text(status: int) -> str:
    """A wait status as strace has it."""
    signo = status & 0x7F
    if signo:
        return f"killed by {signal_name(signo)}{' (core dumped)' if status & CORE_FLAG else ''}"
    return f"exited with {status >> 8 & 0xFF}"


def signal_text(record: Record) -> str:
    """`SIGSEGV (SEGV_MAPERR at 0x0)`"""
    code = signed_long(record.a0)
    known = (*constants.SI_CODES.items(), *constants.FAULT_CODES.get(record.number, {}).items())
    name = next((name for name, number in known if number == code), str(code))
    fault = record.number in _FAULTS and 0 < code < SI_KERNEL
    address = f" at {record.a1:#x}" if record.a1 or fault else ""
    sender = f" from {record.a2}" if record.a2 else ""
    return f"{signal_name(record.number)} ({name}{address}{sender})"


def wait_text(abi: str, record: Record) -> str:
    """What a SLEEP waits for."""
    until = "" if record.a0 == (1 << 64) - 1 else f" until {seconds(record.a0)}"
    return f"waits in {name_of(abi, record.number)}{until}"


def seconds(ns: int) -> str:
    """Guest time in seconds, to the nanosecond."""
    return f"{ns // 1_000_000_000}.{ns % 1_000_000_000:09}"


def action_text(record: Record) -> str:
    """What an INJECTED says was done, as `rvsim run --fault` writes it."""
    number = record.a0
    if record.outcome == Action.ERRNO and number in BY_NUMBER:
        return BY_NUMBER[number].__name__
    if record.outcome == Action.DELAY:
        return f"delay({duration_text(number)})"
    if record.outcome == Action.SIGNAL:
        return f"signal({signal_name(number)})"
    return f"short({number})" if record.outcome == Action.SHORT else "fail"


def event_text(record: Record, lives: Lives) -> str:
    """A record that is neither a call nor a trap nor a return."""
    kind = record.kind
    before = record.flags & f.BEFORE
    if kind == Kind.FORK:
        return f"*** {'has a ' if before else ''}{'thread' if record.flags & f.THREAD else 'child'} {record.a1} ***"
    if kind == Kind.EXEC:
        words = lives.trace.text(record.a1).rstrip("\0").split("\0")
        runs = "already runs" if before else "runs"
        return f"*** {runs} {visible(lives.trace.text(record.number))}: {' '.join(map(visible, words))} ***"
    if kind == Kind.EXIT:
        return f"+++ {'process ' if record.flags & f.GROUP and record.pid != record.tid else ''}" \
               f"{status_text(record.result)} +++"
    if kind == Kind.SIGNAL:
        return f"--- {signal_text(record)}{_TAKEN.get(record.outcome, '')} ---"
    if kind == Kind.SENT:
        lost = ": ignored" if record.outcome == Taken.DROPPED else ""
        return f"--- sends {signal_text(record)} to {record.a3 if record.flags & f.GROUP else record.a4}{lost} ---"
    if kind == Kind.STOPPED:
        return f"--- stopped by {signal_name(record.number)} ---"
    if kind == Kind.TURN:
        return "=== runs ==="
    if kind == Kind.TURN_OVER:
        return f"=== {_OVER.get(record.outcome, '?')}, after {record.result} ticks ==="
    if kind == Kind.SLEEP:
        return f"=== {wait_text(lives.of(record.pid).abi, record)} ==="
    if kind == Kind.WAKE:
        by = _BY.get(record.outcome, "")
        teller = f"{record.a1}" if record.a1 else "the outside" if not by else ""
        return f"=== woken by {' of '.join(filter(None, (by, teller)))} ==="
    if kind == Kind.MAPPED:
        modules = lives.trace.modules
        path = modules[record.number].path if record.number < len(modules) else "?"
        return f"*** code of {visible(path)} at {record.a0:#x}-{record.a1:#x} ***"
    if kind == Kind.INJECTED:
        what = "page" if record.flags & f.PAGE else name_of(lives.of(record.pid).abi, record.number)
        return f"*** injected into {what} {record.a1}: {action_text(record)} ***"
    if kind == Kind.STACK:
        return f"=== stack {record.number}, {record.result} ticks ==="
    return f"=== a record of kind {kind} ==="
