"""`rvsim test`: pytest with the plugin."""

from __future__ import annotations

import importlib.util
import os
import sys

import click

from rvsim.tools.errors import CliError

PLUGIN = "rvsim.tools.testing.plugin"

EPILOG = """\b
Exit status, as pytest's: 0 all passed; 1 some failed; 2 interrupted, or a
test file is wrong; 3 an error of pytest's; 4 a wrong option; 5 there were
no tests; 125 an error of rvsim's own.

\b
Examples:
  rvsim test tests                         every *.rvtest.toml and test_*.py
  rvsim test lab.rvtest.toml -k fork       only cases with fork in their name
  rvsim test tests --tag quick -n 2 -x     a tag; on two cores; stop at one
  rvsim test tests --update                write the golden files anew
  rvsim test tests --junitxml report.xml   for a CI's test view
  rvsim test tests --grade grade.json      points of each test, and their sum
  rvsim test tests --dist dask=tcp://10.0.0.5:8786
                                           on the workers of a Dask cluster
  rvsim test --schema > rvtest.schema.json what a test file may say
"""
_OWN = {"--update": "--rvsim-update", "--tag": "--rvsim-tag", "--results": "--rvsim-results",
        "--chaos": "--rvsim-chaos", "--cov": "--rvsim-cov", "--grade": "--rvsim-grade",
        "--dist-files": "--rvsim-dist-files"}


def arguments_for_pytest(words: list[str]) -> list[str]:
    """The command line as pytest and the plugin want it.

    Raises:
        CliError: `--dist` says what there is not.
    """
    found: list[str] = []
    for at, word in enumerate(words):
        if word == "--":
            return [*found, *words[at:]]
        name, equals, value = word.partition("=")
        if name == "--dist" and (equals or at + 1 < len(words)):
            name = _dist_option(value if equals else words[at + 1])
        found.append(_OWN.get(name, name) + equals + value)
    return found


def _dist_option(value: str) -> str:
    """Whose option `--dist` is: pytest-xdist's has the same name. Raises CliError."""
    from rvsim.tools.testing.remote.address import XDIST_MODES, scheduler_of

    if value in XDIST_MODES:
        return "--dist"
    try:
        scheduler_of(value)
    except ValueError as error:
        raise CliError(str(error), 4) from None
    return "--rvsim-dist"


@click.command(epilog=EPILOG, context_settings={"ignore_unknown_options": True, "allow_extra_args": True,
                                                 "allow_interspersed_args": False})
@click.option("--update", is_flag=True, help="Write golden files instead of comparing them.")
@click.option("--tag", "tags", multiple=True, metavar="TAG", help="Only cases with this tag; may be given again.")
@click.option("--results", metavar="DIR", help="Where failed runs are kept [default: rvsim-results].")
@click.option("--chaos", metavar="SEED",
              help="Draw faults and schedules for every case from this seed.")
@click.option("--cov", metavar="FILE", help="Write which lines of the guest's programs ran to FILE, as lcov.")
@click.option("--dist", metavar="dask=ADDRESS", help="Run the cases on the workers of the Dask cluster whose scheduler "
              "has this address; pytest-xdist's --dist is understood too.")
@click.option("--dist-files", multiple=True, metavar="PATTERN", help="With --dist dask: send these files too; may be "
              "given again.")
@click.option("--grade", metavar="FILE", help="Write the points of each test to FILE (….json), and show them.")
@click.option("--schema", is_flag=True, help="Print the JSON Schema of test files.")
@click.argument("words", nargs=-1, type=click.UNPROCESSED, metavar="[PATH]... [PYTEST OPTIONS]...")
@click.pass_context
def test(ctx: click.Context, update: bool, tags: tuple[str, ...], results: str | None, chaos: str | None,
         cov: str | None, grade: str | None, dist: str | None, dist_files: tuple[str, ...], schema: bool,
         words: tuple[str, ...]) -> int:
    """Run the tests in PATHs: test files (*.rvtest.toml), and pytest's own.

    Every option of pytest works too: -k, -m, -x, --lf, -n, --junitxml, and so on.
    """
    if schema:
        from rvsim.tools.testing.schema import schema_text

        click.echo(schema_text(), nl=False)
        return 0
    if importlib.util.find_spec("pytest") is None:
        raise CliError("pytest is not installed; `pip install 'rvsim[test]'` brings it")
    given = ["--rvsim-update"] if update else []
    for option, value in (("results", results), ("chaos", chaos), ("cov", cov), ("grade", grade)):
        given += [] if value is None else [f"--rvsim-{option}={value}"]
    given += [] if dist is None else [_dist_option(dist), dist]
    for option, values in (("tag", tags), ("dist-files", dist_files)):
        for value in values:
            given += [f"--rvsim-{option}", value]
    return run_pytest([*given, *arguments_for_pytest(list(words))])


def run_pytest(arguments: list[str]) -> int:
    """pytest in this process; its exit status. Raises CliError: an option is wrong."""
    import pytest

    from rvsim.emu.host import raise_descriptor_limit
    from rvsim.tools.testing.usage import Usage

    raise_descriptor_limit()
    if not is_installed():
        arguments = ["-p", PLUGIN, *arguments]
        # pytest-xdist's workers look for the plugin themselves
        above = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
        if above not in sys.path:
            sys.path.append(above)
    return int(pytest.main(arguments, plugins=[Usage()]))


def is_installed() -> bool:
    """Whether pytest finds the plugin by itself, as part of an installed package."""
    from importlib.metadata import entry_points

    return any(point.value == PLUGIN for point in entry_points(group="pytest11"))
