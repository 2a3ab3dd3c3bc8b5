"""`rvsim ps`, `rvsim pmap`, `rvsim pstack`: what a snapshot of the guest's processes says."""

from __future__ import annotations

from typing import Any

import click

from rvsim.tools.errors import CliError
from rvsim.tools.procs.saved import load

SECOND_NS = 1_000_000_000
NOT_FOUND = 1


def _selected(snapshot: dict[str, Any], pids: tuple[int, ...]) -> list[dict[str, Any]]:
    """The processes of these numbers, or all. Raises CliError: there is none of a number."""
    by_pid = {process["pid"]: process for process in snapshot["processes"]}
    for pid in pids:
        if pid not in by_pid:
            raise CliError(f"{pid}: no such process in this snapshot", NOT_FOUND)
    return [by_pid[pid] for pid in pids] if pids else list(by_pid.values())


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


@click.command()
@click.option("-L", "threads", is_flag=True, help="A line for each thread, with the call it waits in.")
@click.argument("snapshot")
def ps(snapshot: str, threads: bool) -> int:
    """List the processes in SNAPSHOT, which `rvsim run --snapshot-procs` wrote."""
    shown = load(snapshot)
    if threads:
        click.echo("    PID     TID S WAITS IN         NAME")
        for process in _selected(shown, ()):
            for thread in process["threads"]:
                click.echo(f"{process['pid']:7} {thread['tid']:7} {thread['state']} "
                           f"{thread.get('waits_in', '-'):16} {thread['name']}")
        return 0
    click.echo("  UID     PID    PPID S    VSZ    RSS TTY      ELAPSED     TIME COMMAND")
    for process in _selected(shown, ()):
        click.echo(f"{process['uid']:5} {process['pid']:7} {process['ppid']:7} {process['state']} "
                   f"{process['size'] >> 10:6} {process['resident'] >> 10:6} {_terminal(process['terminal']):7} "
                   f"{_duration(shown['uptime_ns'] - process['start_ns'])} {_duration(process['cpu_ns'])} "
                   f"{_command(process)}")
    return 0


@click.command()
@click.argument("snapshot")
@click.argument("pids", nargs=-1, type=int, metavar="[PID]...")
def pmap(snapshot: str, pids: tuple[int, ...]) -> int:
    """Show the memory of the processes in SNAPSHOT, area by area: all of them, or those of the PIDs."""
    for process in _selected(load(snapshot), pids):
        click.echo(f"{process['pid']}:   {_command(process)}")
        click.echo("Address           Kbytes     RSS Mode  Mapping")
        for area in process["areas"]:
            click.echo(f"{area['start']:016x} {area['end'] - area['start'] >> 10:7} {area['resident'] >> 10:7} "
                       f"{area['mode']}  {area['name'] or '[anon]'}")
        click.echo(f"total kB         {process['size'] >> 10:7} {process['resident'] >> 10:7}")
    return 0


@click.command()
@click.argument("snapshot")
@click.argument("pids", nargs=-1, type=int, metavar="[PID]...")
def pstack(snapshot: str, pids: tuple[int, ...]) -> int:
    """Show who called whom in every thread of the processes in SNAPSHOT: all of them, or those of the PIDs.

    A question mark is behind a frame that was guessed from the stack, where a function has no symbol.
    """
    for process in _selected(load(snapshot), pids):
        click.echo(f"{process['pid']}:   {_command(process)}")
        for thread in process["threads"]:
            if len(process["threads"]) > 1:
                click.echo(f"----------------- thread {thread['tid']} -----------------")
            if "waits_in" in thread:
                click.echo(f" (waits in {thread['waits_in']})")
            for frame in thread.get("frames", ()):
                click.echo(f" {frame['pc']:016x} {frame['where']}")
    return 0


