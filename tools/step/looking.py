"""Commands that show a task, its process and the machine; they change nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rvsim.guest_os.proc.maps import maps_line
from rvsim.guest_os.task.exit import exit_status
from rvsim.guest_os.task.posix_timers import cpu_ns
from rvsim.guest_os.task.task import State, Task
from rvsim.tools.debug import causes, registers, unwinding
from rvsim.tools.debug.stop import number_of
from rvsim.tools.debug.trap import waits_until
from rvsim.tools.step import show
from rvsim.tools.step.registry import Command, CommandError, count_of, no_words

if TYPE_CHECKING:
    from rvsim.tools.step.shell import Shell

COLUMNS = 4
LIST_LINES = 10


def regs(shell: Shell, text: str) -> None:
    """Registers."""
    task = shell.living
    names = text.split()
    if names:
        for name in names:
            value = registers.read(task, name.removeprefix("$"))
            if value is None:
                raise CommandError(f"there is no register {name!r}")
            shell.say(f"{name.removeprefix('$'):5} {value:#018x}  {value}")
        return
    changed = shell.changed_registers(task)
    cells = []
    for name, value in registers.all_of(task).items():
        mark = "*" if name in changed else " "
        cell = f"{name:>4}{mark}{value:016x}"
        cells.append(shell.style.paint("changed", cell) if name in changed else cell)
    for at in range(0, len(cells), COLUMNS):
        shell.say(" ".join(cells[at:at + COLUMNS]))


def floats(shell: Shell, text: str) -> None:
    """Floating-point registers."""
    import struct

    no_words(text, "floats")
    for name, value in registers.floats_of(shell.living).items():
        shown = "" if name == "fcsr" else f"  {struct.unpack('<d', value.to_bytes(8, 'little'))[0]!r}"
        shell.say(f"{name:5} {value:#018x}{shown}")


def csrs(shell: Shell, text: str) -> None:
    """What a supervisor's control registers would hold."""
    no_words(text, "csrs")
    hart, task = shell.session.machine.hart, shell.task
    shell.say(f"scause {hart.cause}  {causes.name_of(hart.cause) if hart.cause >= 0 else 'none'}")
    shell.say(f"sepc   {show.place(shell, task, hart.epc)}")
    shell.say(f"stval  {hart.tval:#x}")
    satp = int(task.mm.table.satp) if task.mm is not None else 0
    shell.say(f"satp   {satp:#x}  mode {satp >> 60}, asid {satp >> 44 & 0xFFFF}, root page {satp & (1 << 44) - 1:#x}")
    shell.say(f"time   {shell.session.machine.clock.monotonic_ns()} ns")
    shell.say(f"cycle  {hart.ticks}")
    shell.say(f"traps  {hart.traps}")


def where(shell: Shell, text: str) -> None:
    """The stop once more."""
    no_words(text, "where")
    for line in show.stop_lines(shell, shell.stop):
        shell.say(line)


def backtrace(shell: Shell, text: str) -> None:
    """Who called whom."""
    most = count_of(text, "bt") if text else 128
    task = shell.living
    for at, frame in enumerate(unwinding.backtrace(task, shell.session.symbols)):
        if at >= most:
            break
        if frame.signal:
            shell.say(f"#{at}  <signal handler called>")
            continue
        address = frame.pc if at == 0 else frame.pc - 1
        line = shell.session.symbols.line(task, address)
        name = frame.symbol.name if frame.symbol is not None else "??"
        source = f" at {line.path.rsplit('/', 1)[-1]}:{line.line}" if line is not None else ""
        pc = shell.style.paint("address", f"{frame.pc:#x}")
        shell.say(f"#{at}  {pc} in {shell.style.paint('name', name)}{source}{' ?' if frame.guessed else ''}")


