"""A run into a recording, and out of one.

The entries are tuples, of which the first member says what they are:

```
A  moment, question, kind, value, ticks, time   an unusual answer of the outside, see `guest_os/outside.py`
H  question, checksum, error, value             an answer of the host's files, see `host.py`
C  moment, ticks, time, turns, output           where the run was when that moment began, and what it had shown
P  moment, question                             how far it had come when a chunk was written
E  status, why, moment, question, ticks, time, turns, output
                                                how it ended, see `End`
```
Ticks and time (ns) are guest time; `turns` is a checksum of the ticks at which moments began; `output` are checksums of
what went to streams 1, 2 and the terminal. They are there to be compared.
"""

from __future__ import annotations

import time
import zlib
from collections import deque
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from rvsim.guest_os.outside import INTERRUPT, Answer, Diverged, InputLog, Position, T, Value
from rvsim.guest_os.recording.file import BadRecording, Recording, Writer
from rvsim.guest_os.recording.host import RecordedHost, ReplayedHost, fits

CHECK_EVERY = 16
"""So many moments lie between two comparisons."""

FLUSH_EVERY_NS = 500_000_000
"""So long, in host time, an entry stays unwritten at most while the machine runs."""


_KINDS: dict[str, type] = {
    "input": bytes, "wait": bool, "resize": bool, "closed": bool, "expired": bool, "waited": int, "realtime": int,
    "keys": str,
}


class End(NamedTuple):
    """How a run ended: rvsim's exit status; `why`: rvsim's own line, if it said one, or INTERRUPT."""

    status: int
    why: str


class RecordingEnds(Exception):
    """The recording was cut off here: its writer was killed."""


class Sums:
    """Checksums of what a run did. `output`: of streams 1, 2 and the terminal."""

    def __init__(self) -> None:
        self.turns = 0
        self.output = [0, 0, 0]

    def turn(self, ticks: int) -> None:
        self.turns = zlib.crc32(ticks.to_bytes(8, "little"), self.turns)

    def shown(self, stream: int, data: bytes) -> None:
        self.output[stream - 1] = zlib.crc32(data, self.output[stream - 1])


def answer_entry(answer: Answer) -> tuple[object, ...]:
    """An unusual answer of the outside as an entry."""
    return ("A", *answer.position, *answer[1:])


def reached_entry(log: InputLog) -> tuple[object, ...]:
    """How far a run has come, as an entry."""
    return ("P", log.moment, log.question)


def end_entry(log: InputLog, end: End, ticks: int, time_ns: int, sums: Sums) -> tuple[object, ...]:
    """How a run ended, as an entry."""
    return ("E", end.status, end.why, log.moment, log.question, ticks, time_ns, sums.turns, tuple(sums.output))


class RecordingLog(InputLog):
    """Writes down what a run is told."""

    def __init__(self, writer: Writer) -> None:
        super().__init__()
        self.writer = writer
        self.sums = Sums()
        self.host = RecordedHost(self)
        self._flushed_ns = time.monotonic_ns()
        self._dirty = False

    def next_moment(self) -> None:
        self.moment += 1
        self.question = 0
        ticks, time_ns = self._now()
        self.sums.turn(ticks)
        if self.moment % CHECK_EVERY == 0:
            self._add(("C", self.moment, ticks, time_ns, self.sums.turns, tuple(self.sums.output)))
        if self._dirty and time.monotonic_ns() - self._flushed_ns > FLUSH_EVERY_NS:
            self.flush()

    def learn(self, here: Position, kind: str, live: Callable[[], T], usual: T) -> T:
        if self._dirty and kind == "wait":
            self.flush()
        return super().learn(here, kind, live, usual)

    def keep(self, answer: Answer) -> None:
        self._add(answer_entry(answer))

    def shown(self, stream: int, data: bytes) -> None:
        self.sums.shown(stream, data)

    def host_answered(self, question: str, checksum: int, error: str | None, value: Any) -> None:
        self._add(("H", question, checksum, error, value))

    def host_answer(self, question: str, checksum: int) -> tuple[str | None, Any]:
        raise Diverged("a recording gives no answers while it is made")

    def host_ahead(self) -> Iterator[tuple[str, int, str | None, Any]]:
        return iter(())

    def flush(self) -> None:
        """Write what has come so far: from now on a killed run can be replayed up to here."""
        self._add(reached_entry(self))
        self.writer.flush()
        self._dirty = False
        self._flushed_ns = time.monotonic_ns()

    def finish(self, end: End) -> None:
        """The run is over."""
        self._add(end_entry(self, end, *self._now(), self.sums))
        self.writer.close()

    def _add(self, entry: tuple[object, ...]) -> None:
        self._dirty = True
        self.writer.add(entry)


