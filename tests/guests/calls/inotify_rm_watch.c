#define _GNU_SOURCE
#include "check.h"
#include "events.h"

CASE(says_so)
{
    int fd = inotify_init1(IN_NONBLOCK);
    int one = inotify_add_watch(fd, ".", IN_ALL_EVENTS);
    CHECK_EQ(0, inotify_rm_watch(fd, one));
    CHECK_EQ(0, mkdir("d", 0700));
    CHECK_EVENT(fd, one, IN_IGNORED, NULL);
    CHECK_NO_EVENT(fd);
    CHECK_ERRNO(EINVAL, inotify_rm_watch(fd, one));
    CHECK_EQ(one + 1, inotify_add_watch(fd, ".", IN_ALL_EVENTS)); /* numbers are not used again */
}

CASE(what_was_queued_stays)
{
    int fd = inotify_init1(IN_NONBLOCK);
    int one = inotify_add_watch(fd, ".", IN_CREATE);
    CHECK_EQ(0, mkdir("d", 0700));
    CHECK_EQ(0, inotify_rm_watch(fd, one));
    CHECK_EVENT(fd, one, IN_CREATE | IN_ISDIR, "d");
    CHECK_EVENT(fd, one, IN_IGNORED, NULL);
}

CASE(errors)
{
    int fd = inotify_init1(0), other = open("f", O_CREAT | O_RDWR, 0600);
    CHECK_ERRNO(EBADF, inotify_rm_watch(99, 1));
    CHECK_ERRNO(EINVAL, inotify_rm_watch(other, 1));
    CHECK_ERRNO(EINVAL, inotify_rm_watch(fd, 1));
    CHECK_ERRNO(EINVAL, inotify_rm_watch(fd, -1));
}
