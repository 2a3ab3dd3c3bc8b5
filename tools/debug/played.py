"""A recorded run under a debugger: it is told again what it was told, as often as one goes back and forth.

Where the recording ends, or somebody changes the machine, or the run turns out to be another one, the rest is new: what
the run is told from there on is remembered in the same log. What was typed later in the recording comes then piece by
piece, each when the machine has nothing to do but wait for it; files of the host, which a replay has not, are ESTALE.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice
from typing import TYPE_CHECKING, Any

from rvsim.guest_os.fs.host_os import HOST
from rvsim.guest_os.outside import INTERRUPT, Diverged, Position, T
from rvsim.guest_os.recording.file import Recording
from rvsim.guest_os.recording.host import ReplayedHost, checksum_of
from rvsim.guest_os.recording.log import ReplayLog, Sums
from rvsim.tools.debug.log_console import LogConsole, LogPlace, ReadySource, SessionLog
from rvsim.tools.recording import Header, begun
from rvsim.tools.version import own_version

if TYPE_CHECKING:
    from rvsim.guest_os.boot import Machine

_BUILT_IN = frozenset(("program", "programs"))
"""Questions that this host answers when the recording does not: every rvsim has its own programs."""

_CLOCKS = frozenset(("monotonic_ns", "realtime_ns", "user", "soft_limit"))
"""Questions whose answer stays what it was last."""


class PlayedLog(SessionLog):
    """The answers of a recording, and those that came after it or instead.

    It is a `SessionLog`, to which live answers are added, not a `ReplayLog`: at the first difference, change or end the
    recording's future is forgotten and the run goes on. A replay that must stay the recorded run is had again by
    `RepeatedLog` in `guest_os/recording/again.py`.

    Attributes:
        recorded: so far the run is the recorded one, if nothing happens before.
        tell: called with a line when the run ceases to be that.
        hint: why the run may turn out to be another one.
    """

    def __init__(self, recording: Recording) -> None:
        """Raises BadRecording."""
        read = ReplayLog(recording)
        while read.read_on():
            pass
        super().__init__(read.answers, read.known)
        self.why = "the run has ended" if read.end is not None else "it was cut off"
        if self.answers and self.answers[-1].value == INTERRUPT:
            self.known = self.answers.pop().position
            self.why = "the run was interrupted"
        self.host = PlayedHost(self)
        self.recorded = self.known
        self.tell: Callable[[str], None] = lambda text: None
        self.hint = ""
        self.lasting = {answer.position for answer in self.answers if answer.kind == "input"}
        self._host_answers = list(read.host_answers)
        self._last = {entry[0]: entry for entry in self._host_answers if entry[0] in _CLOCKS}
        self._host_at = 0
        self._checks = list(read.checks)
        self._check_at = 0
        self._sums = Sums()
        self._past = False
        self._told_stale = False

    # ---- places

    def place(self) -> LogPlace:
        return LogPlace(self.mark(), self._host_at, self._check_at, self._sums.turns, tuple(self._sums.output))

    def go_back(self, place: LogPlace) -> None:
        super().go_back(place)
        self._host_at, self._check_at = place.host, place.checks
        self._sums.turns, self._sums.output = place.turns, list(place.output)

    @property
    def is_recorded(self) -> bool:
        """Whether the next question is one of the recording's."""
        return self.position < self.recorded

    def forget_future(self) -> None:
        super().forget_future()
        self.recorded = min(self.recorded, self.position)
        del self._host_answers[self._host_at:]
        del self._checks[self._check_at:]

    # ---- answers

    def next_moment(self) -> None:
        super().next_moment()
        ticks, time_ns = self._now()
        self._sums.turn(ticks)
        while self._check_at < len(self._checks) and self._checks[self._check_at][0] <= self.moment:
            check = self._checks[self._check_at]
            if check != (self.moment, ticks, time_ns, self._sums.turns, tuple(self._sums.output)):
                self._differs(f"before tick {ticks}")
                break
            self._check_at += 1

    def ask(self, kind: str, live: Callable[[], T], usual: T) -> T:
        here = self.position
        try:
            return super().ask(kind, live, usual)
        except Diverged as error:
            self.at -= 1
            self._differs(str(error))
            return self.learn(here, kind, live, usual)

    def learn(self, here: Position, kind: str, live: Callable[[], T], usual: T) -> T:
        if not self._past and here >= self.recorded:
            self._past = True
            self.tell(f"the recording ends at tick {self._now()[0]}: {self.why}; what comes now is new")
        return super().learn(here, kind, live, usual)

    def changed(self) -> None:
        """Somebody has changed the machine."""
        if self.is_recorded:
            self._past = True
            self.tell(f"the run is not the recorded one from here on (tick {self._now()[0]})")
        self.forget_future()

    def _differs(self, where: str) -> None:
        self._past = True
        self.tell(f"the run differs from the recording {where}{self.hint}; what comes now is new")
        self.forget_future()

    def shown(self, stream: int, data: bytes) -> None:
        self._sums.shown(stream, data)

    # ---- the host's answers

    def host_answered(self, question: str, checksum: int, error: str | None, value: Any) -> None:
        raise Diverged("a replay has no host")

    def expects(self, question: str, checksum: int) -> bool:
        """Whether this is the question to the host that comes next. If there should be another, the run differs."""
        if self._host_at >= len(self._host_answers):
            return False
        if self._host_answers[self._host_at][:2] == (question, checksum):
            return True
        self._differs(f"at tick {self._now()[0]}, where it asks the host's files for {question}")
        return False

    def host_answer(self, question: str, checksum: int) -> tuple[str | None, Any]:
        if self.expects(question, checksum):
            self._host_at += 1
            return self._host_answers[self._host_at - 1][2:]
        if question in self._last:
            return self._last[question][2:]
        if not self._told_stale:
            self._told_stale = True
            self.tell("the run asks for files of the host that are not in the recording; it finds them gone")
        return "ESTALE", None

    def host_ahead(self) -> Iterator[tuple[Any, ...]]:
        return islice(self._host_answers, self._host_at, None)


