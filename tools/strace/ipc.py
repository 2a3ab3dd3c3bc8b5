"""Printers of IPC objects: keys, commands, their structures, messages. strace's src/ipc_*.c, mq.c"""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence

from rvsim.guest_os.abi import ipc
from rvsim.guest_os.abi.fcntl import O_CREAT
from rvsim.guest_os.abi.mqueue import MQ_ATTR
from rvsim.tools.strace import constants as c
from rvsim.tools.strace.call import Arg, Call
from rvsim.tools.strace.text import address, cut, fields, flags, one_of, signed_long
from rvsim.tools.strace.values import (
    INT,
    MODE,
    OPEN_FLAGS,
    PATH,
    PTR_OUT,
    array_text,
    octal_mode,
    pointed,
    struct_out,
)

Pairs = list[tuple[str, object]]

KEY = Arg(lambda call, value: f"{value & 0xFFFF_FFFF:#x}" if value & 0xFFFF_FFFF else "IPC_PRIVATE")


def _get_flags(table: c.Table) -> Arg:
    """Flags of a get call: names, then the permissions."""

    def text(call: Call, value: int) -> str:
        value &= 0xFFFF_FFFF
        names = flags(value & ~0o777, table) + "|" if value & ~0o777 else ""
        return names + octal_mode(value & 0o777)

    return Arg(text)


SHMGET_FLAGS = _get_flags(c.IPC_CREATE | c.SHM_GET)
SEMGET_FLAGS = MSGGET_FLAGS = _get_flags(c.IPC_CREATE)


def _perm(data: bytes, setting: bool) -> str:
    key, uid, gid, cuid, cgid, mode, *_ = ipc.PERM.unpack(data[:ipc.PERM.size])
    pairs: Pairs = [("uid", uid), ("gid", gid), ("mode", octal_mode(mode))]
    if not setting:
        pairs += [("key", key & 0xFFFF_FFFF), ("cuid", cuid), ("cgid", cgid)]
    return fields(*pairs)


def _shmid(data: bytes, setting: bool) -> str:
    _, size, atime, dtime, ctime, cpid, lpid, attached, *_ = ipc.SHMID_DS.unpack(data)
    pairs: Pairs = [("shm_perm", _perm(data, setting))]
    if not setting:
        pairs += [("shm_segsz", size), ("shm_cpid", cpid), ("shm_lpid", lpid), ("shm_nattch", attached),
                  ("shm_atime", atime), ("shm_dtime", dtime), ("shm_ctime", ctime)]
    return fields(*pairs)


def _semid(data: bytes, setting: bool) -> str:
    _, otime, ctime, count, *_ = ipc.SEMID_DS.unpack(data)
    pairs: Pairs = [("sem_perm", _perm(data, setting))]
    if not setting:
        pairs += [("sem_otime", otime), ("sem_ctime", ctime), ("sem_nsems", count)]
    return fields(*pairs)


def _msqid(data: bytes, setting: bool) -> str:
    _, stime, rtime, ctime, _, count, limit, sender, receiver, *_ = ipc.MSQID_DS.unpack(data)
    pairs: Pairs = [("msg_perm", _perm(data, setting))]
    if setting:
        return fields(*pairs, ("msg_qbytes", limit))
    pairs += [("msg_stime", stime), ("msg_rtime", rtime), ("msg_ctime", ctime), ("msg_qnum", count),
              ("msg_qbytes", limit), ("msg_lspid", sender), ("msg_lrpid", receiver)]
    return fields(*pairs)


def _named(layout: struct.Struct, names: str) -> Callable[[bytes], str]:
    return lambda data: fields(*zip(names.split(), layout.unpack(data), strict=False))


_SHM_LIMITS = _named(ipc.SHMINFO, "shmmax shmmin shmmni shmseg shmall")
_SHM_USAGE = _named(ipc.SHM_INFO_DATA, "used_ids shm_tot shm_rss shm_swp swap_attempts swap_successes")
_SEM_LIMITS = _named(ipc.SEMINFO, "semmap semmni semmns semmnu semmsl semopm semume semusz semvmx semaem")
_MSG_LIMITS = _named(ipc.MSGINFO, "msgpool msgmap msgmax msgmnb msgmni msgssz msgtql msgseg")


