"""`monitor` commands of gdb: those of `rvsim step` that look, and those that say where else to stop."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from rvsim.tools.debug.expressions import ExpressionError
from rvsim.tools.debug.stop import Kind, Stop, number_of
from rvsim.tools.step import examining, looking, show, stopping
from rvsim.tools.step.registry import Command, CommandError, find
from rvsim.tools.step.shell import COMMANDS as STEP_COMMANDS
from rvsim.tools.step.shell import Reader, Shell
from rvsim.tools.step.style import Style

if TYPE_CHECKING:
    from rvsim.tools.gdb.stub import Stub

COMMANDS: tuple[Command, ...] = (*looking.COMMANDS, *(one for one in examining.COMMANDS if one.name != "assert"),
                                 *stopping.COMMANDS)
LONGEST_LINE = 1000


class Monitor:
    """Runs them, for the thread that gdb looks at."""

    def __init__(self, stub: Stub) -> None:
        self.stub = stub

    def run(self, line: str) -> str:
        """The answer to a line, its lines ended. Never raises."""
        text = line.strip()[:LONGEST_LINE]
        name = text.partition(" ")[0].partition("/")[0]
        try:
            if name in ("", "help", "h"):
                return _help()
            if name in ("trap", "t"):
                return self._trap()
            if find(STEP_COMMANDS, name) not in COMMANDS:
                raise CommandError(f"`{name}` is for `rvsim step`; here gdb says how the run goes on")
            shell, out = self._shell()
            shell.run(text)
            return out.getvalue()
        except (CommandError, ExpressionError) as error:
            return f"{error}\n"
        finally:
            self.stub.session.aim()

    def _shell(self) -> tuple[Shell, io.StringIO]:
        session, out = self.stub.session, io.StringIO()
        shell = Shell(Reader(), out, Style(False))
        shell.session, shell.stop = session, session.stop
        task = self.stub.find(self.stub.general)
        if task is not None:
            shell.choose(number_of(task))
        return shell, out

    def _trap(self) -> str:
        stop = self.stub.session.stop
        if stop.kind is Kind.TRAP:
            return self.describe(stop)
        return "the machine does not stand at a trap; `monitor catch call`, `monitor catch fault` let it stop at one\n"

    def describe(self, stop: Stop) -> str:
        """A stop as `rvsim step` shows it."""
        shell, _ = self._shell()
        return "".join(f"{line}\n" for line in show.stop_lines(shell, stop))


def _help() -> str:
    rows = [("help", "this list"), ("trap", "the trap at which the machine stands, with all that is known of it"),
            *((one.usage, one.summary) for one in COMMANDS)]
    return "".join(f"monitor {usage:42} {summary}\n" for usage, summary in rows)
