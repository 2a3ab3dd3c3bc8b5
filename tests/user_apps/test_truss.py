"""truss: every call of a known program is there, with what it was given and gave; and what is traced goes on."""

from __future__ import annotations

import re

from proc_tools import show

from rvsim.emu.console import CapturedConsole
from rvsim.tests.guest import make, musl_program


def test_calls_of_a_program() -> None:
    shown = show("truss cat /nosuch /text", files={b"/text": b"one\ntwo\n"})
    lines = [re.sub(r" +(?==|argc|Err)", " ", line) for line in shown.errors.splitlines()]
    lines = [re.sub(r"0x[0-9a-f]+", "0x", line) for line in lines if not line.startswith(("brk", "mmap"))]
    assert lines == [
        'execve("/bin/cat", 0x, 0x) argc = 3',
        'openat(AT_FDCWD, "/nosuch", O_RDONLY) Err#2 ENOENT',
        "cat: /nosuch: no such file or directory",
        'write(2, "cat: /nosuch: no such file or di".., 40) = 40',
        'openat(AT_FDCWD, "/text", O_RDONLY) = 3',
        'read(3, "one\\ntwo\\n", 65536) = 8',
        'write(1, "one\\ntwo\\n", 8) = 8',
        'read(3, "", 65536) = 0',
        "close(3) = 0",
        "_exit(1)",
    ]
    assert (shown.status, shown.output) == (1, "one\ntwo\n")


def test_follows_forks_and_shows_arguments() -> None:
    shown = show("truss -f -a -o /tmp/out sh -c 'ls / | wc; exit 4'; echo $?; cat /tmp/out")
    first, status, *lines = shown.lines
    assert len(first.split()) == 3
    assert status == "4"
    pids = {int(line.split(":")[0]) for line in lines}
    assert pids == {3, 4, 5}
    text = "\n".join(lines)
    for line in (r'3:\texecve\("/bin/sh", \["sh", "-c", "ls / \| wc; exit 4"\], 0x\w+\) +argc = 3',
                 r"3:\tclone\(.*\) +=\s4", r"4:\tclone\(.*\)  \(returning as child\)",
                 r'4:\texecve\("/bin/ls", \["ls", "/"\], 0x\w+\) +argc = 2', r"5:\tread\(0, \"bin\\n.*",
                 r"3:\t    Received signal #17, SIGCHLD \[default\]", r"4:\t_exit\(0\)", r"3:\t_exit\(4\)"):
        assert re.search(f"^{line}$", text, re.MULTILINE), line


def test_without_f_only_the_first() -> None:
    shown = show("truss sh -c 'ls /; true'")
    assert "clone" in shown.errors
    assert "/bin/ls" not in shown.errors
    assert "getdents64" not in shown.errors


def test_faults_and_signals() -> None:
    shown = show("truss -t none -f sh -c 'store_fault; kill -9 $$'")
    fault = (r"^4:\t    Incurred fault #6, FLTBOUNDS  %pc = 0x[0-9a-f]+\n"
             r"4:\t      siginfo: SIGSEGV SEGV_MAPERR addr=0x00000000$")
    assert re.search(fault, shown.errors, re.MULTILINE)
    assert "3:\t        *** process killed by SIGKILL ***\n" in shown.errors
    assert "exit" not in shown.errors
    assert shown.status == 137


def test_caught_signals_and_threads() -> None:
    shown = show("truss -t tkill,rt_sigreturn,exit -s USR1 subject & sleep 1; kill -KILL 4")
    assert "/6:\ttkill(6, SIGUSR1)" in shown.errors
    expected = "    Received signal #10, SIGUSR1 [caught]\n/6:\t      siginfo: SIGUSR1 SI_TKILL pid=4 uid=0\n"
    assert expected in shown.errors


LINES = r"""
    openat(AT_FDCWD, "made", O_RDWR|O_CREAT|O_TRUNC|O_CLOEXEC, 0640) = 3
    fcntl(3, F_GETFD) = 1
    fcntl(3, F_SETFL, O_RDONLY|O_APPEND) = 0
    fcntl(3, F_SETLK, {F_WRLCK, SEEK_SET, 2, 5}) = 0
    fstat(3, {S_IFREG|0640, ino=#, nlink=1, uid=0, gid=0, size=0}) = 0
    newfstatat(AT_FDCWD, "nosuch", #, AT_SYMLINK_NOFOLLOW) Err#2 ENOENT
    utimensat(AT_FDCWD, "made", {{1, 0}, {2, 5}}, 0) = 0
    pipe2([4, 5], O_NONBLOCK) = 0
    writev(5, ["one\n", "\0\377\t"], 2) = 7
    ppoll([{4, POLLIN|POLLPRI}, {5, POLLOUT}], 2, {0, 5}, ~[INT], 8) = 2 [{4, POLLIN}, {5, POLLOUT}]
    readv(4, ["one", "\n\0\377\t"], 2) = 7
    pselect6(6, [], [], NULL, {0, 0}, NULL) = 0
    rt_sigaction(SIGUSR1, {SIG_IGN, [HUP CHLD], SA_RESTART|SA_NODEFER}, {SIG_DFL, [], 0}, 8) = 0
    rt_sigprocmask(SIG_BLOCK, [USR2], [], 8) = 0
    socketpair(AF_UNIX, SOCK_DGRAM|SOCK_NONBLOCK, 0, [6, 7]) = 0
    bind(6, {AF_UNIX, @"ab\n"}, 6) = 0
    connect(7, {AF_UNIX, "no/where"}, 11) Err#2 ENOENT
    mmap(NULL, 4096, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = #
    mprotect(#, 4096, PROT_NONE) = 0
    munmap(#, 4096) = 0
    prlimit64(0, RLIMIT_CORE, {0, RLIM_INFINITY}, NULL) = 0
    lseek(3, -1, SEEK_END) Err#22 EINVAL
    umask(022) = 022
    kill(0, 0) = 0
    wait4(-1, NULL, WNOHANG, NULL) Err#10 ECHILD
    readv(3, #, 18446744073709551615) Err#22 EINVAL
    ppoll(#, 3000000000, NULL, NULL, 0) Err#22 EINVAL
    getrandom(#, 4, GRND_NONBLOCK|GRND_RANDOM|0x100) Err#22 EINVAL
    writev(-1, #, 1024) Err#9 EBADF
    prctl(PR_SET_NAME, #, 0, 0, 0) = 0
    _exit(0)
"""


