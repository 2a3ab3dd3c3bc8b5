"""Plans of faults that a test draws, and machines that run under them for a limited time."""

from __future__ import annotations

from pathlib import Path

from hypothesis import strategies as st

from rvsim.emu.console import CapturedConsole
from rvsim.guest_os.boot import BootError
from rvsim.guest_os.faults import Fault, FaultPlan
from rvsim.guest_os.faults.transfers import TRANSFERS
from rvsim.tests.guest import make, nothing_left

MOST_TICKS = 100_000_000
CALLS = ("read", "write", "writev", "readv", "openat", "close", "mmap", "munmap", "brk", "mprotect", "clone", "execve",
         "wait4", "pipe2", "dup3", "fcntl", "ioctl", "futex", "rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "kill",
         "nanosleep", "clock_nanosleep", "getdents64", "newfstatat", "set_tid_address", "exit_group", "exit", "tgkill",
         "fork", "exec", "waitpid", "open", "pipe", "sigaction", "thread_create", "mutex_lock", "semaphore_down",
         "yield")
ERRNOS = ("EIO", "EINTR", "EAGAIN", "ENOMEM", "ENOSPC", "EMFILE", "EFAULT", "EINVAL", "ENOSYS", "EPIPE", "ECHILD")
SIGNALS: tuple[str | int, ...] = ("SIGKILL", "SIGTERM", "SIGSTOP", "SIGCONT", "SIGCHLD", "SIGUSR1",
                                  "SIGSEGV", "SIGURG", "SIGTSTP", 33, 40)


class TooLong(Exception):
    """So many ticks have passed, which is no fault of the machine's."""


@st.composite
def faults(draw: st.DrawFn) -> Fault:
    """A fault that a small program may meet."""
    action = draw(st.sampled_from(("errno", "short", "delay", "signal", "nomem")))
    call = draw(st.sampled_from(CALLS))
    values: dict[str, int | str] = {
        "errno": draw(st.sampled_from(ERRNOS)), "short": draw(st.integers(1, 20)),
        "delay": draw(st.integers(1, 30_000_000)), "signal": draw(st.sampled_from(SIGNALS)), "nomem": 0}
    value = values[action]
    if action == "short":
        call = draw(st.sampled_from(sorted(TRANSFERS)))
    elif action in ("delay", "signal") and draw(st.booleans()):
        call = "all"
    elif action == "nomem" and draw(st.booleans()):
        call = "alloc"
    elif action in ("errno", "nomem") and call in ("exit", "exit_group", "rt_sigreturn"):
        call = "read"
    nth = draw(st.integers(1, 60 if call in ("all", "alloc") else 6))
    return Fault(call, action, nth, draw(st.booleans()), draw(st.none() | st.integers(1, 3)), value,
                 draw(st.sampled_from((0, 0, 1, 2, 7))), draw(st.sampled_from((0, 0, nth + 5))))


PLANS = st.builds(
    FaultPlan, st.lists(faults(), max_size=4).map(tuple), st.none() | st.integers(0, 1 << 40),
    st.sampled_from(("legal", "hard")), st.sampled_from((1, 2, 3, 5, 20)))


def survives(plan: FaultPlan, program: Path | str, *args: str) -> tuple[int | str, bytes, int]:
    """Run a program under a plan, whatever that does to it; nothing may be left behind. Its end, output and ticks."""
    console = CapturedConsole(b"some input\nand more\n")
    machine = make(console, faults=plan)
    if isinstance(program, Path):
        machine.install(b"/self", program.read_bytes())

    def look() -> None:
        if machine.hart.ticks > MOST_TICKS:
            raise TooLong

    machine.kernel.scheduler.at_rest = look
    end: int | str
    try:
        machine.start(str(program).encode(), [str(program).encode(), *(arg.encode() for arg in args)])
        end = machine.finish()
    except BootError as error:
        end = str(error)
        machine.close()
    except TooLong:
        end = "too long"
        machine.close()
    nothing_left(machine)
    return end, bytes(console.transcript), machine.hart.ticks
