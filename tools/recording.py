"""`--record FILE`: a run that writes down what it is told, and what `rvsim replay` needs to make the machine again."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, Self

from rvsim.guest_os.boot import BootError, ImageStart, MachineConfig, Share
from rvsim.guest_os.faults import FaultPlan, format_fault, parse_fault
from rvsim.guest_os.faults.plan import DEFAULT_RATE, LEVELS
from rvsim.guest_os.fs.host_os import HOST
from rvsim.guest_os.outside import INTERRUPT, InputLog
from rvsim.guest_os.recording.file import BadRecording, Writer
from rvsim.guest_os.recording.log import End, RecordingLog, ReplayLog
from rvsim.tools.errors import INTERRUPTED, CliError, complain, reason
from rvsim.tools.version import own_version

if TYPE_CHECKING:
    from types import FrameType

    from rvsim.emu.console import Console
    from rvsim.emu.host import FdKind
    from rvsim.guest_os.boot import Machine

MAX_SNAPSHOT_BYTES = 4 << 30
KINDS = ("terminal", "pipe", "file", "null")


def text_of(data: bytes) -> str:
    """Bytes as the text of JSON; `bytes_of` is the way back."""
    return data.decode("utf-8", "surrogateescape")


def bytes_of(text: str) -> bytes:
    """See `text_of`."""
    return text.encode("utf-8", "surrogateescape")


def header_of(config: MachineConfig, argv: list[bytes], console: Console) -> dict[str, Any]:
    """All that a machine is made from, as JSON."""
    return {
        "rvsim": own_version(),
        "arguments": [text_of(word) for word in argv],
        "memory": config.memory_bytes,
        "clock": config.clock,
        "abi": config.abi,
        "environment": [[text_of(name), text_of(value)] for name, value in config.env.items()],
        "cwd": text_of(config.cwd),
        "root": None if config.root is None else text_of(config.root),
        "image": None if config.image is None else [text_of(config.image.name), text_of(config.image.user),
                                                    config.image.makes_cwd],
        "shares": [[text_of(share.host), text_of(share.guest), share.readonly] for share in config.shares],
        "processes": config.process_limit,
        "seed": config.seed,
        **_faults_of(config),
        "timeout_ns": config.timeout_ns,
        "streams": [console.kind(fd) for fd in range(3)],
    }


def _faults_of(config: MachineConfig) -> dict[str, Any]:
    plan = config.faults
    if plan is None:
        return {}
    return {"faults": [format_fault(fault) for fault in plan.faults],
            "chaos": None if plan.chaos_seed is None else [plan.chaos_seed, plan.chaos_level, plan.chaos_rate]}


def faults_described(plan: FaultPlan | None) -> list[tuple[str, str]]:
    """What a plan has happen, in lines: what it is, and its text."""
    if plan is None:
        return []
    lines = [("fault", format_fault(fault)) for fault in plan.faults]
    if plan.chaos_seed is not None:
        lines.append(("chaos", f"seed {plan.chaos_seed}, {plan.chaos_level}, one of {plan.chaos_rate} calls"))
    return lines


def _plan(faults: Any, chaos: Any) -> FaultPlan | None:
    """What `_faults_of` wrote. ValueError, TypeError: it did not write this."""
    if faults is None and chaos is None:
        return None
    seed, level, rate = chaos if chaos is not None else (None, LEVELS[0], DEFAULT_RATE)
    return FaultPlan(tuple(parse_fault(_one(text, str)) for text in faults), seed, level, rate)


class Header:
    """What a header says, checked. The time limit is no part of `config`: whether it passed is in the entries.

    `snapshot`: the name of a file beside the recording with the machine that it begins with, instead of a new one;
    `moved`: what that knows of the host by other names, since it was made elsewhere.
    """

    def __init__(self, header: dict[str, Any]) -> None:
        """Raises BadRecording."""
        try:
            self._take(header)
        except (KeyError, TypeError, ValueError, AttributeError):
            raise BadRecording("it is damaged: its header is not complete") from None

    def _take(self, header: dict[str, Any]) -> None:
        self.version = _one(header["rvsim"], str)
        self.argv = [bytes_of(_one(word, str)) for word in header["arguments"]]
        kinds = tuple(header["streams"])
        if not self.argv or len(kinds) != 3 or not all(kind in KINDS for kind in kinds):
            raise ValueError
        self.kinds: tuple[FdKind, FdKind, FdKind] = kinds
        self.timeout_ns = header["timeout_ns"]
        snapshot = header.get("snapshot")
        if snapshot is not None and (type(snapshot) is not str or os.path.basename(snapshot) != snapshot):
            raise ValueError
        self.snapshot: str | None = snapshot
        self.moved = tuple((bytes_of(there), bytes_of(here)) for there, here in header.get("moved", ()))
        self.config = MachineConfig(
            memory_bytes=_one(header["memory"], int),
            clock=_one(header["clock"], str),
            abi=None if header["abi"] is None else _one(header["abi"], str),
            env={bytes_of(name): bytes_of(value) for name, value in header["environment"]},
            cwd=bytes_of(header["cwd"]),
            root=None if header["root"] is None else bytes_of(header["root"]),
            shares=tuple(Share(bytes_of(host), bytes_of(guest), _one(readonly, bool))
                         for host, guest, readonly in header["shares"]),
            process_limit=_one(header["processes"], int),
            image=_image(header.get("image")),
            seed=_one(header["seed"], int),
            faults=_plan(header.get("faults"), header.get("chaos")),
        )
        if self.config.clock not in ("virtual", "paced") or not 1 <= self.config.process_limit < 1 << 40:
            raise ValueError
        if not 1 << 22 <= self.config.memory_bytes <= 1 << 36 or self.config.memory_bytes % 4096:
            raise ValueError


def _image(value: Any) -> ImageStart | None:
    if value is None:
        return None
    name, user, makes_cwd = value
    return ImageStart(bytes_of(name), bytes_of(user), _one(makes_cwd, bool))


def begun(path: str, header: Header, console: Console, log: InputLog) -> Machine:
    """The machine of a recording that begins with a snapshot, which lies beside it. Raises SnapshotError."""
    from rvsim.guest_os.snapshot import GrantedResources, load, restore
    from rvsim.tools.image.cache import cache_home

    assert header.snapshot is not None
    snapshot = load(os.path.join(os.path.dirname(path), header.snapshot), MAX_SNAPSHOT_BYTES)
    log.host = HOST         # the snapshot says what it had of the host, and the header grants it
    granted = GrantedResources(header.config.root, header.config.shares, os.fsencode(cache_home() / "trees"),
                               header.moved)
    return restore(snapshot, console, granted, outside=log)


def _one(thing: Any, kind: type) -> Any:
    if type(thing) is not kind:
        raise TypeError
    return thing


class RunRecorder:
    """A recording while it is made: from before the machine is made until it has ended.

    Attributes:
        log: the machine's outside.
    """

    def __init__(self, path: str, config: MachineConfig, argv: list[bytes], console: Console) -> None:
        """Raises CliError."""
        if config.clock == "host":
            raise CliError("--record: with --clock host nothing happens twice; use --clock paced, which waits as long, "
                           "or --clock virtual")
        try:
            self.log = RecordingLog(Writer(path, header_of(config, argv, console)))
        except OSError as error:
            raise CliError(f"--record: {path}: {reason(error)}") from None
        self._running = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        writer = self.log.writer
        writer.close()
        if not self._running:           # it could not even be started: there is nothing to replay
            with suppress(OSError):
                if os.path.isfile(writer.path):
                    os.unlink(writer.path)
        elif writer.error is not None:
            complain(f"--record: {writer.path} is not complete: {reason(writer.error)}")

    def run(self, machine: Machine, argv: list[bytes]) -> int:
        """Run the machine, whose outside is `log`, to its end, which is recorded too. Raises as `Machine.run` does."""
        machine.start(argv[0], argv)
        self._running = True
        try:
            with _interrupts(machine):
                status = machine.finish()
        except BootError as error:
            self.log.finish(End(error.status, str(error)))
            raise
        except KeyboardInterrupt:
            self.log.finish(End(INTERRUPTED, INTERRUPT))
            raise
        self.log.finish(End(status, ""))
        return status


@contextmanager
def _interrupts(machine: Machine) -> Iterator[None]:
    """An interrupt leaves at a moment that can be recorded."""

    def leave(_signo: int, _frame: FrameType | None) -> None:
        machine.world.leave()

    before = None
    with suppress(ValueError):      # not the main thread: somebody else has the signals
        before = signal.signal(signal.SIGINT, leave)
    try:
        yield
    finally:
        if before is not None:
            signal.signal(signal.SIGINT, before)


def interrupted_here(log: ReplayLog) -> int | None:
    """The exit status, if the recorded run was interrupted where this one is now, which is said; else None.

    Raises Diverged, BadRecording.
    """
    end = log.left_here()
    if end is None:
        return None
    log.check_end(end)
    complain("interrupted")
    return end.status
