"""Sockets: families, types, options, flags, layouts. include/linux/socket.h, include/uapi/asm-generic/socket.h"""

from __future__ import annotations

import struct

AF_UNSPEC = 0
AF_UNIX = 1
AF_MAX = 46

SOCK_STREAM = 1
SOCK_DGRAM = 2
SOCK_RAW = 3
SOCK_SEQPACKET = 5
SOCK_MAX = 11
SOCK_TYPE_MASK = 0xF
SOCK_NONBLOCK = 0o4000
SOCK_CLOEXEC = 0o2000000

SOMAXCONN = 4096
"""What listen's backlog is cut to. /proc/sys/net/core/somaxconn"""

SHUT_RD, SHUT_WR, SHUT_RDWR = 0, 1, 2
RCV_SHUTDOWN, SEND_SHUTDOWN, SHUTDOWN_MASK = 1, 2, 3

MSG_OOB = 0x1
MSG_PEEK = 0x2
MSG_CTRUNC = 0x8
MSG_TRUNC = 0x20
MSG_DONTWAIT = 0x40
MSG_WAITALL = 0x100
MSG_ERRQUEUE = 0x2000
MSG_NOSIGNAL = 0x4000
MSG_WAITFORONE = 0x10000
MSG_CMSG_CLOEXEC = 0x40000000
MSG_CMSG_COMPAT = 0x80000000

SOL_SOCKET = 1
SO_DEBUG = 1
SO_REUSEADDR = 2
SO_TYPE = 3
SO_ERROR = 4
SO_DONTROUTE = 5
SO_BROADCAST = 6
SO_SNDBUF = 7
SO_RCVBUF = 8
SO_KEEPALIVE = 9
SO_OOBINLINE = 10
SO_PRIORITY = 12
SO_LINGER = 13
SO_REUSEPORT = 15
SO_PASSCRED = 16
SO_PEERCRED = 17
SO_RCVLOWAT = 18
SO_SNDLOWAT = 19
SO_RCVTIMEO_OLD = 20
SO_SNDTIMEO_OLD = 21
SO_PEERNAME = 28
SO_ACCEPTCONN = 30
SO_PEERSEC = 31
SO_SNDBUFFORCE = 32
SO_RCVBUFFORCE = 33
SO_PROTOCOL = 38
SO_DOMAIN = 39
SO_PEERGROUPS = 59
SO_RCVTIMEO_NEW = 66
SO_SNDTIMEO_NEW = 67

SCM_RIGHTS = 1
SCM_CREDENTIALS = 2
SCM_MAX_FD = 253
"""Descriptors that one message carries at most. include/net/scm.h"""

SOCKADDR_STORAGE_BYTES = 128
SUN_PATH_OFFSET = 2
SUN_PATH_MAX = 108

MSGHDR = struct.Struct("<QI4xQQQQI4x")
"""msg_name, msg_namelen, msg_iov, msg_iovlen, msg_control, msg_controllen, msg_flags; 56 bytes."""
MSGHDR_NAMELEN, MSGHDR_CONTROLLEN, MSGHDR_FLAGS = 8, 40, 48
MMSGHDR_BYTES = 64
"""struct mmsghdr: a msghdr, then msg_len at 56."""
CMSGHDR = struct.Struct("<Qii")
"""cmsg_len (header and data), cmsg_level, cmsg_type; the data follows; the next begins at a multiple of 8."""
UCRED = struct.Struct("<iII")

SOCKFS_MAGIC = 0x534F434B
SIOCINQ = 0x541B
SIOCOUTQ = 0x5411

SNDBUF_DEFAULT = RCVBUF_DEFAULT = 212_992
BUF_MAX = 212_992
"""What SO_SNDBUF and SO_RCVBUF are cut to before they are doubled. /proc/sys/net/core/wmem_max, rmem_max"""
SNDBUF_MIN = 4608
RCVBUF_MIN = 2304
OPTMEM_MAX = 131_072
"""The longest control message. /proc/sys/net/core/optmem_max"""
MAX_DGRAM_QLEN = 10
"""Messages that may wait at a datagram socket before senders must wait. /proc/sys/net/unix/max_dgram_qlen"""
