"""Trees of the host's files inside a machine, and runs of programs in them."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rvsim.emu.console import CapturedConsole
from rvsim.guest_os.abi.errno import ENOENT
from rvsim.guest_os.boot import Machine, MachineConfig
from rvsim.guest_os.vfs import entries, namei
from rvsim.guest_os.vfs.attr import utimens

ENVIRONMENT = {"PATH": "/bb:/usr/bin:/usr/sbin", "HOME": "/root", "LC_ALL": "C", "TZ": "UTC0", "TERM": "dumb"}


@dataclass(frozen=True)
class Ended:
    """How a run ended: its exit status, and all that it wrote."""

    status: int
    output: str


def install_tree(machine: Machine, source: Path, target: bytes) -> None:
    """Copy a directory of the host into the guest: modes, symbolic links and times, not owners."""
    for folder, folders, files in os.walk(source):
        place = os.path.normpath(target + b"/" + os.fsencode(os.path.relpath(folder, source)))
        make_dirs(machine, place)
        for name in sorted(folders + files):
            host = Path(folder, name)
            guest = place + b"/" + os.fsencode(name)
            if host.is_symlink():
                entries.symlink(machine.context, machine.cred, os.fsencode(os.readlink(host)), guest)
            elif host.is_file():
                install_file(machine, host, guest)
    for folder, _, _ in os.walk(source, topdown=False):
        relative = os.fsencode(os.path.relpath(folder, source))
        _copy_facts(machine, Path(folder), os.path.normpath(target + b"/" + relative))


def install_file(machine: Machine, host: Path, guest: bytes) -> None:
    """Copy one file with its mode and times."""
    machine.install(guest, host.read_bytes(), 0o755)
    _copy_facts(machine, host, guest)


def make_dirs(machine: Machine, path: bytes) -> None:
    """`mkdir -p`."""
    parts = path.strip(b"/").split(b"/") if path.strip(b"/") else []
    for end in range(1, len(parts) + 1):
        name = b"/" + b"/".join(parts[:end])
        try:
            namei.lookup_dir(machine.context, machine.cred, name)
        except ENOENT:
            entries.mkdir(machine.context, machine.cred, name, 0o755)


def _copy_facts(machine: Machine, host: Path, guest: bytes) -> None:
    facts = host.stat()
    path = namei.lookup(machine.context, machine.cred, guest)
    path.inode.set_mode(stat.S_IMODE(facts.st_mode))
    utimens(path, machine.cred, facts.st_atime_ns, facts.st_mtime_ns)


def run_guest(machine: Machine, program: str, arguments: Sequence[str]) -> Ended:
    """Run a program of the guest's tree as the first process; checks that it leaves nothing behind."""
    console = machine.console
    assert isinstance(console, CapturedConsole)
    status = machine.run(program.encode(), [os.fsencode(word) for word in arguments])
    assert machine.kernel.tasks == 0
    return Ended(status, bytes(console.output).decode(errors="surrogateescape"))


def make_machine(stdin: bytes = b"", env: Mapping[str, str] = ENVIRONMENT, cwd: str = "/",
                 memory: int = 256 << 20, root: Path | None = None, timeout_s: int = 60) -> Machine:
    """A machine whose console is captured, on virtual time, that ends after `timeout_s` of the host's."""
    config = MachineConfig(memory_bytes=memory, clock="virtual", timeout_ns=timeout_s * 10**9, cwd=os.fsencode(cwd),
                           env={name.encode(): value.encode() for name, value in env.items()},
                           root=None if root is None else os.fsencode(root))
    return Machine(config, CapturedConsole(stdin))
