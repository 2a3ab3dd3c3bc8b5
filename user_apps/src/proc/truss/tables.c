/* System calls, their arguments and the names of these: made by `python -m rvsim.tools.reference`, do not edit. */
#include "tables.h"

#include <stddef.h>

const struct name file_types[] = {
    {0x8000,"S_IFREG"}, {0x4000,"S_IFDIR"}, {0xa000,"S_IFLNK"}, {0x2000,"S_IFCHR"}, {0x6000,"S_IFBLK"},
    {0x1000,"S_IFIFO"}, {0xc000,"S_IFSOCK"}, {0,NULL},
};

const struct name action_flags[] = {
    {0x4000000,"SA_RESTORER"}, {0x8000000,"SA_ONSTACK"}, {0x10000000,"SA_RESTART"}, {0x20000000,"SA_INTERRUPT"},
    {0x40000000,"SA_NODEFER"}, {0x80000000,"SA_RESETHAND"}, {0x4,"SA_SIGINFO"}, {0x1,"SA_NOCLDSTOP"},
    {0x2,"SA_NOCLDWAIT"}, {0,NULL},
};

const struct name stack_flags[] = {
    {0x1,"SS_ONSTACK"}, {0x2,"SS_DISABLE"}, {0x80000000,"SS_AUTODISARM"}, {0,NULL},
};

const struct name magic_names[] = {
    {0x1021994,"TMPFS_MAGIC"}, {0x9fa0,"PROC_SUPER_MAGIC"}, {0x62656572,"SYSFS_MAGIC"},
    {0x1cd1,"DEVPTS_SUPER_MAGIC"}, {0xef53,"EXT2_SUPER_MAGIC"}, {0x794c7630,"OVERLAYFS_SUPER_MAGIC"},
    {0x50495045,"PIPEFS_MAGIC"}, {0x534f434b,"SOCKFS_MAGIC"}, {0x858458f6,"RAMFS_MAGIC"},
    {0x9041934,"ANON_INODE_FS_MAGIC"}, {0xc0ffee,"HOSTFS_SUPER_MAGIC"}, {0x1021997,"V9FS_MAGIC"}, {0,NULL},
};

const struct name family_names[] = {
    {0x0,"AF_UNSPEC"}, {0x1,"AF_UNIX"}, {0x2,"AF_INET"}, {0xa,"AF_INET6"}, {0x10,"AF_NETLINK"},
    {0x11,"AF_PACKET"}, {0x28,"AF_VSOCK"}, {0,NULL},
};

const struct name fd_flags[] = {
    {0x1,"FD_CLOEXEC"}, {0,NULL},
};

const struct name status_flags[] = {
    {0x0,"O_RDONLY"}, {0x1,"O_WRONLY"}, {0x2,"O_RDWR"}, {0x3,"O_ACCMODE"}, {0x40,"O_CREAT"}, {0x80,"O_EXCL"},
    {0x100,"O_NOCTTY"}, {0x200,"O_TRUNC"}, {0x400,"O_APPEND"}, {0x800,"O_NONBLOCK"}, {0x101000,"O_SYNC"},
    {0x1000,"O_DSYNC"}, {0x4000,"O_DIRECT"}, {0x8000,"O_LARGEFILE"}, {0x20000,"O_NOFOLLOW"},
    {0x40000,"O_NOATIME"}, {0x80000,"O_CLOEXEC"}, {0x200000,"O_PATH"}, {0x410000,"O_TMPFILE"},
    {0x10000,"O_DIRECTORY"}, {0x2000,"FASYNC"}, {0,NULL},
};

const struct name poll_events[] = {
    {0x1,"POLLIN"}, {0x2,"POLLPRI"}, {0x4,"POLLOUT"}, {0x8,"POLLERR"}, {0x10,"POLLHUP"}, {0x20,"POLLNVAL"},
    {0x40,"POLLRDNORM"}, {0x80,"POLLRDBAND"}, {0x100,"POLLWRNORM"}, {0x200,"POLLWRBAND"}, {0x400,"POLLMSG"},
    {0x1000,"POLLREMOVE"}, {0x2000,"POLLRDHUP"}, {0,NULL},
};

const struct name lock_types[] = {
    {0x0,"F_RDLCK"}, {0x1,"F_WRLCK"}, {0x2,"F_UNLCK"}, {0,NULL},
};

const struct name whences[] = {
    {0x0,"SEEK_SET"}, {0x1,"SEEK_CUR"}, {0x2,"SEEK_END"}, {0x3,"SEEK_DATA"}, {0x4,"SEEK_HOLE"}, {0,NULL},
};

const struct name names_10[] = {
    {0x1,"XATTR_CREATE"}, {0x2,"XATTR_REPLACE"}, {0,NULL},
};

const struct name names_11[] = {
    {0x1,"EFD_SEMAPHORE"}, {0x80000,"EFD_CLOEXEC"}, {0x800,"EFD_NONBLOCK"}, {0,NULL},
};

const struct name names_12[] = {
    {0x80000,"EPOLL_CLOEXEC"}, {0,NULL},
};

const struct name names_13[] = {
    {0x1,"EPOLL_CTL_ADD"}, {0x2,"EPOLL_CTL_DEL"}, {0x3,"EPOLL_CTL_MOD"}, {0,NULL},
};

const struct name names_14[] = {
    {0x1,"EPOLLIN"}, {0x2,"EPOLLPRI"}, {0x4,"EPOLLOUT"}, {0x8,"EPOLLERR"}, {0x10,"EPOLLHUP"}, {0x20,"EPOLLNVAL"},
    {0x40,"EPOLLRDNORM"}, {0x80,"EPOLLRDBAND"}, {0x100,"EPOLLWRNORM"}, {0x200,"EPOLLWRBAND"}, {0x400,"EPOLLMSG"},
    {0x2000,"EPOLLRDHUP"}, {0x10000000,"EPOLLEXCLUSIVE"}, {0x20000000,"EPOLLWAKEUP"}, {0x40000000,"EPOLLONESHOT"},
    {0x80000000,"EPOLLET"}, {0,NULL},
};

const struct name names_15[] = {
    {0x40,"O_CREAT"}, {0x80,"O_EXCL"}, {0x100,"O_NOCTTY"}, {0x200,"O_TRUNC"}, {0x400,"O_APPEND"},
    {0x800,"O_NONBLOCK"}, {0x101000,"O_SYNC"}, {0x1000,"O_DSYNC"}, {0x4000,"O_DIRECT"}, {0x8000,"O_LARGEFILE"},
    {0x20000,"O_NOFOLLOW"}, {0x40000,"O_NOATIME"}, {0x80000,"O_CLOEXEC"}, {0x200000,"O_PATH"},
    {0x410000,"O_TMPFILE"}, {0x10000,"O_DIRECTORY"}, {0x2000,"FASYNC"}, {0,NULL},
};

const struct name names_16[] = {
    {0x0,"F_DUPFD"}, {0x1,"F_GETFD"}, {0x2,"F_SETFD"}, {0x3,"F_GETFL"}, {0x4,"F_SETFL"}, {0x5,"F_GETLK"},
    {0x6,"F_SETLK"}, {0x7,"F_SETLKW"}, {0x8,"F_SETOWN"}, {0x9,"F_GETOWN"}, {0xa,"F_SETSIG"}, {0xb,"F_GETSIG"},
    {0xf,"F_SETOWN_EX"}, {0x10,"F_GETOWN_EX"}, {0x11,"F_GETOWNER_UIDS"}, {0x24,"F_OFD_GETLK"},
    {0x25,"F_OFD_SETLK"}, {0x26,"F_OFD_SETLKW"}, {0x400,"F_SETLEASE"}, {0x401,"F_GETLEASE"}, {0x402,"F_NOTIFY"},
    {0x406,"F_DUPFD_CLOEXEC"}, {0x407,"F_SETPIPE_SZ"}, {0x408,"F_GETPIPE_SZ"}, {0x409,"F_ADD_SEALS"},
    {0x40a,"F_GET_SEALS"}, {0,NULL},
};

const struct name names_17[] = {
    {0x800,"IN_NONBLOCK"}, {0x80000,"IN_CLOEXEC"}, {0,NULL},
};

const struct name names_18[] = {
    {0x1,"IN_ACCESS"}, {0x2,"IN_MODIFY"}, {0x4,"IN_ATTRIB"}, {0x8,"IN_CLOSE_WRITE"}, {0x10,"IN_CLOSE_NOWRITE"},
    {0x20,"IN_OPEN"}, {0x40,"IN_MOVED_FROM"}, {0x80,"IN_MOVED_TO"}, {0x100,"IN_CREATE"}, {0x200,"IN_DELETE"},
    {0x400,"IN_DELETE_SELF"}, {0x800,"IN_MOVE_SELF"}, {0x2000,"IN_UNMOUNT"}, {0x4000,"IN_Q_OVERFLOW"},
    {0x8000,"IN_IGNORED"}, {0x1000000,"IN_ONLYDIR"}, {0x2000000,"IN_DONT_FOLLOW"}, {0x4000000,"IN_EXCL_UNLINK"},
    {0x10000000,"IN_MASK_CREATE"}, {0x20000000,"IN_MASK_ADD"}, {0x40000000,"IN_ISDIR"}, {0x80000000,"IN_ONESHOT"},
    {0,NULL},
};

const struct name names_19[] = {
    {0x5401,"TCGETS"}, {0x5402,"TCSETS"}, {0x5403,"TCSETSW"}, {0x5404,"TCSETSF"}, {0x5405,"TCGETA"},
    {0x5406,"TCSETA"}, {0x5407,"TCSETAW"}, {0x5408,"TCSETAF"}, {0x5409,"TCSBRK"}, {0x540a,"TCXONC"},
    {0x540b,"TCFLSH"}, {0x540c,"TIOCEXCL"}, {0x540d,"TIOCNXCL"}, {0x540e,"TIOCSCTTY"}, {0x540f,"TIOCGPGRP"},
    {0x5410,"TIOCSPGRP"}, {0x5411,"TIOCOUTQ"}, {0x5412,"TIOCSTI"}, {0x5413,"TIOCGWINSZ"}, {0x5414,"TIOCSWINSZ"},
    {0x5415,"TIOCMGET"}, {0x541b,"FIONREAD"}, {0x541d,"TIOCCONS"}, {0x5420,"TIOCPKT"}, {0x5421,"FIONBIO"},
    {0x5422,"TIOCNOTTY"}, {0x5423,"TIOCSETD"}, {0x5424,"TIOCGETD"}, {0x5425,"TCSBRKP"}, {0x5429,"TIOCGSID"},
    {0x802c542a,"TCGETS2"}, {0x402c542b,"TCSETS2"}, {0x402c542c,"TCSETSW2"}, {0x402c542d,"TCSETSF2"},
    {0x80045430,"TIOCGPTN"}, {0x40045431,"TIOCSPTLCK"}, {0x40045436,"TIOCSIG"}, {0x80045432,"TIOCGDEV"},
    {0x5441,"TIOCGPTPEER"}, {0x80045439,"TIOCGPTLCK"}, {0x80045438,"TIOCGPKT"}, {0x80045440,"TIOCGEXCL"},
    {0x5450,"FIONCLEX"}, {0x5451,"FIOCLEX"}, {0x5452,"FIOASYNC"}, {0x5460,"FIOQSIZE"}, {0x0,"TIOCPKT_DATA"},
    {0x1,"TIOCPKT_FLUSHREAD"}, {0x2,"TIOCPKT_FLUSHWRITE"}, {0x4,"TIOCPKT_STOP"}, {0x8,"TIOCPKT_START"},
    {0x10,"TIOCPKT_NOSTOP"}, {0x20,"TIOCPKT_DOSTOP"}, {0x80086601,"FS_IOC_GETFLAGS"},
    {0x40086602,"FS_IOC_SETFLAGS"}, {0x40049409,"FICLONE"}, {0x4020940d,"FICLONERANGE"}, {0,NULL},
};

const struct name names_20[] = {
    {0x1,"IOPRIO_WHO_PROCESS"}, {0x2,"IOPRIO_WHO_PGRP"}, {0x3,"IOPRIO_WHO_USER"}, {0,NULL},
};

const struct name names_21[] = {
    {0x1,"LOCK_SH"}, {0x2,"LOCK_EX"}, {0x4,"LOCK_NB"}, {0x8,"LOCK_UN"}, {0x20,"LOCK_MAND"}, {0xc0,"LOCK_RW"},
    {0,NULL},
};

