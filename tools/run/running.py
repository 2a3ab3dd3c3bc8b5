"""One run, from its options to its exit status: alone, with gdb at its side, or once for each seed of --chaos."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rvsim.tools.coverage.command import covered
from rvsim.tools.errors import CliError
from rvsim.tools.run.attached import machine_saved, noted, processes_written, traced, traps_recorded

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rvsim.emu.console import Console
    from rvsim.guest_os.boot import Machine, MachineConfig
    from rvsim.tools.options.gdb_address import Address
    from rvsim.tools.run.options import Options
    from rvsim.tools.trace.recorder import Recorder

_GARBAGE_OBJECTS = 10_000
"""So many objects are made until Python looks for cycles among them; at its own 700, a twentieth of the time of file
work goes into that. What the kernel makes is nearly always freed without."""


def run_program(options: Options) -> int:
    """The run that `options` describe, which were checked: its exit status.

    Raises:
        CliError: it cannot be begun, or something on the way that a person can mend.
    """
    _load_machine()
    from rvsim.emu.host import raise_descriptor_limit
    from rvsim.guest_os.boot import BootError

    raise_descriptor_limit()
    config, argv = options.first_program()
    try:
        if options.many_seeds is not None:
            from rvsim.tools.chaos import hunt

            return hunt(config, options.many_seeds, argv, options.words)
        if options.gdb is not None:
            status, machine = _under_gdb(options, options.gdb, config, argv)
        else:
            status, machine = _alone(options, config, argv)
    except BootError as error:
        raise CliError(str(error), error.status) from None
    if options.stats:
        print(machine.stats, file=sys.stderr)
    return status


def _load_machine() -> None:
    """Import what every run needs. It lives as long as the process: looking through it for garbage is a tenth of the
    start-up time."""
    import gc

    gc.disable()
    import rvsim.emu.host_console
    import rvsim.guest_os.boot
    import rvsim.tools.procs.reachable  # noqa: F401

    gc.freeze()
    gc.set_threshold(_GARBAGE_OBJECTS)
    gc.enable()


def _alone(options: Options, config: MachineConfig, argv: list[bytes]) -> tuple[int, Machine]:
    from rvsim.emu.host_console import HostConsole
    from rvsim.guest_os.boot import BootError, Machine
    from rvsim.tools.procs.reachable import reachable

    machine: Machine | None = None
    try:
        with HostConsole() as console, noted(options.record, config, argv, console) as notes:
            if options.restore is not None:
                machine = _restored(options, options.restore, config, console)
                if config.faults is not None:
                    machine.kernel.faults = config.faults
            elif notes is not None:
                machine = Machine(config, console, notes.log)
            else:
                machine = Machine(config, console)
            if machine.kernel.init is not None:
                argv = [machine.kernel.init.comm]
            with (reachable(machine, argv), processes_written(machine, console, options.snapshot),
                  machine_saved(machine, options.save, options.save_at),
                  traps_recorded(machine, options.trace, argv, options.stack_ticks) as recorder,
                  traced(machine, console, options.strace),
                  covered(machine, options.cov, options.cov_sources, options.cov_path)):
                if notes is not None:
                    status = notes.run(machine, argv)
                else:
                    status = machine.finish() if options.restore is not None else machine.run(argv[0], argv)
                if recorder is not None:
                    recorder.status = status
    except BootError as error:
        if machine is not None:
            _tell_of_chaos(options, machine, str(error))
        raise
    if status:
        _tell_of_chaos(options, machine, f"it ended with status {status}")
    return status, machine


def _tell_of_chaos(options: Options, machine: Machine, ending: str) -> None:
    if options.chaos is not None:
        from rvsim.tools.chaos import tell_of_seed

        tell_of_seed(machine, ending, options.words)


def _under_gdb(options: Options, address: Address, config: MachineConfig, argv: list[bytes]) -> tuple[int, Machine]:
    from rvsim.emu.host_console import HostConsole
    from rvsim.guest_os.boot import Machine
    from rvsim.tools.gdb.option import run_with_gdb

    def boot(shown: Console, arguments: list[bytes], made: Callable[[Machine], None]) -> Machine:
        if options.restore is not None:
            machine = _restored(options, options.restore, config, shown)
            made(machine)
            return machine
        machine = Machine(config, shown)
        made(machine)
        machine.start(argv[0], [argv[0], *arguments] if arguments else argv)
        return machine

    @contextmanager
    def along(machine: Machine) -> Iterator[Recorder | None]:
        with (processes_written(machine, console, options.snapshot),
              machine_saved(machine, options.save, options.save_at),
              traps_recorded(machine, options.trace, argv or [b""], options.stack_ticks) as recorder):
            yield recorder

    alone = options.snapshot is None and options.save is None and options.trace is None
    program = os.fsdecode(argv[0]) if argv else ""
    with HostConsole() as console:
        return run_with_gdb(address, console, boot, config.clock == "virtual", program, options.strace,
                            options.restore is not None, None if alone else along)


def _restored(options: Options, path: str, config: MachineConfig, console: Console) -> Machine:
    """The machine of --restore: with what the options grant it of this host, and their limits."""
    from rvsim.tools.saving import restored

    return restored(path, config, console, config.memory_bytes if "memory" in options.given else None)
