"""What a resumed machine is to stop for: where gdb's wishes meet what happens."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rvsim.tools.debug.stop import Condition, Event, Kind
from rvsim.tools.gdb.ids import ALL, ANY, id_of, pid_of, tid_of
from rvsim.tools.gdb.reply import THREAD_EXIT, Report
from rvsim.tools.gdb.resume import Action, action_for
from rvsim.tools.gdb.resume import Kind as Does

if TYPE_CHECKING:
    from rvsim.guest_os.task.task import Task
    from rvsim.tools.gdb.inferior import Inferiors

ECALL, FETCH_PAGE = 8, 12
A7 = 17


class Wishes:
    """What gdb wants to be told, besides what it sets in each process.

    Attributes:
        forks, vforks, execs: it knows these events.
        threads: it wants to be told when threads begin and end.
        passed: signals that are not told but delivered.
        pending: reports of what happened at a moment when the machine could not stop, by the number of the process
            and thread that they are about; thread 0: the whole process.
        vforks_open: threads that wait for a child which has their memory.
        calls: threads inside of a call whose end is to be told, with its number.
        injected: (thread, signal) that gdb sends along: acted on without being told.
    """

    def __init__(self) -> None:
        self.forks = self.vforks = self.execs = self.threads = False
        self.passed: frozenset[int] = frozenset()
        self.pending: list[tuple[int, int, Report]] = []
        self.vforks_open: set[int] = set()
        self.calls: dict[int, int] = {}
        self.injected: set[tuple[int, int]] = set()

    def forget(self) -> None:
        """Nothing has happened yet."""
        self.pending.clear()
        self.vforks_open.clear()
        self.calls.clear()
        self.injected.clear()


class Pursuit(Condition):
    """One resumption: the threads that `actions` match go on, the others of the session stand aside.

    `report` is the stop, once one of the questions was answered with yes.
    """

    kind = Kind.STEP
    sees_events = True

    def __init__(self, inferiors: Inferiors, wishes: Wishes, actions: Sequence[Action], fetches: bool) -> None:
        """`fetches`: a breakpoint is where nothing can be executed, and is come by when the fetch faults."""
        self.inferiors = inferiors
        self.wishes = wishes
        self.actions = tuple(actions)
        self.addresses = inferiors.addresses
        self.sees_traps = any(inferior.calls is not None for inferior in inferiors) or fetches
        self.sees_steps = any(action.steps for action in actions)
        self.report: Report | None = None
        self._known: dict[int, Action | None] = {}

    @property
    def is_calm(self) -> bool:
        wishes = self.wishes
        return not (self.sees_steps or wishes.vforks_open or wishes.calls or wishes.pending)

    def action(self, task: Task) -> Action | None:
        """What a thread of the session does; None: it stands aside."""
        tid = tid_of(task)
        if tid not in self._known:
            self._known[tid] = action_for(self.actions, pid_of(task.group), tid)
        return self._known[tid]

    def _stop(self, report: Report) -> bool:
        self.report = report
        return True

    def has_news(self) -> bool:
        """Something has happened that was not told yet, to a process that goes on."""
        pending = self.wishes.pending
        for at, (pid, tid, report) in enumerate(pending):
            if any(action.kind is not Does.STOP and action.thread.pid in (ALL, ANY, pid)
                   and (not tid or action.thread.tid in (ALL, ANY, tid)) for action in self.actions):
                del pending[at]
                return self._stop(report)
        return False

    # ---- questions; the answer is whether to stop

    def goes_on(self, task: Task) -> bool:
        wishes = self.wishes
        if wishes.vforks_open or wishes.calls:
            tid = tid_of(task)
            number = wishes.calls.pop(tid, None)
            pid = pid_of(task.group)
            if tid in wishes.vforks_open and self.inferiors.of(task) is not None:
                wishes.vforks_open.discard(tid)
                wishes.pending.append((pid, tid, Report(task, why="vforkdone")))
            if number is not None and self.inferiors.of(task) is not None:
                wishes.pending.append((pid, tid, Report(task, why="syscall_return", value=b"%x" % number)))
        return bool(wishes.pending) and self.has_news()

    def trap(self, task: Task, cause: int) -> bool:
        inferior = self.inferiors.of(task)
        if inferior is None or self.action(task) is None:
            return False
        if cause == ECALL:
            number = int(task.kernel.hart.x(A7))
            if not inferior.catches(number):
                return False
            self.wishes.calls[tid_of(task)] = number
            return self._stop(Report(task, why="syscall_entry", value=b"%x" % number))
        return cause == FETCH_PAGE and self.comes_by(task)      # a breakpoint where nothing can be executed

    def event(self, event: Event) -> bool:
        task = event.task
        inferior = self.inferiors.of(task)
        if inferior is None:
            return False
        match event.kind:
            case Kind.FORK:
                assert event.other is not None
                self._forked(task, event.other)
            case Kind.EXEC:
                inferior.new_program()
                self.addresses = self.inferiors.addresses
                self.wishes.calls.pop(tid_of(task), None)
                if self.wishes.execs and task.mm is not None and task.mm.exe is not None:
                    path: bytes = task.mm.exe.path.display()  # type: ignore[attr-defined]
                    self._note(task, Report(task, why="exec", value=path.hex().encode()))
            case Kind.EXIT:
                self._ended(task, event.status)
            case Kind.SIGNAL:
                assert event.info is not None
                number = tid_of(task), event.info.signo
                if number in self.wishes.injected:
                    self.wishes.injected.discard(number)
                elif event.info.signo not in self.wishes.passed:
                    return self._stop(Report(task, event.info.signo, info=event.info))
        return False

    def _note(self, task: Task, report: Report) -> None:
        self.wishes.pending.append((pid_of(task.group), tid_of(task), report))

    def _forked(self, task: Task, child: Task) -> None:
        wishes, inferior = self.wishes, self.inferiors.of(task)
        if child.group is task.group:
            if wishes.threads:
                self._note(child, Report(child, why="create"))
            return
        shares = child.mm is task.mm
        if inferior is None or not (wishes.vforks if shares else wishes.forks):
            return
        if self.inferiors.get(pid_of(child.group)) is not None:
            return                      # known from when the run came by the first time
        self.inferiors.fork(inferior, pid_of(child.group))
        self._note(task, Report(task, why="vfork" if shares else "fork", value=id_of(child)))
        if shares:
            wishes.vforks_open.add(tid_of(task))

    def _ended(self, task: Task, status: int) -> None:
        wishes, pid, tid = self.wishes, pid_of(task.group), tid_of(task)
        wishes.vforks_open.discard(tid)
        wishes.calls.pop(tid, None)
        wishes.pending = [news for news in wishes.pending
                          if news[1] != tid or news[2].why in ("fork", "vfork", THREAD_EXIT)]
        if not task.group.live_threads:
            wishes.pending.append((pid, 0, Report(gone=(pid, task.group.wait_status))))
        elif wishes.threads:
            wishes.pending.append((pid, tid, Report(why=THREAD_EXIT, gone=(pid, status), value=id_of(task))))

    def comes_by(self, task: Task) -> bool:
        inferior = self.inferiors.of(task)
        if inferior is None or self.action(task) is None:
            return False
        why = inferior.stops(task)
        return bool(why) and self._stop(Report(task, why=why))

    def wants_step(self, task: Task) -> bool:
        action = self.action(task)
        return action is not None and action.steps and self.inferiors.of(task) is not None

    def stepped(self, task: Task) -> bool:
        action = self.action(task)
        if action is None or not action.steps or self.inferiors.of(task) is None:
            return False
        if action.kind is Does.RANGE and action.start <= task.kernel.hart.pc < action.end:
            return False
        return self._stop(Report(task))