def list_source(shell: Shell, text: str) -> None:
    """Source lines."""
    task = shell.living
    if ":" in text:
        name, _, number = text.rpartition(":")
        addresses, _ = shell.session.symbols.line_addresses(task, name, count_of(number, "list"))
        if not addresses:
            raise CommandError(f"there is no code of {name} at line {number} or behind it")
        here = shell.session.symbols.line(task, min(addresses))
    else:
        here = shell.session.symbols.line(task, shell.address(text) if text else registers.all_of(task)["pc"])
    if here is None:
        raise CommandError("the program says nothing of its source there")
    lines = shell.source(here.path)
    if lines is None:
        raise CommandError(f"{here.path} cannot be read on this host; it is at line {here.line}")
    first = max(here.line - LIST_LINES // 2, 1)
    for at in range(first, min(first + LIST_LINES, len(lines) + 1)):
        mark = shell.style.paint("here", "=>") if at == here.line else "  "
        shell.say(f"{mark} {at:5}  {lines[at - 1]}")


def maps(shell: Shell, text: str) -> None:
    """The areas of the process."""
    no_words(text, "maps")
    task = shell.living
    for area in task.space.areas:
        shell.say(maps_line(shell.session.machine.kernel, task.space, area).decode(errors="replace").rstrip("\n"))


_STATES = {State.RUNNING: "ready", State.SLEEPING: "waits", State.STOPPED: "stopped", State.TRACED: "traced",
           State.ZOMBIE: "zombie", State.DEAD: "gone"}


def doing(shell: Shell, task: Task) -> str:
    """What a task is at: `runs`, `waits in read(0, …)`."""
    if task is shell.session.loaded:
        return "runs"
    if task.state is State.SLEEPING:
        return f"waits in {show.waiting_text(task)}{waits_until(task)}"
    if task.state is State.ZOMBIE:
        status = task.group.wait_status if task.group.exiting else exit_status(task.exit_code)
        return f"zombie, {show.end_text(status)}"
    return _STATES[task.state]


def ps(shell: Shell, text: str) -> None:
    """All tasks."""
    no_words(text, "ps")
    shell.say("    PID     TID    PPID S     TICKS NAME")
    for task in shell.session.tasks():
        parent = task.group.parent
        name = task.comm.decode(errors="replace")
        ppid = parent.tgid if parent is not None else 0
        here = " <" if task is shell.task else ""
        shell.say(f"{task.group.tgid:7} {number_of(task):7} {ppid:7} {task.state.value} {cpu_ns(task.group, task):9} "
                  f"{name}{here}")


def fds(shell: Shell, text: str) -> None:
    """The open files of the process."""
    no_words(text, "fds")
    task = shell.task
    if task.files_shared is None:
        raise CommandError("the task has ended")
    for number, file in task.fds:
        flags = " close-on-exec" if task.fds.get_cloexec(number) else ""
        mode = ("read", "write", "read and write", "path")[file.flags & 3]
        shell.say(f"{number:4}  {file.path.display().decode(errors='replace')}  {mode}, at {file.offset}{flags}")


def sched(shell: Shell, text: str) -> None:
    """Run queue and waits."""
    no_words(text, "sched")
    scheduler = shell.session.machine.kernel.scheduler
    current = shell.session.loaded
    left = scheduler.turn_end - shell.session.machine.hart.ticks
    shell.say(f"runs    {show.task_text(current)}, {left} ticks left" if current is not None else "runs    nobody")
    for task in scheduler.runnable:
        shell.say(f"next    {show.task_text(task)}")
    for task in scheduler.spinning:
        shell.say(f"aside   {show.task_text(task)}: it looked for what is not there yet")
    for task in shell.session.tasks():
        if task is not current and task not in scheduler.runnable and task not in scheduler.spinning:
            shell.say(f"{_STATES[task.state]:7} {show.task_text(task)}: {doing(shell, task)}")
    deadline = scheduler.timers.next_deadline()
    if deadline is not None:
        shell.say(f"timer   the next is due at {show.time_text(deadline)}")


def choose(shell: Shell, text: str) -> None:
    """Look at another task."""
    if text:
        shell.choose(count_of(text, "task"))
    shell.say(f"{show.task_text(shell.task)}: {doing(shell, shell.task)}")


COMMANDS = (
    Command("regs", "g", "regs [NAME…]", "the registers; those that changed since the last stop have a *", regs,
            (("g", ""), ("regs a0 sp", "")), "register"),
    Command("floats", "G", "floats", "the floating-point registers", floats, (("G", ""),)),
    Command("csrs", "K", "csrs", "scause, sepc, stval, satp, time and cycle", csrs, (("K", ""),)),
    Command("where", ".", "where", "show the stop once more", where, ((".", ""),)),
    Command("bt", "k", "bt [N]", "the functions that called each other, innermost first", backtrace,
            (("bt", "by call frame information, else by frame pointers and by reading the code"),)),
    Command("list", "l", "list [FILE:LINE|ADDRESS]", "source lines around pc or a place", list_source,
            (("l", ""), ("list loop.c:12", ""))),
    Command("maps", "m", "maps", "the memory areas of the process, as /proc/PID/maps", maps, (("m", ""),)),
    Command("ps", "P", "ps", "all processes and threads", ps, (("P", ""),)),
    Command("fds", "F", "fds", "the open files of the process", fds, (("F", ""),)),
    Command("sched", "S", "sched", "who runs, who is next, and what the others wait for", sched, (("S", ""),)),
    Command("task", "a", "task [TID]", "let the commands look at another task, until the next stop", choose,
            (("task 3", ""),)),
)
