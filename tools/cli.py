"""The command line: `rvsim COMMAND …`. Each command is a module of its own, imported when it is used.

Every error is one line on standard error that begins with `rvsim: ` and says what to do, and the exit status is
`OWN_ERROR`. Guest output is the guest's alone: nothing of rvsim's goes to standard output but what was asked for
(help, a version, a table).
"""

from __future__ import annotations

import importlib
import os
import sys
from typing import TYPE_CHECKING

import click

from rvsim.tools.errors import INTERRUPTED, OUTPUT_CLOSED, OWN_ERROR, CliError, complain

if TYPE_CHECKING:
    from collections.abc import Sequence

# name: (module, attribute)
COMMANDS = {
    "run": ("rvsim.tools.run.command", "run"),
    "replay": ("rvsim.tools.replay", "replay"),
    "step": ("rvsim.tools.step.command", "step"),
    "ps": ("rvsim.tools.procs.commands", "ps"),
    "pmap": ("rvsim.tools.procs.commands", "pmap"),
    "pstack": ("rvsim.tools.procs.commands", "pstack"),
    "trace": ("rvsim.tools.trace.command", "trace"),
    "coverage": ("rvsim.tools.coverage.command", "coverage"),
    "bench": ("rvsim.tools.bench", "bench"),
    "image": ("rvsim.tools.image.command", "image"),
    "corpus": ("rvsim.tools.corpus", "corpus"),
    "test": ("rvsim.tools.testing.command", "test"),
}


class LazyGroup(click.Group):
    """A group that imports a command when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, attribute = COMMANDS[cmd_name]
        command = getattr(importlib.import_module(module), attribute)
        assert isinstance(command, click.Command)
        return command


def show_version(ctx: click.Context, _parameter: click.Parameter, wanted: bool) -> None:
    if wanted:
        from rvsim.tools.version import own_version

        click.echo(f"rvsim {own_version()}")
        ctx.exit()


EPILOG = """\b
Examples:
  rvsim run initproc                the built-in system: its init and shell
  rvsim run ./hello one two         an ELF file of yours, with two arguments
  rvsim run --help                  every option of `run`
"""


@click.group(cls=LazyGroup, invoke_without_command=True, epilog=EPILOG,
             context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--version", is_flag=True, is_eager=True, expose_value=False, callback=show_version,
              help="Show the version and exit.")
@click.pass_context
def rvsim(ctx: click.Context) -> None:
    """A RISC-V machine in a Python process, running a tiny operating system."""
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())


def explain(error: click.ClickException, words: Sequence[str]) -> str:
    """The line that tells a person what is wrong with the command line `words` and what to do."""
    if isinstance(error, CliError):
        return error.format_message()
    command = next((word for word in words if word in COMMANDS), "")
    path = " ".join(filter(None, ("rvsim", command)))
    if isinstance(error, click.UsageError) and error.ctx is not None and error.ctx.parent is not None:
        path = error.ctx.command_path
    look = f"see `{path} --help`"
    if isinstance(error, click.MissingParameter) and error.param is not None:
        return f"no {error.param.metavar or (error.param.name or '').upper()} given; {look}"
    if isinstance(error, click.BadParameter) and error.param is not None:
        return f"{'/'.join(error.param.opts)}: {error.message.rstrip('.')}; {look}"
    message = error.format_message().rstrip(".")
    return f"{message[:1].lower()}{message[1:]}; {look}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command line and return the exit status. Nothing but SystemExit and a debugger's exceptions leaves it."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    try:
        # Not `rvsim.main`, which would turn an interrupt and a closed pipe into messages of its own.
        with rvsim.make_context("rvsim", list(words)) as context:
            status = rvsim.invoke(context)
        sys.stdout.flush()
        return status if isinstance(status, int) else 0
    except click.exceptions.Exit as end:
        sys.stdout.flush()
        return end.exit_code
    except click.ClickException as error:
        complain(explain(error, words))
        return error.status if isinstance(error, CliError) else OWN_ERROR
    except KeyboardInterrupt:
        complain("interrupted")
        return INTERRUPTED
    except BrokenPipeError:
        # Nobody reads what we print. Python would complain once more when it closes standard output.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return OUTPUT_CLOSED
    except Exception as error:
        if os.environ.get("RVSIM_DEBUG"):
            raise
        complain(describe_bug(error))
        return OWN_ERROR


def describe_bug(error: Exception) -> str:
    """One line for what must not happen: the exception and the innermost place it came from."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = f" at {os.path.basename(trace.tb_frame.f_code.co_filename)}:{trace.tb_lineno}" if trace else ""
    return f"a bug in rvsim: {type(error).__name__}: {error}{place}; RVSIM_DEBUG=1 shows the whole traceback"
