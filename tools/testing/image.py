"""What machines of a test are made of, booted once in this process and then started from a snapshot."""

from __future__ import annotations

import glob
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rvsim.emu.host import FdKind
from rvsim.guest_os.abi.errno import Errno
from rvsim.guest_os.boot import BootError, Machine, MachineConfig, Share
from rvsim.guest_os.first_program import find_program
from rvsim.guest_os.snapshot import Snapshot, restore, take
from rvsim.guest_os.vfs.entries import mkdir
from rvsim.tools.errors import reason
from rvsim.tools.image import ImageError, open_image
from rvsim.tools.image.start import start_of
from rvsim.tools.testing.console import PIPES, TERMINAL, TestConsole
from rvsim.tools.testing.guest import Files, Guest, GuestFailure
from rvsim.tools.testing.limits import Limits
from rvsim.tools.testing.log import TestLog

if TYPE_CHECKING:
    from rvsim.guest_os.outside import Outside

DEFAULT_MEMORY = 64 << 20
MOST_RETIRED = 2
"""So many machines that nobody needs are kept of each kind, to make others of."""
PATH = b"/bin:/usr/bin:/sbin:/usr/sbin"

Prepare = Callable[[Machine], None]


@dataclass(frozen=True)
class ImageSpec:
    """What is in a machine before any program runs.

    `root`: a directory or an archive of the host; `image`: an image file; neither: the built-in system. `programs`:
    files of the host for /bin. `abi`: as for `rvsim run`.
    """

    root: Path | None = None
    image: Path | None = None
    programs: tuple[Path, ...] = ()
    shares: tuple[tuple[Path, str, bool], ...] = ()
    abi: str | None = None
    memory_bytes: int = DEFAULT_MEMORY
    seed: int = 0
    env: tuple[tuple[str, str], ...] = ()
    cwd: str | None = None

    def config(self) -> MachineConfig:
        """The machine that it describes."""
        config = MachineConfig(
            memory_bytes=self.memory_bytes, abi=self.abi, seed=self.seed, cwd=os.fsencode(self.cwd or "/"),
            env={os.fsencode(name): os.fsencode(value) for name, value in self.env},
            root=None if self.root is None else os.fsencode(self.root),
            shares=tuple(Share(os.fsencode(host), os.fsencode(at), readonly) for host, at, readonly in self.shares))
        return config if self.image is None else _with_image(config, self.image, self.cwd is not None)


def _with_image(config: MachineConfig, path: Path, has_cwd: bool) -> MachineConfig:
    """What an image says, as far as `config` does not. Raises BootError."""
    try:
        image = open_image(path)
        start = start_of(image, entrypoint=b"-", env=config.env, cwd=config.cwd if has_cwd else None, abi=config.abi)
        image.keep()                    # machines are made from its snapshot until the tests end
    except ImageError as error:
        raise BootError(f"image: {error}") from None
    return replace(config, root=start.root, env=start.env, cwd=start.cwd, abi=start.abi, image=start.image)


def command_of(path: Path) -> tuple[str, ...]:
    """The words that an image says to run. Raises BootError."""
    try:
        return tuple(os.fsdecode(word) for word in start_of(open_image(path)).argv)
    except ImageError as error:
        raise BootError(f"image: {error}") from None


@dataclass
class Start:
    """How a machine of an image begins: its first process, what is put in before, how its streams are.

    `argv` empty: it goes on from the snapshot. `stdin` None: what the test sends. `seed`: other lengths of slices.
    `prepare`: anything else, before the first process is made.
    """

    argv: Sequence[str] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    cwd: str | None = None
    files: Files = field(default_factory=dict)
    modes: Mapping[str, int] = field(default_factory=dict)
    stdin: bytes | None = None
    terminal: bool = True
    limits: Limits = field(default_factory=Limits)
    prepare: Prepare | None = None
    name: str = "guest"


