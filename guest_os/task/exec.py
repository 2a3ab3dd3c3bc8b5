"""A new program in an old process: scripts, ELF images, the stack that the program finds. fs/exec.c, binfmt_elf.c"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Protocol

from rvsim.guest_os.abi import auxv as aux
from rvsim.guest_os.abi.errno import E2BIG, EACCES, ELIBBAD, ELOOP, ENOENT, ENOEXEC, ENOMEM
from rvsim.guest_os.abi.fcntl import MS_NOSUID
from rvsim.guest_os.abi.mman import PROT_READ, PROT_WRITE, VM_GROWSDOWN
from rvsim.guest_os.abi.securebits import SECBIT_KEEP_CAPS, SECBIT_NOROOT
from rvsim.guest_os.abi.signals import SS_DISABLE
from rvsim.guest_os.abi.stat import S_ISGID, S_ISUID, S_IXGRP
from rvsim.guest_os.mm import elf, user_memory
from rvsim.guest_os.mm.address_space import AddressSpace
from rvsim.guest_os.mm.fault import OutOfMemory
from rvsim.guest_os.mm.layout import DYN_BASE, PAGE_SIZE, STACK_TOP, page_down
from rvsim.guest_os.task import tracing
from rvsim.guest_os.task.exit import exit_task, release_mm
from rvsim.guest_os.task.pid import PidType
from rvsim.guest_os.task.resources import RLIMIT_AS, RLIMIT_DATA, RLIMIT_STACK
from rvsim.guest_os.task.signal import SignalActions
from rvsim.guest_os.task.task import Shared, Task
from rvsim.guest_os.vfs.permission import MAY_READ

if TYPE_CHECKING:
    from rvsim.guest_os.task.abi import Abi
    from rvsim.guest_os.task.kernel import Kernel
    from rvsim.guest_os.vfs.credentials import Credentials
    from rvsim.guest_os.vfs.inode import Inode
    from rvsim.guest_os.vfs.mount import Path

ARG_MIN, ARG_MAX = 128 << 10, 6 << 20
MAX_ARG_LENGTH = 131072
MAX_INTERPRETERS = 5
SCRIPT_LINE = 256
ADDRESS_MASK = 0xFFFF_FFFF_FFFF_FFFF
STACK_PAGES = 33


class ExecFile(elf.ImageFile, Protocol):
    """A program's open file; `inode` and `path` are the VFS's."""

    @property
    def inode(self) -> Inode: ...

    @property
    def path(self) -> Path: ...


class OpenProgram(Protocol):
    """Opens a path for execution, or says why not: the system call layer's, so that tasks know no path walk."""

    def open(self, task: Task, path: bytes) -> ExecFile: ...


class Program:
    """What exec was asked for, and what scripts made of it.

    `closes`: `execfn` goes through a descriptor that exec closes, so no interpreter could open it.
    """

    __slots__ = ("argv", "closes", "env", "execfn", "file")

    def __init__(self, file: ExecFile, argv: list[bytes], env: list[bytes], execfn: bytes,
                 closes: bool = False) -> None:
        self.file = file
        self.argv = argv
        self.env = env
        self.execfn = execfn
        self.closes = closes


