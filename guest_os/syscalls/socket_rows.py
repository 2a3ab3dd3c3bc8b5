"""The calls on sockets, by their numbers on riscv64. include/uapi/asm-generic/unistd.h"""

from __future__ import annotations

from rvsim.guest_os.syscalls import socket_messages, socket_options, sockets
from rvsim.guest_os.syscalls.table import Row, full, partial

SOCKET_ROWS: dict[int, Row] = {
    198: partial(sockets.sys_socket, "only AF_UNIX"),
    199: full(sockets.sys_socketpair),
    200: full(sockets.sys_bind),
    201: full(sockets.sys_listen),
    202: full(sockets.sys_accept),
    203: full(sockets.sys_connect),
    204: full(sockets.sys_getsockname),
    205: full(sockets.sys_getpeername),
    206: partial(socket_messages.sys_sendto, "no MSG_OOB"),
    207: partial(socket_messages.sys_recvfrom, "no MSG_OOB"),
    208: partial(socket_options.sys_setsockopt, "SOL_SOCKET, as far as it concerns AF_UNIX; no filters or stamps"),
    209: partial(socket_options.sys_getsockopt, "SOL_SOCKET, as far as it concerns AF_UNIX; no filters or stamps"),
    210: full(sockets.sys_shutdown),
    211: partial(socket_messages.sys_sendmsg, "no MSG_OOB"),
    212: partial(socket_messages.sys_recvmsg, "no MSG_OOB"),
    242: full(sockets.sys_accept4),
    243: full(socket_messages.sys_recvmmsg),
    269: full(socket_messages.sys_sendmmsg),
}
