"""`rvsim trace`: what is in a trace, in lines, in sums, against another, as a picture."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from io import TextIOWrapper
from typing import TextIO, TypeVar

import click

from rvsim.tools.errors import CliError, complain, reason
from rvsim.tools.quantities import parse_duration_ns
from rvsim.tools.trace.choice import ANY, EVENTS, FAULTS, Choice, known_calls, parse_cause, parse_signal
from rvsim.tools.trace.format import TraceError
from rvsim.tools.trace.reader import TraceFile

T = TypeVar("T")
DIFFERENT = 1


def _each(parse: Callable[[str], T]) -> Callable[[click.Context, click.Parameter, Sequence[str]], tuple[T, ...]]:
    """A callback for an option that may come again; a ValueError becomes the error line."""

    def convert(_ctx: click.Context, _parameter: click.Parameter, texts: Sequence[str]) -> tuple[T, ...]:
        try:
            return tuple(parse(word) for text in texts for word in text.split(","))
        except ValueError as error:
            raise click.BadParameter(str(error)) from None

    return convert


def _call(text: str) -> str:
    if text != ANY and text not in known_calls() and not text.startswith("syscall_0x"):
        raise ValueError(f"{text!r} is no call of any ABI; write openat, wait4, … or any")
    return text


def _fault(text: str) -> str:
    if text != ANY and text not in FAULTS:
        raise ValueError(f"{text!r} is no kind of fault; there are any, {', '.join(FAULTS)}")
    return text


def _signal(text: str) -> str:
    if text != ANY:
        parse_signal(text)
    return text


def _event(text: str) -> str:
    if text not in EVENTS:
        raise ValueError(f"{text!r} is no event; there are {', '.join(EVENTS)}")
    return text


def _pid(text: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise ValueError(f"{text!r} is no number of a process")
    return int(text)


def _time(_ctx: click.Context, _parameter: click.Parameter, text: str | None) -> int | None:
    try:
        return None if text is None else 0 if text.strip("0.") == "" and text else parse_duration_ns(text)
    except ValueError as error:
        raise click.BadParameter(str(error)) from None


EPILOG = """\b
Exit status: 0; 1 if --compare finds a difference; 125 for an error, such as a
file that is no trace.

\b
Examples:
  rvsim run --trace sh.trace --root ./debian sh -c 'ls | wc'
  rvsim trace sh.trace                            every call, fault and signal
  rvsim trace sh.trace --call openat,wait4 --pid 3
  rvsim trace sh.trace --fault any --from 1ms --to 2ms
  rvsim trace sh.trace --event fork,exit --signal CHLD
  rvsim trace sh.trace --summary                  sums by call, process, fault
  rvsim trace sh.trace --compare other.trace      where do the two runs part?
  rvsim trace sh.trace --export html sh.html      a page for any browser
  rvsim trace sh.trace --export chrome sh.json    for ui.perfetto.dev
  rvsim trace sort.trace --flame sort.svg         needs --trace-stacks
