"""What Python tests hold: `rvsim.spawn(…)`, images, and snapshots of machines that have booted."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rvsim.guest_os.faults import FaultPlan, parse_fault
from rvsim.guest_os.faults.plan import DEFAULT_RATE, LEVELS
from rvsim.tools.quantities import parse_duration_ns, parse_size
from rvsim.tools.testing import covering
from rvsim.tools.testing.guest import EOF, TIMEOUT, Files, Guest, GuestFailure
from rvsim.tools.testing.image import IMAGES, Booted, ImageSpec, Start, command_of, programs_of
from rvsim.tools.testing.limits import DEFAULT_TICKS, DEFAULT_TIME_NS, Limits

if TYPE_CHECKING:
    from rvsim.guest_os.boot import Machine

Program = str | Sequence[str]


def limits_of(time: str | float | None, ticks: int | None, memory: str | int | None, processes: int | None,
              traps: int | None) -> Limits:
    """Limits as people write them: seconds or `500ms`, bytes or `8M`. Raises ValueError."""
    if isinstance(time, str):
        time_ns = parse_duration_ns(time)
    else:
        time_ns = DEFAULT_TIME_NS if time is None else round(time * 1e9)
    return Limits(time_ns, DEFAULT_TICKS if ticks is None else ticks,
                  parse_size(memory) if isinstance(memory, str) else memory, processes, traps)


class Guests:
    """The machines of one test; they are closed when it is over.

    Attributes:
        all: every machine that the test has started, in order.
    """

    EOF = EOF
    TIMEOUT = TIMEOUT

    def __init__(self, folder: Path, name: str = "guest", seed: int = 0) -> None:
        self.folder = folder
        self.name = name
        self.seed = seed
        self.all: list[Guest] = []

    def image(self, path: str | Path | None = None, *, root: str | Path | None = None,
              programs: Sequence[str] = (), abi: str | None = None, memory: str | int = "64M",
              env: Mapping[str, str] | None = None, cwd: str | None = None) -> Image:
        """What machines are made of: an image file, a directory or archive, or the built-in system, with `programs` of
        the host in its /bin. Paths are below the folder of the test's file."""
        spec = ImageSpec(
            root=None if root is None else self.folder / root, image=None if path is None else self.folder / path,
            programs=programs_of(programs, self.folder), abi=abi, seed=self.seed, cwd=cwd,
            memory_bytes=parse_size(memory) if isinstance(memory, str) else memory,
            env=tuple((env or {}).items()))
        return Image(self, spec)

    def spawn(self, program: Program, *arguments: str, **options: Any) -> Guest:
        """Start a program of the built-in system; see `Image.spawn`."""
        __tracebackhide__ = True
        return self.image().spawn(program, *arguments, **options)

    def snapshot(self, program: Program, *arguments: str, ready: str | Callable[[Guest], None],
                 **options: Any) -> Point:
        """A machine of the built-in system brought to a point; see `Image.snapshot`."""
        __tracebackhide__ = True
        return self.image().snapshot(program, *arguments, ready=ready, **options)

    def keep(self, guest: Guest) -> Guest:
        """A machine that is this test's."""
        self.all.append(guest)
        covering.watch(guest)
        return guest

    def close(self) -> None:
        """The test is over."""
        for guest in self.all:
            guest.close()


def _start(program: Program, arguments: tuple[str, ...], options: Mapping[str, Any]) -> Start:
    """A start from the options of `spawn`. Raises TypeError for one that there is not."""
    known = {"env", "cwd", "files", "stdin", "terminal", "time", "ticks", "traps", "memory", "processes",
             "faults", "chaos", "chaos_level", "chaos_rate"}
    unknown = set(options) - known
    if unknown:
        raise TypeError(f"spawn has no option {min(unknown)!r}; there are {', '.join(sorted(known))}")
    first = [program] if isinstance(program, str) else list(program)
    stdin = options.get("stdin")
    return Start(
        argv=[*first, *arguments], env=options.get("env") or {}, cwd=options.get("cwd"),
        files=options.get("files") or {}, stdin=stdin.encode() if isinstance(stdin, str) else stdin,
        terminal=options.get("terminal", True), prepare=_plan(options),
        limits=limits_of(options.get("time"), options.get("ticks"), options.get("memory"), options.get("processes"),
                         options.get("traps")))


