"""A recorded run in the stepper: it is told again what it was told, as often as one goes back and forth."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from rvsim.guest_os.outside import InputLog, Mark, Position, T
from rvsim.guest_os.recording.file import BadRecording, read_recording
from rvsim.guest_os.recording.log import ReplayLog
from rvsim.tools.debug.console import Place, SessionConsole, Source
from rvsim.tools.errors import CliError
from rvsim.tools.recording import Header, begun
from rvsim.tools.step.shell import Reader

if TYPE_CHECKING:
    from rvsim.guest_os.boot import Machine


class PlayedLog(InputLog):
    """The answers of a recording; behind its end, nobody remembers but the console."""

    def rewind(self, mark: Mark) -> None:
        super().rewind(mark)
        self.reached = self.position        # the console knows what was shown before

    def learn(self, here: Position, kind: str, live: Callable[[], T], usual: T) -> T:
        return live()


class PlayedConsole(SessionConsole):
    """The console of a machine whose run comes from a recording that begins with a snapshot."""

    def __init__(self, sink: Callable[[int, bytes], None], source: Source | None, path: str) -> None:
        """Raises CliError: the file is no such recording."""
        super().__init__(sink, source)
        self.path = path
        self.start_traps = 0
        try:
            found = read_recording(path)
            self.header = Header(found.header)
            log = ReplayLog(found)
            while log.read_on():
                log.host_answers.clear()
        except OSError as error:
            raise CliError(f"--replay {path}: {(error.strerror or str(error)).lower()}") from None
        except BadRecording as error:
            raise CliError(f"--replay {path}: {error}") from None
        if self.header.snapshot is None:
            raise CliError(f"--replay {path}: it begins with no snapshot; `rvsim replay {path}` has its run again")
        self.log = PlayedLog(log.answers, log.known)
        self.outside = self.log

    def boot(self) -> Machine:
        """The machine as it was when the recording began. Raises SnapshotError."""
        machine = begun(self.path, self.header, self, self.log)
        self.start_traps = machine.hart.traps
        return machine

    @property
    def place(self) -> Place:
        return super().place._replace(recorded=self.log.mark())

    def go_back(self, place: Place) -> None:
        super().go_back(place)
        if place.recorded is not None:
            self.log.rewind(place.recorded)

    def diverge(self) -> None:
        super().diverge()
        self.log.forget_future()


class AtTrap(Reader):
    """The commands of another reader, behind one that runs to a trap by its number."""

    def __init__(self, reader: Reader, console: PlayedConsole, trap: int) -> None:
        self.reader = reader
        self.interactive = reader.interactive
        self._console = console
        self._trap = trap
        self._asked = False

    def line(self, prompt: str) -> str | None:
        count = self._trap - self._console.start_traps
        if self._asked or count <= 0:
            return self.reader.line(prompt)
        self._asked = True
        return f"trap {count}"
