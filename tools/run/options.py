"""The options of `rvsim run`: which go together, and the machine that they describe."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rvsim.tools.errors import CliError
from rvsim.tools.options.faults import fault_plan
from rvsim.tools.options.observing import check_stacks

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from rvsim.guest_os.boot import MachineConfig
    from rvsim.tools.options.gdb_address import Address

SAID_BY_SNAPSHOT = {"abi": "--abi", "variables": "--env", "cwd": "--cwd", "processes": "--processes",
                    "clock": "--clock", "seed": "--seed"}
"""Options that a machine from a snapshot has had already."""


@dataclass(frozen=True, kw_only=True)
class Options:
    """What the command line says, by the names of `run`'s parameters.

    Attributes:
        words: the command line's words, as they were given.
        given: the parameters that stand on it; the others have their defaults.
    """

    words: Sequence[str]
    given: Collection[str]
    abi: str | None
    root: str | None
    image: str | None
    entrypoint: str | None
    image_limit: int | None
    shares: list[tuple[str, str, bool]]
    variables: dict[bytes, bytes]
    cwd: str
    memory: int
    processes: int
    timeout: int | None
    clock: str | None
    seed: int
    faults: tuple[str, ...]
    chaos: range | None
    chaos_level: str
    chaos_rate: int
    record: str | None
    strace: str | None
    trace: str | None
    stack_ticks: int | None
    cov: str | None
    cov_sources: tuple[str, ...]
    cov_path: list[tuple[str, str]]
    gdb: Address | None
    snapshot: str | None
    save: str | None
    save_at: int
    restore: str | None
    stats: bool
    program: str | None
    arguments: tuple[str, ...]

    @property
    def clock_kind(self) -> str:
        """The clock that is asked for, or that suits the rest."""
        if self.clock is not None:
            return self.clock
        if self.chaos is not None or not os.isatty(0):
            return "virtual"
        return "host" if self.record is None else "paced"

    @property
    def argv(self) -> list[bytes]:
        """The words of the first program, as far as the command line says."""
        return [os.fsencode(word) for word in (self.program, *self.arguments) if word is not None]

    def check(self) -> None:
        """Raises CliError: options that do not go together, or one that needs another."""
        if self.image is None and (self.entrypoint is not None or self.image_limit is not None):
            raise CliError("--entrypoint and --image-limit say something of an image; give --image too")
        if self.image is not None and self.root is not None:
            raise CliError("--image and --root are both the guest's root; leave one away")
        if self.restore is None and self.program is None and self.image is None:
            raise CliError("no PROGRAM given; see `rvsim run --help`")
        check_stacks(self.trace, self.stack_ticks)
        if self.cov is None and (self.cov_sources or self.cov_path):
            raise CliError("--cov-source and --cov-path choose what goes into --cov's file; give --cov FILE too")
        if self.cov is not None and self.record is not None:
            raise CliError("--cov reads programs that a replay would not; it cannot go with --record")
        if self.many_seeds is not None:
            self._check_many_seeds()
        if self.gdb is not None:
            self._check_gdb()
        if self.restore is not None:
            self._check_restore()

    def _check_many_seeds(self) -> None:
        shown = (self.gdb, self.snapshot, self.save, self.record, self.trace, self.cov, self.strace, self.restore)
        if self.stats or any(option is not None for option in shown):
            raise CliError("--chaos with several seeds shows only which one breaks; leave the other options that "
                           "show something away, and give them with that seed")

    def _check_gdb(self) -> None:
        if self.record is not None:
            raise CliError("--gdb cannot go with --record: what gdb changes would not be in the recording")
        if self.cov is not None:
            raise CliError("--gdb goes not with --cov; leave one of them away")
        if self.save is not None and self.clock_kind != "virtual":
            raise CliError("--gdb goes with --save only with --clock virtual; give that too")

    def _check_restore(self) -> None:
        if self.program is not None:
            raise CliError("--restore goes on with the programs of a snapshot; leave PROGRAM away")
        if self.record is not None:
            raise CliError("--record notes a run from its beginning; it cannot go with --restore")
        for name, option in SAID_BY_SNAPSHOT.items():
            if name in self.given:
                raise CliError(f"{option} cannot be changed with --restore; the snapshot says it")

    @property
    def many_seeds(self) -> range | None:
        """The seeds of --chaos, if they are more than one."""
        return self.chaos if self.chaos is not None and len(self.chaos) > 1 else None

    def config(self) -> MachineConfig:
        """The machine, but for what --image says of it. Raises CliError."""
        from rvsim.guest_os.boot import MachineConfig, Share

        return MachineConfig(
            memory_bytes=self.memory,
            clock=self.clock_kind,
            timeout_ns=self.timeout,
            abi=self.abi,
            env=self.variables,
            cwd=os.fsencode(self.cwd),
            root=None if self.root is None else os.fsencode(self.root),
            shares=tuple(Share(os.fsencode(host), os.fsencode(guest), readonly)
                         for host, guest, readonly in self.shares),
            process_limit=self.processes,
            seed=self.seed,
            faults=fault_plan(self.faults, self.chaos, self.chaos_level, self.chaos_rate, self.given),
        )

    def first_program(self) -> tuple[MachineConfig, list[bytes]]:
        """The machine, and the words of its first program; none if it is restored. Raises CliError."""
        config, argv = self.config(), self.argv
        if self.image is None:
            return config, argv
        from rvsim.tools.image.option import with_image

        return with_image(config, argv, self.image, None if self.entrypoint is None else os.fsencode(self.entrypoint),
                          config.cwd if "cwd" in self.given else None, self.image_limit,
                          restoring=self.restore is not None)