def _plan(options: Mapping[str, Any]) -> Callable[[Machine], None] | None:
    """Gives a machine faults, as `rvsim run --fault` has them. Raises ValueError."""
    faults, chaos = options.get("faults") or (), options.get("chaos")
    if not faults and chaos is None:
        return None
    plan = FaultPlan(tuple(parse_fault(text) for text in faults), chaos, options.get("chaos_level", LEVELS[0]),
                     options.get("chaos_rate", DEFAULT_RATE))

    def prepare(machine: Machine) -> None:
        machine.kernel.faults = replace(plan, log=[])

    return prepare


class Image:
    """What machines are made of; see `Guests.image`."""

    def __init__(self, guests: Guests, spec: ImageSpec) -> None:
        self.guests = guests
        self.spec = spec

    def _program(self, program: Program | None) -> Program:
        """What is to be run: of an image file, without more, what it says. Raises BootError, TypeError."""
        if program is not None:
            return program
        if self.spec.image is None:
            raise TypeError("give a program; only an image file says by itself what to run")
        return command_of(self.spec.image)

    def spawn(self, program: Program | None = None, *arguments: str, **options: Any) -> Guest:
        """Start a program of the guest, or what an image file says, as the first process of a machine of its own.

        Options: `env`, `cwd`; `files` put in before, by path; `stdin`, all of the input, else what the test sends;
        `faults`, as `rvsim run --fault` has them, and `chaos` (a seed), `chaos_level`, `chaos_rate`;
        `terminal`: False gives it pipes instead; and the limits `time` (guest time: seconds, or text as `500ms`),
        `ticks`, `traps`, `memory` (`8M`), `processes`.

        Raises:
            BootError: it cannot be started.
        """
        __tracebackhide__ = True
        start = replace(_start(self._program(program), arguments, options), name=self.guests.name)
        return self.guests.keep(IMAGES.booted(self.spec, start.terminal).start(start))

    def snapshot(self, program: Program | None = None, *arguments: str, ready: str | Callable[[Guest], None],
                 **options: Any) -> Point:
        """A machine brought to a point once in this process: until its output has a match of `ready`, or by calling
        `ready`, which is known by its name. Each `spawn` of the snapshot goes on from there."""
        __tracebackhide__ = True
        start = replace(_start(self._program(program), arguments, options), name=self.guests.name)
        bring: Callable[[Guest], None]
        if isinstance(ready, str):
            pattern = ready

            def bring(guest: Guest) -> None:
                __tracebackhide__ = True
                guest.expect(pattern)

            key = "expect", pattern, repr(sorted(options.items()))
        else:
            bring, key = ready, (ready.__module__, ready.__qualname__, repr(sorted(options.items())))
        try:
            return Point(self.guests, IMAGES.brought_to(self.spec, start, key, bring))
        except GuestFailure as failure:
            if failure.guest is not None:
                self.guests.keep(failure.guest)
            raise


class Point:
    """A moment from which machines go on."""

    def __init__(self, guests: Guests, booted: Booted) -> None:
        self.guests = guests
        self.booted = booted

    @property
    def shown(self) -> str:
        """What the guest had printed until then."""
        return self.booted.shown.decode(errors="replace")

    def spawn(self, *, time: str | float | None = None, ticks: int | None = None, memory: str | int | None = None,
              processes: int | None = None, files: Files | None = None, traps: int | None = None) -> Guest:
        """A machine of its own that goes on from there; its output begins empty."""
        start = Start(limits=limits_of(time, ticks, memory, processes, traps), files=files or {}, name=self.guests.name,
                      terminal=self.booted.kinds[0] == "terminal")
        return self.guests.keep(self.booted.start(start))
