"""What gdb is to be told of a stop of the session."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rvsim.guest_os.abi.signals import SIGKILL
from rvsim.tools.debug.stop import Kind, Stop
from rvsim.tools.gdb.ids import ANY, ThreadId
from rvsim.tools.gdb.reply import SIGINT, SIGTRAP, Report

if TYPE_CHECKING:
    from rvsim.tools.gdb.pursuit import Pursuit
    from rvsim.tools.gdb.stub import Stub


def report_of(stub: Stub, stop: Stop, pursuit: Pursuit | None) -> Report | None:
    """What gdb is to be told; None: nothing. Raises Gone."""
    if stop.kind is Kind.ENDED:
        return ended(stub)
    if pursuit is not None and pursuit.has_news():
        return pursuit.report
    if stop.kind is Kind.WATCH and stop.watch is not None:
        return stub.commands.points.watch_report(stop)
    if pursuit is not None and stop.asked and pursuit.report is not None:
        return pursuit.report
    if stop.kind not in (Kind.WAITING, Kind.INTERRUPT) and stop.task is not None:
        stub.link.console(stub.commands.monitor.describe(stop))         # `monitor catch` and its like
        return Report(stop.task) if stub.inferiors.of(stop.task) is not None else elsewhere(stub)
    if stop.kind is Kind.WAITING and not stub.asked_for():
        stub.link.console("rvsim: nothing can run any more: every thread waits for what can never come\n")
    task = stop.task
    if task is not None and stub.inferiors.of(task) is not None:
        return Report(task, SIGINT)
    return elsewhere(stub, SIGINT)


def elsewhere(stub: Stub, signo: int = SIGTRAP) -> Report | None:
    """It stopped in a process that is not in the session: some thread of the session stands for it."""
    task = stub.find(ThreadId(ANY, ANY))
    return Report(task, signo) if task is not None else None


def ended(stub: Stub) -> Report | None:
    """The machine has ended: every process of the session, one after the other."""
    wishes = stub.wishes
    ends = [report for _, _, report in wishes.pending if report.gone is not None and not report.why]
    news = ends[0] if ends else None
    wishes.pending = [item for item in wishes.pending if item[2] in ends[1:]]
    if news is not None:
        return news
    inferior = next(iter(stub.inferiors), None)
    return Report(gone=(inferior.pid, SIGKILL)) if inferior is not None else None
