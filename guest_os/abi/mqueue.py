"""POSIX message queues. include/uapi/linux/mqueue.h, include/linux/ipc_namespace.h"""

from __future__ import annotations

import struct

MQUEUE_MAGIC = 0x19800202
MQ_PRIO_MAX = 32768
MAX_QUEUES = 256
MAX_MSGS = DEFAULT_MSGS = 10
MAX_MSGSIZE = DEFAULT_MSGSIZE = 8192
HARD_MSGS = 65536
HARD_MSGSIZE = 16 << 20

MQ_ATTR = struct.Struct("<4q32x")
"""struct mq_attr: flags, maxmsg, msgsize, curmsgs, four reserved words; 64 bytes."""
SIGEVENT = struct.Struct("<Qii48x")
"""struct sigevent: value, signo, notify, pad; 64 bytes. include/uapi/asm-generic/siginfo.h"""
SIGEV_SIGNAL, SIGEV_NONE, SIGEV_THREAD = 0, 1, 2
SI_MESGQ = -3
"""si_code of a notification."""
