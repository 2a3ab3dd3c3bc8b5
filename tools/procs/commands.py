"""`rvsim ps`, `rvsim pmap`, `rvsim pstack`: the processes of a running machine, or those in a snapshot."""

from __future__ import annotations

from typing import Any

import click

from rvsim.tools.errors import CliError, complain
from rvsim.tools.plain import plain
from rvsim.tools.procs.saved import load

SECOND_NS = 1_000_000_000
NOT_FOUND = 1


class Shown:
    """What is to be shown, and how people know where it is from."""

    def __init__(self, snapshot: dict[str, Any], name: str) -> None:
        self.uptime_ns: int = snapshot["uptime_ns"]
        self.processes: list[dict[str, Any]] = snapshot["processes"]
        self.name = name

    def selected(self, pids: tuple[int, ...]) -> list[dict[str, Any]]:
        """The processes of these numbers, or all. Raises CliError: there is none of a number."""
        by_pid = {process["pid"]: process for process in self.processes}
        for pid in pids:
            if pid not in by_pid:
                raise CliError(f"{pid}: no such process in {self.name}", NOT_FOUND)
        return [by_pid[pid] for pid in pids] if pids else self.processes


def _shown(source: str, about: str, pids: tuple[int, ...] = ()) -> Shown:
    """What a file has, or what a running machine says when it is asked by its host pid. Raises CliError."""
    if source.isdecimal():
        from rvsim.tools.procs import machines

        return Shown(machines.ask(machines.find(int(source)), about, pids or None), f"machine {source}")
    return Shown(load(source), "this snapshot")


def _say(text: str) -> None:
    """Print a line; the guest has chosen some of its words."""
    click.echo(plain(text))


def _command(process: dict[str, Any]) -> str:
    text = process["arguments"] or f"[{process['name']}]"
    return text + (" <defunct>" if process["state"] == "Z" else "")


def _terminal(numbers: list[int] | None) -> str:
    if numbers is None:
        return "?"
    major, minor = numbers
    return "console" if (major, minor) == (5, 1) else f"pts/{minor}" if major == 136 else f"{major}:{minor}"


def _duration(nanoseconds: int) -> str:
    seconds = nanoseconds // SECOND_NS
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"


def _print_processes(shown: Shown, threads: bool) -> None:
    if threads:
        _say("    PID     TID S WAITS IN         NAME")
        for process in shown.processes:
            for thread in process["threads"]:
                _say(f"{process['pid']:7} {thread['tid']:7} {thread['state']} "
                           f"{thread.get('waits_in', '-'):16} {thread['name']}")
        return
    _say("  UID     PID    PPID S    VSZ    RSS TTY      ELAPSED     TIME COMMAND")
    for process in shown.processes:
        _say(f"{process['uid']:5} {process['pid']:7} {process['ppid']:7} {process['state']} "
                   f"{process['size'] >> 10:6} {process['resident'] >> 10:6} {_terminal(process['terminal']):7} "
                   f"{_duration(shown.uptime_ns - process['start_ns'])} {_duration(process['cpu_ns'])} "
                   f"{_command(process)}")


PS_EPILOG = """\b
Examples:
  rvsim ps               every machine of yours, each with its processes
  rvsim ps 4711          the machine that is host process 4711
  rvsim ps -L 4711       what each of its threads waits in
  rvsim ps hang.json     from `rvsim run --snapshot-procs hang.json ...`
"""


@click.command(epilog=PS_EPILOG)
@click.option("-L", "threads", is_flag=True, help="A line for each thread, with the call it waits in.")
@click.argument("source", required=False, metavar="[MACHINE|FILE]")
def ps(source: str | None, threads: bool) -> int:
    """List the guest's processes: those of a running MACHINE, named by its pid on this host, or those in FILE.

    Without either, those of all your machines. The machine goes on meanwhile, and nothing in it changes.
    """
    if source is not None:
        _print_processes(_shown(source, "ps"), threads)
        return 0
    from rvsim.tools.procs import machines

    found = machines.running()
    if not found:
        raise CliError("no machine of yours is running; `rvsim ps FILE` shows a snapshot", NOT_FOUND)
    silent = 0
    for at, machine in enumerate(found):
        try:
            shown = Shown(machines.ask(machine, "ps"), "")
        except CliError as error:
            complain(error.format_message())
            silent += 1
            continue
        click.echo("\n" if at else "", nl=False)
        _say(f"machine {machine.pid}: {machine.command}")
        _print_processes(shown, threads)
    return NOT_FOUND if silent else 0


PMAP_EPILOG = """\b
Examples:
  rvsim pmap 4711 2      process 2 of the machine that is host process 4711
  rvsim pmap hang.json   every process in a snapshot
"""


@click.command(epilog=PMAP_EPILOG)
@click.argument("source", metavar="MACHINE|FILE")
@click.argument("pids", nargs=-1, type=int, metavar="[PID]...")
def pmap(source: str, pids: tuple[int, ...]) -> int:
    """Show the memory of processes, area by area: of all in MACHINE or FILE, or of the guest's PIDs.

    MACHINE is the pid on this host of a running machine; FILE is what `rvsim run --snapshot-procs` wrote.
    """
    for process in _shown(source, "pmap", pids).selected(pids):
        _say(f"{process['pid']}:   {_command(process)}")
        _say("Address           Kbytes     RSS Mode  Mapping")
        for area in process["areas"]:
            _say(f"{area['start']:016x} {area['end'] - area['start'] >> 10:7} {area['resident'] >> 10:7} "
                       f"{area['mode']}  {area['name'] or '[anon]'}")
        _say(f"total kB         {process['size'] >> 10:7} {process['resident'] >> 10:7}")
    return 0


PSTACK_EPILOG = """\b
Examples:
  rvsim pstack 4711      every thread of the machine that is host process 4711
  rvsim pstack 4711 2    of its process 2 only
  rvsim pstack hang.json 2
"""


@click.command(epilog=PSTACK_EPILOG)
@click.argument("source", metavar="MACHINE|FILE")
@click.argument("pids", nargs=-1, type=int, metavar="[PID]...")
def pstack(source: str, pids: tuple[int, ...]) -> int:
    """Show who called whom in every thread of processes: of all in MACHINE or FILE, or of the guest's PIDs.

    MACHINE is the pid on this host of a running machine; FILE is what `rvsim run --snapshot-procs` wrote. A question
    mark is behind a frame that was guessed from the stack.
    """
    for process in _shown(source, "pstack", pids).selected(pids):
        _say(f"{process['pid']}:   {_command(process)}")
        for thread in process["threads"]:
            if len(process["threads"]) > 1:
                _say(f"----------------- thread {thread['tid']} -----------------")
            if "waits_in" in thread:
                _say(f" (waits in {thread['waits_in']})")
            for frame in thread.get("frames", ()):
                _say(f" {frame['pc']:016x} {frame['where']}")
    return 0