const struct name names_22[] = {
    {0x100,"AT_SYMLINK_NOFOLLOW"}, {0x200,"AT_REMOVEDIR"}, {0x400,"AT_SYMLINK_FOLLOW"}, {0x800,"AT_NO_AUTOMOUNT"},
    {0x1000,"AT_EMPTY_PATH"}, {0x8000,"AT_RECURSIVE"}, {0,NULL},
};

const struct name names_23[] = {
    {0x1,"MNT_FORCE"}, {0x2,"MNT_DETACH"}, {0x4,"MNT_EXPIRE"}, {0x8,"UMOUNT_NOFOLLOW"}, {0,NULL},
};

const struct name names_24[] = {
    {0x1,"MS_RDONLY"}, {0x2,"MS_NOSUID"}, {0x4,"MS_NODEV"}, {0x8,"MS_NOEXEC"}, {0x10,"MS_SYNCHRONOUS"},
    {0x20,"MS_REMOUNT"}, {0x40,"MS_MANDLOCK"}, {0x80,"MS_DIRSYNC"}, {0x100,"MS_NOSYMFOLLOW"},
    {0x400,"MS_NOATIME"}, {0x800,"MS_NODIRATIME"}, {0x1000,"MS_BIND"}, {0x2000,"MS_MOVE"}, {0x4000,"MS_REC"},
    {0x8000,"MS_SILENT"}, {0x10000,"MS_POSIXACL"}, {0x20000,"MS_UNBINDABLE"}, {0x40000,"MS_PRIVATE"},
    {0x80000,"MS_SLAVE"}, {0x100000,"MS_SHARED"}, {0x200000,"MS_RELATIME"}, {0x400000,"MS_KERNMOUNT"},
    {0x800000,"MS_I_VERSION"}, {0x1000000,"MS_STRICTATIME"}, {0x2000000,"MS_LAZYTIME"}, {0x4000000,"MS_SUBMOUNT"},
    {0x8000000,"MS_NOREMOTELOCK"}, {0x10000000,"MS_NOSEC"}, {0x20000000,"MS_BORN"}, {0x40000000,"MS_ACTIVE"},
    {0x80000000,"MS_NOUSER"}, {0,NULL},
};

const struct name names_25[] = {
    {0x1,"FALLOC_FL_KEEP_SIZE"}, {0x2,"FALLOC_FL_PUNCH_HOLE"}, {0x4,"FALLOC_FL_NO_HIDE_STALE"},
    {0x8,"FALLOC_FL_COLLAPSE_RANGE"}, {0x10,"FALLOC_FL_ZERO_RANGE"}, {0x20,"FALLOC_FL_INSERT_RANGE"},
    {0x40,"FALLOC_FL_UNSHARE_RANGE"}, {0,NULL},
};

const struct name names_26[] = {
    {0x0,"F_OK"}, {0x4,"R_OK"}, {0x2,"W_OK"}, {0x1,"X_OK"}, {0,NULL},
};

const struct name names_27[] = {
    {0x80000,"SFD_CLOEXEC"}, {0x800,"SFD_NONBLOCK"}, {0,NULL},
};

const struct name names_28[] = {
    {0x1,"SPLICE_F_MOVE"}, {0x2,"SPLICE_F_NONBLOCK"}, {0x4,"SPLICE_F_MORE"}, {0x8,"SPLICE_F_GIFT"}, {0,NULL},
};

const struct name names_29[] = {
    {0x1,"SYNC_FILE_RANGE_WAIT_BEFORE"}, {0x2,"SYNC_FILE_RANGE_WRITE"}, {0x4,"SYNC_FILE_RANGE_WAIT_AFTER"},
    {0,NULL},
};

const struct name names_30[] = {
    {0x0,"CLOCK_REALTIME"}, {0x1,"CLOCK_MONOTONIC"}, {0x2,"CLOCK_PROCESS_CPUTIME_ID"},
    {0x3,"CLOCK_THREAD_CPUTIME_ID"}, {0x4,"CLOCK_MONOTONIC_RAW"}, {0x5,"CLOCK_REALTIME_COARSE"},
    {0x6,"CLOCK_MONOTONIC_COARSE"}, {0x7,"CLOCK_BOOTTIME"}, {0x8,"CLOCK_REALTIME_ALARM"},
    {0x9,"CLOCK_BOOTTIME_ALARM"}, {0xa,"CLOCK_SGI_CYCLE"}, {0xb,"CLOCK_TAI"}, {0,NULL},
};

const struct name names_31[] = {
    {0x1,"TFD_TIMER_ABSTIME"}, {0x2,"TFD_TIMER_CANCEL_ON_SET"}, {0x80000,"TFD_CLOEXEC"}, {0x800,"TFD_NONBLOCK"},
    {0,NULL},
};

const struct name names_32[] = {
    {0x0,"P_ALL"}, {0x1,"P_PID"}, {0x2,"P_PGID"}, {0x3,"P_PIDFD"}, {0,NULL},
};

const struct name names_33[] = {
    {0x1,"WNOHANG"}, {0x4,"WEXITED"}, {0x2,"WSTOPPED"}, {0x8,"WCONTINUED"}, {0x1000000,"WNOWAIT"},
    {0x80000000,"__WCLONE"}, {0x40000000,"__WALL"}, {0x20000000,"__WNOTHREAD"}, {0,NULL},
};

const struct name names_34[] = {
    {0x80,"CLONE_NEWTIME"}, {0x100,"CLONE_VM"}, {0x200,"CLONE_FS"}, {0x400,"CLONE_FILES"},
    {0x800,"CLONE_SIGHAND"}, {0x10000,"CLONE_THREAD"}, {0x20000,"CLONE_NEWNS"}, {0x40000,"CLONE_SYSVSEM"},
    {0x2000000,"CLONE_NEWCGROUP"}, {0x4000000,"CLONE_NEWUTS"}, {0x8000000,"CLONE_NEWIPC"},
    {0x10000000,"CLONE_NEWUSER"}, {0x20000000,"CLONE_NEWPID"}, {0x40000000,"CLONE_NEWNET"}, {0,NULL},
};

const struct name names_35[] = {
    {0x0,"FUTEX_WAIT"}, {0x1,"FUTEX_WAKE"}, {0x2,"FUTEX_FD"}, {0x3,"FUTEX_REQUEUE"}, {0x4,"FUTEX_CMP_REQUEUE"},
    {0x5,"FUTEX_WAKE_OP"}, {0x6,"FUTEX_LOCK_PI"}, {0x7,"FUTEX_UNLOCK_PI"}, {0x8,"FUTEX_TRYLOCK_PI"},
    {0x9,"FUTEX_WAIT_BITSET"}, {0xa,"FUTEX_WAKE_BITSET"}, {0xb,"FUTEX_WAIT_REQUEUE_PI"},
    {0xc,"FUTEX_CMP_REQUEUE_PI"}, {0xd,"FUTEX_LOCK_PI2"}, {0,NULL},
};

const struct name names_36[] = {
    {0x0,"ITIMER_REAL"}, {0x1,"ITIMER_VIRTUAL"}, {0x2,"ITIMER_PROF"}, {0,NULL},
};

const struct name names_37[] = {
    {0x1,"TIMER_ABSTIME"}, {0,NULL},
};

const struct name names_38[] = {
    {0x0,"PTRACE_TRACEME"}, {0x1,"PTRACE_PEEKTEXT"}, {0x2,"PTRACE_PEEKDATA"}, {0x3,"PTRACE_PEEKUSER"},
    {0x4,"PTRACE_POKETEXT"}, {0x5,"PTRACE_POKEDATA"}, {0x6,"PTRACE_POKEUSER"}, {0x7,"PTRACE_CONT"},
    {0x8,"PTRACE_KILL"}, {0x9,"PTRACE_SINGLESTEP"}, {0x10,"PTRACE_ATTACH"}, {0x11,"PTRACE_DETACH"},
    {0x4200,"PTRACE_SETOPTIONS"}, {0x4201,"PTRACE_GETEVENTMSG"}, {0x4202,"PTRACE_GETSIGINFO"},
    {0x4204,"PTRACE_GETREGSET"}, {0x4205,"PTRACE_SETREGSET"}, {0x4206,"PTRACE_SEIZE"},
    {0x4207,"PTRACE_INTERRUPT"}, {0x4208,"PTRACE_LISTEN"}, {0,NULL},
};

const struct name names_39[] = {
    {0x0,"SCHED_OTHER"}, {0x1,"SCHED_FIFO"}, {0x2,"SCHED_RR"}, {0x3,"SCHED_BATCH"}, {0x5,"SCHED_IDLE"},
    {0x6,"SCHED_DEADLINE"}, {0,NULL},
};

const struct name names_40[] = {
    {0x0,"SIG_BLOCK"}, {0x1,"SIG_UNBLOCK"}, {0x2,"SIG_SETMASK"}, {0,NULL},
};

const struct name names_41[] = {
    {0x0,"PRIO_PROCESS"}, {0x1,"PRIO_PGRP"}, {0x2,"PRIO_USER"}, {0,NULL},
};

const struct name names_42[] = {
    {0x0,"LINUX_REBOOT_CMD_CAD_OFF"}, {0x1234567,"LINUX_REBOOT_CMD_RESTART"},
    {0xcdef0123,"LINUX_REBOOT_CMD_HALT"}, {0x89abcdef,"LINUX_REBOOT_CMD_CAD_ON"},
    {0x4321fedc,"LINUX_REBOOT_CMD_POWER_OFF"}, {0xa1b2c3d4,"LINUX_REBOOT_CMD_RESTART2"},
    {0xd000fce2,"LINUX_REBOOT_CMD_SW_SUSPEND"}, {0x45584543,"LINUX_REBOOT_CMD_KEXEC"}, {0,NULL},
};

const struct name names_43[] = {
    {0x0,"RLIMIT_CPU"}, {0x1,"RLIMIT_FSIZE"}, {0x2,"RLIMIT_DATA"}, {0x3,"RLIMIT_STACK"}, {0x4,"RLIMIT_CORE"},
    {0x5,"RLIMIT_RSS"}, {0x6,"RLIMIT_NPROC"}, {0x7,"RLIMIT_NOFILE"}, {0x8,"RLIMIT_MEMLOCK"}, {0x9,"RLIMIT_AS"},
    {0xa,"RLIMIT_LOCKS"}, {0xb,"RLIMIT_SIGPENDING"}, {0xc,"RLIMIT_MSGQUEUE"}, {0xd,"RLIMIT_NICE"},
    {0xe,"RLIMIT_RTPRIO"}, {0xf,"RLIMIT_RTTIME"}, {0,NULL},
};

const struct name names_44[] = {
    {0x0,"RUSAGE_SELF"}, {0xffffffff,"RUSAGE_CHILDREN"}, {0xfffffffe,"RUSAGE_BOTH"}, {0x1,"RUSAGE_THREAD"},
    {0,NULL},
};

const struct name names_45[] = {
    {0x1,"PR_SET_PDEATHSIG"}, {0x2,"PR_GET_PDEATHSIG"}, {0x3,"PR_GET_DUMPABLE"}, {0x4,"PR_SET_DUMPABLE"},
    {0x7,"PR_GET_KEEPCAPS"}, {0x8,"PR_SET_KEEPCAPS"}, {0xd,"PR_GET_TIMING"}, {0xe,"PR_SET_TIMING"},
    {0xf,"PR_SET_NAME"}, {0x10,"PR_GET_NAME"}, {0x15,"PR_GET_SECCOMP"}, {0x16,"PR_SET_SECCOMP"},
    {0x17,"PR_CAPBSET_READ"}, {0x18,"PR_CAPBSET_DROP"}, {0x1b,"PR_GET_SECUREBITS"}, {0x1c,"PR_SET_SECUREBITS"},
    {0x1d,"PR_SET_TIMERSLACK"}, {0x1e,"PR_GET_TIMERSLACK"}, {0x23,"PR_SET_MM"}, {0x24,"PR_SET_CHILD_SUBREAPER"},
    {0x25,"PR_GET_CHILD_SUBREAPER"}, {0x26,"PR_SET_NO_NEW_PRIVS"}, {0x27,"PR_GET_NO_NEW_PRIVS"},
    {0x28,"PR_GET_TID_ADDRESS"}, {0x29,"PR_SET_THP_DISABLE"}, {0x2a,"PR_GET_THP_DISABLE"},
    {0x2f,"PR_CAP_AMBIENT"}, {0x34,"PR_GET_SPECULATION_CTRL"}, {0x35,"PR_SET_SPECULATION_CTRL"},
    {0x39,"PR_SET_IO_FLUSHER"}, {0x3a,"PR_GET_IO_FLUSHER"}, {0x41555856,"PR_GET_AUXV"}, {0x53564d41,"PR_SET_VMA"},
    {0x59616d61,"PR_SET_PTRACER"}, {0,NULL},
};

