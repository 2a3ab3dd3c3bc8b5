"""What a search backwards looks for: breakpoints and watched bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rvsim.tools.debug.stop import Condition, Kind
from rvsim.tools.gdb.inferior import HARDWARE, SOFTWARE, WATCH_NAMES
from rvsim.tools.gdb.reply import Report

if TYPE_CHECKING:
    from rvsim.guest_os.task.control import Hit
    from rvsim.guest_os.task.task import Task
    from rvsim.tools.debug.session import Session
    from rvsim.tools.debug.stop import Position, Stop
    from rvsim.tools.debug.watches import Watch
    from rvsim.tools.gdb.inferior import Inferiors


class Backwards(Condition):
    """The last breakpoint or access before here.

    Attributes:
        found: the reasons at the places that the search has come by.
        reason: what gdb is to be told at the end, if that is another place.
    """

    kind = Kind.STEP

    def __init__(self, session: Session, inferiors: Inferiors, areas: tuple[Watch, ...]) -> None:
        self.session = session
        self.inferiors = inferiors
        self.addresses = inferiors.addresses
        self.areas = areas
        self.found: dict[Position, Report] = {}
        self.reason: Report | None = None

    def _note(self, task: Task, why: str, value: bytes = b"") -> bool:
        self.found[self.session.position(Kind.STEP, task)] = Report(why=why, value=value)
        return True

    def reason_at(self, stop: Stop) -> Report | None:
        """Why the search has stopped there."""
        return self.found.get(stop.position._replace(kind=Kind.STEP))

    def comes_by(self, task: Task) -> bool:
        inferior = self.inferiors.of(task)
        types = inferior.breakpoints.get(task.kernel.hart.pc) if inferior is not None else None
        if not types:
            return False
        return self._note(task, "swbreak" if SOFTWARE in types or HARDWARE not in types else "hwbreak")

    def watched(self, task: Task, hit: Hit | None) -> bool:
        inferior = self.inferiors.of(task)
        if inferior is None or not inferior.watches:
            return False
        if hit is None:
            (kind, address, _), *_ = inferior.watches
            return self._note(task, WATCH_NAMES[kind], b"%x" % address)
        kinds = [key[0] for key, watched in inferior.watches.items() if watched == hit.watched]
        return bool(kinds) and self._note(task, WATCH_NAMES[kinds[0]], b"%x" % hit.address)
