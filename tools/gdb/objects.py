"""Objects that gdb reads whole: `qXfer`. GDB manual, "General Query Packets\""""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.sax.saxutils import escape as xml_text
from xml.sax.saxutils import quoteattr

from rvsim.guest_os.abi.syscall_names import NAMES
from rvsim.guest_os.task.pid import PidType, pid_task
from rvsim.guest_os.task.task import State
from rvsim.tools.gdb.ids import PROCESS_ZERO, id_of, pid_of, tid_of
from rvsim.tools.gdb.libraries import loaded
from rvsim.tools.strace import memory

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rvsim.guest_os.mm.address_space import AddressSpace
    from rvsim.guest_os.task.kernel import Kernel
    from rvsim.guest_os.task.task import Task
    from rvsim.guest_os.task.thread_group import ThreadGroup

A7 = 17
_SURROGATE = "\N{REPLACEMENT CHARACTER}"


def shown(data: bytes) -> str:
    """Bytes of the guest as text that XML allows."""
    return "".join(letter if letter.isprintable() else _SURROGATE for letter in data.decode(errors="replace"))


def groups(kernel: Kernel) -> Iterator[ThreadGroup]:
    """Every process of the machine, by number; zombies too."""
    for number in kernel.root_ns.from_number(0):
        pid = kernel.root_ns.find(number)
        leader = next(iter(pid.tasks[PidType.TGID]), None) if pid is not None else None
        if leader is not None:
            yield leader.group


def find_group(kernel: Kernel, pid: int) -> ThreadGroup | None:
    """The process with this number of gdb's; zombies too."""
    found = kernel.root_ns.find(pid if pid != PROCESS_ZERO else 0)
    leader = pid_task(found, PidType.TGID) if found is not None else None
    return leader.group if leader is not None else None


def find_task(kernel: Kernel, tid: int) -> Task | None:
    """The thread with this number of gdb's."""
    found = kernel.root_ns.find(tid if tid != PROCESS_ZERO else 0)
    return pid_task(found, PidType.PID) if found is not None else None


def space_of(group: ThreadGroup) -> AddressSpace | None:
    """A process's memory; None: it has none any more."""
    return next((task.mm for task in group.threads if task.mm is not None), None)


def state_text(task: Task) -> str:
    """What a thread is doing, for `info threads`."""
    if task.state is State.SLEEPING and task.in_call:
        number = int(task.context.get(A7))
        name = NAMES.get(number) if task.abi.name == "linux" else None
        return f"waits in {name or number}"
    return {State.RUNNING: "runnable", State.SLEEPING: "waits", State.STOPPED: "stopped", State.TRACED: "traced",
            State.ZOMBIE: "exited", State.DEAD: "exited"}[task.state]


def threads_xml(tasks: Iterable[Task]) -> bytes:
    """`qXfer:threads:read`. GDB manual, "Thread List Format\""""
    lines = [f'<thread id="{id_of(task).decode()}" core="0" name={quoteattr(shown(task.comm))}>'
             f"{xml_text(state_text(task))}</thread>\n" for task in tasks]
    return ("<?xml version=\"1.0\"?>\n<threads>\n" + "".join(lines) + "</threads>\n").encode()


def libraries_xml(space: AddressSpace | None) -> bytes:
    """`qXfer:libraries-svr4:read`: all but the program itself. GDB manual, "Library List Format for SVR4 Targets\""""
    libraries = list(loaded(space)) if space is not None else []
    main = f' main-lm="{libraries[0].link_map:#x}"' if libraries else ""
    lines = [f'<library name={quoteattr(shown(library.name))} lm="{library.link_map:#x}" l_addr="{library.base:#x}" '
             f'l_ld="{library.dynamic:#x}" lmid="{library.debug:#x}"/>\n' for library in libraries[1:] if library.name]
    return (f'<library-list-svr4 version="1.0"{main}>\n' + "".join(lines) + "</library-list-svr4>\n").encode()


def exec_file(group: ThreadGroup) -> bytes:
    """`qXfer:exec-file:read`: the path of the program, in the guest."""
    space = space_of(group)
    if space is None or space.exe is None:
        return b""
    path: bytes = space.exe.path.display()  # type: ignore[attr-defined]
    return path


def arguments(group: ThreadGroup) -> str:
    """The command line of a process, or its name in brackets."""
    space = space_of(group)
    data = memory.read(space, space.arg_start, min(space.arg_end - space.arg_start, 4096)) if space is not None else b""
    return shown((data or b"").rstrip(b"\0").replace(b"\0", b" ")) or f"[{shown(group.leader.comm)}]"


def _osdata(kind: str, rows: Iterable[dict[str, object]]) -> bytes:
    items = "".join("<item>" + "".join(f'<column name="{name}">{xml_text(str(value))}</column>'
                                       for name, value in row.items()) + "</item>\n" for row in rows)
    return f'<?xml version="1.0"?>\n<osdata type="{kind}">\n{items}</osdata>\n'.encode()


def osdata(kernel: Kernel, kind: bytes) -> bytes | None:
    """`qXfer:osdata:read`, for `info os`; None: there is no such table. GDB manual, "Process list\""""
    if kind == b"":
        return _osdata("types", [
            {"Type": "processes", "Description": "Listing of all processes", "Title": "Processes"},
            {"Type": "threads", "Description": "Listing of all threads", "Title": "Threads"}])
    if kind == b"processes":
        return _osdata("processes", [
            {"pid": pid_of(group), "user": group.leader.cred.euid, "command": arguments(group), "cores": "0",
             "state": group.leader.state.value} for group in groups(kernel)])
    if kind == b"threads":
        return _osdata("threads", [
            {"pid": pid_of(group), "command": shown(group.leader.comm), "tid": tid_of(task), "core": "0",
             "state": state_text(task)} for group in groups(kernel) for task in group.threads])
    return None
