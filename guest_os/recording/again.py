"""A recording whose run is had more than once, from its beginning or from a snapshot: to go back in it."""

from __future__ import annotations

from itertools import chain, islice
from typing import TYPE_CHECKING, Any

from rvsim.guest_os.outside import InputLog
from rvsim.guest_os.recording.host import ReplayedHost
from rvsim.guest_os.recording.log import ReplayLog

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rvsim.guest_os.recording.file import Recording


class NotRecorded(Exception):
    """Somebody who looks at the stopped machine wants something of the host that the run has not asked for. No errno:
    the kernel would conclude from one that a file is gone."""


class RepeatedHost(ReplayedHost):
    """The host of a run that is stopped now and then, by somebody who holds `aside` meanwhile.

    What he reads of a file by `looking` is what the run will be told, or ESTALE; everything else raises NotRecorded.
    """

    def _ahead(self, name: str, checksum: int, arguments: tuple[Any, ...]) -> tuple[str | None, Any]:
        if self._looks == 1:
            raise NotRecorded(name)
        return super()._ahead(name, checksum, arguments)


class RepeatedLog(ReplayLog):
    """Keeps what it has read. What the run shows, and where it is, is compared when it comes by the first time.

    It is a `ReplayLog`: nobody can change the run, so a difference ends the replay, as it does without a debugger, and
    the recording is read as the run needs it. Where the run may become another one and go on from there, as in the
    stepper, that takes a log that live answers can be added to: `PlayedLog` in `tools/debug/played.py`.

    Attributes:
        host_at: so many answers of the host's files the run has got. Belongs to a place, as `mark` does.
    """

    def __init__(self, recording: Recording) -> None:
        super().__init__(recording)
        self.host = RepeatedHost(self)
        self._heard: list[tuple[Any, ...]] = []     # answers of the host's files
        self.host_at = 0
        self._furthest = 0                          # the last moment that the run has come by

    def forget_future(self) -> None:
        """Nothing can be changed, so the future stays."""

    def next_moment(self) -> None:
        if self.moment >= self._furthest:
            self._furthest = self.moment + 1
            super().next_moment()
            return
        InputLog.next_moment(self)
        if self.position > self.known:
            raise self.end_here()

    def take_host_answer(self) -> tuple[Any, ...] | None:
        while self.host_answers:
            self._heard.append(self.host_answers.popleft())
        if self.host_at == len(self._heard):
            return None
        self.host_at += 1
        return self._heard[self.host_at - 1]

    def host_ahead(self) -> Iterator[tuple[Any, ...]]:
        return chain(islice(self._heard, self.host_at, None), super().host_ahead())
