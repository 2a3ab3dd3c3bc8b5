"""System V IPC: commands, flags, layouts. include/uapi/linux/{ipc,shm,sem,msg}.h, asm-generic/{ipc,shm,sem,msg}buf.h"""

from __future__ import annotations

import struct

IPC_PRIVATE = 0
IPC_CREAT = 0o1000
IPC_EXCL = 0o2000
IPC_NOWAIT = 0o4000
IPC_RMID, IPC_SET, IPC_STAT, IPC_INFO = 0, 1, 2, 3

SHM_RDONLY = 0o10000
SHM_RND = 0o20000
SHM_REMAP = 0o40000
SHM_EXEC = 0o100000
SHM_HUGETLB = 0o4000
SHM_LOCK, SHM_UNLOCK, SHM_STAT, SHM_INFO, SHM_STAT_ANY = 11, 12, 13, 14, 15
SHM_DEST = 0o1000
SHM_LOCKED = 0o2000

SEM_UNDO = 0x1000
GETPID, GETVAL, GETALL, GETNCNT, GETZCNT, SETVAL, SETALL = 11, 12, 13, 14, 15, 16, 17
SEM_STAT, SEM_INFO, SEM_STAT_ANY = 18, 19, 20

MSG_NOERROR = 0o10000
MSG_EXCEPT = 0o20000
MSG_COPY = 0o40000
MSG_STAT, MSG_INFO, MSG_STAT_ANY = 11, 12, 13

IPCMNI_SHIFT = 15
"""An identifier is a sequence number and, in these many bits, an index."""
SHMMNI = 4096
SHMMAX = SHMALL = (1 << 64) - (1 << 24) - 1
SEMMSL, SEMMNS, SEMOPM, SEMMNI = 32000, 1_024_000_000, 500, 32000
SEMVMX = 32767
MSGMAX, MSGMNB, MSGMNI = 8192, 16384, 32000

PERM = struct.Struct("<iIIIIIHHxxxxQQ")
"""struct ipc64_perm: key, uid, gid, cuid, cgid, mode, seq, pad, two unused words; 48 bytes."""
SHMID_DS = struct.Struct("<48sQqqqiiQQQ")
"""perm, segsz, atime, dtime, ctime, cpid, lpid, nattch, two unused words; 112 bytes."""
SHMINFO = struct.Struct("<9Q")
SHM_INFO_DATA = struct.Struct("<i4x5Q")
SEMID_DS = struct.Struct("<48sqqQQQ")
"""perm, otime, ctime, nsems, two unused words; 88 bytes. asm-generic/sembuf.h, 64 bits"""
SEMINFO = struct.Struct("<10i")
SEMBUF = struct.Struct("<Hhh")
MSQID_DS = struct.Struct("<48sqqqQQQiiQQ")
"""perm, stime, rtime, ctime, cbytes, qnum, qbytes, lspid, lrpid, two unused words; 120 bytes."""
MSGINFO = struct.Struct("<7iH2x")