def arg_limit(task: Task) -> int:
    """Bytes of arguments and environment: a quarter of the stack's limit, within bounds. fs/exec.c:bprm_stack_limits"""
    return max(min(task.group.limits.soft[RLIMIT_STACK] // 4, ARG_MAX), ARG_MIN)


def resolve_script(task: Task, opener: OpenProgram, program: Program) -> None:
    """Follow `#!` lines until the file is no script. fs/binfmt_script.c

    Raises:
        ENOEXEC: a line without an interpreter, or a name of one that does not end within the line's 256 bytes.
        ELOOP: a sixth script in a row.
        ENOENT: the script's name will mean nothing once exec has closed descriptors.
        and what opening the interpreter raises.
    """
    name = program.execfn
    for _ in range(MAX_INTERPRETERS + 1):
        head = program.file.inode.read_raw(0, SCRIPT_LINE)
        if not head.startswith(b"#!"):
            return
        line = head[2:].split(b"\n", 1)[0] if b"\n" in head else head[2:].split(b"\0", 1)[0]
        words = line.strip(b" \t").split(None, 1)
        if not words or (b"\n" not in head and len(head) == SCRIPT_LINE and head[2:].strip(b" \t") == words[0]):
            raise ENOEXEC
        if program.closes:
            raise ENOENT
        interpreter = words[0]
        argument = [words[1].strip(b" \t")] if len(words) > 1 else []
        program.argv = [interpreter, *argument, name, *program.argv[1:]]
        name = interpreter
        script, program.file = program.file, opener.open(task, interpreter)
        script.put()
    raise ELOOP


def choose_abi(kernel: Kernel, image: elf.Image, forced: str | None) -> Abi:
    """The system call interface of a program: forced, or by the image's own note, or the machine's default."""
    note = image.note_abi
    name = forced
    if name is None and note is not None and note[0] in (1, 2):
        name = "linux" if note[0] == 1 else {7: "rcore:7", 8: "rcore:8"}.get(note[1], "rcore")
    chosen: Abi = kernel.abis[name or kernel.default_abi]
    return chosen


def build_space(task: Task, program: Program, image: elf.Image, opener: OpenProgram) -> tuple[AddressSpace, int, int]:
    """A new address space with the program, its interpreter and an empty stack: (space, entry, interpreter's base).

    Raises:
        ENOEXEC, ENOMEM, ELIBBAD, and what opening the interpreter raises. Nothing is left behind.
    """
    kernel = task.kernel
    try:
        space = AddressSpace(kernel.memory)
    except OutOfMemory:
        raise ENOMEM from None
    limits = task.group.limits
    space.stack_limit = limits.soft[RLIMIT_STACK]
    try:
        base = 0
        if image.kind == elf.ET_DYN:
            lowest = DYN_BASE if image.interpreter is not None else space.mmap_top - (image.high - image.low)
            base = page_down(lowest - image.low)
        elf.load(space, program.file, image, base)
        elf.note_bounds(space, image, base)
        entry, interp_base = base + image.entry, 0
        if image.interpreter is not None:
            entry, interp_base = _load_interpreter(space, task, image.interpreter, opener)
        stack = space.map(STACK_TOP - STACK_PAGES * PAGE_SIZE, STACK_PAGES * PAGE_SIZE, PROT_READ | PROT_WRITE,
                          VM_GROWSDOWN, name=b"[stack]")
        space.start_stack = stack.end
        if kernel.vdso is not None:
            kernel.vdso.map(space)
    except elf.BadImage:
        space.put()
        raise ENOEXEC from None
    except (ENOENT, EACCES, ELIBBAD, ENOMEM):
        space.put()
        raise
    except OutOfMemory:
        space.put()
        raise ENOMEM from None
    space.data_limit = limits.soft_or_none(RLIMIT_DATA)
    space.space_limit = limits.soft_or_none(RLIMIT_AS)
    space.exe = program.file.get()
    return space, entry, interp_base


def _load_interpreter(space: AddressSpace, task: Task, path: bytes, opener: OpenProgram) -> tuple[int, int]:
    file = opener.open(task, path)
    try:
        image = elf.parse(file.inode)
        base = space.find_free(image.high - image.low) - image.low if image.kind == elf.ET_DYN else 0
        elf.load(space, file, image, base)
        return base + image.entry, base
    except elf.BadImage:
        raise ELIBBAD from None
    finally:
        file.put()


def exec_program(task: Task, program: Program, opener: OpenProgram, forced_abi: str | None = None) -> None:
    """Replace the program of `task`. On success nothing of the old one is left, and the registers are the new one's.

    The caller's hold on `program.file` is used up either way.

    Raises:
        ENOEXEC, ENOMEM, E2BIG, EACCES, ENOENT, ELIBBAD: nothing has changed. EOPNOTSUPP: an agent does not execute.
    """
    try:
        tracing.refuse_agent(task)
        resolve_script(task, opener, program)
        _check_arguments(program, arg_limit(task))
        try:
            image = elf.parse(program.file.inode)
        except elf.BadImage:
            raise ENOEXEC from None
        abi = choose_abi(task.kernel, image, forced_abi)
        space, entry, interp_base = build_space(task, program, image, opener)
        _point_of_no_return(task, space, program)
    finally:
        program.file.put()
    task.abi = abi
    task.abi_state = abi.new_state()
    base = entry - image.entry if image.interpreter is None else _program_base(space, image)
    vector = _auxv(task, image, base, interp_base)
    abi.start(task, program.argv, program.env, entry & ADDRESS_MASK, vector, program.execfn)
    task.kernel.counters.exec += 1


def _program_base(space: AddressSpace, image: elf.Image) -> int:
    return page_down(space.start_code) - image.low


def _check_arguments(program: Program, limit: int) -> None:
    total = 0
    for text in (*program.argv, *program.env):
        if len(text) >= MAX_ARG_LENGTH:
            raise E2BIG
        total += len(text) + 9
    if total > limit:
        raise E2BIG


def _auxv(task: Task, image: elf.Image, base: int, interp_base: int) -> list[tuple[int, int]]:
    cred = task.cred
    return [
        (aux.AT_SYSINFO_EHDR, task.space.vdso),
        (aux.AT_MINSIGSTKSZ, 1088), (aux.AT_HWCAP, aux.HWCAP_RV64GC), (aux.AT_PAGESZ, PAGE_SIZE), (aux.AT_CLKTCK, 100),
        (aux.AT_PHDR, base + image.phdr_vaddr if image.phdr_vaddr is not None else 0), (aux.AT_PHENT, elf.PHDR.size),
        (aux.AT_PHNUM, image.phnum), (aux.AT_BASE, interp_base), (aux.AT_FLAGS, 0), (aux.AT_ENTRY, base + image.entry),
        (aux.AT_UID, cred.uid), (aux.AT_EUID, cred.euid), (aux.AT_GID, cred.gid), (aux.AT_EGID, cred.egid),
        (aux.AT_SECURE, int(cred.uid != cred.euid or cred.gid != cred.egid)),
    ]


def new_credentials(task: Task, file: ExecFile) -> Credentials:
    """What the program runs as: the caller's, or the file's owner and group if it is set-id. fs/exec.c:bprm_fill_uid

    A mount with nosuid, and no_new_privs, leave them as they are. Root's programs get every capability that the
    bounding set allows; others keep the ambient ones. security/commoncap.c:cap_bprm_creds_from_file
    """
    cred = task.cred.copy()
    inode = file.inode
    before = cred.euid, cred.egid
    if not file.path.mount.flags & MS_NOSUID and not task.no_new_privs:
        if inode.mode & S_ISUID:
            cred.euid = inode.uid
        if inode.mode & (S_ISGID | S_IXGRP) == S_ISGID | S_IXGRP:
            cred.egid = inode.gid
    cred.suid = cred.fsuid = cred.euid
    cred.sgid = cred.fsgid = cred.egid
    if (cred.euid, cred.egid) != before:
        cred.cap_ambient = 0
    is_root = not cred.securebits & SECBIT_NOROOT and 0 in (cred.euid, cred.uid)
    cred.cap_permitted = (cred.cap_bounding | cred.cap_inheritable if is_root else 0) | cred.cap_ambient
    cred.cap_effective = cred.cap_permitted if is_root and cred.euid == 0 else cred.cap_ambient
    cred.securebits &= ~SECBIT_KEEP_CAPS
    return cred


def _may_read(file: ExecFile, cred: Credentials) -> bool:
    """Whether the caller could read the program, and so may be shown its memory. fs/exec.c:would_dump"""
    try:
        file.inode.permission(cred, MAY_READ)
    except EACCES:
        return False
    return True


def _point_of_no_return(task: Task, space: AddressSpace, program: Program) -> None:
    """The old program goes: other threads, memory, handlers, descriptors that close. fs/exec.c:begin_new_exec"""
    kernel, group = task.kernel, task.group
    for thread in tuple(group.threads):
        if thread is not task and thread.alive:
            exit_task(thread)
    if group.leader is not task:
        _take_over_leader(task)
    if task.sighand.count > 1:
        task.sighand.count -= 1
        task.sighand = task.sighand.copy()
    actions: SignalActions = task.sighand
    actions.clear_handlers()
    release_mm(task)
    task.mm = space
    kernel.hart.unload()
    task.context.clear()
    task.altstack = (0, SS_DISABLE, 0)
    task.robust_list = (0, 0)
    task.rseq = None
    task.saved_blocked = None
    task.comm = program.execfn.rsplit(b"/", 1)[-1][:15]
    group.did_exec = True
    group.shown_arguments = None
    tracing.new_program(task)
    for timer in tuple(group.posix_timers.values()):
        timer.cancel()
    group.posix_timers.clear()
    group.pending.forget_timers()
    task.pending.forget_timers()
    readable = _may_read(program.file, task.cred)
    task.cred = new_credentials(task, program.file)
    group.dumpable = int(readable and (task.cred.euid, task.cred.egid) == (task.cred.uid, task.cred.gid))
    if not group.dumpable:
        tracing.secret_exec(task)
        group.parent_death_signal = 0
    shared = task.files_shared
    if shared is not None:
        if shared.count > 1:
            shared.count -= 1
            task.files_shared = Shared(shared.it.copy())
            task.fds = task.files_shared.it
        task.fds.close_on_exec()


def _take_over_leader(task: Task) -> None:
    """A thread that is not the leader executes: it becomes the leader, with its pid. fs/exec.c:de_thread"""
    group, old = task.group, task.group.leader
    task.pid.detach(task, PidType.PID)
    old.pid.detach(old, PidType.PID)
    task.pid = group.pid
    group.pid.attach(task, PidType.PID)
    for pid, kind in ((group.pid, PidType.TGID), (group.pgrp, PidType.PGID), (group.session, PidType.SID)):
        pid.attach(task, kind)
        pid.tasks[kind].pop(old, None)
    group.threads.remove(old)
    group.lwps.give_back(old.lwp_slot)
    group.leader = task
    task.kernel.tasks -= 1
    ns = group.pid.numbers[group.pid.level][1]
    if ns.child_reaper is old:
        ns.child_reaper = task
    if task.kernel.init is old:
        task.kernel.init = task


def lay_out_stack(task: Task, argv: list[bytes], env: list[bytes], vector: list[tuple[int, int]], execfn: bytes) -> int:
    """Write strings, pointers and the auxiliary vector on the new stack; returns sp, 16-aligned.

    From sp up: argc, argv[], NULL, envp[], NULL, auxv. "RISC-V ELF psABI", and fs/binfmt_elf.c:create_elf_tables
    """
    space = task.space
    top = space.start_stack - 8
    blob = b"".join(text + b"\0" for text in (*argv, *env))
    at = top - len(execfn) - 1
    execfn_at = at
    user_memory.write(space, at, execfn + b"\0")
    strings_at = at - len(blob)
    user_memory.write(space, strings_at, blob)
    space.arg_start = strings_at
    space.arg_end = strings_at + sum(len(text) + 1 for text in argv)
    space.env_start, space.env_end = space.arg_end, strings_at + len(blob)
    random_at = (strings_at & ~15) - 16
    user_memory.write(space, random_at, task.kernel.random.read(16))
    vector = [*((kind, value & ADDRESS_MASK) for kind, value in vector),     # an image may say anything
              (aux.AT_RANDOM, random_at), (aux.AT_EXECFN, execfn_at), (aux.AT_NULL, 0)]
    words = [len(argv)]
    cursor = strings_at
    for texts in (argv, env):
        for text in texts:
            words.append(cursor)
            cursor += len(text) + 1
        words.append(0)
    for kind, value in vector:
        words += (kind, value)
    packed = struct.pack(f"<{len(words)}Q", *words)
    sp = (random_at - len(packed)) & ~15
    user_memory.write(space, sp, packed)
    space.saved_auxv = b"".join(struct.pack("<QQ", kind, value) for kind, value in vector)
    space.start_stack = sp
    return sp

