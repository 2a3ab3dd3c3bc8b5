"""Commands that let the machine run: to a trap, an instruction, a place, an event."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from rvsim.guest_os.abi.syscall_names import NAMES
from rvsim.guest_os.syscalls import linux_table, rcore_table
from rvsim.guest_os.task.control import mapped_instruction
from rvsim.guest_os.task.flow import is_call, size_of
from rvsim.tools.debug import conditions, registers, unwinding
from rvsim.tools.debug.causes import NAMES as CAUSES
from rvsim.tools.debug.stop import Condition, Go, Kind, Order, Quit, number_of
from rvsim.tools.step.registry import Command, CommandError, count_of, no_words
from rvsim.tools.strace.constants import SIGNALS

if TYPE_CHECKING:
    from rvsim.tools.step.shell import Shell

CALLS = frozenset(NAMES.values()) | {row.name for row in linux_table.ROWS.values()} | {
    row.name for row in (*rcore_table.ROWS.values(), *rcore_table.ROWS_CHAPTER_8.values())}
ALIASES = frozenset(filter(None, map(conditions.aliases, CALLS)))
KINDS = ("call", "return", "trap", "fault", "signal", "exec", "fork", "exit", "switch", "pid", "tid")


def condition(shell: Shell, text: str) -> Condition:
    """The condition that words say: `call fork`, `fault`, `pid 3 call read`. Raises CommandError."""
    words = text.split()
    if not words:
        raise CommandError(f"say what for: {', '.join(KINDS)}, or an address")
    tgid = tid = 0
    while len(words) >= 2 and words[0] in ("pid", "tid"):
        number = count_of(words[1], words[0])
        tgid, tid = (number, tid) if words[0] == "pid" else (tgid, number)
        words = words[2:]
    found = _plain(shell, words or ["trap"], text)
    return conditions.OfTask(found, tgid, tid) if tgid or tid else found


def _plain(shell: Shell, words: list[str], text: str) -> Condition:
    kind, *rest = words
    if kind in ("c", "call", "syscall"):
        for name in rest:
            if name not in CALLS and name not in ALIASES:
                raise CommandError(f"there is no call {name!r}")
        return conditions.Call(rest)
    if kind == "signal":
        return conditions.Happens(Kind.SIGNAL, frozenset(_signal(name) for name in rest))
    if kind == "trap" and rest:
        causes = frozenset(count_of(word, "trap") if word != "0" else 0 for word in rest)
        if not causes <= set(CAUSES):
            raise CommandError(f"the causes of traps are {', '.join(map(str, CAUSES))}")
        return conditions.Trap(causes)
    makers: dict[str, Callable[[], Condition]] = {
        "trap": conditions.Trap, "fault": conditions.fault, "fork": lambda: conditions.Happens(Kind.FORK),
        "exec": lambda: conditions.Happens(Kind.EXEC), "exit": lambda: conditions.Happens(Kind.EXIT),
        "return": lambda: conditions.Returned(shell.task), "switch": lambda: conditions.Switched(shell.stop.task),
    }
    simple = makers.get(kind)
    if simple is not None:
        if rest:
            raise CommandError(f"{' '.join(rest)!r} is too much behind {kind!r}")
        return simple()
    return conditions.Arrived(frozenset((shell.address(text),)))


def _signal(name: str) -> int:
    wanted = name.upper() if name.upper().startswith("SIG") else f"SIG{name.upper()}"
    for number, known in SIGNALS.items():
        if wanted == known or name == str(number):
            return number
    raise CommandError(f"there is no signal {name!r}")


# ---- commands


def trap(shell: Shell, text: str) -> Order:
    """To the next trap, or the Nth."""
    shell.must_go_on()
    return Go(conditions.Trap(count=count_of(text, "trap")))


def trap_here(shell: Shell, text: str) -> Order:
    """To the next trap of this process."""
    shell.must_go_on()
    tgid = shell.task.group.tgid
    return Go(conditions.OfTask(conditions.Trap(count=count_of(text, "mytrap")), tgid))


def back_to_program(shell: Shell, text: str) -> Order:
    """To where the trap returns to."""
    shell.must_go_on()
    no_words(text, "return")
    return Go(conditions.Returned(shell.living))


def until(shell: Shell, text: str) -> Order:
    """To the next stop of a kind."""
    shell.must_go_on()
    return Go(condition(shell, text))


def step(shell: Shell, text: str) -> Order:
    """One instruction, or N."""
    shell.must_go_on()
    return Go(conditions.Stepped(shell.living, count_of(text, "step")))


def over(shell: Shell, text: str) -> Order:
    """One instruction, but a call as a whole."""
    shell.must_go_on()
    no_words(text, "over")
    task = shell.living
    pc = registers.all_of(task)["pc"]
    word = mapped_instruction(task.space, pc)
    if word is None or not is_call(word) or shell.stop.kind is Kind.TRAP:
        return Go(conditions.Stepped(task))
    back = pc + size_of(word)
    return Go(conditions.Arrived(frozenset((back,)), number_of(task), registers.all_of(task)["sp"]))


def finish(shell: Shell, text: str) -> Order:
    """To where this function returns to."""
    shell.must_go_on()
    no_words(text, "finish")
    task = shell.living
    frames = unwinding.cursors(task, shell.session.symbols)
    next(frames, None)
    caller = next(frames, None)
    if caller is None:
        raise CommandError("this function has no caller that can be found")
    return Go(conditions.Arrived(frozenset((caller.pc,)), number_of(task), caller.sp))


def go_on(shell: Shell, text: str) -> Order:
    """Until something stops it."""
    shell.must_go_on()
    no_words(text, "continue")
    return Go()


def leave(shell: Shell, text: str) -> Order:
    """Leave the stepper."""
    if text:
        status = shell.value(text)
        if not 0 <= status <= 255:
            raise CommandError("an exit status is between 0 and 255")
        shell.status = status
    return Quit()


COMMANDS = (
    Command("trap", "t", "trap [N]", "run to the next trap, or the Nth", trap,
            (("t", "the next trap of whatever task"), ("t 100", "the hundredth from here")), repeats=True),
    Command("mytrap", "T", "mytrap [N]", "run to the next trap of this process", trap_here,
            (("T", "the next call or fault of the process that is shown"),), repeats=True),
    Command("return", "r", "return", "let the kernel act, and stop before the program goes on", back_to_program,
            (("r", "at a call: its result is in a0 then"),), repeats=True),
    Command("until", "w", "until [pid N|tid N] KIND | ADDRESS", "run until something of a kind comes", until,
            (("until call fork", "fork, or the clone that it is on RISC-V"), ("until fault", "an exception, no call"),
             ("until signal SEGV", "as the signal is delivered"), ("until pid 3 call read write", "one of two calls"),
             ("until trap 15", "a trap by its number in scause"), ("until switch", "another task's turn"),
             ("until main", "the first instruction of main")), "kind call signal symbol", repeats=True),
    Command("step", "s", "step [N]", "run one instruction, or N", step,
            (("s", "a call of the kernel counts as one"), ("s 1000", "")), repeats=True),
    Command("over", "n", "over", "run one instruction, but a function call as a whole", over, (("n", ""),),
            repeats=True),
    Command("finish", "f", "finish", "run until this function has returned", finish, (("f", ""),), repeats=True),
    Command("continue", "c", "continue", "run until a breakpoint, a watch or a catch", go_on, (("c", ""),)),
    Command("quit", "q", "quit [STATUS]", "leave; the exit status is the guest's if it has ended, else 0, or STATUS",
            leave, (("q", ""), ("quit 1", ""))),
)
