"""prctl: settings of a thread or process, securebits and the ambient set. kernel/sys.c, security/commoncap.c"""

from __future__ import annotations

from rvsim.guest_os.abi.capability import CAP_LAST_CAP, CAP_SETPCAP
from rvsim.guest_os.abi.errno import EINVAL, EPERM
from rvsim.guest_os.abi.securebits import (
    SECBIT_KEEP_CAPS,
    SECBIT_KEEP_CAPS_LOCKED,
    SECBIT_NO_CAP_AMBIENT_RAISE,
    SECURE_ALL_BITS,
    SECURE_ALL_LOCKS,
)
from rvsim.guest_os.abi.signals import NSIG
from rvsim.guest_os.mm import user_memory
from rvsim.guest_os.syscalls.args import Int, ULong
from rvsim.guest_os.task.task import Task

PR_SET_PDEATHSIG, PR_GET_PDEATHSIG, PR_GET_DUMPABLE, PR_SET_DUMPABLE = 1, 2, 3, 4
PR_GET_KEEPCAPS, PR_SET_KEEPCAPS, PR_GET_TIMING, PR_SET_TIMING, PR_SET_NAME, PR_GET_NAME = 7, 8, 13, 14, 15, 16
PR_CAPBSET_READ, PR_CAPBSET_DROP, PR_GET_SECUREBITS, PR_SET_SECUREBITS = 23, 24, 27, 28
PR_SET_TIMERSLACK, PR_GET_TIMERSLACK, PR_SET_CHILD_SUBREAPER, PR_GET_CHILD_SUBREAPER = 29, 30, 36, 37
PR_SET_NO_NEW_PRIVS, PR_GET_NO_NEW_PRIVS, PR_GET_TID_ADDRESS = 38, 39, 40
PR_SET_THP_DISABLE, PR_GET_THP_DISABLE, PR_CAP_AMBIENT = 41, 42, 47
PR_GET_AUXV = 0x4155_5856
AMBIENT_IS_SET, AMBIENT_RAISE, AMBIENT_LOWER, AMBIENT_CLEAR_ALL = 1, 2, 3, 4
TIMER_SLACK_NS = 50_000


def sys_prctl(task: Task, option: Int, arg2: ULong, arg3: ULong, arg4: ULong, arg5: ULong) -> int:
    """Settings of a thread or process. EINVAL: unknown, or an argument. EPERM, EFAULT. kernel/sys.c

    There is no seccomp: PR_SET_SECCOMP and PR_GET_SECCOMP give EINVAL, as in a kernel that is built without it.
    """
    rest = (arg2, arg3, arg4, arg5)
    setter = _SETTERS.get(option)
    if setter is not None:
        setter(task, rest)
        return 0
    getter = _GETTERS.get(option)
    if getter is None:
        raise EINVAL
    return getter(task, rest)


Rest = tuple[int, int, int, int]


def _no_more(rest: Rest, used: int) -> None:
    """EINVAL: an argument behind the `used` ones is not 0."""
    if any(rest[used:]):
        raise EINVAL


# ---- what is set


def _set_name(task: Task, rest: Rest) -> None:
    name = user_memory.string(task.space, rest[0], 16)
    task.comm = (user_memory.read(task.space, rest[0], 15) if name is None else name)[:15]


def _set_death_signal(task: Task, rest: Rest) -> None:
    if rest[0] > NSIG:
        raise EINVAL
    task.group.parent_death_signal = rest[0]


def _set_dumpable(task: Task, rest: Rest) -> None:
    if rest[0] > 1:
        raise EINVAL
    task.group.dumpable = rest[0]


def _set_timing(task: Task, rest: Rest) -> None:
    """Only PR_TIMING_STATISTICAL exists."""
    if rest[0]:
        raise EINVAL


def _drop_bounding(task: Task, rest: Rest) -> None:
    """security/commoncap.c:cap_prctl_drop"""
    if not task.cred.capable(CAP_SETPCAP):
        raise EPERM
    if rest[0] > CAP_LAST_CAP:
        raise EINVAL
    cred = task.cred.copy()
    cred.cap_bounding &= ~(1 << rest[0])
    task.cred = cred


def _set_securebits(task: Task, rest: Rest) -> None:
    """EPERM: no CAP_SETPCAP, an unknown bit, a locked one changed, or a lock taken off. security/commoncap.c"""
    cred, wanted = task.cred.copy(), rest[0]
    locks = cred.securebits & SECURE_ALL_LOCKS
    if (locks >> 1 & (cred.securebits ^ wanted) or locks & ~wanted or wanted & ~(SECURE_ALL_LOCKS | SECURE_ALL_BITS)
            or not cred.capable(CAP_SETPCAP)):
        raise EPERM
    cred.securebits = wanted
    task.cred = cred


def _set_keep_caps(task: Task, rest: Rest) -> None:
    if rest[0] > 1:
        raise EINVAL
    cred = task.cred.copy()
    if cred.securebits & SECBIT_KEEP_CAPS_LOCKED:
        raise EPERM
    cred.securebits = cred.securebits | SECBIT_KEEP_CAPS if rest[0] else cred.securebits & ~SECBIT_KEEP_CAPS
    task.cred = cred