def test_arguments_by_name_and_structures() -> None:
    console = CapturedConsole()
    machine = make(console)
    machine.install(b"/bin/subject", musl_program("proc_calls.c").read_bytes())
    machine.run(b"truss", [b"truss", b"-t", b"!brk", b"subject"])
    lines = [re.sub(r"  +", " ", line) for line in console.errors.decode().splitlines()]
    start = next(at for at, line in enumerate(lines) if "made" in line)
    shown = [re.sub(r"0x[0-9a-f]{4,}|(?<=ino=)\d+", "#", line) for line in lines[start:]]
    assert shown == [line.strip() for line in LINES.strip().splitlines()]


def test_counts() -> None:
    shown = show("truss -c cat /nosuch /text /text", files={b"/text": b"one\n"})
    rows = {line.split()[0]: line.split()[1:] for line in shown.errors.splitlines() if re.match(r"\w+ +\d", line)}
    assert rows["openat"] == ["3", "1"]
    assert rows["read"] == ["4"]
    assert rows["close"] == ["2"]
    assert rows["exit_group"] == ["1"]
    totals = [line.split() for line in shown.errors.splitlines() if line.startswith("sys totals")]
    assert totals == [["sys", "totals:", str(sum(int(row[0]) for row in rows.values())), "1"]]


def test_attached_and_let_go() -> None:
    shown = show("sleep 100 & sleep 5 & truss -p 2 3 2> /tmp/t & sleep 2; truss -p 2; pstack 2; sleep 4; kill -INT 4; "
                 "sleep 1; ps -o pid=,s= -p 2; pstop 2; ps -o pid=,s= -p 2; cat /tmp/t")
    assert shown.errors == "truss: 2: another program controls it\npstack: 2: another program controls it\n"
    rows = shown.words()
    assert rows[0] == ["2", "S"]
    assert rows[1] == ["2", "t"]
    said = sorted(shown.lines[2:])
    assert [re.sub(r"0x\w+", "0x", " ".join(line.split())) for line in said] == [
        "2: nanosleep({100, 0}, 0x) (sleeping...)", "3: _exit(0)", "3: nanosleep({5, 0}, 0x) = 0",
        "3: nanosleep({5, 0}, 0x) (sleeping...)"]


def test_a_killed_truss_leaves_the_process_running() -> None:
    shown = show("infloop & sleep 100 & truss -f -p 2 3 2> /dev/null & sleep 2; kill -KILL 4; sleep 1; "
                 "ps -o pid=,s= -p 2,3; pstop 3; ps -o pid=,s= -p 3")
    assert shown.words()[1:] == [["2", "R"], ["3", "S"], ["3", "t"]]


def test_vfork_is_followed() -> None:
    source = musl_program("proc_spawner.c")
    console = CapturedConsole()
    machine = make(console)
    machine.install(b"/bin/spawner", source.read_bytes())
    assert machine.run(b"truss", [b"truss", b"-f", b"-t", b"clone,execve,write,exit_group", b"spawner"]) == 7
    assert console.output == b"spawned\n"
    lines = console.errors.decode().splitlines()
    made = next(at for at, line in enumerate(lines) if re.match(r"3:\tclone\(.*returning as child", line))
    over = next(at for at, line in enumerate(lines) if re.match(r"2:\tclone\(.* = 3$", line))
    run = next(at for at, line in enumerate(lines) if line.startswith('3:\texecve("/bin/echo"'))
    assert made < run < over


def test_complaints() -> None:
    shown = show("truss nosuch; echo $?; truss -t nosuch true; truss -s NOSUCH true; truss -m NO true; truss -p x; "
                 "truss -p 99; truss -t io_setup true; truss")
    assert shown.output == "127\n"
    assert shown.errors.startswith(
        "truss: nosuch: no such file or directory\ntruss: nosuch: no such call\ntruss: NOSUCH: no such signal\n"
        "truss: NO: no such fault\ntruss: x: not a pid\ntruss: 99: no such process\n"
        "truss: io_setup: this call cannot be traced\nusage: truss ")
    assert shown.status == 2
