"""Stops as a person reads them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rvsim.guest_os.task.task import State, Task
from rvsim.tools.debug import disassembly, registers
from rvsim.tools.debug.stop import Event, Kind, Stop, number_of
from rvsim.tools.debug.trap import ACCESS, WANTED, Trap, begin, text_of
from rvsim.tools.strace.values import signal_name

if TYPE_CHECKING:
    from rvsim.guest_os.task.control import Hit
    from rvsim.tools.step.shell import Shell

NEIGHBOURS = 2


def time_text(nanoseconds: int) -> str:
    """`1.002003004 s`"""
    return f"{nanoseconds // 10**9}.{nanoseconds % 10**9:09} s"


def task_text(task: Task) -> str:
    """`pid 2 (sh)`, and the thread if it is not the process's first."""
    tid = number_of(task)
    thread = f" tid {tid}" if tid != task.group.tgid else ""
    return f"pid {task.group.tgid}{thread} ({task.comm.decode(errors='replace')})"


def place(shell: Shell, task: Task, address: int) -> str:
    """`0x1234 <main+0x10> file.c:12`"""
    text = shell.style.paint("address", f"{address:#x}")
    name = shell.session.symbols.describe(task, address)
    if name:
        text += f" <{shell.style.paint('name', name)}>"
    line = shell.session.symbols.line(task, address)
    return f"{text} {line.path.rsplit('/', 1)[-1]}:{line.line}" if line is not None else text


def stop_lines(shell: Shell, stop: Stop) -> list[str]:
    """What is said at a stop."""
    lines = [shell.style.paint("head", head(shell, stop))]
    if stop.missed:
        lines.insert(0, "nothing of that kind came before; it stands where it stood")
    if stop.given_up:
        lines.insert(0, "interrupted on the way; it stands again where it stood")
    elif stop.lost:
        lines.insert(0, "since a change, the run does not come by there; it stands where it stood")
    task = stop.task
    if task is None:
        return lines
    if stop.kind is Kind.TRAP:
        trap = shell.session.trap_here()
        if trap is not None:
            lines += trap_lines(shell, trap)
    elif stop.kind is Kind.WATCH:
        lines += _watch_lines(shell, stop)
    changed = shell.changed_registers(task)
    if changed and stop.kind in (Kind.STEP, Kind.RETURN):
        lines.append("  " + "  ".join(
            shell.style.paint("changed", f"{name}={value:#x}") for name, value in list(changed.items())[:8]))
    if task.mm is not None and shell.shows_code:
        lines += code_lines(shell, task, registers.all_of(task)["pc"], NEIGHBOURS - 1, NEIGHBOURS)
    return lines


def head(shell: Shell, stop: Stop) -> str:
    """The first line: what stopped whom, when."""
    session = shell.session
    when = f"tick {stop.position.ticks}, {time_text(session.machine.clock.monotonic_ns())}"
    who = task_text(stop.task) if stop.task is not None else ""
    match stop.kind:
        case Kind.TRAP:
            trap = session.trap_here()
            name = trap.cause_name if trap is not None else ""
            return f"#{stop.position.traps} {who}: {name} ({when})"
        case Kind.BREAK:
            numbers = ", ".join(str(one.number) for one in stop.breakpoints)
            return f"{who}: breakpoint {numbers} ({when})"
        case Kind.WATCH:
            number = stop.watch.number if stop.watch is not None else 0
            return f"{who}: watch {number} ({when})" if number else f"{who}: an access ({when})"
        case Kind.SIGNAL | Kind.FORK | Kind.EXEC | Kind.EXIT:
            return f"{event_text(stop.event) if stop.event is not None else f'{who}: {stop.kind.value}'} ({when})"
        case Kind.START:
            return f"{who}: about to run ({when})"
        case Kind.RETURN:
            return f"{who}: goes on ({when})"
        case Kind.STEP:
            return f"{who} ({when})"
        case Kind.SWITCH:
            return f"{who}: its turn begins ({when})"
        case Kind.INTERRUPT:
            return f"{who}: interrupted ({when})"
        case Kind.WAITING:
            return f"the guest waits for input: `input TEXT` gives it a line, `input` its end ({when})"
    if stop.error:
        return f"{stop.error} ({when})"
    return f"the machine has ended with status {stop.status}, after {stop.position.traps} traps ({when})"


def event_text(event: Event) -> str:
    """What the kernel did, in a line."""
    who = task_text(event.task)
    match event.kind:
        case Kind.SIGNAL if event.info is not None:
            sender = f" from pid {event.info.pid}" if event.info.kind in ("kill", "queue") and event.info.pid else ""
            return f"{who}: signal {signal_name(event.info.signo)}{sender}"
        case Kind.FORK if event.other is not None:
            what = "a thread" if event.other.group is event.task.group else "a process"
            return f"{who}: made {what}, {task_text(event.other)}"
        case Kind.EXEC:
            return f"{who}: runs another program"
    return f"{who}: {end_text(event.status)}"


