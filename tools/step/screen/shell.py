"""The prompt's shell in the machine's thread, its commands coming from and its words going to the terminal's."""

from __future__ import annotations

import io
import queue
import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import NamedTuple

from rvsim.tools.debug.stop import Go, Kind, Order, Stop
from rvsim.tools.step.changing import give
from rvsim.tools.step.registry import CommandError
from rvsim.tools.step.screen.console import Written
from rvsim.tools.step.screen.text import Line, Marked, pieces
from rvsim.tools.step.screen.traps import TrapList
from rvsim.tools.step.screen.view import View, look
from rvsim.tools.step.shell import Reader, Shell

MOST_SAID = 2000


class Wish(NamedTuple):
    """Something that a person wants: a line of commands, or (`typed`) a line of input for the guest.

    `echo`: the line is shown before what it says.
    """

    text: str
    typed: bool = False
    echo: bool = False


class Board:
    """What the two threads share. The machine's puts a view here whenever it stands; the terminal's shows it.

    Attributes:
        view: the last stop.
        running: whether the machine runs, or a command works, so that the view is of the past.
        said: what commands said, the last lines last.
        written: the guest's output.
        changed: called, from any thread, when there is something new to show.
    """

    def __init__(self) -> None:
        self.view = View("")
        self.running = True
        self.said: deque[Line] = deque(maxlen=MOST_SAID)
        self.written = Written()
        self.changed: Callable[[], None] = lambda: None
        self._wishes: queue.SimpleQueue[Wish | None] = queue.SimpleQueue()

    def wish(self, wish: Wish | None) -> None:
        """Ask for something; None: leave."""
        self._wishes.put(wish)

    def next_wish(self) -> Wish | None:
        """Wait for the next one."""
        return self._wishes.get()

    def drop_wishes(self) -> None:
        """Forget what was asked for and has not begun, but for leaving."""
        leaves = False
        with suppress(queue.Empty):
            while True:
                leaves |= self._wishes.get_nowait() is None
        if leaves:
            self._wishes.put(None)


class ScreenReader(Reader):
    """Commands from the terminal's thread. Waiting for one, it shows where the machine stands."""

    interactive = True

    def __init__(self, board: Board) -> None:
        self._board = board
        self.shell: ScreenShell

    def line(self, prompt: str) -> str | None:
        board, shell = self._board, self.shell
        while True:
            shell.show_view()
            wish = board.next_wish()
            if wish is None:
                return None
            board.running = True
            board.changed()
            if not wish.typed:
                if wish.echo:
                    shell.say(shell.style.paint("dim", f"{prompt}{wish.text}"))
                return wish.text
            try:
                give(shell, f"{wish.text}\n".encode(errors="replace"))
            except CommandError as error:
                shell.fail(str(error))
                continue
            shell.say(shell.style.paint("dim", f"input: {wish.text}"))
            if shell.stop.kind is Kind.WAITING:
                return shell.last_run


class ScreenShell(Shell):
    """The frontend of `rvsim step --screen`, in the machine's thread.

    Attributes:
        last_run: the last command that let the machine run: input that it waited for lets it go on so.
    """

    shows_code = False

    def __init__(self, board: Board) -> None:
        reader = ScreenReader(board)
        super().__init__(reader, io.StringIO(), Marked())
        reader.shell = self
        self.board = board
        self.traps = TrapList()
        self.last_run = "continue"

    def say(self, text: str) -> None:
        self.board.said.extend(pieces(line) for line in text.split("\n"))

    def guest_output(self, fd: int, data: bytes) -> None:
        self.board.written.write(fd, self.session.console.place.written[fd] - len(data), data)
        self.board.changed()

    def stopped(self, stop: Stop) -> Order:
        if self._trap is not None:
            self.traps.note(self._trap)
        return super().stopped(stop)

    def run(self, text: str) -> Order | None:
        order = super().run(text)
        if isinstance(order, Go):
            self.last_run = text
        return order

    def show_view(self) -> None:
        """The machine stands: let the terminal show it."""
        session, board = self.session, self.board
        self.traps.forget_after(max(session.history.furthest, self.stop.position.traps))
        trap = session.trap_here()
        if trap is not None:
            self.traps.note(trap)
        self.traps.fill(session.keep_recent(self.stop.position))
        board.written.show_until(session.console.place.written)
        board.view = look(self)
        board.running = False
        board.changed()


class MachineThread(threading.Thread):
    """Runs a session; `over` is called at its end.

    Attributes:
        status: what the session returned.
        error: what it raised.
    """

    def __init__(self, run: Callable[[], int | None], over: Callable[[], None]) -> None:
        super().__init__(name="machine", daemon=True)
        self._session_run = run
        self._over = over
        self.status: int | None = None
        self.error: BaseException | None = None

    def run(self) -> None:
        try:
            self.status = self._session_run()
        except BaseException as error:      # raised again where the thread is waited for
            self.error = error
        finally:
            self._over()
