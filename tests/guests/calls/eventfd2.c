#define _GNU_SOURCE
#include "check.h"
#include "bad_memory.h"
#include "files.h"
#include <poll.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <time.h>

CASE(counts)
{
    int fd = eventfd(3, EFD_NONBLOCK);
    uint64_t value = 4;
    CHECK_EQ(8, write(fd, &value, 8));
    CHECK_EQ(8, read(fd, &value, 8));
    CHECK_EQ(7, value);
    CHECK_ERRNO(EAGAIN, read(fd, &value, 8));
    CHECK_ERRNO(EINVAL, read(fd, &value, 7));
    CHECK_ERRNO(EINVAL, write(fd, &value, 7));
    CHECK_EQ(0, lseek(fd, 9, SEEK_SET));
    CHECK_ERRNO(ESPIPE, pread(fd, &value, 8, 0));
    CHECK_EQ(8, write(fd, &value, 8));
    uint64_t room[4];
    CHECK_EQ(8, read(fd, room, sizeof room)); /* never more */
}

CASE(is_full_below_the_largest_number)
{
    int fd = eventfd(0, EFD_NONBLOCK);
    uint64_t value = ~0ull;
    CHECK_ERRNO(EINVAL, write(fd, &value, 8));
    value--;
    CHECK_EQ(8, write(fd, &value, 8));
    value = 1;
    CHECK_ERRNO(EAGAIN, write(fd, &value, 8));
    struct pollfd ready = {fd, POLLIN | POLLOUT, 0};
    CHECK_EQ(1, poll(&ready, 1, 0));
    CHECK_EQ(POLLIN, ready.revents);
    value = 0;
    CHECK_EQ(8, write(fd, &value, 8));
    CHECK_EQ(8, read(fd, &value, 8));
    CHECK_EQ(~0ull - 1, value);
    CHECK_EQ(1, poll(&ready, 1, 0));
    CHECK_EQ(POLLOUT, ready.revents);
}

CASE(as_a_semaphore)
{
    int fd = eventfd(2, EFD_SEMAPHORE | EFD_NONBLOCK | EFD_CLOEXEC);
    uint64_t value;
    CHECK_EQ(FD_CLOEXEC, fcntl(fd, F_GETFD));
    CHECK_EQ(O_RDWR | O_NONBLOCK, fcntl(fd, F_GETFL));
    CHECK_EQ(8, read(fd, &value, 8));
    CHECK_EQ(1, value);
    CHECK_EQ(8, read(fd, &value, 8));
    CHECK_EQ(1, value);
    CHECK_ERRNO(EAGAIN, read(fd, &value, 8));
}

CASE(bad_memory_takes_nothing)
{
    int fd = eventfd(5, EFD_NONBLOCK);
    uint64_t value;
    CHECK_ERRNO(EFAULT, write(fd, BAD, 8));
    CHECK_ERRNO(EFAULT, write(fd, at_edge(4), 8));
    CHECK_EQ(8, read(fd, &value, 8));
    CHECK_EQ(5, value);
}

CASE(wakes_readers_and_writers)
{
    int fd = eventfd(0, 0);
    uint64_t value = 9;
    pid_t child = fork();
    if (child == 0) {
        struct timespec nap = {0, 2000000};
        nanosleep(&nap, NULL);
        if (write(fd, &value, 8) != 8)
            _exit(1);
        nanosleep(&nap, NULL);
        value = ~0ull - 1;
        if (write(fd, &value, 8) != 8)
            _exit(2);
        _exit(write(fd, &value, 8) != 8); /* waits until the first has been read */
    }
    CHECK_EQ(8, read(fd, &value, 8));
    CHECK_EQ(9, value);
    CHECK_EQ(8, read(fd, &value, 8));
    CHECK_EQ(~0ull - 1, value);
    int status;
    waitpid(child, &status, 0);
    CHECK_EQ(0, status);
}

CASE(errors)
{
    int first = lowest_free();
    CHECK_ERRNO(EINVAL, eventfd(0, 0x100));
    CHECK_ERRNO(EINVAL, eventfd(0, -1));
    CHECK_EQ(first, lowest_free());
    uint64_t value;
    CHECK_EQ(8, read(eventfd(0xffffffff, 0), &value, 8));
    CHECK_EQ(0xffffffff, value);
    no_more_descriptors();
    CHECK_ERRNO(EMFILE, eventfd(0, 0));
    CHECK_ERRNO(EINVAL, eventfd(0, 2));
}
