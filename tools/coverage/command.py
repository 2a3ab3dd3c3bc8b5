"""`rvsim coverage`, and `--cov` of `rvsim run`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from rvsim.tools.errors import CliError

if TYPE_CHECKING:
    from rvsim.guest_os.boot import Machine
    from rvsim.tools.coverage.report import Report


def parse_substitution(_ctx: click.Context, _parameter: click.Parameter,
                       texts: tuple[str, ...]) -> list[tuple[str, str]]:
    """`OLD=NEW`, each a path."""
    pairs = []
    for text in texts:
        old, equals, new = text.partition("=")
        if not equals or not old.rstrip("/"):
            raise click.BadParameter(f"{text!r} is not OLD=NEW; write /build=src")
        pairs.append((old, new))
    return pairs


@contextmanager
def covered(machine: Machine, path: str | None, sources: tuple[str, ...] = (),
            substitutions: list[tuple[str, str]] | None = None) -> Iterator[None]:
    """While this lasts, it is noted what `machine` runs; then an lcov file is written to `path`, if there is one, and a
    summary to standard error."""
    if path is None:
        yield
        return
    from rvsim.tools.coverage.coverage import Coverage
    from rvsim.tools.coverage.lcov import to_lcov
    from rvsim.tools.coverage.summary import summary

    write(path, "")             # before the run: to find out in time that it cannot be written
    coverage = Coverage()
    with coverage.attached(machine):
        yield
    report = coverage.report.moved(substitutions or ()).only(sources)
    write(path, to_lcov(report))
    print(summary(report), end="", file=sys.stderr)


def write(path: str, text: str) -> None:
    """Write a file. Raises CliError: it cannot be written."""
    try:
        Path(path).write_text(text, encoding="utf-8", errors="replace")
    except OSError as error:
        raise CliError(f"{path}: {error.strerror}; name a file that can be written") from None


@click.command()
@click.option("-o", "--output", metavar="FILE", help="Write what the files say together to FILE, as lcov has it.")
@click.option("--source", "sources", multiple=True, metavar="DIR",
              help="Only files below DIR, as they are named after --path; may be given again.")
@click.option("--path", "substitutions", multiple=True, metavar="OLD=NEW", callback=parse_substitution,
              help="Files below OLD, as the compiler named it, are below NEW; may be given again.")
@click.option("--functions/--no-functions", default=True, help="Whether the table has a line for each function.")
@click.option("--fail-under", type=click.FloatRange(0, 100), metavar="PERCENT",
              help="End with status 1 if fewer of the lines ran.")
@click.argument("files", nargs=-1, required=True)
def coverage(output: str | None, sources: tuple[str, ...], substitutions: list[tuple[str, str]], functions: bool,
             fail_under: float | None, files: tuple[str, ...]) -> int:
    """Add up the lcov files FILES, of `rvsim run --cov` or of another tool, and show what ran as a table."""
    from rvsim.tools.coverage.lcov import to_lcov
    from rvsim.tools.coverage.report import Report
    from rvsim.tools.coverage.summary import summary

    total = Report()
    for name in files:
        total.merge(_read(name), add=True)
    total = total.moved(substitutions).only(sources)
    if output is not None:
        write(output, to_lcov(total))
    click.echo(summary(total, functions) if total.sources else "no lines of source files\n", nl=False)
    lines = [count for source in total.sources.values() for count in source.lines.values()]
    ran = sum(count > 0 for count in lines)
    return int(fail_under is not None and ran * 100 < fail_under * len(lines))


def _read(name: str) -> Report:
    from rvsim.tools.coverage.lcov import TracefileError, from_lcov

    try:
        return from_lcov(Path(name).read_text(encoding="utf-8", errors="replace"))
    except OSError as error:
        raise CliError(f"{name}: {error.strerror}; name a file that `rvsim run --cov` wrote") from None
    except TracefileError as error:
        raise CliError(f"{name}: {error}; name a file that `rvsim run --cov` wrote") from None