"""


@click.command(epilog=EPILOG)
@click.option("--pid", "pids", callback=_each(_pid), multiple=True, metavar="N", help="Only this process or thread.")
@click.option("--call", "calls", callback=_each(_call), multiple=True, metavar="NAME|any", help="System calls.")
@click.option("--fault", "faults", callback=_each(_fault), multiple=True, metavar="KIND|any",
              help="Traps by what they led to: demand-zero, copy-on-write, file-page, signal, …")
@click.option("--cause", "causes", callback=_each(parse_cause), multiple=True, metavar="CAUSE",
              help="Traps by their cause: its number, or a part of its name in the RISC-V specification.")
@click.option("--signal", "signals", callback=_each(_signal), multiple=True, metavar="NAME|any",
              help="Signals, sent and taken.")
@click.option("--event", "events", callback=_each(_event), multiple=True, metavar="EVENT",
              help=f"Other events: {', '.join(EVENTS)}.")
@click.option("--from", "start_ns", callback=_time, metavar="TIME", help="From this guest time on, such as 1.5ms.")
@click.option("--to", "end_ns", callback=_time, metavar="TIME", help="Up to this guest time.")
@click.option("--where", is_flag=True, help="Show which function each call comes from.")
@click.option("--summary", is_flag=True, help="Count calls, faults, signals and processes instead.")
@click.option("--compare", "other", metavar="TRACE", help="Show where another trace parts from this one.")
@click.option("--export", nargs=2, metavar="chrome|html OUT", help="Write a file for a viewer or a browser.")
@click.option("--flame", metavar="OUT", help="Write a flame graph: OUT.svg, or OUT.folded for other tools.")
@click.argument("file")
def trace(
    pids: tuple[int, ...],
    calls: tuple[str, ...],
    faults: tuple[str, ...],
    causes: tuple[int, ...],
    signals: tuple[str, ...],
    events: tuple[str, ...],
    start_ns: int | None,
    end_ns: int | None,
    where: bool,
    summary: bool,
    other: str | None,
    export: tuple[str, str] | None,
    flame: str | None,
    file: str,
) -> int:
    """Show what `rvsim run --trace FILE` recorded in FILE.

    What is chosen by --call, --fault, --cause, --signal and --event adds up; --pid, --from and --to narrow it down.
    Each of these may be given again, or a list with commas.
    """
    if sum((summary, other is not None, export is not None, flame is not None)) > 1:
        raise CliError("give one of --summary, --compare, --export and --flame")
    choice = Choice(pids, calls, faults, signals, causes, events, start_ns or 0, 1 << 64 if end_ns is None else end_ns)
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")       # names are the guest's, and may be anything
    try:
        with TraceFile(file) as opened:
            status = 0
            if summary:
                from rvsim.tools.trace.summary import summarize, tables

                click.echo(tables(summarize(opened, choice)))
            elif other is not None:
                status = _compare(opened, other, choice)
            elif export is not None:
                _export(opened, choice, *export)
            elif flame is not None:
                _flame(opened, choice, flame)
            else:
                from rvsim.tools.trace.lines import lines

                for text in lines(opened, choice, where):
                    sys.stdout.write(text + "\n")
            if opened.cut:
                complain(f"{file}: the trace is cut off: its run was ended from outside")
            return status
    except TraceError as error:
        raise CliError(str(error)) from None


def _compare(first: TraceFile, name: str, choice: Choice) -> int:
    from rvsim.tools.trace.compare import compare

    with TraceFile(name) as second:
        found = compare(first, second, choice)
        if second.cut:
            complain(f"{name}: the trace is cut off: its run was ended from outside")
    if found is None:
        return 0
    click.echo("\n".join(found))
    return DIFFERENT


@contextmanager
def _writing(path: str, opened: TraceFile) -> Iterator[TextIO]:
    try:
        if opened.is_file(path):
            raise CliError(f"{path}: this is the trace itself; give another file")
        with open(path, "w", encoding="utf-8", newline="\n") as out:
            yield out
    except OSError as error:
        raise CliError(f"{path}: {reason(error)}; give a file that can be written") from None


def _export(opened: TraceFile, choice: Choice, kind: str, path: str) -> None:
    from rvsim.tools.trace import chrome, page

    if kind == "chrome":
        with _writing(path, opened) as out:
            chrome.export(opened, choice, out)
    elif kind == "html":
        with _writing(path, opened) as out:
            left_out = page.export(opened, choice, out)
        for name, count in left_out.items():
            complain(f"{path}: {count} {name} are left out; choose some by --from, --to or --pid")
    else:
        raise CliError(f"--export {kind}: there are chrome and html")


def _flame(opened: TraceFile, choice: Choice, path: str) -> None:
    from rvsim.tools.trace.flame import fold, write_folded, write_svg

    suffix = os.path.splitext(path)[1]
    if suffix not in (".svg", ".folded"):
        raise CliError(f"--flame {path}: give a name that ends in .svg or .folded")
    folded = fold(opened, choice)
    with _writing(path, opened) as out:
        if suffix == ".svg":
            write_svg(folded, opened.command, out)
        else:
            write_folded(folded, out)