class ReplayLog(InputLog):
    """Answers from a recording, which is read as the run goes on.

    Attributes:
        end: how the recorded run ended; None while that is not known, and for one that was cut off.
        host_answers: of the host's files, those that come next.
        checks: comparisons that come next: moment, tick, time, checksums of turns and of output.
        last_ticks: the furthest tick that was written down for comparison.
    """

    def __init__(self, recording: Recording) -> None:
        super().__init__()
        self.recording = recording
        self.sums = Sums()
        self.host = ReplayedHost(self)
        self.end: End | None = None
        self.last_ticks = 0
        self._last: tuple[Any, ...] = ()
        self._entries = recording.entries()
        self.host_answers: deque[tuple[Any, ...]] = deque()
        self.checks: deque[tuple[Any, ...]] = deque()

    # ---- reading

    def read_on(self) -> bool:
        """Take in one more entry; False at the end. Raises BadRecording."""
        entry: Any = next(self._entries, None)
        if entry is None:
            return False
        match entry:
            case ("A", int(), int(), str(), value, int(), int()):
                if not _fits(entry[3], value):
                    raise BadRecording("it is damaged: an answer of the outside is of no kind")
                self.answers.append(Answer(Position(entry[1], entry[2]), *entry[3:]))
                self._knows(entry[1], entry[2] + 1)
            case ("H", str(), int(), None | str(), value):
                if entry[3] is None and not fits(entry[1], value):
                    raise BadRecording("it is damaged: an answer of the host is of no kind")
                self.host_answers.append(entry[1:])
            case ("C", int(), int(), int(), int(), tuple()):
                self.checks.append(entry[1:])
                self.last_ticks = entry[2]
                self._knows(entry[1], 0)
            case ("P", int(), int()):
                self._knows(entry[1], entry[2])
            case ("E", int(), str(), int(), int(), int(), int(), int(), tuple()):
                self.end = End(entry[1], entry[2])
                self._last = entry[3:]
                self.last_ticks = entry[5]
                self._knows(entry[3], entry[4])
            case _:
                raise BadRecording("it is damaged: an entry is of no kind")
        return True

    def _knows(self, moment: int, question: int) -> None:
        self.known = max(self.known, Position(moment, question))

    def upcoming(self) -> Answer | None:
        while self.at >= len(self.answers) and self.read_on():
            pass
        return super().upcoming()

    @property
    def recalling(self) -> bool:  # type: ignore[override]
        return True

    # ---- answering

    def next_moment(self) -> None:
        super().next_moment()
        here = Position(self.moment, 0)
        ticks, time_ns = self._now()
        self.sums.turn(ticks)
        while here > self.known:
            if not self.read_on():
                raise self.end_here()
        while self.checks and self.checks[0][0] <= self.moment:
            self._compare(self.checks.popleft(), (self.moment, ticks, time_ns, self.sums.turns,
                                                   tuple(self.sums.output)))

    def end_here(self) -> BaseException:
        """The recording has no more: what that means."""
        ticks = self._now()[0]
        if self.end is None:
            return RecordingEnds(f"the recording was cut off at tick {ticks}")
        if self.end.why == INTERRUPT:
            return KeyboardInterrupt()
        return Diverged(f"at tick {ticks}: the recorded run ended at tick {self._last[2]}, and this one goes on")

    def learn(self, here: Position, kind: str, live: Callable[[], T], usual: T) -> T:
        while here >= self.known:
            if not self.read_on():
                raise self.end_here()
        return self._recall(here, kind, usual)

    def _compare(self, expected: tuple[Any, ...], found: tuple[Any, ...]) -> None:
        for what, one, other in zip(("moment", "tick", "time", "turns", "output"), expected, found, strict=True):
            if one != other:
                shown = f"{one}, got {other}" if isinstance(one, int) and what != "turns" else "what was recorded"
                raise Diverged(f"at tick {found[1]}: expected {what} {shown}")

    def shown(self, stream: int, data: bytes) -> None:
        self.sums.shown(stream, data)

    def host_answered(self, question: str, checksum: int, error: str | None, value: Any) -> None:
        raise Diverged("a replay has no host")

    def take_host_answer(self) -> tuple[Any, ...] | None:
        """The next one of the host's files; None: it has not been read yet."""
        return self.host_answers.popleft() if self.host_answers else None

    def host_answer(self, question: str, checksum: int) -> tuple[str | None, Any]:
        while (answer := self.take_host_answer()) is None:
            if not self.read_on():
                if self.end is None:
                    raise RecordingEnds(f"the recording was cut off at tick {self._now()[0]}")
                raise Diverged(f"at tick {self._now()[0]}: expected no more of the host's files, got {question}")
        expected, expected_checksum, error, value = answer
        if (expected, expected_checksum) != (question, checksum):
            which = "with other arguments" if expected == question else f"expected {expected}"
            raise Diverged(f"at tick {self._now()[0]}: a question to the host's files, {question}, {which}")
        return error, value

    def host_ahead(self) -> Iterator[tuple[Any, ...]]:
        at = 0
        while at < len(self.host_answers) or self.read_on():
            if at < len(self.host_answers):
                yield self.host_answers[at]
                at += 1

    def left_here(self) -> End | None:
        """How the recorded run ended, if it did by an interrupt, and here. Raises BadRecording."""
        while self.read_on():
            pass
        if self.end is None or self.end.why != INTERRUPT or self.moment != self._last[0] or self.upcoming() is not None:
            return None
        return self.end

    def check_end(self, end: End) -> None:
        """The run is over: compare how. Raises Diverged, RecordingEnds."""
        while self.read_on():
            pass
        if self.end is None:
            raise RecordingEnds("the recording was cut off before the end of the run")
        ticks, time_ns = self._now()
        if end != self.end:
            raise Diverged(f"at tick {ticks}: expected the end {_told(self.end)}, got {_told(end)}")
        moment, _, *rest = self._last
        found = (self.moment, ticks, time_ns, self.sums.turns, tuple(self.sums.output))
        self._compare((moment, *rest), found)
        answer = self.upcoming()
        if answer is not None:
            raise Diverged(f"at tick {ticks}: expected {answer.kind} at tick {answer.ticks}, got the end")