class Booted:
    """A machine at a moment, of which others are made."""

    def __init__(self, spec: ImageSpec, snapshot: Snapshot, kinds: tuple[FdKind, FdKind, FdKind],
                 begun: bool, shown: bytes = b"") -> None:
        self.spec = spec
        self.snapshot = snapshot
        self.kinds = kinds
        self.begun = begun
        self.shown = shown
        self.retired: list[Machine] = []

    def start(self, start: Start) -> Guest:
        """A machine of its own. Raises BootError."""
        __tracebackhide__ = True
        console, log = TestConsole(self.kinds), TestLog()
        try:
            machine = self._make(start, console, log, self.retired.pop() if self.retired else None)
        except Errno as error:
            raise BootError(f"{start.name}: {error.text.lower()}") from None
        log.begin()
        guest = Guest(machine, console, log, start.limits, partial(self._again, start), self._retire, start.name,
                      [os.fsencode(word) for word in start.argv], self.begun)
        if start.stdin is not None and start.terminal:
            guest.send(start.stdin)
        elif start.stdin is not None:
            guest.console.feed(start.stdin)
            guest.console.feed_end()
        return guest

    def _again(self, start: Start, console: TestConsole, outside: Outside | None) -> Machine:
        return self._make(start, console, outside, None)

    def _make(self, start: Start, console: TestConsole, log: Outside | None, into: Machine | None) -> Machine:
        __tracebackhide__ = True
        machine = restore(self.snapshot, console, into=into, outside=log)
        if machine.tty is None and start.stdin is None:
            machine.input.waits = False         # the guest's call waits, instead of the whole machine
        for path, data in start.files.items():
            put_in(machine, path, data.encode() if isinstance(data, str) else data, start.modes.get(path, 0o644))
        if start.prepare is not None:
            start.prepare(machine)
        if start.argv:
            self._start_program(machine, start)
        return machine

    def _start_program(self, machine: Machine, start: Start) -> None:
        __tracebackhide__ = True
        if self.begun:
            raise BootError(f"{start.argv[0]}: the image has booted already; send it to its shell")
        machine.config.env |= {os.fsencode(name): os.fsencode(value) for name, value in start.env.items()}
        if start.cwd is not None:
            machine.config.cwd = os.fsencode(start.cwd)
        argv = [os.fsencode(word) for word in start.argv]
        path = find_program(machine.context, machine.cred, argv[0], machine.config.env.get(b"PATH", PATH))
        if path is None:
            where = "the built-in system" if self.spec.root is None and self.spec.image is None else "the image"
            raise BootError(f"{start.argv[0]}: {where} has no such program")
        machine.start(path, argv, inside=True)

    def _retire(self, machine: Machine) -> None:
        machine.kernel.observer = None
        if len(self.retired) < MOST_RETIRED:
            self.retired.append(machine)


def put_in(machine: Machine, path: str, data: bytes, mode: int) -> None:
    """Make a file in the guest, and the directories above it. Raises Errno."""
    name = os.fsencode(path)
    parts = [part for part in name.split(b"/") if part]
    for depth in range(1, len(parts)):
        above = b"/" + b"/".join(parts[:depth])
        try:
            mkdir(machine.context, machine.cred, above, 0o755)
        except Errno as error:
            if error.number != 17:      # EEXIST
                raise
    machine.install(b"/" + b"/".join(parts), data, mode)


class Images:
    """All that has been booted in this process."""

    def __init__(self) -> None:
        self._booted: dict[Any, Booted] = {}
        self._failed: dict[Any, GuestFailure] = {}

    def booted(self, spec: ImageSpec, terminal: bool) -> Booted:
        """The machine before its first process. Raises BootError."""
        key = spec, terminal, _stamps(spec)
        if key not in self._booted:
            self._booted[key] = _boot(spec, TERMINAL if terminal else PIPES)
        return self._booted[key]

    def brought_to(self, spec: ImageSpec, start: Start, key: object, ready: Callable[[Guest], None]) -> Booted:
        """A machine that was started and that `ready` has brought to a point, known by `key` in this process.

        Raises:
            BootError: it cannot be started.
            GuestFailure: it does not come to that point. It would not the next time either, so it is not tried again;
                only the first failure has a guest to look at, which is the caller's to close.
        """
        __tracebackhide__ = True
        whole = spec, start.terminal, _stamps(spec), tuple(start.argv), tuple(start.env.items()), key
        if whole in self._failed:
            failure = self._failed[whole]
            raise GuestFailure(f"as in the test before: {failure}", failure.trap)
        if whole not in self._booted:
            first = self.booted(spec, start.terminal)
            guest = first.start(start)
            try:
                ready(guest)
            except GuestFailure as failure:
                self._failed[whole] = GuestFailure(str(failure), failure.trap)
                raise
            snapshot = take(guest.machine)
            self._booted[whole] = Booted(spec, snapshot, first.kinds, True, bytes(guest.console.output))
        return self._booted[whole]


def _stamps(spec: ImageSpec) -> tuple[object, ...]:
    """What tells whether files of the host have changed since."""
    paths = [*spec.programs, *(path for path in (spec.root, spec.image) if path is not None)]
    found: list[object] = []
    for path in paths:
        try:
            st = os.stat(path)
        except OSError:
            found.append(None)
        else:
            found.append((st.st_ino, st.st_size, st.st_mtime_ns))
    return tuple(found)


def _boot(spec: ImageSpec, kinds: tuple[FdKind, FdKind, FdKind]) -> Booted:
    machine = Machine(spec.config(), TestConsole(kinds))
    for path in spec.programs:
        try:
            data = path.read_bytes()
        except OSError as error:
            raise BootError(f"{path}: {reason(error)}") from None
        put_in(machine, f"/bin/{path.name}", data, 0o755)
    return Booted(spec, take(machine), kinds, False)


def programs_of(patterns: Sequence[str], folder: Path) -> tuple[Path, ...]:
    """The files that paths and patterns mean, below `folder`; of a directory, all in it. Raises ValueError."""
    found: list[Path] = []
    for pattern in patterns:
        matches = sorted(glob.glob(pattern, root_dir=folder, recursive=True))
        if not matches:
            raise ValueError(f"{pattern!r} is no file below {folder}")
        for match in matches:
            path = folder / match
            found += sorted(one for one in path.iterdir() if one.is_file()) if path.is_dir() else [path]
    return tuple(found)


IMAGES = Images()