const struct name names_46[] = {
    {0x1000,"MSG_NOERROR"}, {0x2000,"MSG_EXCEPT"}, {0x4000,"MSG_COPY"}, {0x800,"IPC_NOWAIT"}, {0,NULL},
};

const struct name names_47[] = {
    {0x1000,"SHM_RDONLY"}, {0x2000,"SHM_RND"}, {0x4000,"SHM_REMAP"}, {0x8000,"SHM_EXEC"}, {0,NULL},
};

const struct name names_48[] = {
    {0x1,"SOCK_STREAM"}, {0x2,"SOCK_DGRAM"}, {0x3,"SOCK_RAW"}, {0x4,"SOCK_RDM"}, {0x5,"SOCK_SEQPACKET"},
    {0xa,"SOCK_PACKET"}, {0x80000,"SOCK_CLOEXEC"}, {0x800,"SOCK_NONBLOCK"}, {0,NULL},
};

const struct name names_49[] = {
    {0x1,"MSG_OOB"}, {0x2,"MSG_PEEK"}, {0x4,"MSG_DONTROUTE"}, {0x8,"MSG_CTRUNC"}, {0x10,"MSG_PROBE"},
    {0x20,"MSG_TRUNC"}, {0x40,"MSG_DONTWAIT"}, {0x80,"MSG_EOR"}, {0x100,"MSG_WAITALL"}, {0x200,"MSG_FIN"},
    {0x400,"MSG_SYN"}, {0x800,"MSG_CONFIRM"}, {0x1000,"MSG_RST"}, {0x2000,"MSG_ERRQUEUE"},
    {0x4000,"MSG_NOSIGNAL"}, {0x8000,"MSG_MORE"}, {0x10000,"MSG_WAITFORONE"}, {0x20000,"MSG_SENDPAGE_NOTLAST"},
    {0x40000,"MSG_BATCH"}, {0x80000,"MSG_NO_SHARED_FRAGS"}, {0x4000000,"MSG_ZEROCOPY"},
    {0x20000000,"MSG_FASTOPEN"}, {0x40000000,"MSG_CMSG_CLOEXEC"}, {0x80000000,"MSG_CMSG_COMPAT"}, {0,NULL},
};

const struct name names_50[] = {
    {0x1,"SOL_SOCKET"}, {0x0,"SOL_IP"}, {0x6,"SOL_TCP"}, {0x11,"SOL_UDP"}, {0x29,"SOL_IPV6"},
    {0x10e,"SOL_NETLINK"}, {0,NULL},
};

const struct name names_51[] = {
    {0x0,"SHUT_RD"}, {0x1,"SHUT_WR"}, {0x2,"SHUT_RDWR"}, {0,NULL},
};

const struct name names_52[] = {
    {0x1,"MREMAP_MAYMOVE"}, {0x2,"MREMAP_FIXED"}, {0x4,"MREMAP_DONTUNMAP"}, {0,NULL},
};

const struct name names_53[] = {
    {0x100,"CLONE_VM"}, {0x200,"CLONE_FS"}, {0x400,"CLONE_FILES"}, {0x800,"CLONE_SIGHAND"},
    {0x1000,"CLONE_PIDFD"}, {0x2000,"CLONE_PTRACE"}, {0x4000,"CLONE_VFORK"}, {0x8000,"CLONE_PARENT"},
    {0x10000,"CLONE_THREAD"}, {0x20000,"CLONE_NEWNS"}, {0x40000,"CLONE_SYSVSEM"}, {0x80000,"CLONE_SETTLS"},
    {0x100000,"CLONE_PARENT_SETTID"}, {0x200000,"CLONE_CHILD_CLEARTID"}, {0x800000,"CLONE_UNTRACED"},
    {0x1000000,"CLONE_CHILD_SETTID"}, {0x2000000,"CLONE_NEWCGROUP"}, {0x4000000,"CLONE_NEWUTS"},
    {0x8000000,"CLONE_NEWIPC"}, {0x10000000,"CLONE_NEWUSER"}, {0x20000000,"CLONE_NEWPID"},
    {0x40000000,"CLONE_NEWNET"}, {0x80000000,"CLONE_IO"}, {0,NULL},
};

const struct name names_54[] = {
    {0x0,"PROT_NONE"}, {0x1,"PROT_READ"}, {0x2,"PROT_WRITE"}, {0x4,"PROT_EXEC"}, {0x8,"PROT_SEM"},
    {0x1000000,"PROT_GROWSDOWN"}, {0x2000000,"PROT_GROWSUP"}, {0,NULL},
};

const struct name names_55[] = {
    {0x1,"MAP_SHARED"}, {0x2,"MAP_PRIVATE"}, {0x3,"MAP_SHARED_VALIDATE"}, {0x10,"MAP_FIXED"},
    {0x20,"MAP_ANONYMOUS"}, {0x4000,"MAP_NORESERVE"}, {0x8000,"MAP_POPULATE"}, {0x10000,"MAP_NONBLOCK"},
    {0x100,"MAP_GROWSDOWN"}, {0x800,"MAP_DENYWRITE"}, {0x1000,"MAP_EXECUTABLE"}, {0x2000,"MAP_LOCKED"},
    {0x20000,"MAP_STACK"}, {0x40000,"MAP_HUGETLB"}, {0x80000,"MAP_SYNC"}, {0x100000,"MAP_FIXED_NOREPLACE"},
    {0,NULL},
};

const struct name names_56[] = {
    {0x0,"POSIX_FADV_NORMAL"}, {0x1,"POSIX_FADV_RANDOM"}, {0x2,"POSIX_FADV_SEQUENTIAL"},
    {0x3,"POSIX_FADV_WILLNEED"}, {0x4,"POSIX_FADV_DONTNEED"}, {0x5,"POSIX_FADV_NOREUSE"}, {0,NULL},
};

const struct name names_57[] = {
    {0x4,"MS_SYNC"}, {0x1,"MS_ASYNC"}, {0x2,"MS_INVALIDATE"}, {0,NULL},
};

const struct name names_58[] = {
    {0x1,"MCL_CURRENT"}, {0x2,"MCL_FUTURE"}, {0x4,"MCL_ONFAULT"}, {0,NULL},
};

const struct name names_59[] = {
    {0x0,"MADV_NORMAL"}, {0x1,"MADV_RANDOM"}, {0x2,"MADV_SEQUENTIAL"}, {0x3,"MADV_WILLNEED"},
    {0x4,"MADV_DONTNEED"}, {0x8,"MADV_FREE"}, {0x9,"MADV_REMOVE"}, {0xa,"MADV_DONTFORK"}, {0xb,"MADV_DOFORK"},
    {0xc,"MADV_MERGEABLE"}, {0xd,"MADV_UNMERGEABLE"}, {0xe,"MADV_HUGEPAGE"}, {0xf,"MADV_NOHUGEPAGE"},
    {0x10,"MADV_DONTDUMP"}, {0x11,"MADV_DODUMP"}, {0x12,"MADV_WIPEONFORK"}, {0x13,"MADV_KEEPONFORK"},
    {0x14,"MADV_COLD"}, {0x15,"MADV_PAGEOUT"}, {0x16,"MADV_POPULATE_READ"}, {0x17,"MADV_POPULATE_WRITE"},
    {0x18,"MADV_DONTNEED_LOCKED"}, {0x19,"MADV_COLLAPSE"}, {0,NULL},
};

const struct name names_60[] = {
    {0x80000,"SOCK_CLOEXEC"}, {0x800,"SOCK_NONBLOCK"}, {0,NULL},
};

const struct name names_61[] = {
    {0x1,"SYS_RISCV_FLUSH_ICACHE_LOCAL"}, {0,NULL},
};

const struct name names_62[] = {
    {0x0,"KCMP_FILE"}, {0x1,"KCMP_VM"}, {0x2,"KCMP_FILES"}, {0x3,"KCMP_FS"}, {0x4,"KCMP_SIGHAND"},
    {0x5,"KCMP_IO"}, {0x6,"KCMP_SYSVSEM"}, {0x7,"KCMP_EPOLL_TFD"}, {0,NULL},
};

const struct name names_63[] = {
    {0x1,"RENAME_NOREPLACE"}, {0x2,"RENAME_EXCHANGE"}, {0x4,"RENAME_WHITEOUT"}, {0,NULL},
};

const struct name names_64[] = {
    {0x0,"SECCOMP_SET_MODE_STRICT"}, {0x1,"SECCOMP_SET_MODE_FILTER"}, {0x2,"SECCOMP_GET_ACTION_AVAIL"},
    {0x3,"SECCOMP_GET_NOTIF_SIZES"}, {0,NULL},
};

const struct name names_65[] = {
    {0x1,"SECCOMP_FILTER_FLAG_TSYNC"}, {0x2,"SECCOMP_FILTER_FLAG_LOG"}, {0x4,"SECCOMP_FILTER_FLAG_SPEC_ALLOW"},
    {0,NULL},
};

const struct name names_66[] = {
    {0x1,"GRND_NONBLOCK"}, {0x2,"GRND_RANDOM"}, {0x4,"GRND_INSECURE"}, {0,NULL},
};

const struct name names_67[] = {
    {0x1,"MFD_CLOEXEC"}, {0x2,"MFD_ALLOW_SEALING"}, {0x4,"MFD_HUGETLB"}, {0x8,"MFD_NOEXEC_SEAL"},
    {0x10,"MFD_EXEC"}, {0,NULL},
};

const struct name names_68[] = {
    {0x0,"MEMBARRIER_CMD_QUERY"}, {0x1,"MEMBARRIER_CMD_GLOBAL"}, {0x2,"MEMBARRIER_CMD_GLOBAL_EXPEDITED"},
    {0x4,"MEMBARRIER_CMD_REGISTER_GLOBAL_EXPEDITED"}, {0x8,"MEMBARRIER_CMD_PRIVATE_EXPEDITED"},
    {0x10,"MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED"}, {0x20,"MEMBARRIER_CMD_PRIVATE_EXPEDITED_SYNC_CORE"},
    {0x40,"MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_SYNC_CORE"}, {0x80,"MEMBARRIER_CMD_PRIVATE_EXPEDITED_RSEQ"},
    {0x100,"MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_RSEQ"}, {0x200,"MEMBARRIER_CMD_GET_REGISTRATIONS"},
    {0,NULL},
};

const struct name names_69[] = {
    {0x1,"MLOCK_ONFAULT"}, {0,NULL},
};

const struct name names_70[] = {
    {0x1,"RWF_HIPRI"}, {0x2,"RWF_DSYNC"}, {0x4,"RWF_SYNC"}, {0x8,"RWF_NOWAIT"}, {0x10,"RWF_APPEND"}, {0,NULL},
};

const struct name names_71[] = {
    {0xfff,"STATX_ALL"}, {0x7ff,"STATX_BASIC_STATS"}, {0x1,"STATX_TYPE"}, {0x2,"STATX_MODE"}, {0x4,"STATX_NLINK"},
    {0x8,"STATX_UID"}, {0x10,"STATX_GID"}, {0x20,"STATX_ATIME"}, {0x40,"STATX_MTIME"}, {0x80,"STATX_CTIME"},
    {0x100,"STATX_INO"}, {0x200,"STATX_SIZE"}, {0x400,"STATX_BLOCKS"}, {0x800,"STATX_BTIME"},
    {0x1000,"STATX_MNT_ID"}, {0x2000,"STATX_DIOALIGN"}, {0,NULL},
};

const struct name names_72[] = {
    {0x1,"PIDFD_SIGNAL_THREAD"}, {0x2,"PIDFD_SIGNAL_THREAD_GROUP"}, {0x4,"PIDFD_SIGNAL_PROCESS_GROUP"}, {0,NULL},
};

const struct name names_73[] = {
    {0x800,"PIDFD_NONBLOCK"}, {0x80,"PIDFD_THREAD"}, {0,NULL},
};

const struct name names_74[] = {
    {0x2,"CLOSE_RANGE_UNSHARE"}, {0x4,"CLOSE_RANGE_CLOEXEC"}, {0,NULL},
};

const struct name names_75[] = {
    {0x100,"AT_SYMLINK_NOFOLLOW"}, {0x200,"AT_EACCESS"}, {0x1000,"AT_EMPTY_PATH"}, {0,NULL},
};

