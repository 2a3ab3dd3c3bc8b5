#define _GNU_SOURCE
#include "check.h"
#include "bad_memory.h"
#include "files.h"
#include <stdint.h>
#include <sys/ioctl.h>
#include <termios.h>

#ifndef FIGETBSZ
#define FIGETBSZ 2
#endif
#ifndef FIOQSIZE
#define FIOQSIZE 0x5460
#endif
#define NOT_KNOWN 0x12345678

static long ioctl_of(int fd, unsigned request, const void *argument)
{
    return syscall(SYS_ioctl, fd, request, argument);
}

CASE(what_can_be_read)
{
    int fd = file_of("f", "abcdef"), count = -1, ends[2];
    CHECK_EQ(2, lseek(fd, 2, SEEK_SET));
    CHECK_EQ(0, ioctl_of(fd, FIONREAD, &count));
    CHECK_EQ(4, count);
    CHECK_EQ(10, lseek(fd, 10, SEEK_SET));
    CHECK_EQ(0, ioctl_of(fd, FIONREAD, &count));
    CHECK_EQ(-4, count);
    CHECK_EQ(0, pipe(ends) | ioctl_of(ends[0], FIONREAD, &count));
    CHECK_EQ(0, count);
    CHECK_EQ(3, write(ends[1], "abc", 3));
    CHECK_EQ(0, ioctl_of(ends[0], FIONREAD, &count));
    CHECK_EQ(3, count);
    CHECK_EQ(0, ioctl_of(ends[1], FIONREAD, &count)); /* either end tells */
    CHECK_EQ(3, count);
}

CASE(flags)
{
    int ends[2], on = 1, off = 0;
    char byte;
    CHECK_EQ(0, pipe(ends) | ioctl_of(ends[0], FIONBIO, &on));
    CHECK_EQ(O_RDONLY | O_NONBLOCK, fcntl(ends[0], F_GETFL));
    CHECK_ERRNO(EAGAIN, read(ends[0], &byte, 1));
    CHECK_EQ(0, ioctl_of(ends[0], FIONBIO, &off));
    CHECK_EQ(O_RDONLY, fcntl(ends[0], F_GETFL));
    CHECK_EQ(0, ioctl_of(ends[0], FIOCLEX, BAD)); /* without an argument */
    CHECK_EQ(FD_CLOEXEC, fcntl(ends[0], F_GETFD));
    CHECK_EQ(0, ioctl_of(ends[0], FIONCLEX, BAD));
    CHECK_EQ(0, fcntl(ends[0], F_GETFD));
}

CASE(sizes)
{
    int fd = file_of("f", "abcdef"), block = 0;
    int64_t size = -1;
    CHECK_EQ(0, ftruncate(fd, 1 << 20) | fsync(fd) | ioctl_of(fd, FIOQSIZE, &size));
    CHECK_EQ(facts_of("f").st_blocks * 512, size); /* what it takes up */
    CHECK_EQ(0, ioctl_of(fd, FIGETBSZ, &block));
    CHECK_EQ(facts_of("f").st_blksize, block);
    CHECK_EQ(0, ioctl_of(open(".", O_RDONLY), FIGETBSZ, &block));
}

/* The two ends of a new terminal; 0 if the host has none to give. */
static int terminal(int *master, int *slave)
{
    char name[32];
    int number, unlocked = 0;
    *master = open("/dev/ptmx", O_RDWR | O_NOCTTY);
    if (*master < 0)
        return 0;
    CHECK_EQ(0, ioctl_of(*master, TIOCSPTLCK, &unlocked) | ioctl_of(*master, TIOCGPTN, &number));
    snprintf(name, sizeof name, "/dev/pts/%d", number);
    *slave = open(name, O_RDWR | O_NOCTTY);
    return *slave >= 0;
}

/* That these bytes come, together or one by one: a terminal works on its input in its own time. */
static void comes(int fd, const char *bytes)
{
    for (char byte; *bytes; bytes++) {
        CHECK_EQ(1, read(fd, &byte, 1));
        CHECK_EQ(*bytes, byte);
    }
}

