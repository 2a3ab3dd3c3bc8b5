"""The observer behind `rvsim run --strace`: turns what the kernel tells into strace's lines."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rvsim.guest_os.abi.signals import SIGKILL
from rvsim.guest_os.abi.syscall_names import NAMES
from rvsim.guest_os.syscalls import linux_table, rcore_table
from rvsim.guest_os.task.observer import Observer
from rvsim.guest_os.task.signal import SigInfo
from rvsim.guest_os.task.task import Task
from rvsim.guest_os.wait import Progress, Restart
from rvsim.tools.strace.call import Call, Signature
from rvsim.tools.strace.linux_calls import LINUX_CALLS
from rvsim.tools.strace.output import Lines
from rvsim.tools.strace.rcore_calls import RCORE_CALLS
from rvsim.tools.strace.selected import UNKNOWN
from rvsim.tools.strace.signals import siginfo
from rvsim.tools.strace.text import signed_long
from rvsim.tools.strace.values import environment, path_text, signal_name, string_array

CORE_FLAG = 0x80
_SLEEPS = ("nanosleep", "clock_nanosleep")
_RETURNS = ("rt_sigreturn", "sigreturn")
_EXECS = ("execve", "execveat", "exec")

_RCORE_NAMES = {number: row.name for number, row in rcore_table.ROWS.items()}
_RCORE_NAMES_8 = {number: row.name for number, row in rcore_table.ROWS_CHAPTER_8.items()}


def call_name(abi: str, number: int) -> str | None:
    """The name of a call in an ABI, None if it has none."""
    if abi == "linux":
        row = linux_table.ROWS.get(number)
        return row.name if row is not None else NAMES.get(number)
    return (_RCORE_NAMES_8 if abi == "rcore:8" else _RCORE_NAMES).get(number)


def signature(linux: bool, name: str | None) -> Signature:
    """How a call is shown."""
    return (LINUX_CALLS if linux else RCORE_CALLS).get(name or "", UNKNOWN)


REMARKS = {"errno": " (INJECTED)", "nomem": " (INJECTED)", "short": " (INJECTED)", "delay": " (DELAYED)"}
"""Behind the results of calls that a plan of faults meets."""


class Tracer(Observer):
    """`write` takes pieces of text; a line comes in one or more of them."""

    def __init__(self, write: Callable[[str], None]) -> None:
        self.lines = Lines(write)
        self.calls: dict[Task, Call] = {}
        self.held: dict[Task, list[SigInfo]] = {}
        self.known: set[Task] = set()

    # ---- calls

    def enter(self, task: Task, number: int, registers: Sequence[int]) -> None:
        """Show the call up to its first argument that only its end tells."""
        self._release(task)
        linux = task.abi.name == "linux"
        name = call_name(task.abi.name, number)
        call = Call(task, number, registers, (name or f"syscall_{number:#x}").removesuffix("_flags"),
                    signature(linux, name), linux)
        self.calls[task] = call
        arguments = call.signature.arguments(call)
        for at, argument in enumerate(arguments):
            register = at if argument.register is None else argument.register
            if argument.note is not None:
                call.before[register] = argument.note(call, registers[register])
            call.shown.append(None if argument.out else argument.show(call, registers[register]))
        self.lines.start(_tid(task), f"{call.name}({self._ready(call, False)}")

    def injected(self, task: Task, action: str, number: int, call: str, count: int) -> None:
        """As strace marks what its --inject does; a signal has its own line."""
        met = self.calls.get(task)
        if met is not None:
            met.add_remark(REMARKS.get(action, ""))

    def again(self, task: Task, number: int, registers: Sequence[int]) -> None:
        """A call that a signal cut short and no handler ended is shown anew."""
        if task not in self.calls:
            self.enter(task, number, registers)

    def _ready(self, call: Call, over: bool) -> str:
        """The text of the arguments that can be shown and have not been."""
        arguments = call.signature.arguments(call)
        parts = []
        for at in range(call.printed, len(call.shown)):
            argument, text = arguments[at], call.shown[at]
            if at and not (at == call.printed and over):
                parts.append(argument.glue)
            if text is None:
                if not over:
                    break
                text = argument.show(call, call.args[at if argument.register is None else argument.register])
            parts.append(text)
            if not over:
                call.printed = at + 1
        return "".join(parts)

    def leave(self, task: Task, number: int, registers: Sequence[int], result: int | None) -> None:
        """Show the rest of the call and its result."""
        call = self.calls.get(task)
        if call is None:            # it has exited, and its line is closed
            return
        if result is None and call.name in _EXECS and call.executed:
            result = 0
        elif result is None and call.name in _RETURNS and task.alive:
            result = signed_long(task.kernel.hart.x(10))
        call.result = result
        self._finish(call, call.signature.result(call) + call.remark)
        self._release(task)

    def _finish(self, call: Call, result: str) -> None:
        del self.calls[call.task]
        tid = _tid(call.task)
        self.lines.go_on(tid, call.name, self._ready(call, True))
        self.lines.end(result)

    # ---- signals

    def signal(self, task: Task, info: SigInfo) -> None:
        """The call that the signal cuts short, then the signal."""
        if info.signo == SIGKILL:
            return
        call = self.calls.get(task)
        if call is not None:
            if isinstance(task.resume, Progress) and task.resume.done:
                call.result = task.resume.done
                self._finish(call, call.signature.result(call))
            else:
                self._finish(call, _restart_text(call))
        self._release(task)
        self._show(task, info)

    def discarded(self, task: Task, info: SigInfo) -> None:
        """strace sees ignored signals too; in a call, they come after it."""
        if task in self.calls:
            self.held.setdefault(task, []).append(info)
        elif task in self.known:
            self._show(task, info)

    def stopped(self, task: Task, signo: int) -> None:
        self.lines.line(_tid(task), f"--- stopped by {signal_name(signo)} ---")

    def _release(self, task: Task) -> None:
        if task in self.held:
            for info in self.held.pop(task):
                self._show(task, info)

    def _show(self, task: Task, info: SigInfo) -> None:
        self.lines.line(_tid(task), f"--- {signal_name(info.signo)} {siginfo(info.pack())} ---")

    # ---- tasks

    def forked(self, task: Task, child: Task) -> None:
        self._add(child)

    def _add(self, task: Task) -> None:
        if task not in self.known:
            self.known.add(task)
            self.lines.tasks += 1

    def executed(self, task: Task) -> None:
        """An exec that succeeds; the machine's first program has no call, so its line is made up from its stack."""
        self._add(task)
        call = self.calls.get(task)
        if call is not None:
            call.executed = True
            return
        mm = task.space
        stack = mm.start_stack
        name = "execve" if task.abi.name == "linux" else "exec"
        call = Call(task, 0, (), name, signature(True, name), True)
        words = call.read(stack, 8) if name == "execve" else None
        self.lines.start(_tid(task), f"{name}(")
        if words is None:
            self.lines.go_on(_tid(task), name, f'"{task.comm.decode(errors="replace")}"')
        else:
            count = int.from_bytes(words, "little")
            path = dict(_pairs(mm.saved_auxv)).get(31, 0)
            self.lines.go_on(_tid(task), name, ", ".join((
                path_text(call, path), string_array(call, stack + 8), environment(call, stack + 8 * (count + 2)))))
        self.lines.end("0")

    def exited(self, task: Task, status: int) -> None:
        """A call that never comes back, then how the task ended."""
        call = self.calls.pop(task, None)
        if call is not None:
            unfinished = "" if call.printed == len(call.shown) else " <unfinished ...>"
            self.lines.go_on(_tid(task), call.name, unfinished)
            self.lines.end("?")
        self.held.pop(task, None)
        signo = status & 0x7F
        if signo:
            core = " (core dumped)" if status & CORE_FLAG else ""
            text = f"+++ killed by {signal_name(signo)}{core} +++"
        else:
            text = f"+++ exited with {status >> 8 & 0xFF} +++"
        self.lines.line(_tid(task), text)
        if task in self.known:
            self.known.discard(task)
            self.lines.tasks -= 1

    def close(self) -> None:
        """The machine has ended."""
        self.lines.close()


def _tid(task: Task) -> int:
    """The task's number as the whole machine knows it."""
    number: int = task.pid.numbers[0][0]
    return number


def _pairs(vector: bytes) -> list[tuple[int, int]]:
    words = [int.from_bytes(vector[at:at + 8], "little") for at in range(0, len(vector), 8)]
    return list(zip(words[::2], words[1::2], strict=True))


def _restart_text(call: Call) -> str:
    """What a call is told by a signal before it is known whether a handler runs. include/linux/errno.h"""
    if call.name in _SLEEPS:
        return "? ERESTART_RESTARTBLOCK (Interrupted by signal)"
    match call.task.restart:
        case Restart.NOHAND:
            return "? ERESTARTNOHAND (To be restarted if no handler)"
        case Restart.EINTR:
            return "-1 EINTR (Interrupted system call)"
        case _:
            return "? ERESTARTSYS (To be restarted if SA_RESTART is set)"