const struct code codes[] = {
    {0, 0, "SI_USER"},
    {0, 128, "SI_KERNEL"},
    {0, -1, "SI_QUEUE"},
    {0, -2, "SI_TIMER"},
    {0, -3, "SI_MESGQ"},
    {0, -4, "SI_ASYNCIO"},
    {0, -5, "SI_SIGIO"},
    {0, -6, "SI_TKILL"},
    {4, 1, "ILL_ILLOPC"},
    {4, 2, "ILL_ILLOPN"},
    {4, 3, "ILL_ILLADR"},
    {4, 4, "ILL_ILLTRP"},
    {4, 5, "ILL_PRVOPC"},
    {4, 6, "ILL_PRVREG"},
    {4, 7, "ILL_COPROC"},
    {4, 8, "ILL_BADSTK"},
    {8, 1, "FPE_INTDIV"},
    {8, 2, "FPE_INTOVF"},
    {8, 3, "FPE_FLTDIV"},
    {8, 4, "FPE_FLTOVF"},
    {8, 5, "FPE_FLTUND"},
    {8, 6, "FPE_FLTRES"},
    {8, 7, "FPE_FLTINV"},
    {8, 8, "FPE_FLTSUB"},
    {11, 1, "SEGV_MAPERR"},
    {11, 2, "SEGV_ACCERR"},
    {11, 3, "SEGV_BNDERR"},
    {11, 4, "SEGV_PKUERR"},
    {7, 1, "BUS_ADRALN"},
    {7, 2, "BUS_ADRERR"},
    {7, 3, "BUS_OBJERR"},
    {5, 1, "TRAP_BRKPT"},
    {5, 2, "TRAP_TRACE"},
    {5, 3, "TRAP_BRANCH"},
    {5, 4, "TRAP_HWBKPT"},
    {17, 1, "CLD_EXITED"},
    {17, 2, "CLD_KILLED"},
    {17, 3, "CLD_DUMPED"},
    {17, 4, "CLD_TRAPPED"},
    {17, 5, "CLD_STOPPED"},
    {17, 6, "CLD_CONTINUED"},
    {29, 1, "POLL_IN"},
    {29, 2, "POLL_OUT"},
    {29, 3, "POLL_MSG"},
    {29, 4, "POLL_ERR"},
    {29, 5, "POLL_PRI"},
    {29, 6, "POLL_HUP"},
    {0, 0, NULL},
};