CASE(a_terminal)
{
    int master, slave, count;
    struct winsize size = {25, 80, 1, 2}, seen = {0, 0, 0, 0};
    if (!terminal(&master, &slave))
        return;
    CHECK_EQ(0, ioctl_of(master, TIOCSWINSZ, &size) | ioctl_of(slave, TIOCGWINSZ, &seen));
    CHECK(memcmp(&size, &seen, sizeof size) == 0);
    CHECK_EQ(3, write(master, "abc", 3));
    comes(master, "abc"); /* echo */
    CHECK_EQ(0, ioctl_of(slave, FIONREAD, &count));
    CHECK_EQ(0, count); /* no line yet */
    CHECK_EQ(1, write(master, "\n", 1));
    comes(master, "\r\n");
    CHECK_EQ(0, ioctl_of(slave, FIONREAD, &count));
    CHECK_EQ(4, count);
    comes(slave, "abc\n");
    CHECK_EQ(2, write(master, "xy", 2));
    comes(master, "xy");
    CHECK_EQ(0, ioctl_of(slave, TCFLSH, (void *)TCIFLUSH));
    CHECK_EQ(2, write(master, "z\n", 2));
    comes(slave, "z\n");
    CHECK_ERRNO(EINVAL, ioctl_of(slave, TCFLSH, (void *)9));
    CHECK_ERRNO(ENOTTY, ioctl_of(slave, TIOCGPGRP, &count)); /* it is not ours */
    CHECK_ERRNO(ENOTTY, ioctl_of(slave, NOT_KNOWN, NULL));
    CHECK_ERRNO(EFAULT, ioctl_of(slave, TIOCGWINSZ, BAD));
    CHECK_ERRNO(EFAULT, ioctl_of(slave, TCGETS, BAD));
    CHECK_ERRNO(EFAULT, ioctl_of(slave, TCSETS, BAD));
}

CASE(modes_of_a_terminal)
{
    int master, slave;
    struct termios old, raw, seen;
    if (!terminal(&master, &slave))
        return;
    CHECK_EQ(0, tcgetattr(slave, &old));
    CHECK(old.c_lflag & ICANON && old.c_lflag & ECHO && old.c_iflag & ICRNL && old.c_oflag & ONLCR);
    raw = old;
    cfmakeraw(&raw);
    CHECK_EQ(0, tcsetattr(slave, TCSANOW, &raw) | tcgetattr(slave, &seen));
    CHECK(seen.c_lflag == raw.c_lflag && seen.c_iflag == raw.c_iflag && seen.c_oflag == raw.c_oflag);
    CHECK_EQ(2, write(master, "a\r", 2));
    comes(slave, "a\r");
    CHECK_EQ(2, write(slave, "b\n", 2));
    comes(master, "b\n"); /* and no echo before it */
}

CASE(errors)
{
    int fd = file_of("f", ""), folder = open(".", O_RDONLY), ends[2], count;
    struct termios mode;
    CHECK_EQ(0, pipe(ends));
    CHECK_ERRNO(EBADF, ioctl_of(99, FIONREAD, &count));
    CHECK_ERRNO(EBADF, ioctl_of(open("f", O_PATH), FIOCLEX, NULL));
    CHECK_ERRNO(ENOTTY, ioctl_of(fd, TCGETS, &mode));
    CHECK_ERRNO(ENOTTY, ioctl_of(folder, TCGETS, &mode));
    CHECK_ERRNO(ENOTTY, ioctl_of(folder, FIONREAD, &count));
    CHECK_ERRNO(ENOTTY, ioctl_of(fd, TIOCGWINSZ, BAD));
    CHECK_ERRNO(ENOTTY, ioctl_of(fd, NOT_KNOWN, BAD));
    CHECK_ERRNO(ENOTTY, ioctl_of(ends[0], TCGETS, &mode));
    CHECK_ERRNO(ENOTTY, ioctl_of(ends[0], FIOQSIZE, BAD));
    CHECK_ERRNO(EFAULT, ioctl_of(fd, FIONREAD, BAD));
    CHECK_ERRNO(EFAULT, ioctl_of(fd, FIONBIO, BAD));
    CHECK_ERRNO(EFAULT, ioctl_of(fd, FIOQSIZE, readonly_page()));
    CHECK_ERRNO(EFAULT, ioctl_of(fd, FIGETBSZ, BAD));
    CHECK_ERRNO(EFAULT, ioctl_of(fd, FIOASYNC, BAD));
    CHECK_ERRNO(ENOTTY, ioctl_of(fd, FIOASYNC, (count = 1, &count))); /* a file sends no SIGIO */
}
