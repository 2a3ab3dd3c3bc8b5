"""Where the stepper's commands come from: a person at a terminal, a pipe, a file, the command line."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, BinaryIO, TextIO

from rvsim.emu import host
from rvsim.tools.debug import registers
from rvsim.tools.debug.console import TypedInput
from rvsim.tools.step.registry import CommandError, find
from rvsim.tools.step.shell import COMMANDS, Reader, Shell

if TYPE_CHECKING:
    from rvsim.tools.debug.session import Session

MOST_COMPLETIONS = 200
READ_SIZE = 65536
WAIT_S = 0.1
ENDING = tuple(getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name))
"""Signals that end rvsim."""


class ScriptReader(Reader):
    """Commands that were written before: lines of files and of `-x`."""

    def __init__(self, lines: Sequence[str]) -> None:
        self._lines = list(lines)
        self._at = 0

    def line(self, prompt: str) -> str | None:
        if self._at >= len(self._lines):
            return None
        self._at += 1
        return self._lines[self._at - 1]


class StreamReader(Reader):
    """Commands from a pipe."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def line(self, prompt: str) -> str | None:
        line = self._stream.readline()
        return line.rstrip("\n") if line else None


class TerminalReader(Reader):
    """A person at a terminal, with editing, completion and the lines of earlier sessions."""

    interactive = True

    def __init__(self, words: Callable[[str], Sequence[str]], history: str | None) -> None:
        from prompt_toolkit import PromptSession
        from prompt_toolkit.history import FileHistory, InMemoryHistory

        self._prompt: Any = PromptSession(
            history=FileHistory(history) if history is not None else InMemoryHistory(), completer=completer(words),
            complete_while_typing=False, enable_history_search=True,
            enable_suspend=True)

    def line(self, prompt: str) -> str | None:
        while True:
            try:
                return str(self._prompt.prompt(prompt, handle_sigint=False))
            except KeyboardInterrupt:
                continue
            except EOFError:
                return None


def completer(words: Callable[[str], Sequence[str]]) -> Any:
    from prompt_toolkit.completion import Completer, Completion

    class Words(Completer):  # type: ignore[misc, unused-ignore]
        def get_completions(self, document: Any, complete_event: Any) -> Iterator[Any]:
            text = document.text_before_cursor.rpartition(";")[2].lstrip()
            last = text.rpartition(" ")[2]
            for word in words(text):
                yield Completion(word, -len(last))

    return Words()


def completions(shell: Shell, text: str) -> list[str]:
    """The words that the last word of a line can become; a command that takes words with a space behind it."""
    name, space, rest = text.partition(" ")
    last = rest.rpartition(" ")[2]
    if not space:
        return [command.name + " " * bool(command.completes) for command in COMMANDS if command.name.startswith(name)]
    try:
        kinds = find(COMMANDS, name.split("/")[0]).completes.split()
    except CommandError:
        return []
    before = rest.split(" ")[:-1]
    named = [kind for kind in kinds if kind in ("call", "signal") and kind in before]
    found: list[str] = []
    for kind in named or [kind for kind in kinds if kind not in ("call", "signal")]:
        found += [word for word in _words(shell, kind, last) if word.startswith(last)]
    return sorted(set(found))[:MOST_COMPLETIONS]


def _words(shell: Shell, kind: str, last: str) -> list[str]:
    from rvsim.tools.step.running import CALLS, KINDS
    from rvsim.tools.step.stopping import CATCHES
    from rvsim.tools.strace.constants import SIGNALS

    match kind:
        case "command":
            return [command.name for command in COMMANDS]
        case "call":
            return sorted(CALLS)
        case "kind":
            return list(KINDS)
        case "catch":
            return list(CATCHES)
        case "back":
            return ["break", "start", "step", "write"]
        case "signal":
            return [known.removeprefix("SIG") for known in SIGNALS.values()]
        case "register":
            return [f"${name}" for name in ("pc", *registers.NAMES)] if last.startswith("$") else []
    task = shell.stop.task
    return list(shell.session.symbols.names(task)) if task is not None and last else []


def history_file() -> str | None:
    """Where the lines of earlier sessions are; None: nowhere."""
    folder = os.environ.get("XDG_STATE_HOME") or os.path.join(os.path.expanduser("~"), ".local", "state")
    path = os.path.join(folder, "rvsim")
    try:
        os.makedirs(path, mode=0o700, exist_ok=True)
        file = os.path.join(path, "step_history")
        with open(file, "a"):
            return file
    except OSError:
        return None


class TerminalInput(TypedInput):
    """The guest's input while its commands come from the same terminal: what is typed while it waits for input.

    The terminal edits the line and shows it; Ctrl-D at the start of a line is the end of the input, and Ctrl-C leads
    to the prompt.
    """

    def __init__(self, interrupted: Callable[[], bool]) -> None:
        super().__init__()
        self._interrupted = interrupted

    def wait(self) -> bool:
        while not super().wait():
            if self._interrupted():
                return False
            if host.wait_readable([0], WAIT_S):
                data = os.read(0, READ_SIZE)
                if data:
                    self.type(data)
                else:
                    self.end()
        return True


class FileInput:
    """The guest's input from a file or pipe of this host. Waiting for it ends when `ended` says so, as after Ctrl-C."""

    def __init__(self, stream: BinaryIO, ended: Callable[[], bool]) -> None:
        self._fd = stream.fileno()
        self._ended = ended

    def read(self, limit: int) -> bytes | None:
        return os.read(self._fd, min(limit, READ_SIZE)) if host.wait_readable([self._fd], 0) else None

    def is_ready(self) -> bool:
        return bool(host.wait_readable([self._fd], 0))

    def wait(self) -> bool:
        while not host.wait_readable([self._fd], WAIT_S):
            if self._ended():
                return False
        return True


@contextmanager
def interrupts(session: Session) -> Iterator[None]:
    """While this lasts, Ctrl-C stops the machine instead of rvsim, and the signals that end rvsim leave the terminal as
    it was: SystemExit with 128 + the signal's number."""

    def stop(number: int, frame: object) -> None:
        session.interrupt()

    def end(number: int, frame: object) -> None:
        sys.exit(128 + number)

    before = {number: signal.signal(number, end) for number in ENDING}
    before[signal.SIGINT] = signal.signal(signal.SIGINT, stop)
    try:
        yield
    finally:
        for number, action in before.items():
            signal.signal(number, action)
