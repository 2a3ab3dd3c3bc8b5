"""net/ and sysvipc/: what stands in them where there is no network. net/ipv4/*.c, net/core/net-procfs.c, ipc/util.c

Of the families that are not there, the heads alone: parsers ask for them, and there is nothing to put below.
"""

from __future__ import annotations

from rvsim.guest_os.proc.node import Entry, Subject, Text
from rvsim.guest_os.proc.system_files import Fixed
from rvsim.guest_os.task.kernel import Kernel

_TCP = (b"  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode"
        b"                                                     \n")
_TCP6 = (b"  sl  local_address                         remote_address                        st tx_queue rx_queue tr "
         b"tm->when retrnsmt   uid  timeout inode\n")
_UDP = (b"   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref "
        b"pointer drops             \n")
_UDP6 = (b"  sl  local_address                         remote_address                        st tx_queue rx_queue tr "
         b"tm->when retrnsmt   uid  timeout inode ref pointer drops\n")
_DEV = (b"Inter-|   Receive                                                |  Transmit\n"
        b" face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls "
        b"carrier compressed\n"
        b"    lo:       0       0    0    0    0     0          0         0        0       0    0    0    0     0"
        b"       0          0\n")
_ROUTE = (b"Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT"
          b"                                                       \n")
_ARP = b"IP address       HW type     Flags       HW address            Mask     Device\n"
_NETLINK = b"sk               Eth Pid        Groups   Rmem     Wmem     Dump  Locks    Drops    Inode\n"
_PACKET = b"sk               RefCnt Type Proto  Iface R Rmem   User   Inode\n"



def _unix(subject: Subject) -> bytes:
    """The AF_UNIX sockets of the machine. net/unix/af_unix.c:unix_seq_show"""
    listing: bytes = subject.kernel.sockets.listing()
    return listing


NET: dict[bytes, Entry] = {
    b"arp": Text(Fixed(_ARP)), b"dev": Text(Fixed(_DEV)), b"netlink": Text(Fixed(_NETLINK)),
    b"packet": Text(Fixed(_PACKET)), b"raw": Text(Fixed(_UDP)), b"raw6": Text(Fixed(_UDP6)),
    b"route": Text(Fixed(_ROUTE)), b"tcp": Text(Fixed(_TCP)), b"tcp6": Text(Fixed(_TCP6)),
    b"udp": Text(Fixed(_UDP)), b"udp6": Text(Fixed(_UDP6)), b"udplite": Text(Fixed(_UDP)),
    b"udplite6": Text(Fixed(_UDP6)), b"unix": Text(_unix),
}

class _Objects:
    """The System V objects of one kind: `shm`, `sem` or `msg` of the machine's."""

    __slots__ = ("kind",)

    def __init__(self, kind: str) -> None:
        self.kind = kind

    def __call__(self, kernel: Kernel) -> bytes:
        listing: bytes = getattr(kernel.ipc, self.kind).listing(kernel.scheduler.current or kernel.init)
        return listing


SYSVIPC: dict[bytes, Entry] = {kind.encode(): Text(_Objects(kind)) for kind in ("msg", "sem", "shm")}
