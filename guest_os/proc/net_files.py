"""net/ and sysvipc/: what stands in them where there is no network. net/ipv4/*.c, net/core/net-procfs.c, ipc/util.c

Their heads alone are what parsers ask for; a machine without a network has nothing to put below.
"""

from __future__ import annotations

from rvsim.guest_os.proc.node import Entry, Text
from rvsim.guest_os.proc.system_files import Fixed

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
_UNIX = b"Num       RefCount Protocol Flags    Type St Inode Path\n"
_NETLINK = b"sk               Eth Pid        Groups   Rmem     Wmem     Dump  Locks    Drops    Inode\n"
_PACKET = b"sk               RefCnt Type Proto  Iface R Rmem   User   Inode\n"

NET: dict[bytes, Entry] = {
    b"arp": Text(Fixed(_ARP)), b"dev": Text(Fixed(_DEV)), b"netlink": Text(Fixed(_NETLINK)),
    b"packet": Text(Fixed(_PACKET)), b"raw": Text(Fixed(_UDP)), b"raw6": Text(Fixed(_UDP6)),
    b"route": Text(Fixed(_ROUTE)), b"tcp": Text(Fixed(_TCP)), b"tcp6": Text(Fixed(_TCP6)),
    b"udp": Text(Fixed(_UDP)), b"udp6": Text(Fixed(_UDP6)), b"udplite": Text(Fixed(_UDP)),
    b"udplite6": Text(Fixed(_UDP6)), b"unix": Text(Fixed(_UNIX)),
}

SYSVIPC: dict[bytes, Entry] = {
    b"msg": Text(Fixed(b"       key      msqid perms      cbytes       qnum lspid lrpid   uid   gid  cuid  cgid"
                       b"      stime      rtime      ctime\n")),
    b"sem": Text(Fixed(b"       key      semid perms      nsems   uid   gid  cuid  cgid      otime      ctime\n")),
    b"shm": Text(Fixed(b"       key      shmid perms                  size  cpid  lpid nattch   uid   gid  cuid  cgid"
                       b"      atime      dtime      ctime                   rss                  swap\n")),
}
