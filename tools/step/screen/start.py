"""Runs a session in a thread of its own, with the view in the terminal's."""

from __future__ import annotations

import os
import signal
import sys

from prompt_toolkit.output import ColorDepth

from rvsim.tools.debug.recent import Recent
from rvsim.tools.debug.session import Session
from rvsim.tools.step.prompt import ENDING, completer, completions, history_file
from rvsim.tools.step.screen.app import Screen
from rvsim.tools.step.screen.shell import Board, MachineThread, ScreenShell

PATIENCE_S = 10.0


class Watching:
    """The view of one session."""

    def __init__(self) -> None:
        self.board = Board()
        self.shell = ScreenShell(self.board)

    def run(self, session: Session, program: str) -> int | None:
        """Run the session under the view; what it returns. Raises what it raises."""
        board, shell = self.board, self.shell

        def leave() -> None:
            board.drop_wishes()
            board.wish(None)
            session.abandon()

        def stop() -> None:
            board.drop_wishes()
            if board.running:
                session.interrupt()

        def words(text: str) -> list[str]:
            return [] if board.running else completions(shell, text)

        session.recent = Recent()
        depth = ColorDepth.DEPTH_1_BIT if os.environ.get("NO_COLOR") else None
        screen = Screen(board, os.path.basename(program), completer(words), history_file(), leave, stop, depth)
        machine = MachineThread(session.run, screen.close)
        ended: list[int] = []

        def end(number: int, frame: object) -> None:
            ended.append(number)
            screen.close()

        def begin() -> None:
            machine.start()
            if ended:           # before there was anything to close
                screen.close()

        before = {number: signal.signal(number, end) for number in ENDING}
        try:
            screen.run(begin)
        except OSError:
            if not ended:           # else there is no terminal any more
                raise
        finally:
            for number, action in before.items():
                signal.signal(number, action)
            leave()
            if machine.ident is not None:
                machine.join(PATIENCE_S)
        if ended:
            _drop_unwritten()
            sys.exit(128 + ended[0])
        if machine.error is not None:
            raise machine.error
        return machine.status


def _drop_unwritten() -> None:
    """What a terminal that is gone did not take: else Python tries once more at its end, and changes the status."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