def _control(cmd: int, layout: struct.Struct, show: Callable[[bytes, bool], str],
             tables: dict[int, tuple[struct.Struct, Callable[[bytes], str]]], stats: Sequence[int]) -> Arg:
    """The last argument of a ctl call, by its command."""
    if cmd == ipc.IPC_SET:
        return Arg(pointed(layout.size, lambda data: show(data, True)))
    if cmd in stats:
        return struct_out(layout.size, lambda data: show(data, False))
    if cmd in tables:
        found, table = tables[cmd]
        return struct_out(found.size, table)
    return PTR_OUT


def _command(table: c.Table, unknown: str) -> Arg:
    return Arg(lambda call, value: one_of(value & 0xFFFF_FFFF, c.IPC_COMMANDS | table, unknown))


def shmctl(call: Call) -> Sequence[Arg]:
    """The structure depends on the command."""
    cmd = call.args[1] & 0xFFFF_FFFF
    data = _control(cmd, ipc.SHMID_DS, _shmid, {
        ipc.IPC_INFO: (ipc.SHMINFO, _SHM_LIMITS), ipc.SHM_INFO: (ipc.SHM_INFO_DATA, _SHM_USAGE)},
        (ipc.IPC_STAT, ipc.SHM_STAT, ipc.SHM_STAT_ANY))
    return INT, _command(c.SHM_COMMANDS, "SHM_???"), data


def semctl(call: Call) -> Sequence[Arg]:
    """The structure depends on the command."""
    cmd = call.args[2] & 0xFFFF_FFFF
    limits = (ipc.SEMINFO, _SEM_LIMITS)
    data = _control(cmd, ipc.SEMID_DS, _semid, {ipc.IPC_INFO: limits, ipc.SEM_INFO: limits},
                    (ipc.IPC_STAT, ipc.SEM_STAT, ipc.SEM_STAT_ANY))
    return INT, INT, _command(c.SEM_COMMANDS, "SEM_???"), data


def msgctl(call: Call) -> Sequence[Arg]:
    """The structure depends on the command."""
    cmd = call.args[1] & 0xFFFF_FFFF
    limits = (ipc.MSGINFO, _MSG_LIMITS)
    data = _control(cmd, ipc.MSQID_DS, _msqid, {ipc.IPC_INFO: limits, ipc.MSG_INFO: limits},
                    (ipc.IPC_STAT, ipc.MSG_STAT, ipc.MSG_STAT_ANY))
    return INT, _command(c.MSG_COMMANDS, "MSG_???"), data


def _operation(data: bytes) -> str:
    number, change, bits = ipc.SEMBUF.unpack(data)
    return fields(("sem_num", number), ("sem_op", change), ("sem_flg", flags(bits & 0xFFFF, c.SEM_FLAGS, "SEM_???")))


OPERATIONS_IN = Arg(lambda call, value: array_text(call, value, call.args[2] & 0xFFFF_FFFF, ipc.SEMBUF.size,
                                                   _operation))


def _message(call: Call, value: int, size: int) -> str:
    data = call.read(value, 8 + min(size, 32)) if value and size >= 0 else None
    if data is None:
        return address(value)
    return fields(("mtype", int.from_bytes(data[:8], "little", signed=True)), ("mtext", cut(data[8:], size)))


MESSAGE_IN = Arg(lambda call, value: _message(call, value, signed_long(call.args[2])))
MESSAGE_OUT = Arg(lambda call, value: address(value) if call.failed else _message(call, value, call.bytes_done),
                  out=True)


def mq_attr(flag_text: Callable[[int], str]) -> Callable[[bytes], str]:
    """struct mq_attr; `flag_text` shows its flags."""

    def text(data: bytes) -> str:
        bits, most, size, held = MQ_ATTR.unpack(data)
        return fields(("mq_flags", flag_text(bits)), ("mq_maxmsg", most), ("mq_msgsize", size), ("mq_curmsgs", held))

    return text


def _open_flag_bits(bits: int) -> str:
    return flags(bits & 0xFFFF_FFFF_FFFF_FFFF, c.OPEN_FLAGS, "O_???")


_ATTR_MADE = Arg(pointed(MQ_ATTR.size, mq_attr(lambda bits: f"{bits:#x}" if bits else "0")))
ATTR_IN = Arg(pointed(MQ_ATTR.size, mq_attr(_open_flag_bits)))
ATTR_OUT = struct_out(MQ_ATTR.size, mq_attr(_open_flag_bits))


def mq_open(call: Call) -> Sequence[Arg]:
    """Mode and sizes count only where a queue may be made."""
    if call.args[1] & O_CREAT:
        return PATH, OPEN_FLAGS, MODE, _ATTR_MADE
    return PATH, OPEN_FLAGS

