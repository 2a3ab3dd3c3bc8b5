"""What a tested machine was told since it began: enough to have its run again from the snapshot it began with."""

from __future__ import annotations

from typing import Any

from rvsim.guest_os.outside import START, InputLog
from rvsim.guest_os.recording.file import Writer
from rvsim.guest_os.recording.log import End, Sums, answer_entry, end_entry, reached_entry


class TestLog(InputLog):
    """An `InputLog` that can be written as a recording."""

    __test__ = False

    def __init__(self) -> None:
        super().__init__()
        self.sums = Sums()

    def begin(self) -> None:
        """The run begins here: forget what was before."""
        self.answers.clear()
        self.known = self.reached = START
        self.moment = self.question = self.at = 0
        self.sums = Sums()

    def next_moment(self) -> None:
        self.moment += 1
        self.question = 0
        self.sums.turn(self._now()[0])

    def shown(self, stream: int, data: bytes) -> None:
        self.sums.shown(stream, data)

    def write(self, path: str, header: dict[str, Any], end: End | None) -> None:
        """Write the recording. `end`: how the machine ended, None if it had not. Raises OSError."""
        writer = Writer(path, header)
        for answer in self.answers:
            writer.add(answer_entry(answer))
        writer.add(reached_entry(self) if end is None else end_entry(self, end, *self._now(), self.sums))
        writer.close()
        if writer.error is not None:
            raise writer.error