def end_text(status: int) -> str:
    """A wait status: `killed by SIGSEGV`, `exited with 1`."""
    signo = status & 0x7F
    return f"killed by {signal_name(signo)}" if signo else f"exited with {status >> 8 & 0xFF}"


def _watch_lines(shell: Shell, stop: Stop) -> list[str]:
    watch, hit, task = stop.watch, stop.hit, stop.task
    if watch is None or task is None:
        return []
    lines = []
    if hit is not None:
        lines.append(f"  {_access(hit)} of {hit.address:#x} by {place(shell, task, hit.pc)}")
    else:
        lines.append(f"  the kernel stored at {watch.start:#x}")
    if stop.old != stop.new:
        lines.append(f"  {_bytes(stop.old)} -> {_bytes(stop.new)}")
    return lines


def _access(hit: Hit) -> str:
    return {1: "read", 2: "write", 4: "execution"}[int(hit.access)]


def _bytes(data: bytes) -> str:
    if len(data) in (1, 2, 4, 8):
        return f"{int.from_bytes(data, 'little'):#x}"
    return data[:32].hex(" ") + (" …" if len(data) > 32 else "")


def trap_lines(shell: Shell, trap: Trap) -> list[str]:
    """A trap before the kernel acts."""
    task = trap.task
    lines = [f"  scause {trap.cause} ({trap.cause_name})  sepc {place(shell, task, trap.epc)}  stval {trap.tval:#x}"]
    if trap.call is not None:
        lines.append(f"  {trap.call_text}")
    if trap.walk is not None:
        lines += walk_lines(shell, trap)
    return lines


def walk_lines(shell: Shell, trap: Trap) -> list[str]:
    """The way of a faulting address through the page table."""
    assert trap.walk is not None
    lines = [f"  it wanted {WANTED[ACCESS[trap.cause]]} {place(shell, trap.task, trap.tval)}"]
    lines += [f"    level {one.level}, entry {one.number:3}: {one.entry:#018x}  {one.flags}"
              for one in trap.walk.levels]
    lines.append(f"    denied: {trap.denial or 'nothing denies it'}")
    lines.append(f"  area: {trap.area or 'none'}")
    return lines


def outcome_line(trap: Trap) -> str:
    """What the kernel did for a trap."""
    return f"  -> #{trap.number} {trap.outcome}"


def code_lines(shell: Shell, task: Task, pc: int, before: int, after: int) -> list[str]:
    """Instructions around pc, the one at pc marked."""
    lines = []
    for one in disassembly.around(task, shell.session.symbols, pc, before, after):
        mark = shell.style.paint("here", "=>") if one.address == pc else "  "
        lines.append(f"{mark} {instruction_text(shell, task, one)}")
    line = shell.session.symbols.line(task, pc)
    if line is not None:
        source = shell.source_line(line.path, line.line)
        if source is not None:
            lines.append(f"   {line.line:5}  {source}")
    return lines


def instruction_text(shell: Shell, task: Task, one: disassembly.Instruction) -> str:
    """`0x1234 <main+0x10>: addi a0, a0, 1`"""
    name = shell.session.symbols.describe(task, one.address)
    where = f"{shell.style.paint('address', f'{one.address:#x}')}" + (f" <{name}>" if name else "")
    target = shell.session.symbols.describe(task, one.target) if one.target is not None else ""
    return f"{where}: {one.text}" + (f" <{target}>" if target else "")


def switch_line(old: tuple[int, str], new: Task, shell: Shell) -> str:
    """Who left, who came, and why: as it was when the turn ended, which what came since may have changed."""
    task = shell.session.task(old[0])
    state = shell.session.events.left.get(old[0])
    if task is None or task.state in (State.ZOMBIE, State.DEAD):
        why = "it has ended"
    elif task.state is State.SLEEPING:
        why = f"it waits in {waiting_text(task)}"
    elif task.state in (State.STOPPED, State.TRACED):
        why = "it is stopped"
    elif state is State.SLEEPING:
        why = "it waited, and can go on now"
    elif state in (State.STOPPED, State.TRACED):
        why = "it was stopped, and can go on now"
    elif state is State.RUNNING or shell.stop.kind is Kind.SWITCH:
        why = "its turn is over"
    else:
        why = "it can go on"
    return f"  {old[1]} leaves, {why}; {task_text(new)} comes"


def waiting_text(task: Task) -> str:
    """The call that a task waits in, `wait4(-1, …)`."""
    context = task.context
    if task.mm is None:
        return "its end"
    call = begin(task, int(context.get(17)), [int(context.get(number)) for number in range(10, 16)])
    return text_of(call)
