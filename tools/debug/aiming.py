"""What a session has its machine look for: as little as will do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rvsim.guest_os.task.control import NEVER
from rvsim.tools.debug.stop import EVENTS, Kind

if TYPE_CHECKING:
    from rvsim.tools.debug.session import Session

NEAR_TICKS = 4096
"""From so far before a position on, its address is a breakpoint."""


def aim(session: Session) -> None:
    """Let the controller and the observer look for what can stop the run, and for nothing else."""
    hart, control, target = session.machine.hart, session.control, session.journey.target
    stops: set[int] = set()
    trap_stop, observed, pause_at = NEVER, False, None
    session.is_watching = session.has_watches
    if not session.journey.muted:
        stops |= session.until.addresses
        if session.journey.found is None:
            stops |= session.breakpoints.addresses
            if session.catches.sees_traps or session.injections:
                trap_stop = 0
            observed = session.catches.sees_events
        if session.until.sees_traps:
            trap_stop, observed = 0, True
        observed = observed or session.until.sees_events or session.is_watching or bool(session.events.pending)
    elif session.journey.mute_until is not None:
        pause_at = session.journey.mute_until
    session.watches.place()
    if target is not None and target.kind not in (Kind.WAITING, Kind.ENDED):
        if target.traps > hart.traps:
            trap_stop = min(trap_stop, target.traps)
        else:
            trap_stop = min(trap_stop, target.traps + 1)
            observed = observed or target.kind in EVENTS
            if target.kind in EVENTS and target.kind is not Kind.EXEC:
                pass
            elif target.ticks - hart.ticks > NEAR_TICKS and session.journey.under_way and not session.journey.careful:
                near = target.ticks - NEAR_TICKS
                pause_at = near if pause_at is None else min(near, pause_at)
            else:
                stops.add(target.pc)
    control.set_breakpoints(stops)
    control.set_trap_stop(trap_stop)
    control.pause_at = pause_at
    control.free_until_ns = 0
    session.is_calm = trap_stop == NEVER and pause_at is None and target is None and not session.is_watching
    kernel = session.machine.kernel
    kernel.observer = session.recent
    if observed:
        session.events.sees_calls = trap_stop != NEVER or session.is_watching or bool(session.events.pending)
        kernel.observe(session.events)
