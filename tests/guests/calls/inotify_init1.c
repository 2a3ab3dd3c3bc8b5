#define _GNU_SOURCE
#include "check.h"
#include "events.h"
#include <sys/epoll.h>
#include <sys/wait.h>

CASE(flags)
{
    int plain = inotify_init1(0), both = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
    CHECK_EQ(0, fcntl(plain, F_GETFD));
    CHECK_EQ(O_RDONLY, fcntl(plain, F_GETFL) & (O_ACCMODE | O_NONBLOCK));
    CHECK_EQ(FD_CLOEXEC, fcntl(both, F_GETFD));
    CHECK_EQ(O_NONBLOCK, fcntl(both, F_GETFL) & (O_ACCMODE | O_NONBLOCK));
    CHECK_ERRNO(EINVAL, inotify_init1(1));
    CHECK_ERRNO(EBADF, write(plain, "x", 1));
}

CASE(its_name)
{
    char link[32], shown[64] = {0};
    snprintf(link, sizeof(link), "/proc/self/fd/%d", inotify_init1(0));
    CHECK(readlink(link, shown, sizeof(shown) - 1) > 0);
    CHECK_EQ(0, strcmp("anon_inode:inotify", shown));
}

CASE(reading)
{
    char data[64];
    int fd = inotify_init1(IN_NONBLOCK), left;
    CHECK_ERRNO(EAGAIN, read(fd, data, sizeof(data)));
    CHECK_ERRNO(EAGAIN, read(fd, data, 1));
    CHECK_EQ(0, ioctl(fd, FIONREAD, &left));
    CHECK_EQ(0, left);
    int wd = inotify_add_watch(fd, ".", IN_CREATE);
    CHECK_EQ(0, mkdir("fifteen_letters", 0700));
    CHECK_EQ(0, mkdir("sixteen__letters", 0700));
    CHECK_EQ(0, ioctl(fd, FIONREAD, &left));
    CHECK_EQ(32 + 48, left); /* names end in a NUL and are padded to 16 */
    CHECK_ERRNO(EINVAL, read(fd, data, 31));
    CHECK_ERRNO(EFAULT, read(fd, (void *)4096, 64));
    (void)wd;
}

CASE(as_many_as_fit)
{
    char data[64];
    int fd = inotify_init1(IN_NONBLOCK);
    inotify_add_watch(fd, ".", IN_CREATE);
    CHECK_EQ(0, mkdir("a", 0700));
    CHECK_EQ(0, mkdir("b", 0700));
    CHECK_EQ(0, mkdir("c", 0700));
    CHECK_EQ(64, read(fd, data, 64));
    CHECK_EQ(32, read(fd, data, 64));
    CHECK_ERRNO(EAGAIN, read(fd, data, 64));
}

CASE(waiting)
{
    struct epoll_event event = {.events = EPOLLIN};
    int fd = inotify_init1(0), epoll = epoll_create1(0);
    CHECK_EQ(1, inotify_add_watch(fd, ".", IN_CREATE | IN_DELETE));
    CHECK_EQ(0, epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event));
    CHECK_EQ(0, epoll_wait(epoll, &event, 1, 0));
    pid_t child = fork();
    if (child == 0) {
        usleep(20000);
        _exit(mkdir("d", 0700) != 0);
    }
    CHECK_EQ(1, epoll_wait(epoll, &event, 1, -1));
    CHECK_EQ(EPOLLIN, event.events);
    CHECK_EVENT(fd, 1, IN_CREATE | IN_ISDIR, "d");
    CHECK_EQ(child, waitpid(child, NULL, 0));
    child = fork();
    if (child == 0) {
        usleep(20000);
        _exit(rmdir("d") != 0);
    }
    events_size = read(fd, events_read, sizeof(events_read)); /* waits */
    events_at = 0;
    CHECK_EVENT(fd, 1, IN_DELETE | IN_ISDIR, "d");
    CHECK_EQ(child, waitpid(child, NULL, 0));
}

#ifdef __riscv /* 128 unless an administrator said otherwise. inotify(7), /proc interfaces */
CASE(instances_of_a_user)
{
    for (int made = 0; made < 128; made++)
        CHECK(inotify_init1(0) >= 0);
    CHECK_ERRNO(EMFILE, inotify_init1(0));
    close(3);
    CHECK_EQ(3, inotify_init1(0));
}
#endif