def _fits(kind: str, value: Any) -> bool:
    """Whether a value can be the unusual answer to a question of the kernel's."""
    if value == INTERRUPT:
        return kind in _KINDS
    if kind == "size":
        return isinstance(value, tuple) and len(value) == 2 and all(
            type(one) is int and 0 <= one < 1 << 16 for one in value)
    return type(value) is _KINDS.get(kind) and (type(value) is not int or 0 <= value < 1 << 63)


class Contents(NamedTuple):
    """What is in a recording, counted. `ticks`: how far it goes."""

    inputs: int
    input_bytes: int
    host_answers: int
    ticks: int
    end: End | None


def contents(recording: Recording) -> Contents:
    """Look through a recording. Raises BadRecording."""
    inputs = input_bytes = host_answers = ticks = 0
    log = ReplayLog(recording)
    while log.read_on():
        host_answers += len(log.host_answers)
        log.host_answers.clear()
        for answer in log.answers:
            ticks = max(ticks, answer.ticks)
            if answer.kind == "input" and isinstance(answer.value, bytes):
                inputs += 1
                input_bytes += len(answer.value)
        log.answers.clear()
    return Contents(inputs, input_bytes, host_answers, max(ticks, log.last_ticks), log.end)


def _told(end: End) -> str:
    return f"with status {end.status}" + (f" ({end.why})" if end.why else "")


__all__ = ["INTERRUPT", "Diverged", "End", "RecordingEnds", "RecordingLog", "ReplayLog", "Value"]
