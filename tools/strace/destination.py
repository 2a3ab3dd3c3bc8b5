"""Where a trace goes: a file, or standard error in step with the guest's own output."""

from __future__ import annotations

from types import TracebackType
from typing import Protocol, Self, TextIO

from rvsim.tools.errors import CliError
from rvsim.tools.strace.tracer import Tracer


class Screen(Protocol):
    """What is needed of the console: stream 2, in its right place."""

    def is_terminal(self, fd: int) -> bool: ...

    def write_error(self, data: bytes) -> None: ...


class Trace:
    """The option's value: None is no trace, empty is standard error, else a file that is made anew.

    Raises:
        CliError: the file cannot be written, at once or at the end.
    """

    def __init__(self, option: str | None, screen: Screen) -> None:
        self.tracer: Tracer | None = None
        self._file: TextIO | None = None
        self._name = option
        self._screen = screen
        self._newline = "\n"
        if option == "":
            if screen.is_terminal(0) and screen.is_terminal(2):
                self._newline = "\r\n"        # it is in raw mode
            self.tracer = Tracer(self._write_screen)
        elif option is not None:
            try:
                self._file = open(option, "w", encoding="utf-8", newline="\n")  # noqa: SIM115
            except OSError as error:
                raise self._refused(error) from None
            self.tracer = Tracer(self._write_file)

    def _refused(self, error: OSError) -> CliError:
        return CliError(f"--strace={self._name}: {error.strerror}; give a file that can be written")

    def _write_screen(self, text: str) -> None:
        self._screen.write_error(text.replace("\n", self._newline).encode(errors="replace"))

    def _write_file(self, text: str) -> None:
        if self._file is not None:
            try:
                self._file.write(text)
            except OSError as error:
                self._file = None
                raise self._refused(error) from None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        if self.tracer is not None and not isinstance(error, CliError):
            self.tracer.close()
        if self._file is not None:
            file, self._file = self._file, None
            try:
                file.close()
            except OSError as failure:
                if error is None:
                    raise self._refused(failure) from None
