"""Commands that look at the situation, with what of their output the host and the guest must have in common."""

from __future__ import annotations

import re
from collections.abc import Callable

Keep = Callable[[str, int], str]
"""From a command's output and the highest number of the situation's processes to what is compared."""

_TTY = re.compile(r"\b(pts/|136[,:])\d+\b")
_BLANKS = re.compile(r" {2,}")


def whole(text: str, last: int) -> str:
    """Everything, with one number for all terminals and one blank for many."""
    return "\n".join(_BLANKS.sub(" ", _TTY.sub(r"\1N", line)).strip() for line in text.splitlines())


def made(text: str, last: int) -> str:
    """The rows of a table with a PID column that are about the situation, but for its first process, which began it."""
    lines = whole(text, last).splitlines()
    start = next(at for at, line in enumerate(lines) if "PID" in line.split())
    column = lines[start].split().index("PID")
    rows = [line for line in lines[start + 1:] if 1 < int(line.split()[column]) <= last]
    return "\n".join([lines[start], *rows])


def any_privilege(text: str, last: int) -> str:
    """`made`, without the bit of the column F that says that a privilege was used: on a busy host one is used for
    pipes, when its user has many of them. fs/pipe.c:alloc_pipe_info"""
    head, *rows = made(text, last).splitlines()
    at = head.split().index("F")
    cells = [row.split(" ") for row in rows]
    for row in cells:
        row[at] = str(int(row[at]) & ~4)
    return "\n".join([head, *(" ".join(row) for row in cells)])


def columns(*names: str) -> Keep:
    """Some columns of `made`, by their heads; no cell before them may be empty."""

    def keep(text: str, last: int) -> str:
        head, *rows = made(text, last).splitlines()
        at = [head.split().index(name) for name in names]
        return "\n".join(" ".join(row.split()[index] for index in at) for row in rows)

    return keep


def fields(*numbers: int) -> Keep:
    """Fields of /proc/PID/stat, counted from 1 as in proc(5)."""

    def keep(text: str, last: int) -> str:
        found = []
        for line in whole(text, last).splitlines():
            head, _, rest = line.rpartition(")")
            pid, _, comm = head.partition(" (")
            values = [pid, comm, *rest.split()]
            found.append(" ".join(values[number - 1] for number in numbers))
        return "\n".join(found)

    return keep


def status(text: str, last: int) -> str:
    """/proc/PID/status without what depends on the libc, the harts and the capabilities of a container."""
    drop = re.compile(r"(Vm(Peak|Size|HWM|RSS|Data|Exe|Lib|PTE)|Rss|FDSize|SigQ|Cap(Prm|Eff|Bnd)|THP_enabled|"
                      r"untag_mask|Speculation|Cpus_allowed|Mems_allowed|(non)?voluntary|Seccomp)")
    return "\n".join(line for line in text.splitlines() if not drop.match(line))


def open_files(text: str, last: int) -> str:
    """lsof: process, descriptor with access and lock, type, name; sizes where they are ours.

    No libraries, and not the first process; of memory that others could share, no inode numbers.
    """
    lines = [line for line in whole(text, last).splitlines() if not line.startswith("lsof: ")]
    after_size = 2 if "NLINK" in lines[0] else 1
    found = []
    for line in lines[1:]:
        words = line.split(" ")
        at = next(index for index, word in enumerate(words[1:], 1) if word.isdigit())
        pid, user, fd, kind, _, size = words[at:at + 6]
        if fd in ("mem", "rtd") or pid == "1":
            continue
        name = " ".join(words[at + 6 + after_size:])
        if fd == "DEL":
            size, name = "-", words[at + 6]          # these have no size
        shown = size if kind == "REG" and fd != "txt" else "-"
        found.append(" ".join((pid, user, fd, kind, shown, name)))
    return "\n".join(sorted(found))


def without_network(text: str, last: int) -> str:
    """fuser: without what it says where there is no network to look at, as in the guest."""
    return whole("".join(line for line in text.splitlines(True) if "network socket" not in line), last)


def of_mount(text: str, last: int) -> str:
    """The line about the situation's mount; the host's Linux may add an option about inode numbers."""
    return "\n".join(line.replace(",inode64", "") for line in whole(text, last).splitlines() if "tank" in line)


