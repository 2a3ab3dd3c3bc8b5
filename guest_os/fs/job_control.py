"""What a terminal asks of the kernel's tasks: process groups, sessions, signals. drivers/tty/tty_jobctrl.c

Groups and sessions are opaque here: whatever objects the kernel names them by; only numbers that a guest gives or sees
are translated. "The caller" is the task whose system call runs.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import TYPE_CHECKING, Protocol

from rvsim.guest_os.abi.errno import ESRCH

if TYPE_CHECKING:
    from rvsim.guest_os.fs.tty import Tty

SIGHUP = 1
SIGINT = 2
SIGQUIT = 3
SIGCONT = 18
SIGTSTP = 20
SIGTTIN = 21
SIGTTOU = 22
SIGWINCH = 28


class JobControl(Protocol):
    """The kernel's side.

    Attributes:
        resume: the caller's plain data that lasts from one run of a call to the next (`task.resume`), None at first.
    """

    resume: object

    def group(self) -> Hashable:
        """The caller's process group."""
        ...

    def session(self) -> Hashable:
        """The caller's session."""
        ...

    def is_session_leader(self) -> bool:
        """Whether the caller leads its session."""
        ...

    def controlling_tty(self) -> Tty | None:
        """The terminal of the caller's session."""
        ...

    def set_controlling_tty(self, session: Hashable, tty: Tty | None) -> None:
        """Give every process of `session` this terminal, or none; a `session` of None is the caller's process alone."""
        ...

    def find_group(self, number: int) -> Hashable:
        """The process group that the caller knows by `number`. Raises ESRCH."""
        ...

    def session_of(self, group: Hashable) -> Hashable:
        """The session that `group` belongs to."""
        ...

    def number(self, group: Hashable) -> int:
        """What the caller knows a group or session by; 0 if it cannot see it."""
        ...

    def is_orphaned(self, group: Hashable) -> bool:
        """Whether nobody outside the group, but in its session, is a parent of a member. kernel/exit.c"""
        ...

    def ignores(self, signo: int) -> bool:
        """Whether the caller blocks or ignores a signal."""
        ...

    def signal_group(self, group: Hashable, signo: int) -> None:
        """Send a signal to every process of a group."""
        ...

    def signal_leader(self, session: Hashable, signo: int) -> None:
        """Send a signal to the leader of a session."""
        ...


class NoJobControl:
    """No groups, no sessions, no signals: for a kernel that has none of them."""

    resume: object = None

    def group(self) -> Hashable:
        return 0

    def session(self) -> Hashable:
        return 0

    def is_session_leader(self) -> bool:
        return False

    def controlling_tty(self) -> Tty | None:
        return None

    def set_controlling_tty(self, session: Hashable, tty: Tty | None) -> None:
        return None

    def find_group(self, number: int) -> Hashable:
        raise ESRCH

    def session_of(self, group: Hashable) -> Hashable:
        return 0

    def number(self, group: Hashable) -> int:
        return 0

    def is_orphaned(self, group: Hashable) -> bool:
        return True

    def ignores(self, signo: int) -> bool:
        return False

    def signal_group(self, group: Hashable, signo: int) -> None:
        return None

    def signal_leader(self, session: Hashable, signo: int) -> None:
        return None