class PlayedHost(ReplayedHost):
    """The host of a recorded run, and what goes on without it."""

    def __init__(self, log: PlayedLog) -> None:
        self._played = log
        super().__init__(log)

    def remembered(self, name: str) -> Callable[..., Any]:
        ask = super().remembered(name)
        if name not in _BUILT_IN:
            return ask

        def ask_or_look(*arguments: Any) -> Any:
            if self._played.expects(name, checksum_of(arguments)):
                return ask(*arguments)
            return getattr(HOST, name)(*arguments)

        return ask_or_look


class PlayedConsole(LogConsole):
    """The console of a machine whose run comes from a recording. `tell` gets a line when the run ceases to be that."""

    def __init__(self, sink: Callable[[int, bytes], None], source: ReadySource, path: str, found: Recording,
                 tell: Callable[[str], None]) -> None:
        """Raises BadRecording."""
        self.path = path
        self.start_traps = 0
        self.header = Header(found.header)
        played = PlayedLog(found)
        played.tell = lambda text: tell(f"{path}: {text}")
        if self.header.version != own_version():
            played.hint = f" (it was made by rvsim {self.header.version}, and this is {own_version()})"
        super().__init__(sink, source, played, self.header.kinds)

    def boot(self) -> Machine:
        """The machine as it was when the recording began. Raises SnapshotError, BootError."""
        if self.header.snapshot is not None:
            machine = begun(self.path, self.header, self, self.log)
        else:
            from rvsim.guest_os.boot import Machine

            machine = Machine(self.header.config, self, self.log)
            machine.start(self.header.argv[0], self.header.argv)
        self.start_traps = machine.hart.traps
        return machine
