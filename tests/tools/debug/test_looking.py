"""What a session has its machine look for is as little as will do, and makes no difference to what is found."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import pytest
from debugged import Debugged

from rvsim.tools.debug import conditions
from rvsim.tools.debug.events import Events
from rvsim.tools.debug.session import Session
from rvsim.tools.debug.stop import EVENTS, Condition, Go, Kind, Order, Stop

CLOSE = 57
NO_CALL = conditions.Call(("reboot",))
EVENT = conditions.AnyOf([conditions.Happens(kind) for kind in EVENTS])


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The numbers of the calls that the session's observer sees."""
    numbers: list[int] = []
    leave = Events.leave

    def leaves(self: Events, task: Any, number: int, *rest: Any) -> None:
        numbers.append(number)
        leave(self, task, number, *rest)

    monkeypatch.setattr(Events, "leave", leaves)
    return numbers


def stops(condition: Condition) -> list[Stop]:
    """Where a program of many processes stops for it."""
    found = []

    def plan(session: Session) -> Generator[Order | None, Stop, None]:
        stop = yield None
        while stop.kind is not Kind.ENDED:
            stop = yield Go(condition)
            found.append(stop)

    Debugged("sh", plan, "-c", "echo a | cat; ls /; false; nothing; cat no; sh -c 'echo b; kill $$'")
    return found


def test_who_waits_for_events_sees_no_calls(seen: list[int]) -> None:
    alone = [(stop.position, stop.status) for stop in stops(EVENT)]
    assert CLOSE not in seen        # calls that wait are seen
    assert [(stop.position, stop.status) for stop in stops(conditions.AnyOf([EVENT, NO_CALL]))] == alone
    assert CLOSE in seen
    assert {position.kind for position, _ in alone} > {Kind.FORK, Kind.EXEC, Kind.EXIT}
