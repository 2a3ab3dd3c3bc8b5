"""Process groups and sessions as terminals ask about them. drivers/tty/tty_jobctrl.c

Groups and sessions are named by their `Pid`. "The caller" is the task whose call runs.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import TYPE_CHECKING, Any

from rvsim.guest_os.abi.errno import ESRCH
from rvsim.guest_os.abi.signals import SI_KERNEL, bit
from rvsim.guest_os.task.exit import is_orphaned
from rvsim.guest_os.task.pid import Pid, PidType, find_vpid, pid_nr_ns, pid_task, task_active_pid_ns
from rvsim.guest_os.task.signal import SigInfo, send_signal

if TYPE_CHECKING:
    from rvsim.guest_os.task.kernel import Kernel
    from rvsim.guest_os.task.task import Task


class Jobs:
    """The kernel's side of job control."""

    def __init__(self, kernel: Kernel) -> None:
        self.kernel = kernel

    @property
    def _caller(self) -> Task:
        current = self.kernel.scheduler.current or self.kernel.init
        if current is None:
            raise RuntimeError("no task runs")
        return current

    @property
    def resume(self) -> object:
        """The caller's plain data that lasts from one run of a call to the next."""
        return self._caller.resume

    @resume.setter
    def resume(self, value: object) -> None:
        self._caller.resume = value

    def group(self) -> Hashable:
        """The caller's process group."""
        return self._caller.group.pgrp

    def session(self) -> Hashable:
        """The caller's session."""
        return self._caller.group.session

    def is_session_leader(self) -> bool:
        """Whether the caller leads its session."""
        group = self._caller.group
        return group.session is group.pid

    def controlling_tty(self) -> Any:
        """The terminal of the caller's session, None without one."""
        return self._caller.group.terminal

    def set_controlling_tty(self, session: Hashable, tty: Any) -> None:
        """Give every process of `session` this terminal, or none; None is the caller's process alone."""
        if isinstance(session, Pid):
            for task in session.tasks[PidType.SID]:
                task.group.terminal = tty
        else:
            self._caller.group.terminal = tty

    def find_group(self, number: int) -> Hashable:
        """The process group that the caller knows by `number`. Raises ESRCH."""
        pid = find_vpid(number, self._caller)
        if pid is None or not pid.tasks[PidType.PGID]:
            raise ESRCH
        return pid

    def session_of(self, group: Hashable) -> Hashable:
        """The session that a process group belongs to, None if the group is empty."""
        member = pid_task(group, PidType.PGID) if isinstance(group, Pid) else None
        return member.group.session if member is not None else None

    def number(self, group: Hashable) -> int:
        """What the caller knows a group or session by; 0 if it cannot see it."""
        return pid_nr_ns(group, task_active_pid_ns(self._caller)) if isinstance(group, Pid) else 0

    def is_orphaned(self, group: Hashable) -> bool:
        """Whether nobody outside the group, but in its session, is a parent of a member."""
        return is_orphaned(self.kernel, group) if isinstance(group, Pid) else True

    def ignores(self, signo: int) -> bool:
        """Whether the caller blocks or ignores a signal."""
        caller = self._caller
        return bool(caller.blocked & bit(signo)) or caller.sighand.actions[signo].handler == 1

    def signal_group(self, group: Hashable, signo: int) -> None:
        """Send a signal to every process of a group."""
        if isinstance(group, Pid):
            for task in tuple(group.tasks[PidType.PGID]):
                send_signal(task, SigInfo(signo, SI_KERNEL), True)

    def signal_leader(self, session: Hashable, signo: int) -> None:
        """Send a signal to the leader of a session."""
        leader = pid_task(session, PidType.TGID) if isinstance(session, Pid) else None
        if leader is not None:
            send_signal(leader, SigInfo(signo, SI_KERNEL), True)
