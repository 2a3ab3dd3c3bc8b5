/* The same in the ABI rcore, where every error is -1. */
#include "plan.h"

static char text[64];

FAULTS("open:1=EMFILE", "read:1=EIO", "write:2=ENOSPC", "dup:1=EMFILE", "pipe:1=ENFILE")
CASE(errors)
{
    size_t ends[2] = {5, 6};
    CHECK_EQ(-1, open("fresh", O_RDWR | O_CREATE));
    CHECK_EQ(-1, open("fresh", O_RDONLY));
    long fd = open("fresh", O_RDWR | O_CREATE);
    CHECK_EQ(3, fd);
    CHECK_EQ(5, write((int)fd, "12345", 5));
    CHECK_EQ(-1, write((int)fd, "12345", 5));
    CHECK_EQ(0, close(fd));
    fd = open("fresh", O_RDONLY);
    CHECK_EQ(-1, read((int)fd, text, 64));
    CHECK_EQ(5, read((int)fd, text, 64));
    CHECK_EQ(-1, dup(fd));
    CHECK_EQ(-1, pipe(ends));
    CHECK_EQ(5, ends[0]);
    CHECK_EQ(4, dup(fd));
}

FAULTS("fork:1=EAGAIN", "fork:2=fail", "exec:1=fail", "waitpid:2=EPERM")
CASE(processes)
{
    static const char *const words[] = {"true", NULL};
    CHECK_EQ(-1, fork());
    CHECK_EQ(-1, fork());
    CHECK_EQ(WAIT_NO_CHILD, waitpid_nb(-1, NULL));
    CHECK_EQ(-1, exec("/bin/true", words));
    long pid = fork();
    if (pid == 0)
        exit(7);
    int code = 0;
    CHECK_EQ(-1, waitpid_nb(pid, &code));
    CHECK_EQ(pid, waitpid(pid, &code));
    CHECK_EQ(7, code);
}

FAULTS("write:1=short(3)", "read:1=short(2)", "read:3=short(4)")
CASE(short_transfers)
{
    long fd = open("f", O_RDWR | O_CREATE);
    size_t ends[2];
    CHECK_EQ(3, write((int)fd, "abcdefgh", 8));
    CHECK_EQ(5, write((int)fd, "defgh", 5));
    CHECK_EQ(0, close(fd));
    fd = open("f", O_RDONLY);
    CHECK_EQ(2, read((int)fd, text, 64));
    CHECK_EQ(6, read((int)fd, text + 2, 62));
    CHECK_EQ(0, memcmp(text, "abcdefgh", 8));
    CHECK_EQ(0, pipe(ends));
    CHECK_EQ(8, write((int)ends[1], "abcdefgh", 8));
    CHECK_EQ(4, read((int)ends[0], text, 8));
    CHECK_EQ(4, read((int)ends[0], text + 4, 4));
    CHECK_EQ(0, memcmp(text, "abcdefgh", 8));
}

FAULTS("getpid:1=delay(5ms)")
CASE(delays)
{
    long begin = get_time();
    long me = getpid(), middle = get_time();
    CHECK(middle - begin >= 5 && middle - begin < 7);
    CHECK_EQ(me, getpid());
    CHECK(get_time() - middle < 2);
}

static volatile int taken;

static void take(int number)
{
    taken = number;
    sigreturn();
}

FAULTS("getpid:1=signal(SIGUSR1)")
CASE(signals)
{
    struct sigaction action = {take, 0}, old;
    CHECK_EQ(0, sigaction(SIGUSR1, &action, &old));
    long me = getpid();
    CHECK_EQ(SIGUSR1, taken);
    CHECK_EQ(me, getpid());
}

FAULTS("getpid:1=signal(SIGKILL)")
CASE(fatal_signals)
{
    long pid = fork();
    if (pid == 0) {
        getpid();
        exit(0);
    }
    int code = 0;
    CHECK_EQ(pid, waitpid(pid, &code));
    CHECK_EQ(-SIGKILL, code);
}

static volatile char zeroes[8 * 4096];

FAULTS("alloc:2:pid=2=fail")
CASE(no_page)
{
    long pid = fork();
    if (pid == 0) {
        zeroes[0] = 1;
        zeroes[2 * 4096] = 1;
        zeroes[4 * 4096] = 1;
        exit(0);
    }
    int code = 0;
    CHECK_EQ(pid, waitpid(pid, &code));
    CHECK_EQ(-SIGKILL, code);
}