def tree(text: str, last: int) -> str:
    """pstree without itself and the thread that an emulator has."""
    return "\n".join(line for line in text.splitlines() if "pstree" not in line)


_STAT = fields(1, 2, 3, 4, 5, 6, 8, 18, 19, 20, 21, 31, 32, 33, 35, 36, 37, 38, 40, 41, 42, 43, 44, 52)
_NOT_THREADS = "plain reader stopped dead daemon polite session group terminal memory vforks signals"

COMMANDS: tuple[tuple[str, Keep], ...] = (
    ("ps -eo pid,ppid,pgid,sid,tty,tpgid,stat,ni,pri,nlwp,user,ruser,group,f,comm,args", any_privilege),
    ("ps -eo pid,cls,rtprio,supgrp,euid,egid,ruid,suid,fuid,sgid", made),
    ("ps -ef", columns("UID", "PID", "PPID", "TTY", "CMD")),
    ("ps -eLf", columns("UID", "PID", "PPID", "LWP", "NLWP", "TTY", "CMD")),
    ("ps -eLo pid,tid,nlwp,stat,tty,comm", made),
    ("ps aux", columns("USER", "PID", "STAT", "TTY", "COMMAND")),
    ("ps -e --forest -o pid,args", made),
    ("ps s -p " + ",".join(f"@{name}" for name in _NOT_THREADS.split()), made),
    ("ps e -p @plain", whole),
    ("ps -C leaf -o pid,args", whole),
    ("ps -u daemon,4242 -o pid,user,comm", whole),
    ("ps -g @session,@terminal -o pid,sid,comm", whole),
    ("top -b -n1 -w 120", columns("PID", "USER", "PR", "NI", "S", "COMMAND")),
    ("pgrep -a -f ^title", whole),
    ("pgrep -l -u daemon,4242", whole),
    ("pgrep -l -r D,T,Z", whole),
    ("pgrep -lx odd.*", whole),
    ("pgrep -l -P @branch", whole),
    ("pgrep -c -s @session", whole),
    ("pkill -0 -e leaf", whole),
    ("pidof leaf", whole),
    ("pwdx @files", whole),
    ("w -h", whole),
    ("pstree -A", tree),
    ("pstree -Apaclu", tree),
    ("pstree -A -t @threads", whole),
    ("pstree -A -g -s @leaf", tree),
    ("killall -v -s 0 leaf", whole),
    ("fuser -v @dir/data @dir/sub @dir/mnt/inside @dir/locked", without_network),
    ("fuser -vm @dir/mnt", without_network),
    ("lsof -w -p @all", open_files),
    ("lsof +L1", open_files),
    ("lsof -a -u daemon -d cwd,txt", open_files),
    ("lsof @dir/data @dir/locked", open_files),
    ("lsof -t @dir/mnt", whole),
    ("lsof +D @dir/mnt", open_files),
    ("busybox ps -o pid,ppid,pgid,user,group,tty,stat,nice,comm,args", made),
    ("busybox ps", made),
    ("busybox ps -T", made),
    ("busybox top -b -n1", columns("PID", "PPID", "USER", "STAT")),
    ("busybox pidof leaf", whole),
    ("busybox killall -0 leaf", whole),
    ("busybox mount", of_mount),
    ("busybox df @dir/mnt", whole),
    *((f"cat /proc/@{name}/stat", _STAT) for name in (*_NOT_THREADS.split(), "threads")),
    ("cat /proc/@threads/task/@threads/stat", _STAT),
    *((f"cat /proc/@{name}/status", status) for name in _NOT_THREADS.split()),
    ("cat /proc/@files/fdinfo/20 /proc/@files/fdinfo/22 /proc/@reader/fdinfo/10",
     lambda text, last: "\n".join(line for line in text.splitlines() if line.startswith(("pos", "flags")))),
    # from here on the situation changes
    ("killall -v leaf", whole),
    ("pkill -e -x burner", whole),
    ("pkill -STOP -e -f ^title", whole),
    ("fuser -k -TERM @dir/data", without_network),
    ("busybox killall signals", whole),
    ("ps -eo pid,stat,comm,args", made),
    ("killall -v nobody-has-this-name", whole),
)
"""Each is run on both sides; what its second half keeps of the two outputs must be equal."""