const struct row rows[463] = {
    [5] = {1, 5, R_DECIMAL, { /* setxattr */
        {K_STRING, 0, 0, 0, NULL}, {K_STRING, 0, 1, 0, NULL}, {K_BUFFER, 0, 2, 3, NULL}, {K_ULONG, 0, 3, 0,
        NULL}, {K_FLAGS, 0, 4, 0, names_10}
    }},
    [6] = {1, 5, R_DECIMAL, { /* lsetxattr */
        {K_STRING, 0, 0, 0, NULL}, {K_STRING, 0, 1, 0, NULL}, {K_BUFFER, 0, 2, 3, NULL}, {K_ULONG, 0, 3, 0,
        NULL}, {K_FLAGS, 0, 4, 0, names_10}
    }},
    [7] = {1, 5, R_DECIMAL, { /* fsetxattr */
        {K_INT, 0, 0, 0, NULL}, {K_STRING, 0, 1, 0, NULL}, {K_BUFFER, 0, 2, 3, NULL}, {K_ULONG, 0, 3, 0,
        NULL}, {K_FLAGS, 0, 4, 0, names_10}
    }},
    [8] = {1, 4, R_DECIMAL, { /* getxattr */
        {K_STRING, 0, 0, 0, NULL}, {K_STRING, 0, 1, 0, NULL}, {K_FILLED, 1, 2, 0, NULL}, {K_ULONG, 0, 3, 0,
        NULL}
    }},
    [9] = {1, 4, R_DECIMAL, { /* lgetxattr */
        {K_STRING, 0, 0, 0, NULL}, {K_STRING, 0, 1, 0, NULL}, {K_FILLED, 1, 2, 0, NULL}, {K_ULONG, 0, 3, 0,
        NULL}
    }},
    [10] = {1, 4, R_DECIMAL, { /* fgetxattr */
        {K_INT, 0, 0, 0, NULL}, {K_STRING, 0, 1, 0, NULL}, {K_FILLED, 1, 2, 0, NULL}, {K_ULONG, 0, 3, 0, NULL}
    }},
    [11] = {1, 3, R_DECIMAL, { /* listxattr */
        {K_STRING, 0, 0, 0, NULL}, {K_FILLED, 1, 1, 0, NULL}, {K_ULONG, 0, 2, 0, NULL}
    }},
    [12] = {1, 3, R_DECIMAL, { /* llistxattr */
        {K_STRING, 0, 0, 0, NULL}, {K_FILLED, 1, 1, 0, NULL}, {K_ULONG, 0, 2, 0, NULL}
    }},
    [13] = {1, 3, R_DECIMAL, { /* flistxattr */
        {K_INT, 0, 0, 0, NULL}, {K_FILLED, 1, 1, 0, NULL}, {K_ULONG, 0, 2, 0, NULL}
    }},
    [14] = {1, 2, R_DECIMAL, { /* removexattr */
        {K_STRING, 0, 0, 0, NULL}, {K_STRING, 0, 1, 0, NULL}
    }},
    [15] = {1, 2, R_DECIMAL, { /* lremovexattr */
        {K_STRING, 0, 0, 0, NULL}, {K_STRING, 0, 1, 0, NULL}
    }},
    [16] = {1, 2, R_DECIMAL, { /* fremovexattr */
        {K_INT, 0, 0, 0, NULL}, {K_STRING, 0, 1, 0, NULL}
    }},
    [17] = {1, 2, R_DECIMAL, { /* getcwd */
        {K_STRING, 1, 0, 0, NULL}, {K_ULONG, 0, 1, 0, NULL}
    }},
    [19] = {1, 2, R_DECIMAL, { /* eventfd2 */
        {K_UINT, 0, 0, 0, NULL}, {K_FLAGS, 0, 1, 0, names_11}
    }},
    [20] = {1, 1, R_DECIMAL, { /* epoll_create1 */
        {K_FLAGS, 0, 0, 0, names_12}
    }},
    [21] = {1, 4, R_DECIMAL, { /* epoll_ctl */
        {K_INT, 0, 0, 0, NULL}, {K_CHOICE, 0, 1, 0, names_13}, {K_INT, 0, 2, 0, NULL}, {K_EPOLL_EVENT, 0, 3,
        0, names_14}
    }},
    [22] = {1, 6, R_DECIMAL, { /* epoll_pwait */
        {K_INT, 0, 0, 0, NULL}, {K_EPOLL_EVENTS, 1, 1, 0, names_14}, {K_INT, 0, 2, 0, NULL}, {K_INT, 0, 3, 0,
        NULL}, {K_SET_BYTES, 0, 4, 0, NULL}, {K_ULONG, 0, 5, 0, NULL}
    }},
    [23] = {1, 1, R_DECIMAL, { /* dup */
        {K_INT, 0, 0, 0, NULL}
    }},
    [24] = {1, 3, R_DECIMAL, { /* dup3 */
        {K_INT, 0, 0, 0, NULL}, {K_INT, 0, 1, 0, NULL}, {K_FLAGS, 0, 2, 0, names_15}
    }},
    [25] = {1, 3, R_DECIMAL, { /* fcntl */
        {K_INT, 0, 0, 0, NULL}, {K_CHOICE, 0, 1, 0, names_16}, {K_FCNTL, 0, 2, 0, NULL}
    }},
    [26] = {1, 1, R_DECIMAL, { /* inotify_init1 */
        {K_FLAGS, 0, 0, 0, names_17}
    }},
    [27] = {1, 3, R_DECIMAL, { /* inotify_add_watch */
        {K_INT, 0, 0, 0, NULL}, {K_STRING, 0, 1, 0, NULL}, {K_FLAGS, 0, 2, 0, names_18}
    }},
    [28] = {1, 2, R_DECIMAL, { /* inotify_rm_watch */
        {K_INT, 0, 0, 0, NULL}, {K_INT, 0, 1, 0, NULL}
    }},
    [29] = {1, 3, R_DECIMAL, { /* ioctl */
        {K_INT, 0, 0, 0, NULL}, {K_CHOICE, 0, 1, 0, names_19}, {K_HEX, 0, 2, 0, NULL}
    }},
    [30] = {1, 3, R_DECIMAL, { /* ioprio_set */
        {K_CHOICE, 0, 0, 0, names_20}, {K_INT, 0, 1, 0, NULL}, {K_POINTER, 0, 2, 0, NULL}
    }},
    [31] = {1, 2, R_DECIMAL, { /* ioprio_get */
        {K_CHOICE, 0, 0, 0, names_20}, {K_INT, 0, 1, 0, NULL}
    }},
    [32] = {1, 2, R_DECIMAL, { /* flock */
        {K_INT, 0, 0, 0, NULL}, {K_FLAGS, 0, 1, 0, names_21}
    }},
    [33] = {1, 4, R_DECIMAL, { /* mknodat */
        {K_DIRFD, 0, 0, 0, NULL}, {K_STRING, 0, 1, 0, NULL}, {K_OCTAL, 0, 2, 0, NULL}, {K_HEX, 0, 3, 0, NULL}
    }},
    [34] = {1, 3, R_DECIMAL, { /* mkdirat */
        {K_DIRFD, 0, 0, 0, NULL}, {K_STRING, 0, 1, 0, NULL}, {K_OCTAL, 0, 2, 0, NULL}
    }},
    [35] = {1, 3, R_DECIMAL, { /* unlinkat */
        {K_DIRFD, 0, 0, 0, NULL}, {K_STRING, 0, 1, 0, NULL}, {K_FLAGS, 0, 2, 0, names_22}
    }},
    [36] = {1, 3, R_DECIMAL, { /* symlinkat */
        {K_STRING, 0, 0, 0, NULL}, {K_DIRFD, 0, 1, 0, NULL}, {K_STRING, 0, 2, 0, NULL}
    }},
    [37] = {1, 5, R_DECIMAL, { /* linkat */
        {K_DIRFD, 0, 0, 0, NULL}, {K_STRING, 0, 1, 0, NULL}, {K_DIRFD, 0, 2, 0, NULL}, {K_STRING, 0, 3, 0,
        NULL}, {K_FLAGS, 0, 4, 0, names_22}
    }},
    [38] = {1, 4, R_DECIMAL, { /* renameat */
        {K_DIRFD, 0, 0, 0, NULL}, {K_STRING, 0, 1, 0, NULL}, {K_DIRFD, 0, 2, 0, NULL}, {K_STRING, 0, 3, 0,
        NULL}
    }},
    [39] = {1, 2, R_DECIMAL, { /* umount2 */
        {K_STRING, 0, 0, 0, NULL}, {K_FLAGS, 0, 1, 0, names_23}
    }},
    [40] = {1, 5, R_DECIMAL, { /* mount */
        {K_STRING, 0, 0, 0, NULL}, {K_STRING, 0, 1, 0, NULL}, {K_STRING, 0, 2, 0, NULL}, {K_FLAGS, 0, 3, 0,
        names_24}, {K_POINTER, 0, 4, 0, NULL}
    }},
    [41] = {1, 2, R_DECIMAL, { /* pivot_root */
        {K_STRING, 0, 0, 0, NULL}, {K_STRING, 0, 1, 0, NULL}
    }},
    [43] = {1, 2, R_DECIMAL, { /* statfs */
        {K_STRING, 0, 0, 0, NULL}, {K_STATFS, 1, 1, 0, NULL}
    }},
    [44] = {1, 2, R_DECIMAL, { /* fstatfs */
        {K_INT, 0, 0, 0, NULL}, {K_STATFS, 1, 1, 0, NULL}
    }},
    [45] = {1, 2, R_DECIMAL, { /* truncate */
        {K_STRING, 0, 0, 0, NULL}, {K_LONG, 0, 1, 0, NULL}
    }},
    [46] = {1, 2, R_DECIMAL, { /* ftruncate */
        {K_INT, 0, 0, 0, NULL}, {K_LONG, 0, 1, 0, NULL}
    }},
    [47] = {1, 4, R_DECIMAL, { /* fallocate */
        {K_INT, 0, 0, 0, NULL}, {K_FLAGS, 0, 1, 0, names_25}, {K_LONG, 0, 2, 0, NULL}, {K_LONG, 0, 3, 0, NULL}
    }},
    [48] = {1, 3, R_DECIMAL, { /* faccessat */
        {K_DIRFD, 0, 0, 0, NULL}, {K_STRING, 0, 1, 0, NULL}, {K_FLAGS, 0, 2, 0, names_26}
    }},
    [49] = {1, 1, R_DECIMAL, { /* chdir */
        {K_STRING, 0, 0, 0, NULL}
    }},
    [50] = {1, 1, R_DECIMAL, { /* fchdir */
        {K_INT, 0, 0, 0, NULL}
    }},
    [51] = {1, 1, R_DECIMAL, { /* chroot */
        {K_STRING, 0, 0, 0, NULL}
    }},
    [52] = {1, 2, R_DECIMAL, { /* fchmod */
        {K_INT, 0, 0, 0, NULL}, {K_OCTAL, 0, 1, 0, NULL}
    }},
    [53] = {1, 3, R_DECIMAL, { /* fchmodat */
        {K_DIRFD, 0, 0, 0, NULL}, {K_STRING, 0, 1, 0, NULL}, {K_OCTAL, 0, 2, 0, NULL}
    }},
    [54] = {1, 5, R_DECIMAL, { /* fchownat */
        {K_DIRFD, 0, 0, 0, NULL}, {K_STRING, 0, 1, 0, NULL}, {K_INT, 0, 2, 0, NULL}, {K_INT, 0, 3, 0, NULL},
        {K_FLAGS, 0, 4, 0, names_22}
    }},
    [55] = {1, 3, R_DECIMAL, { /* fchown */
        {K_INT, 0, 0, 0, NULL}, {K_INT, 0, 1, 0, NULL}, {K_INT, 0, 2, 0, NULL}
    }},
    [56] = {1, 4, R_DECIMAL, { /* openat */
        {K_DIRFD, 0, 0, 0, NULL}, {K_STRING, 0, 1, 0, NULL}, {K_MIXED, 0, 2, 0, status_flags}, {K_OCTAL, 0, 3,
        0, NULL}
    }},
    [57] = {1, 1, R_DECIMAL, { /* close */
        {K_INT, 0, 0, 0, NULL}
    }},
    [59] = {1, 2, R_DECIMAL, { /* pipe2 */
        {K_PAIR, 1, 0, 0, NULL}, {K_FLAGS, 0, 1, 0, names_15}
    }},
    [61] = {1, 3, R_DECIMAL, { /* getdents64 */
        {K_INT, 0, 0, 0, NULL}, {K_POINTER, 1, 1, 0, NULL}, {K_ULONG, 0, 2, 0, NULL}
    }},
    [62] = {1, 3, R_DECIMAL, { /* lseek */
        {K_INT, 0, 0, 0, NULL}, {K_LONG, 0, 1, 0, NULL}, {K_CHOICE, 0, 2, 0, whences}
    }},
    [63] = {1, 3, R_DECIMAL, { /* read */
        {K_INT, 0, 0, 0, NULL}, {K_FILLED, 1, 1, 0, NULL}, {K_ULONG, 0, 2, 0, NULL}
    }},
    [64] = {1, 3, R_DECIMAL, { /* write */
        {K_INT, 0, 0, 0, NULL}, {K_BUFFER, 0, 1, 2, NULL}, {K_ULONG, 0, 2, 0, NULL}
    }},
    [65] = {1, 3, R_DECIMAL, { /* readv */
        {K_INT, 0, 0, 0, NULL}, {K_IOVEC, 1, 1, 0, NULL}, {K_ULONG, 0, 2, 0, NULL}
    }},
    [66] = {1, 3, R_DECIMAL, { /* writev */
        {K_INT, 0, 0, 0, NULL}, {K_IOVEC, 0, 1, 0, NULL}, {K_ULONG, 0, 2, 0, NULL}
    }},
    [67] = {1, 4, R_DECIMAL, { /* pread64 */
        {K_INT, 0, 0, 0, NULL}, {K_FILLED, 1, 1, 0, NULL}, {K_ULONG, 0, 2, 0, NULL}, {K_LONG, 0, 3, 0, NULL}
    }},
    [68] = {1, 4, R_DECIMAL, { /* pwrite64 */
        {K_INT, 0, 0, 0, NULL}, {K_BUFFER, 0, 1, 2, NULL}, {K_ULONG, 0, 2, 0, NULL}, {K_LONG, 0, 3, 0, NULL}
    }},
    [69] = {1, 4, R_DECIMAL, { /* preadv */
        {K_INT, 0, 0, 0, NULL}, {K_IOVEC, 1, 1, 0, NULL}, {K_ULONG, 0, 2, 0, NULL}, {K_LONG, 0, 3, 0, NULL}
    }},
    [70] = {1, 4, R_DECIMAL, { /* pwritev */
        {K_INT, 0, 0, 0, NULL}, {K_IOVEC, 0, 1, 0, NULL}, {K_ULONG, 0, 2, 0, NULL}, {K_LONG, 0, 3, 0, NULL}
    }},
    [71] = {1, 4, R_DECIMAL, { /* sendfile */
        {K_INT, 0, 0, 0, NULL}, {K_INT, 0, 1, 0, NULL}, {K_NUMBER8, 0, 2, 0, NULL}, {K_ULONG, 0, 3, 0, NULL}
    }},
    [72] = {1, 6, R_DECIMAL, { /* pselect6 */
        {K_INT, 0, 0, 0, NULL}, {K_FD_SET, 0, 1, 0, NULL}, {K_FD_SET, 0, 2, 0, NULL}, {K_FD_SET, 0, 3, 0,
        NULL}, {K_TIMESPEC, 0, 4, 0, NULL}, {K_POINTER, 0, 5, 0, NULL}
    }},
    [73] = {1, 5, R_DECIMAL, { /* ppoll */
        {K_POLLFDS, 0, 0, 0, poll_events}, {K_UINT, 0, 1, 0, NULL}, {K_TIMESPEC, 0, 2, 0, NULL}, {K_SET_BYTES,
        0, 3, 0, NULL}, {K_ULONG, 0, 4, 0, NULL}
    }},
    [74] = {1, 4, R_DECIMAL, { /* signalfd4 */
        {K_INT, 0, 0, 0, NULL}, {K_SET_BYTES, 0, 1, 0, NULL}, {K_ULONG, 0, 2, 0, NULL}, {K_FLAGS, 0, 3, 0,
        names_27}
    }},
    [75] = {1, 4, R_DECIMAL, { /* vmsplice */
        {K_INT, 0, 0, 0, NULL}, {K_IOVEC, 0, 1, 0, NULL}, {K_ULONG, 0, 2, 0, NULL}, {K_FLAGS, 0, 3, 0,
        names_28}
    }},
    [76] = {1, 6, R_DECIMAL, { /* splice */
        {K_INT, 0, 0, 0, NULL}, {K_NUMBER8, 0, 1, 0, NULL}, {K_INT, 0, 2, 0, NULL}, {K_NUMBER8, 0, 3, 0,
        NULL}, {K_ULONG, 0, 4, 0, NULL}, {K_FLAGS, 0, 5, 0, names_28}
    }},
    [77] = {1, 4, R_DECIMAL, { /* tee */
        {K_INT, 0, 0, 0, NULL}, {K_INT, 0, 1, 0, NULL}, {K_ULONG, 0, 2, 0, NULL}, {K_FLAGS, 0, 3, 0, names_28}
    }},
    [78] = {1, 4, R_DECIMAL, { /* readlinkat */
        {K_DIRFD, 0, 0, 0, NULL}, {K_STRING, 0, 1, 0, NULL}, {K_FILLED, 1, 2, 0, NULL}, {K_ULONG, 0, 3, 0,
        NULL}
    }},
    [79] = {1, 4, R_DECIMAL, { /* newfstatat */
        {K_DIRFD, 0, 0, 0, NULL}, {K_STRING, 0, 1, 0, NULL}, {K_STAT, 1, 2, 0, NULL}, {K_FLAGS, 0, 3, 0,
        names_22}
    }},
    [80] = {1, 2, R_DECIMAL, { /* fstat */
        {K_INT, 0, 0, 0, NULL}, {K_STAT, 1, 1, 0, NULL}
    }},
    [81] = {1, 0, R_DECIMAL, { /* sync */
        {0}
    }},
    [82] = {1, 1, R_DECIMAL, { /* fsync */
        {K_INT, 0, 0, 0, NULL}
    }},
    [83] = {1, 1, R_DECIMAL, { /* fdatasync */
        {K_INT, 0, 0, 0, NULL}
    }},
    [84] = {1, 4, R_DECIMAL, { /* sync_file_range */
        {K_INT, 0, 0, 0, NULL}, {K_LONG, 0, 1, 0, NULL}, {K_LONG, 0, 2, 0, NULL}, {K_FLAGS, 0, 3, 0, names_29}
    }},
    [85] = {1, 2, R_DECIMAL, { /* timerfd_create */
        {K_CHOICE, 0, 0, 0, names_30}, {K_FLAGS, 0, 1, 0, names_31}
    }},
    [86] = {1, 4, R_DECIMAL, { /* timerfd_settime */
        {K_INT, 0, 0, 0, NULL}, {K_FLAGS, 0, 1, 0, names_31}, {K_ITIMERSPEC, 0, 2, 0, NULL}, {K_ITIMERSPEC, 1,
        3, 0, NULL}
    }},
    [87] = {1, 2, R_DECIMAL, { /* timerfd_gettime */
        {K_INT, 0, 0, 0, NULL}, {K_ITIMERSPEC, 1, 1, 0, NULL}
    }},
    [88] = {1, 4, R_DECIMAL, { /* utimensat */
        {K_DIRFD, 0, 0, 0, NULL}, {K_STRING, 0, 1, 0, NULL}, {K_FILE_TIMES, 0, 2, 0, NULL}, {K_FLAGS, 0, 3, 0,
        names_22}
    }},
    [89] = {1, 1, R_DECIMAL, { /* acct */
        {K_STRING, 0, 0, 0, NULL}
    }},
    [90] = {1, 2, R_DECIMAL, { /* capget */
        {K_POINTER, 0, 0, 0, NULL}, {K_POINTER, 1, 1, 0, NULL}
    }},
    [91] = {1, 2, R_DECIMAL, { /* capset */
        {K_POINTER, 0, 0, 0, NULL}, {K_POINTER, 0, 1, 0, NULL}
    }},
    [92] = {1, 1, R_DECIMAL, { /* personality */
        {K_POINTER, 0, 0, 0, NULL}
    }},
    [93] = {1, 1, R_DECIMAL, { /* exit */
        {K_INT, 0, 0, 0, NULL}
    }},
    [94] = {1, 1, R_DECIMAL, { /* exit_group */
        {K_INT, 0, 0, 0, NULL}
    }},
    [95] = {1, 5, R_DECIMAL, { /* waitid */
        {K_CHOICE, 0, 0, 0, names_32}, {K_INT, 0, 1, 0, NULL}, {K_SIGINFO, 1, 2, 0, NULL}, {K_FLAGS, 0, 3, 0,
        names_33}, {K_RUSAGE, 1, 4, 0, NULL}
    }},
    [96] = {1, 1, R_DECIMAL, { /* set_tid_address */
        {K_POINTER, 0, 0, 0, NULL}
    }},
    [97] = {1, 1, R_DECIMAL, { /* unshare */
        {K_FLAGS, 0, 0, 0, names_34}
    }},
    [98] = {1, 6, R_DECIMAL, { /* futex */
        {K_POINTER, 0, 0, 0, NULL}, {K_FUTEX, 0, 1, 0, names_35}, {K_UINT, 0, 2, 0, NULL}, {K_HEX, 0, 3, 0,
        NULL}, {K_POINTER, 0, 4, 0, NULL}, {K_HEX, 0, 5, 0, NULL}
    }},
    [99] = {1, 2, R_DECIMAL, { /* set_robust_list */
        {K_POINTER, 0, 0, 0, NULL}, {K_ULONG, 0, 1, 0, NULL}
    }},
    [100] = {1, 3, R_DECIMAL, { /* get_robust_list */
        {K_INT, 0, 0, 0, NULL}, {K_NUMBER8, 1, 1, 0, NULL}, {K_NUMBER8, 1, 2, 0, NULL}
    }},
    [101] = {1, 2, R_DECIMAL, { /* nanosleep */
        {K_TIMESPEC, 0, 0, 0, NULL}, {K_POINTER, 1, 1, 0, NULL}
    }},
    [102] = {1, 2, R_DECIMAL, { /* getitimer */
        {K_CHOICE, 0, 0, 0, names_36}, {K_ITIMERVAL, 1, 1, 0, NULL}
    }},
    [103] = {1, 3, R_DECIMAL, { /* setitimer */
        {K_CHOICE, 0, 0, 0, names_36}, {K_ITIMERVAL, 0, 1, 0, NULL}, {K_ITIMERVAL, 1, 2, 0, NULL}
    }},
    [107] = {1, 3, R_DECIMAL, { /* timer_create */
        {K_CHOICE, 0, 0, 0, names_30}, {K_POINTER, 0, 1, 0, NULL}, {K_NUMBER4, 1, 2, 0, NULL}
    }},
    [108] = {1, 2, R_DECIMAL, { /* timer_gettime */
        {K_INT, 0, 0, 0, NULL}, {K_ITIMERSPEC, 1, 1, 0, NULL}
    }},
    [109] = {1, 1, R_DECIMAL, { /* timer_getoverrun */
        {K_INT, 0, 0, 0, NULL}
    }},
    [110] = {1, 4, R_DECIMAL, { /* timer_settime */
        {K_INT, 0, 0, 0, NULL}, {K_FLAGS, 0, 1, 0, names_37}, {K_ITIMERSPEC, 0, 2, 0, NULL}, {K_ITIMERSPEC, 1,
        3, 0, NULL}
    }},
    [111] = {1, 1, R_DECIMAL, { /* timer_delete */
        {K_INT, 0, 0, 0, NULL}
    }},
    [112] = {1, 2, R_DECIMAL, { /* clock_settime */
        {K_CHOICE, 0, 0, 0, names_30}, {K_TIMESPEC, 0, 1, 0, NULL}
    }},
    [113] = {1, 2, R_DECIMAL, { /* clock_gettime */
        {K_CHOICE, 0, 0, 0, names_30}, {K_TIMESPEC, 1, 1, 0, NULL}
    }},
    [114] = {1, 2, R_DECIMAL, { /* clock_getres */
        {K_CHOICE, 0, 0, 0, names_30}, {K_TIMESPEC, 1, 1, 0, NULL}
    }},
    [115] = {1, 4, R_DECIMAL, { /* clock_nanosleep */
        {K_CHOICE, 0, 0, 0, names_30}, {K_FLAGS, 0, 1, 0, names_37}, {K_TIMESPEC, 0, 2, 0, NULL}, {K_POINTER,
        1, 3, 0, NULL}
    }},
    [116] = {1, 3, R_DECIMAL, { /* syslog */
        {K_POINTER, 0, 0, 0, NULL}, {K_FILLED, 1, 1, 0, NULL}, {K_INT, 0, 2, 0, NULL}
    }},
    [117] = {1, 4, R_DECIMAL, { /* ptrace */
        {K_CHOICE, 0, 0, 0, names_38}, {K_INT, 0, 1, 0, NULL}, {K_HEX, 0, 2, 0, NULL}, {K_HEX, 0, 3, 0, NULL}
    }},
    [118] = {1, 2, R_DECIMAL, { /* sched_setparam */
        {K_INT, 0, 0, 0, NULL}, {K_NUMBER4, 0, 1, 0, NULL}
    }},
    [119] = {1, 3, R_DECIMAL, { /* sched_setscheduler */
        {K_INT, 0, 0, 0, NULL}, {K_CHOICE, 0, 1, 0, names_39}, {K_NUMBER4, 0, 2, 0, NULL}
    }},
    [120] = {1, 1, R_DECIMAL, { /* sched_getscheduler */
        {K_INT, 0, 0, 0, NULL}
    }},
    [121] = {1, 2, R_DECIMAL, { /* sched_getparam */
        {K_INT, 0, 0, 0, NULL}, {K_NUMBER4, 1, 1, 0, NULL}
    }},
    [122] = {1, 3, R_DECIMAL, { /* sched_setaffinity */
        {K_INT, 0, 0, 0, NULL}, {K_UINT, 0, 1, 0, NULL}, {K_POINTER, 0, 2, 0, NULL}
    }},
    [123] = {1, 3, R_DECIMAL, { /* sched_getaffinity */
        {K_INT, 0, 0, 0, NULL}, {K_UINT, 0, 1, 0, NULL}, {K_POINTER, 1, 2, 0, NULL}
    }},
    [124] = {1, 0, R_DECIMAL, { /* sched_yield */
        {0}
    }},
    [125] = {1, 1, R_DECIMAL, { /* sched_get_priority_max */
        {K_CHOICE, 0, 0, 0, names_39}
    }},
    [126] = {1, 1, R_DECIMAL, { /* sched_get_priority_min */
        {K_CHOICE, 0, 0, 0, names_39}
    }},
    [127] = {1, 2, R_DECIMAL, { /* sched_rr_get_interval */
        {K_INT, 0, 0, 0, NULL}, {K_TIMESPEC, 1, 1, 0, NULL}
    }},
    [128] = {1, 0, R_DECIMAL, { /* restart_syscall */
        {0}
    }},
    [129] = {1, 2, R_DECIMAL, { /* kill */
        {K_INT, 0, 0, 0, NULL}, {K_SIGNAL, 0, 1, 0, NULL}
    }},
    [130] = {1, 2, R_DECIMAL, { /* tkill */
        {K_INT, 0, 0, 0, NULL}, {K_SIGNAL, 0, 1, 0, NULL}
    }},
    [131] = {1, 3, R_DECIMAL, { /* tgkill */
        {K_INT, 0, 0, 0, NULL}, {K_INT, 0, 1, 0, NULL}, {K_SIGNAL, 0, 2, 0, NULL}
    }},
    [132] = {1, 2, R_DECIMAL, { /* sigaltstack */
        {K_STACK, 0, 0, 0, NULL}, {K_STACK, 1, 1, 0, NULL}
    }},
    [133] = {1, 2, R_DECIMAL, { /* rt_sigsuspend */
        {K_SET_BYTES, 0, 0, 0, NULL}, {K_ULONG, 0, 1, 0, NULL}
    }},
    [134] = {1, 4, R_DECIMAL, { /* rt_sigaction */
        {K_SIGNAL, 0, 0, 0, NULL}, {K_ACTION, 0, 1, 0, NULL}, {K_ACTION, 1, 2, 0, NULL}, {K_ULONG, 0, 3, 0,
        NULL}
    }},
    [135] = {1, 4, R_DECIMAL, { /* rt_sigprocmask */
        {K_CHOICE, 0, 0, 0, names_40}, {K_SET_BYTES, 0, 1, 0, NULL}, {K_SET_BYTES, 1, 2, 0, NULL}, {K_ULONG,
        0, 3, 0, NULL}
    }},
    [136] = {1, 2, R_DECIMAL, { /* rt_sigpending */
        {K_SET_BYTES, 1, 0, 0, NULL}, {K_ULONG, 0, 1, 0, NULL}
    }},
    [137] = {1, 4, R_DECIMAL, { /* rt_sigtimedwait */
        {K_SET_BYTES, 0, 0, 0, NULL}, {K_SIGINFO, 1, 1, 0, NULL}, {K_TIMESPEC, 0, 2, 0, NULL}, {K_ULONG, 0, 3,
        0, NULL}
    }},
    [138] = {1, 3, R_DECIMAL, { /* rt_sigqueueinfo */
        {K_INT, 0, 0, 0, NULL}, {K_SIGNAL, 0, 1, 0, NULL}, {K_SIGINFO, 0, 2, 0, NULL}
    }},
    [139] = {1, 1, R_DECIMAL, { /* rt_sigreturn */
        {K_POINTER, 0, 0, 0, NULL}
    }},
    [140] = {1, 3, R_DECIMAL, { /* setpriority */
        {K_CHOICE, 0, 0, 0, names_41}, {K_INT, 0, 1, 0, NULL}, {K_INT, 0, 2, 0, NULL}
    }},
    [141] = {1, 2, R_DECIMAL, { /* getpriority */
        {K_CHOICE, 0, 0, 0, names_41}, {K_INT, 0, 1, 0, NULL}
    }},
    [142] = {1, 4, R_DECIMAL, { /* reboot */
        {K_HEX, 0, 0, 0, NULL}, {K_HEX, 0, 1, 0, NULL}, {K_CHOICE, 0, 2, 0, names_42}, {K_POINTER, 0, 3, 0,
        NULL}
    }},
    [143] = {1, 2, R_DECIMAL, { /* setregid */
        {K_INT, 0, 0, 0, NULL}, {K_INT, 0, 1, 0, NULL}
    }},
    [144] = {1, 1, R_DECIMAL, { /* setgid */
        {K_INT, 0, 0, 0, NULL}
    }},
    [145] = {1, 2, R_DECIMAL, { /* setreuid */
        {K_INT, 0, 0, 0, NULL}, {K_INT, 0, 1, 0, NULL}
    }},
    [146] = {1, 1, R_DECIMAL, { /* setuid */
        {K_INT, 0, 0, 0, NULL}
    }},
    [147] = {1, 3, R_DECIMAL, { /* setresuid */
        {K_INT, 0, 0, 0, NULL}, {K_INT, 0, 1, 0, NULL}, {K_INT, 0, 2, 0, NULL}
    }},
    [148] = {1, 3, R_DECIMAL, { /* getresuid */
        {K_NUMBER4, 1, 0, 0, NULL}, {K_NUMBER4, 1, 1, 0, NULL}, {K_NUMBER4, 1, 2, 0, NULL}
    }},
    [149] = {1, 3, R_DECIMAL, { /* setresgid */
        {K_INT, 0, 0, 0, NULL}, {K_INT, 0, 1, 0, NULL}, {K_INT, 0, 2, 0, NULL}
    }},
    [150] = {1, 3, R_DECIMAL, { /* getresgid */
        {K_NUMBER4, 1, 0, 0, NULL}, {K_NUMBER4, 1, 1, 0, NULL}, {K_NUMBER4, 1, 2, 0, NULL}
    }},
    [151] = {1, 1, R_DECIMAL, { /* setfsuid */
        {K_INT, 0, 0, 0, NULL}
    }},
    [152] = {1, 1, R_DECIMAL, { /* setfsgid */
        {K_INT, 0, 0, 0, NULL}
    }},
    [153] = {1, 1, R_DECIMAL, { /* times */
        {K_TMS, 1, 0, 0, NULL}
    }},
    [154] = {1, 2, R_DECIMAL, { /* setpgid */
        {K_INT, 0, 0, 0, NULL}, {K_INT, 0, 1, 0, NULL}
    }},
    [155] = {1, 1, R_DECIMAL, { /* getpgid */
        {K_INT, 0, 0, 0, NULL}
    }},
    [156] = {1, 1, R_DECIMAL, { /* getsid */
        {K_INT, 0, 0, 0, NULL}
    }},
    [157] = {1, 0, R_DECIMAL, { /* setsid */
        {0}
    }},
    [158] = {1, 2, R_DECIMAL, { /* getgroups */
        {K_INT, 0, 0, 0, NULL}, {K_POINTER, 1, 1, 0, NULL}
    }},
    [159] = {1, 2, R_DECIMAL, { /* setgroups */
        {K_INT, 0, 0, 0, NULL}, {K_POINTER, 0, 1, 0, NULL}
    }},
    [160] = {1, 1, R_DECIMAL, { /* uname */
        {K_UTSNAME, 1, 0, 0, NULL}
    }},
    [161] = {1, 2, R_DECIMAL, { /* sethostname */
        {K_BUFFER, 0, 0, 1, NULL}, {K_INT, 0, 1, 0, NULL}
    }},
    [162] = {1, 2, R_DECIMAL, { /* setdomainname */
        {K_BUFFER, 0, 0, 1, NULL}, {K_INT, 0, 1, 0, NULL}
    }},
    [163] = {1, 2, R_DECIMAL, { /* getrlimit */
        {K_CHOICE, 0, 0, 0, names_43}, {K_RLIMIT, 1, 1, 0, NULL}
    }},
    [164] = {1, 2, R_DECIMAL, { /* setrlimit */
        {K_CHOICE, 0, 0, 0, names_43}, {K_RLIMIT, 0, 1, 0, NULL}
    }},
    [165] = {1, 2, R_DECIMAL, { /* getrusage */
        {K_CHOICE, 0, 0, 0, names_44}, {K_RUSAGE, 1, 1, 0, NULL}
    }},
    [166] = {1, 1, R_OCTAL, { /* umask */
        {K_OCTAL, 0, 0, 0, NULL}
    }},
    [167] = {1, 5, R_DECIMAL, { /* prctl */
        {K_CHOICE, 0, 0, 0, names_45}, {K_HEX, 0, 1, 0, NULL}, {K_HEX, 0, 2, 0, NULL}, {K_HEX, 0, 3, 0, NULL},
        {K_HEX, 0, 4, 0, NULL}
    }},
    [168] = {1, 3, R_DECIMAL, { /* getcpu */
        {K_NUMBER4, 1, 0, 0, NULL}, {K_NUMBER4, 1, 1, 0, NULL}, {K_POINTER, 0, 2, 0, NULL}
    }},
    [169] = {1, 2, R_DECIMAL, { /* gettimeofday */
        {K_TIMEVAL, 1, 0, 0, NULL}, {K_TIMEZONE, 1, 1, 0, NULL}
    }},
    [170] = {1, 2, R_DECIMAL, { /* settimeofday */
        {K_TIMEVAL, 0, 0, 0, NULL}, {K_TIMEZONE, 0, 1, 0, NULL}
    }},
    [172] = {1, 0, R_DECIMAL, { /* getpid */
        {0}
    }},
    [173] = {1, 0, R_DECIMAL, { /* getppid */
        {0}
    }},
    [174] = {1, 0, R_DECIMAL, { /* getuid */
        {0}
    }},
    [175] = {1, 0, R_DECIMAL, { /* geteuid */
        {0}
    }},
    [176] = {1, 0, R_DECIMAL, { /* getgid */
        {0}
    }},
    [177] = {1, 0, R_DECIMAL, { /* getegid */
        {0}
    }},
    [178] = {1, 0, R_DECIMAL, { /* gettid */
        {0}
    }},
    [179] = {1, 1, R_DECIMAL, { /* sysinfo */
        {K_SYSINFO, 1, 0, 0, NULL}
    }},
    [180] = {1, 4, R_DECIMAL, { /* mq_open */
        {K_STRING, 0, 0, 0, NULL}, {K_MIXED, 0, 1, 0, status_flags}, {K_OCTAL, 0, 2, 0, NULL}, {K_POINTER, 0,
        3, 0, NULL}
    }},
    [181] = {1, 1, R_DECIMAL, { /* mq_unlink */
        {K_STRING, 0, 0, 0, NULL}
    }},
    [182] = {1, 5, R_DECIMAL, { /* mq_timedsend */
        {K_INT, 0, 0, 0, NULL}, {K_BUFFER, 0, 1, 2, NULL}, {K_ULONG, 0, 2, 0, NULL}, {K_UINT, 0, 3, 0, NULL},
        {K_TIMESPEC, 0, 4, 0, NULL}
    }},
    [183] = {1, 5, R_DECIMAL, { /* mq_timedreceive */
        {K_INT, 0, 0, 0, NULL}, {K_FILLED, 1, 1, 0, NULL}, {K_ULONG, 0, 2, 0, NULL}, {K_NUMBER4, 1, 3, 0,
        NULL}, {K_TIMESPEC, 0, 4, 0, NULL}
    }},
    [184] = {1, 2, R_DECIMAL, { /* mq_notify */
        {K_INT, 0, 0, 0, NULL}, {K_POINTER, 0, 1, 0, NULL}
    }},
    [185] = {1, 3, R_DECIMAL, { /* mq_getsetattr */
        {K_INT, 0, 0, 0, NULL}, {K_POINTER, 0, 1, 0, NULL}, {K_POINTER, 1, 2, 0, NULL}
    }},
    [186] = {1, 2, R_DECIMAL, { /* msgget */
        {K_POINTER, 0, 0, 0, NULL}, {K_POINTER, 0, 1, 0, NULL}
    }},
    [187] = {1, 3, R_DECIMAL, { /* msgctl */
        {K_INT, 0, 0, 0, NULL}, {K_HEX, 0, 1, 0, NULL}, {K_POINTER, 0, 2, 0, NULL}
    }},
    [188] = {1, 5, R_DECIMAL, { /* msgrcv */
        {K_INT, 0, 0, 0, NULL}, {K_POINTER, 1, 1, 0, NULL}, {K_ULONG, 0, 2, 0, NULL}, {K_LONG, 0, 3, 0, NULL},
        {K_FLAGS, 0, 4, 0, names_46}
    }},
    [189] = {1, 4, R_DECIMAL, { /* msgsnd */
        {K_INT, 0, 0, 0, NULL}, {K_POINTER, 0, 1, 0, NULL}, {K_ULONG, 0, 2, 0, NULL}, {K_FLAGS, 0, 3, 0,
        names_46}
    }},
    [190] = {1, 3, R_DECIMAL, { /* semget */
        {K_POINTER, 0, 0, 0, NULL}, {K_INT, 0, 1, 0, NULL}, {K_POINTER, 0, 2, 0, NULL}
    }},
    [191] = {1, 4, R_DECIMAL, { /* semctl */
        {K_INT, 0, 0, 0, NULL}, {K_INT, 0, 1, 0, NULL}, {K_HEX, 0, 2, 0, NULL}, {K_HEX, 0, 3, 0, NULL}
    }},
    [192] = {1, 4, R_DECIMAL, { /* semtimedop */
        {K_INT, 0, 0, 0, NULL}, {K_POINTER, 0, 1, 0, NULL}, {K_UINT, 0, 2, 0, NULL}, {K_TIMESPEC, 0, 3, 0,
        NULL}
    }},
    [193] = {1, 3, R_DECIMAL, { /* semop */
        {K_INT, 0, 0, 0, NULL}, {K_POINTER, 0, 1, 0, NULL}, {K_UINT, 0, 2, 0, NULL}
    }},
    [194] = {1, 3, R_DECIMAL, { /* shmget */
        {K_POINTER, 0, 0, 0, NULL}, {K_ULONG, 0, 1, 0, NULL}, {K_POINTER, 0, 2, 0, NULL}
    }},
    [195] = {1, 3, R_DECIMAL, { /* shmctl */
        {K_INT, 0, 0, 0, NULL}, {K_HEX, 0, 1, 0, NULL}, {K_POINTER, 0, 2, 0, NULL}
    }},
    [196] = {1, 3, R_HEX, { /* shmat */
        {K_INT, 0, 0, 0, NULL}, {K_POINTER, 0, 1, 0, NULL}, {K_FLAGS, 0, 2, 0, names_47}
    }},
    [197] = {1, 1, R_DECIMAL, { /* shmdt */
        {K_POINTER, 0, 0, 0, NULL}
    }},
    [198] = {1, 3, R_DECIMAL, { /* socket */
        {K_CHOICE, 0, 0, 0, family_names}, {K_MIXED, 0, 1, 0, names_48}, {K_INT, 0, 2, 0, NULL}
    }},
    [199] = {1, 4, R_DECIMAL, { /* socketpair */
        {K_CHOICE, 0, 0, 0, family_names}, {K_MIXED, 0, 1, 0, names_48}, {K_INT, 0, 2, 0, NULL}, {K_PAIR, 1,
        3, 0, NULL}
    }},
    [200] = {1, 3, R_DECIMAL, { /* bind */
        {K_INT, 0, 0, 0, NULL}, {K_SOCKADDR, 0, 1, 2, NULL}, {K_INT, 0, 2, 0, NULL}
    }},
    [201] = {1, 2, R_DECIMAL, { /* listen */
        {K_INT, 0, 0, 0, NULL}, {K_INT, 0, 1, 0, NULL}
    }},
    [202] = {1, 3, R_DECIMAL, { /* accept */
        {K_INT, 0, 0, 0, NULL}, {K_SOCKADDR_OUT, 1, 1, 2, NULL}, {K_NUMBER4, 1, 2, 0, NULL}
    }},
    [203] = {1, 3, R_DECIMAL, { /* connect */
        {K_INT, 0, 0, 0, NULL}, {K_SOCKADDR, 0, 1, 2, NULL}, {K_INT, 0, 2, 0, NULL}
    }},
    [204] = {1, 3, R_DECIMAL, { /* getsockname */
        {K_INT, 0, 0, 0, NULL}, {K_SOCKADDR_OUT, 1, 1, 2, NULL}, {K_NUMBER4, 1, 2, 0, NULL}
    }},
    [205] = {1, 3, R_DECIMAL, { /* getpeername */
        {K_INT, 0, 0, 0, NULL}, {K_SOCKADDR_OUT, 1, 1, 2, NULL}, {K_NUMBER4, 1, 2, 0, NULL}
    }},
    [206] = {1, 6, R_DECIMAL, { /* sendto */
        {K_INT, 0, 0, 0, NULL}, {K_BUFFER, 0, 1, 2, NULL}, {K_ULONG, 0, 2, 0, NULL}, {K_FLAGS, 0, 3, 0,
        names_49}, {K_SOCKADDR, 0, 4, 5, NULL}, {K_UINT, 0, 5, 0, NULL}
    }},
    [207] = {1, 6, R_DECIMAL, { /* recvfrom */
        {K_INT, 0, 0, 0, NULL}, {K_FILLED, 1, 1, 0, NULL}, {K_ULONG, 0, 2, 0, NULL}, {K_FLAGS, 0, 3, 0,
        names_49}, {K_SOCKADDR_OUT, 1, 4, 5, NULL}, {K_NUMBER4, 1, 5, 0, NULL}
    }},
    [208] = {1, 5, R_DECIMAL, { /* setsockopt */
        {K_INT, 0, 0, 0, NULL}, {K_CHOICE, 0, 1, 0, names_50}, {K_POINTER, 0, 2, 0, NULL}, {K_POINTER, 0, 3,
        0, NULL}, {K_INT, 0, 4, 0, NULL}
    }},
    [209] = {1, 5, R_DECIMAL, { /* getsockopt */
        {K_INT, 0, 0, 0, NULL}, {K_CHOICE, 0, 1, 0, names_50}, {K_POINTER, 0, 2, 0, NULL}, {K_POINTER, 1, 3,
        0, NULL}, {K_NUMBER4, 1, 4, 0, NULL}
    }},
    [210] = {1, 2, R_DECIMAL, { /* shutdown */
        {K_INT, 0, 0, 0, NULL}, {K_CHOICE, 0, 1, 0, names_51}
    }},
    [211] = {1, 3, R_DECIMAL, { /* sendmsg */
        {K_INT, 0, 0, 0, NULL}, {K_POINTER, 0, 1, 0, NULL}, {K_FLAGS, 0, 2, 0, names_49}
    }},
    [212] = {1, 3, R_DECIMAL, { /* recvmsg */
        {K_INT, 0, 0, 0, NULL}, {K_POINTER, 1, 1, 0, NULL}, {K_FLAGS, 0, 2, 0, names_49}
    }},
    [213] = {1, 3, R_DECIMAL, { /* readahead */
        {K_INT, 0, 0, 0, NULL}, {K_LONG, 0, 1, 0, NULL}, {K_ULONG, 0, 2, 0, NULL}
    }},
    [214] = {1, 1, R_HEX, { /* brk */
        {K_POINTER, 0, 0, 0, NULL}
    }},
    [215] = {1, 2, R_DECIMAL, { /* munmap */
        {K_POINTER, 0, 0, 0, NULL}, {K_ULONG, 0, 1, 0, NULL}
    }},
    [216] = {1, 5, R_HEX, { /* mremap */
        {K_POINTER, 0, 0, 0, NULL}, {K_ULONG, 0, 1, 0, NULL}, {K_ULONG, 0, 2, 0, NULL}, {K_FLAGS, 0, 3, 0,
        names_52}, {K_POINTER, 0, 4, 0, NULL}
    }},
    [220] = {1, 5, R_DECIMAL, { /* clone */
        {K_CLONE, 0, 0, 0, names_53}, {K_POINTER, 0, 1, 0, NULL}, {K_POINTER, 0, 2, 0, NULL}, {K_HEX, 0, 3, 0,
        NULL}, {K_POINTER, 0, 4, 0, NULL}
    }},
    [221] = {1, 3, R_DECIMAL, { /* execve */
        {K_STRING, 0, 0, 0, NULL}, {K_VECTOR, 0, 1, 0, NULL}, {K_POINTER, 0, 2, 0, NULL}
    }},
    [222] = {1, 6, R_HEX, { /* mmap */
        {K_POINTER, 0, 0, 0, NULL}, {K_ULONG, 0, 1, 0, NULL}, {K_FLAGS, 0, 2, 0, names_54}, {K_MIXED, 0, 3, 0,
        names_55}, {K_INT, 0, 4, 0, NULL}, {K_HEX, 0, 5, 0, NULL}
    }},
    [223] = {1, 4, R_DECIMAL, { /* fadvise64 */
        {K_INT, 0, 0, 0, NULL}, {K_LONG, 0, 1, 0, NULL}, {K_LONG, 0, 2, 0, NULL}, {K_CHOICE, 0, 3, 0,
        names_56}
    }},
    [226] = {1, 3, R_DECIMAL, { /* mprotect */
        {K_POINTER, 0, 0, 0, NULL}, {K_ULONG, 0, 1, 0, NULL}, {K_FLAGS, 0, 2, 0, names_54}
    }},
    [227] = {1, 3, R_DECIMAL, { /* msync */
        {K_POINTER, 0, 0, 0, NULL}, {K_ULONG, 0, 1, 0, NULL}, {K_FLAGS, 0, 2, 0, names_57}
    }},
    [228] = {1, 2, R_DECIMAL, { /* mlock */
        {K_POINTER, 0, 0, 0, NULL}, {K_ULONG, 0, 1, 0, NULL}
    }},
    [229] = {1, 2, R_DECIMAL, { /* munlock */
        {K_POINTER, 0, 0, 0, NULL}, {K_ULONG, 0, 1, 0, NULL}
    }},
    [230] = {1, 1, R_DECIMAL, { /* mlockall */
        {K_FLAGS, 0, 0, 0, names_58}
    }},
    [231] = {1, 0, R_DECIMAL, { /* munlockall */
        {0}
    }},
    [232] = {1, 3, R_DECIMAL, { /* mincore */
        {K_POINTER, 0, 0, 0, NULL}, {K_ULONG, 0, 1, 0, NULL}, {K_POINTER, 1, 2, 0, NULL}
    }},
    [233] = {1, 3, R_DECIMAL, { /* madvise */
        {K_POINTER, 0, 0, 0, NULL}, {K_ULONG, 0, 1, 0, NULL}, {K_CHOICE, 0, 2, 0, names_59}
    }},
    [240] = {1, 4, R_DECIMAL, { /* rt_tgsigqueueinfo */
        {K_INT, 0, 0, 0, NULL}, {K_INT, 0, 1, 0, NULL}, {K_SIGNAL, 0, 2, 0, NULL}, {K_SIGINFO, 0, 3, 0, NULL}
    }},
    [242] = {1, 4, R_DECIMAL, { /* accept4 */
        {K_INT, 0, 0, 0, NULL}, {K_SOCKADDR_OUT, 1, 1, 2, NULL}, {K_NUMBER4, 1, 2, 0, NULL}, {K_FLAGS, 0, 3,
        0, names_60}
    }},
    [243] = {1, 5, R_DECIMAL, { /* recvmmsg */
        {K_INT, 0, 0, 0, NULL}, {K_POINTER, 1, 1, 0, NULL}, {K_UINT, 0, 2, 0, NULL}, {K_FLAGS, 0, 3, 0,
        names_49}, {K_TIMESPEC, 0, 4, 0, NULL}
    }},
    [258] = {1, 5, R_DECIMAL, { /* riscv_hwprobe */
        {K_POINTER, 1, 0, 0, NULL}, {K_ULONG, 0, 1, 0, NULL}, {K_ULONG, 0, 2, 0, NULL}, {K_POINTER, 0, 3, 0,
        NULL}, {K_UINT, 0, 4, 0, NULL}
    }},
    [259] = {1, 3, R_DECIMAL, { /* riscv_flush_icache */
        {K_POINTER, 0, 0, 0, NULL}, {K_POINTER, 0, 1, 0, NULL}, {K_FLAGS, 0, 2, 0, names_61}
    }},
    [260] = {1, 4, R_DECIMAL, { /* wait4 */
        {K_INT, 0, 0, 0, NULL}, {K_STATUS, 1, 1, 0, NULL}, {K_FLAGS, 0, 2, 0, names_33}, {K_RUSAGE, 1, 3, 0,
        NULL}
    }},
    [261] = {1, 4, R_DECIMAL, { /* prlimit64 */
        {K_INT, 0, 0, 0, NULL}, {K_CHOICE, 0, 1, 0, names_43}, {K_RLIMIT, 0, 2, 0, NULL}, {K_RLIMIT, 1, 3, 0,
        NULL}
    }},
    [267] = {1, 1, R_DECIMAL, { /* syncfs */
        {K_INT, 0, 0, 0, NULL}
    }},
    [268] = {1, 2, R_DECIMAL, { /* setns */
        {K_INT, 0, 0, 0, NULL}, {K_HEX, 0, 1, 0, NULL}
    }},
    [269] = {1, 4, R_DECIMAL, { /* sendmmsg */
        {K_INT, 0, 0, 0, NULL}, {K_POINTER, 1, 1, 0, NULL}, {K_UINT, 0, 2, 0, NULL}, {K_FLAGS, 0, 3, 0,
        names_49}
    }},
    [270] = {1, 6, R_DECIMAL, { /* process_vm_readv */
        {K_INT, 0, 0, 0, NULL}, {K_POINTER, 1, 1, 0, NULL}, {K_ULONG, 0, 2, 0, NULL}, {K_POINTER, 0, 3, 0,
        NULL}, {K_ULONG, 0, 4, 0, NULL}, {K_ULONG, 0, 5, 0, NULL}
    }},
    [271] = {1, 6, R_DECIMAL, { /* process_vm_writev */
        {K_INT, 0, 0, 0, NULL}, {K_POINTER, 0, 1, 0, NULL}, {K_ULONG, 0, 2, 0, NULL}, {K_POINTER, 0, 3, 0,
        NULL}, {K_ULONG, 0, 4, 0, NULL}, {K_ULONG, 0, 5, 0, NULL}
    }},
    [272] = {1, 5, R_DECIMAL, { /* kcmp */
        {K_INT, 0, 0, 0, NULL}, {K_INT, 0, 1, 0, NULL}, {K_CHOICE, 0, 2, 0, names_62}, {K_HEX, 0, 3, 0, NULL},
        {K_HEX, 0, 4, 0, NULL}
    }},
    [274] = {1, 3, R_DECIMAL, { /* sched_setattr */
        {K_INT, 0, 0, 0, NULL}, {K_POINTER, 0, 1, 0, NULL}, {K_UINT, 0, 2, 0, NULL}
    }},
    [275] = {1, 4, R_DECIMAL, { /* sched_getattr */
        {K_INT, 0, 0, 0, NULL}, {K_POINTER, 1, 1, 0, NULL}, {K_UINT, 0, 2, 0, NULL}, {K_UINT, 0, 3, 0, NULL}
    }},
    [276] = {1, 5, R_DECIMAL, { /* renameat2 */
        {K_DIRFD, 0, 0, 0, NULL}, {K_STRING, 0, 1, 0, NULL}, {K_DIRFD, 0, 2, 0, NULL}, {K_STRING, 0, 3, 0,
        NULL}, {K_FLAGS, 0, 4, 0, names_63}
    }},
    [277] = {1, 3, R_DECIMAL, { /* seccomp */
        {K_CHOICE, 0, 0, 0, names_64}, {K_FLAGS, 0, 1, 0, names_65}, {K_POINTER, 0, 2, 0, NULL}
    }},
    [278] = {1, 3, R_DECIMAL, { /* getrandom */
        {K_FILLED, 1, 0, 0, NULL}, {K_ULONG, 0, 1, 0, NULL}, {K_FLAGS, 0, 2, 0, names_66}
    }},
    [279] = {1, 2, R_DECIMAL, { /* memfd_create */
        {K_STRING, 0, 0, 0, NULL}, {K_FLAGS, 0, 1, 0, names_67}
    }},
    [281] = {1, 5, R_DECIMAL, { /* execveat */
        {K_DIRFD, 0, 0, 0, NULL}, {K_STRING, 0, 1, 0, NULL}, {K_VECTOR, 0, 2, 0, NULL}, {K_POINTER, 0, 3, 0,
        NULL}, {K_FLAGS, 0, 4, 0, names_22}
    }},
    [283] = {1, 3, R_DECIMAL, { /* membarrier */
        {K_CHOICE, 0, 0, 0, names_68}, {K_HEX, 0, 1, 0, NULL}, {K_INT, 0, 2, 0, NULL}
    }},
    [284] = {1, 3, R_DECIMAL, { /* mlock2 */
        {K_POINTER, 0, 0, 0, NULL}, {K_ULONG, 0, 1, 0, NULL}, {K_FLAGS, 0, 2, 0, names_69}
    }},
    [285] = {1, 6, R_DECIMAL, { /* copy_file_range */
        {K_INT, 0, 0, 0, NULL}, {K_NUMBER8, 0, 1, 0, NULL}, {K_INT, 0, 2, 0, NULL}, {K_NUMBER8, 0, 3, 0,
        NULL}, {K_ULONG, 0, 4, 0, NULL}, {K_UINT, 0, 5, 0, NULL}
    }},
    [286] = {1, 5, R_DECIMAL, { /* preadv2 */
        {K_INT, 0, 0, 0, NULL}, {K_IOVEC, 1, 1, 0, NULL}, {K_ULONG, 0, 2, 0, NULL}, {K_LONG, 0, 3, 0, NULL},
        {K_FLAGS, 0, 5, 0, names_70}
    }},
    [287] = {1, 5, R_DECIMAL, { /* pwritev2 */
        {K_INT, 0, 0, 0, NULL}, {K_IOVEC, 0, 1, 0, NULL}, {K_ULONG, 0, 2, 0, NULL}, {K_LONG, 0, 3, 0, NULL},
        {K_FLAGS, 0, 5, 0, names_70}
    }},
    [291] = {1, 5, R_DECIMAL, { /* statx */
        {K_DIRFD, 0, 0, 0, NULL}, {K_STRING, 0, 1, 0, NULL}, {K_POINTER, 0, 2, 0, NULL}, {K_FLAGS, 0, 3, 0,
        names_71}, {K_STATX, 1, 4, 0, NULL}
    }},
    [293] = {1, 4, R_DECIMAL, { /* rseq */
        {K_POINTER, 0, 0, 0, NULL}, {K_HEX, 0, 1, 0, NULL}, {K_INT, 0, 2, 0, NULL}, {K_HEX, 0, 3, 0, NULL}
    }},
    [424] = {1, 4, R_DECIMAL, { /* pidfd_send_signal */
        {K_INT, 0, 0, 0, NULL}, {K_SIGNAL, 0, 1, 0, NULL}, {K_SIGINFO, 0, 2, 0, NULL}, {K_FLAGS, 0, 3, 0,
        names_72}
    }},
    [425] = {1, 2, R_DECIMAL, { /* io_uring_setup */
        {K_UINT, 0, 0, 0, NULL}, {K_POINTER, 0, 1, 0, NULL}
    }},
    [434] = {1, 2, R_DECIMAL, { /* pidfd_open */
        {K_INT, 0, 0, 0, NULL}, {K_FLAGS, 0, 1, 0, names_73}
    }},
    [435] = {1, 2, R_DECIMAL, { /* clone3 */
        {K_POINTER, 0, 0, 0, NULL}, {K_ULONG, 0, 1, 0, NULL}
    }},
    [436] = {1, 3, R_DECIMAL, { /* close_range */
        {K_UINT, 0, 0, 0, NULL}, {K_UINT, 0, 1, 0, NULL}, {K_FLAGS, 0, 2, 0, names_74}
    }},
    [437] = {1, 4, R_DECIMAL, { /* openat2 */
        {K_DIRFD, 0, 0, 0, NULL}, {K_STRING, 0, 1, 0, NULL}, {K_POINTER, 0, 2, 0, NULL}, {K_ULONG, 0, 3, 0,
        NULL}
    }},
    [438] = {1, 3, R_DECIMAL, { /* pidfd_getfd */
        {K_INT, 0, 0, 0, NULL}, {K_INT, 0, 1, 0, NULL}, {K_UINT, 0, 2, 0, NULL}
    }},
    [439] = {1, 4, R_DECIMAL, { /* faccessat2 */
        {K_DIRFD, 0, 0, 0, NULL}, {K_STRING, 0, 1, 0, NULL}, {K_FLAGS, 0, 2, 0, names_26}, {K_FLAGS, 0, 3, 0,
        names_75}
    }},
    [441] = {1, 6, R_DECIMAL, { /* epoll_pwait2 */
        {K_INT, 0, 0, 0, NULL}, {K_EPOLL_EVENTS, 1, 1, 0, names_14}, {K_INT, 0, 2, 0, NULL}, {K_TIMESPEC, 0,
        3, 0, NULL}, {K_SET_BYTES, 0, 4, 0, NULL}, {K_ULONG, 0, 5, 0, NULL}
    }},
    [452] = {1, 4, R_DECIMAL, { /* fchmodat2 */
        {K_DIRFD, 0, 0, 0, NULL}, {K_STRING, 0, 1, 0, NULL}, {K_OCTAL, 0, 2, 0, NULL}, {K_FLAGS, 0, 3, 0,
        names_22}
    }},
};