def _set_timer_slack(task: Task, rest: Rest) -> None:
    task.timer_slack_ns = rest[0] or TIMER_SLACK_NS


def _set_subreaper(task: Task, rest: Rest) -> None:
    task.group.is_subreaper = bool(rest[0])


def _set_no_new_privs(task: Task, rest: Rest) -> None:
    if rest[0] != 1:
        raise EINVAL
    _no_more(rest, 1)
    task.no_new_privs = True


def _set_thp_disable(task: Task, rest: Rest) -> None:
    """There are no huge pages; the wish is kept."""
    _no_more(rest, 1)
    task.group.no_huge_pages = bool(rest[0])


def _store_name(task: Task, rest: Rest) -> None:
    user_memory.write(task.space, rest[0], task.comm.ljust(16, b"\0"))


def _store_death_signal(task: Task, rest: Rest) -> None:
    user_memory.write_u32(task.space, rest[0], task.group.parent_death_signal)


def _store_subreaper(task: Task, rest: Rest) -> None:
    user_memory.write_u32(task.space, rest[0], int(task.group.is_subreaper))


def _store_tid_address(task: Task, rest: Rest) -> None:
    user_memory.write_u64(task.space, rest[0], task.clear_child_tid)


# ---- what is returned


def _dumpable(task: Task, rest: Rest) -> int:
    return task.group.dumpable


def _keep_caps(task: Task, rest: Rest) -> int:
    return int(bool(task.cred.securebits & SECBIT_KEEP_CAPS))


def _zero(task: Task, rest: Rest) -> int:
    return 0


def _bounding(task: Task, rest: Rest) -> int:
    if rest[0] > CAP_LAST_CAP:
        raise EINVAL
    return task.cred.cap_bounding >> rest[0] & 1


def _securebits(task: Task, rest: Rest) -> int:
    return task.cred.securebits


def _timer_slack(task: Task, rest: Rest) -> int:
    return task.timer_slack_ns


def _no_new_privs(task: Task, rest: Rest) -> int:
    _no_more(rest, 0)
    return int(task.no_new_privs)


def _thp_disable(task: Task, rest: Rest) -> int:
    _no_more(rest, 0)
    return int(task.group.no_huge_pages)


def _ambient(task: Task, rest: Rest) -> int:
    """PR_CAP_AMBIENT. EINVAL. EPERM: neither permitted nor inheritable, or forbidden. security/commoncap.c"""
    operation, capability, *more = rest
    cred = task.cred.copy()
    if operation == AMBIENT_CLEAR_ALL:
        _no_more(rest, 1)
        cred.cap_ambient = 0
        task.cred = cred
        return 0
    if capability > CAP_LAST_CAP or any(more):
        raise EINVAL
    if operation == AMBIENT_IS_SET:
        return cred.cap_ambient >> capability & 1
    if operation == AMBIENT_RAISE:
        if (not cred.cap_permitted & cred.cap_inheritable & 1 << capability
                or cred.securebits & SECBIT_NO_CAP_AMBIENT_RAISE):
            raise EPERM
        cred.cap_ambient |= 1 << capability
    elif operation == AMBIENT_LOWER:
        cred.cap_ambient &= ~(1 << capability)
    else:
        raise EINVAL
    task.cred = cred
    return 0


def _auxv(task: Task, rest: Rest) -> int:
    """The auxiliary vector, as much as there is room for; returns its whole size. kernel/sys.c:prctl_get_auxv"""
    _no_more(rest, 2)
    vector = task.space.saved_auxv
    user_memory.write(task.space, rest[0], vector[:rest[1]])
    return len(vector)


_SETTERS = {
    PR_SET_NAME: _set_name, PR_SET_PDEATHSIG: _set_death_signal, PR_SET_DUMPABLE: _set_dumpable,
    PR_SET_TIMING: _set_timing, PR_CAPBSET_DROP: _drop_bounding, PR_SET_SECUREBITS: _set_securebits,
    PR_SET_KEEPCAPS: _set_keep_caps, PR_SET_TIMERSLACK: _set_timer_slack,
    PR_SET_CHILD_SUBREAPER: _set_subreaper, PR_SET_NO_NEW_PRIVS: _set_no_new_privs,
    PR_SET_THP_DISABLE: _set_thp_disable, PR_GET_NAME: _store_name,
    PR_GET_PDEATHSIG: _store_death_signal, PR_GET_CHILD_SUBREAPER: _store_subreaper,
    PR_GET_TID_ADDRESS: _store_tid_address,
}
_GETTERS = {
    PR_GET_DUMPABLE: _dumpable, PR_GET_KEEPCAPS: _keep_caps, PR_GET_TIMING: _zero, PR_CAPBSET_READ: _bounding,
    PR_GET_SECUREBITS: _securebits, PR_GET_TIMERSLACK: _timer_slack,
    PR_GET_NO_NEW_PRIVS: _no_new_privs, PR_GET_THP_DISABLE: _thp_disable,
    PR_CAP_AMBIENT: _ambient, PR_GET_AUXV: _auxv,
}


__all__ = ["sys_prctl"]
