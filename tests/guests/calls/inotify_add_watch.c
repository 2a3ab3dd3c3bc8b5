#define _GNU_SOURCE
#include "check.h"
#include "events.h"
#include <sys/mount.h>
#include <sys/sendfile.h>
#include <sys/syscall.h>
#include <sys/xattr.h>

CASE(a_file_in_a_folder)
{
    char back[8];
    int fd = inotify_init1(IN_NONBLOCK);
    int wd = inotify_add_watch(fd, ".", IN_ALL_EVENTS);
    int file = open("f", O_CREAT | O_RDWR, 0644);
    CHECK_EVENT(fd, wd, IN_CREATE, "f");
    CHECK_EVENT(fd, wd, IN_OPEN, "f");
    CHECK_EQ(3, write(file, "abc", 3));
    CHECK_EVENT(fd, wd, IN_MODIFY, "f");
    CHECK_EQ(3, pread(file, back, 8, 0));
    CHECK_EVENT(fd, wd, IN_ACCESS, "f");
    CHECK_EQ(0, read(file, back, 8)); /* nothing was read */
    CHECK_NO_EVENT(fd);
    CHECK_EQ(0, fchmod(file, 0600));
    CHECK_EVENT(fd, wd, IN_ATTRIB, "f");
    CHECK_EQ(0, ftruncate(file, 1));
    CHECK_EVENT(fd, wd, IN_MODIFY, "f");
    CHECK_EQ(0, fallocate(file, 0, 0, 10));
    CHECK_EVENT(fd, wd, IN_MODIFY, "f");
    CHECK_EQ(0, close(dup(file))); /* not the last */
    CHECK_NO_EVENT(fd);
    CHECK_EQ(0, close(file));
    CHECK_EVENT(fd, wd, IN_CLOSE_WRITE, "f");
    file = open("f", O_RDONLY);
    CHECK_EVENT(fd, wd, IN_OPEN, "f");
    CHECK_EQ(0, close(file));
    CHECK_EVENT(fd, wd, IN_CLOSE_NOWRITE, "f");
    CHECK_EQ(0, close(open("f", O_PATH)));
    CHECK_NO_EVENT(fd);
    CHECK_EQ(0, unlink("f"));
    CHECK_EVENT(fd, wd, IN_DELETE, "f");
    CHECK_NO_EVENT(fd);
}

CASE(a_file_itself)
{
    make_file("f", "text");
    int fd = inotify_init1(IN_NONBLOCK);
    int wd = inotify_add_watch(fd, "f", IN_ALL_EVENTS);
    int file = open("f", O_WRONLY);
    CHECK_EVENT(fd, wd, IN_OPEN, NULL);
    CHECK_EQ(0, link("f", "g"));
    CHECK_EVENT(fd, wd, IN_ATTRIB, NULL);
    CHECK_EQ(0, rename("g", "h"));
    CHECK_EVENT(fd, wd, IN_MOVE_SELF, NULL);
    CHECK_EQ(0, unlink("h"));
    CHECK_EVENT(fd, wd, IN_ATTRIB, NULL);
    CHECK_EQ(0, unlink("f"));
    CHECK_EVENT(fd, wd, IN_ATTRIB, NULL);
    CHECK_NO_EVENT(fd); /* it is open yet */
    CHECK_EQ(1, write(file, "x", 1));
    CHECK_EVENT(fd, wd, IN_MODIFY, NULL);
    CHECK_EQ(0, close(file));
    CHECK_EVENT(fd, wd, IN_CLOSE_WRITE, NULL);
    CHECK_EVENT(fd, wd, IN_DELETE_SELF, NULL);
    CHECK_EVENT(fd, wd, IN_IGNORED, NULL);
    CHECK_NO_EVENT(fd);
    CHECK_ERRNO(EINVAL, inotify_rm_watch(fd, wd));
}

CASE(both)
{
    make_file("f", "text");
    int fd = inotify_init1(IN_NONBLOCK);
    int folder = inotify_add_watch(fd, ".", IN_MODIFY | IN_DELETE), file = inotify_add_watch(fd, "f", IN_ALL_EVENTS);
    CHECK_EQ(0, truncate("f", 1));
    CHECK_EVENT(fd, folder, IN_MODIFY, "f");
    CHECK_EVENT(fd, file, IN_MODIFY, NULL);
}

CASE(kinds_of_names)
{
    int fd = inotify_init1(IN_NONBLOCK), wd = inotify_add_watch(fd, ".", IN_CREATE | IN_DELETE | IN_ATTRIB);
    CHECK_EQ(0, mkdir("d", 0700));
    CHECK_EVENT(fd, wd, IN_CREATE | IN_ISDIR, "d");
    CHECK_EQ(0, mkfifo("p", 0600));
    CHECK_EVENT(fd, wd, IN_CREATE, "p");
    CHECK_EQ(0, symlink("p", "s"));
    CHECK_EVENT(fd, wd, IN_CREATE, "s");
    CHECK_EQ(0, link("p", "q"));
    CHECK_EVENT(fd, wd, IN_CREATE, "q");
    CHECK_EQ(0, chmod("d", 0755));
    CHECK_EVENT(fd, wd, IN_ATTRIB | IN_ISDIR, "d");
    CHECK_EQ(0, chown("p", -1, getegid()));
    CHECK_EVENT(fd, wd, IN_ATTRIB, "p");
    CHECK_EQ(0, rmdir("d"));
    CHECK_EVENT(fd, wd, IN_DELETE | IN_ISDIR, "d");
    CHECK_EQ(0, unlink("s"));
    CHECK_EVENT(fd, wd, IN_DELETE, "s");
    CHECK_NO_EVENT(fd);
}

CASE(moves)
{
    make_file("f", "");
    CHECK_EQ(0, mkdir("a", 0700));
    CHECK_EQ(0, mkdir("b", 0700));
    CHECK_EQ(0, mkdir("a/d", 0700));
    int fd = inotify_init1(IN_NONBLOCK), here = inotify_add_watch(fd, ".", IN_MOVE | IN_DELETE);
    int a = inotify_add_watch(fd, "a", IN_MOVE), b = inotify_add_watch(fd, "b", IN_MOVE);
    int self = inotify_add_watch(fd, "a/d", IN_MOVE_SELF);
    CHECK_EQ(0, rename("f", "g"));
    CHECK_EVENT(fd, here, IN_MOVED_FROM, "f");
    uint32_t cookie = event_cookie;
    CHECK(cookie != 0);
    CHECK_EVENT(fd, here, IN_MOVED_TO, "g");
    CHECK_EQ(cookie, event_cookie);
    CHECK_EQ(0, rename("a/d", "b/e"));
    CHECK_EVENT(fd, a, IN_MOVED_FROM | IN_ISDIR, "d");
    CHECK(cookie != event_cookie);
    cookie = event_cookie;
    CHECK_EVENT(fd, b, IN_MOVED_TO | IN_ISDIR, "e");
    CHECK_EQ(cookie, event_cookie);
    CHECK_EVENT(fd, self, IN_MOVE_SELF, NULL);
    CHECK_EQ(0, event_cookie);
    CHECK_NO_EVENT(fd);
}

CASE(a_move_over_another)
{
    make_file("f", "");
    make_file("old", "");
    int fd = inotify_init1(IN_NONBLOCK), here = inotify_add_watch(fd, ".", IN_ALL_EVENTS);
    int old = inotify_add_watch(fd, "old", IN_ALL_EVENTS);
    CHECK_EQ(0, rename("f", "old"));
    CHECK_EVENT(fd, here, IN_MOVED_FROM, "f");
    CHECK_EVENT(fd, here, IN_MOVED_TO, "old");
    CHECK_EVENT(fd, old, IN_ATTRIB, NULL);
    CHECK_EVENT(fd, old, IN_DELETE_SELF, NULL);
    CHECK_EVENT(fd, old, IN_IGNORED, NULL);
    CHECK_NO_EVENT(fd);
}

CASE(a_folder_itself)
{
    char entries[1024];
    CHECK_EQ(0, mkdir("d", 0700));
    int fd = inotify_init1(IN_NONBLOCK), wd = inotify_add_watch(fd, "d", IN_ALL_EVENTS | IN_ONLYDIR);
    int folder = open("d", O_RDONLY | O_DIRECTORY);
    CHECK_EVENT(fd, wd, IN_OPEN | IN_ISDIR, NULL);
    CHECK(lseek(folder, 0, SEEK_SET) == 0);
    CHECK(syscall(SYS_getdents64, folder, entries, sizeof(entries)) > 0);
    CHECK_EVENT(fd, wd, IN_ACCESS | IN_ISDIR, NULL);
    CHECK_EQ(0, close(folder));
    CHECK_EVENT(fd, wd, IN_CLOSE_NOWRITE | IN_ISDIR, NULL);
    CHECK_EQ(0, chmod("d", 0755));
    CHECK_EVENT(fd, wd, IN_ATTRIB | IN_ISDIR, NULL);
    CHECK_EQ(0, rmdir("d"));
    CHECK_EVENT(fd, wd, IN_DELETE_SELF, NULL);
    CHECK_EVENT(fd, wd, IN_IGNORED, NULL);
    CHECK_NO_EVENT(fd);
}

CASE(times)
{
    struct timespec both[2] = {{1, 0}, {2, 0}}, first[2] = {{1, 0}, {0, UTIME_OMIT}}, second[2] = {{0, UTIME_OMIT}, {2, 0}};
    make_file("f", "");
    int fd = inotify_init1(IN_NONBLOCK), wd = inotify_add_watch(fd, "f", IN_ALL_EVENTS);
    CHECK_EQ(0, utimensat(AT_FDCWD, "f", both, 0));
    CHECK_EVENT(fd, wd, IN_ATTRIB, NULL);
    CHECK_EQ(0, utimensat(AT_FDCWD, "f", first, 0));
    CHECK_EVENT(fd, wd, IN_ACCESS, NULL);
    CHECK_EQ(0, utimensat(AT_FDCWD, "f", second, 0));
    CHECK_EVENT(fd, wd, IN_MODIFY, NULL);
}

CASE(copies_in_the_kernel)
{
    make_file("in", "text");
    make_file("out", "");
    int in = open("in", O_RDONLY), out = open("out", O_WRONLY);
    int fd = inotify_init1(IN_NONBLOCK), wd = inotify_add_watch(fd, ".", IN_ACCESS | IN_MODIFY);
    CHECK_EQ(4, sendfile(out, in, NULL, 10));
    int seen = 0;
    for (struct inotify_event *event; (event = next_event(fd));) {
        CHECK_EQ(wd, event->wd);
        seen |= strcmp(event->name, "in") == 0 && event->mask == IN_ACCESS ? 1 : 0;
        seen |= strcmp(event->name, "out") == 0 && event->mask == IN_MODIFY ? 2 : 0;
    }
    CHECK_EQ(3, seen);
}

CASE(attributes)
{
    make_file("f", "");
    int fd = inotify_init1(IN_NONBLOCK), wd = inotify_add_watch(fd, "f", IN_ALL_EVENTS);
    if (setxattr("f", "user.a", "1", 1, 0) != 0)
        return;
    CHECK_EVENT(fd, wd, IN_ATTRIB, NULL);
    CHECK_EQ(0, removexattr("f", "user.a"));
    CHECK_EVENT(fd, wd, IN_ATTRIB, NULL);
}

CASE(what_says_the_same_is_said_once)
{
    make_file("f", "");
    int fd = inotify_init1(IN_NONBLOCK), wd = inotify_add_watch(fd, ".", IN_ALL_EVENTS);
    int file = open("f", O_WRONLY);
    CHECK_EQ(1, write(file, "x", 1));
    CHECK_EQ(1, write(file, "x", 1));
    CHECK_EQ(1, write(file, "x", 1));
    CHECK_EVENT(fd, wd, IN_OPEN, "f");
    CHECK_EVENT(fd, wd, IN_MODIFY, "f");
    CHECK_NO_EVENT(fd);
    CHECK_EQ(1, write(file, "x", 1));
    CHECK_EVENT(fd, wd, IN_MODIFY, "f");
}

CASE(changing_a_watch)
{
    int fd = inotify_init1(IN_NONBLOCK), wd = inotify_add_watch(fd, ".", IN_CREATE);
    CHECK_EQ(1, wd);
    CHECK_EQ(wd, inotify_add_watch(fd, "../changing_a_watch", IN_DELETE)); /* the same folder */
    CHECK_EQ(0, mkdir("d", 0700));
    CHECK_NO_EVENT(fd);
    CHECK_EQ(wd, inotify_add_watch(fd, ".", IN_CREATE | IN_MASK_ADD));
    CHECK_EQ(0, rmdir("d"));
    CHECK_EQ(0, mkdir("d", 0700));
    CHECK_EVENT(fd, wd, IN_DELETE | IN_ISDIR, "d");
    CHECK_EVENT(fd, wd, IN_CREATE | IN_ISDIR, "d");
    CHECK_ERRNO(EEXIST, inotify_add_watch(fd, ".", IN_CREATE | IN_MASK_CREATE));
    CHECK_EQ(2, inotify_add_watch(fd, "d", IN_CREATE | IN_MASK_CREATE));
}

CASE(once)
{
    int fd = inotify_init1(IN_NONBLOCK), wd = inotify_add_watch(fd, ".", IN_CREATE | IN_ONESHOT);
    CHECK_EQ(0, mkdir("a", 0700));
    CHECK_EQ(0, mkdir("b", 0700));
    CHECK_EVENT(fd, wd, IN_CREATE | IN_ISDIR, "a");
    CHECK_EVENT(fd, wd, IN_IGNORED, NULL);
    CHECK_NO_EVENT(fd);
}

CASE(without_what_was_unlinked)
{
    make_file("f", "text");
    char back[8];
    int fd = inotify_init1(IN_NONBLOCK), all = inotify_init1(IN_NONBLOCK), file = open("f", O_RDONLY);
    inotify_add_watch(fd, ".", IN_ACCESS | IN_EXCL_UNLINK);
    int wd = inotify_add_watch(all, ".", IN_ACCESS);
    CHECK_EQ(0, unlink("f"));
    CHECK_EQ(4, read(file, back, 8));
    CHECK_NO_EVENT(fd);
    CHECK_EVENT(all, wd, IN_ACCESS, "f");
}

CASE(two_instances)
{
    int one = inotify_init1(IN_NONBLOCK), two = inotify_init1(IN_NONBLOCK);
    int first = inotify_add_watch(one, ".", IN_CREATE), second = inotify_add_watch(two, ".", IN_CREATE);
    CHECK_EQ(0, mkdir("d", 0700));
    CHECK_EVENT(one, first, IN_CREATE | IN_ISDIR, "d");
    CHECK_EVENT(two, second, IN_CREATE | IN_ISDIR, "d");
    CHECK_EQ(0, close(one));
    CHECK_EQ(0, rmdir("d"));
    CHECK_NO_EVENT(two);
}

CASE(links)
{
    make_file("f", "");
    CHECK_EQ(0, symlink("f", "l"));
    int fd = inotify_init1(IN_NONBLOCK);
    int target = inotify_add_watch(fd, "l", IN_ATTRIB), link = inotify_add_watch(fd, "l", IN_DELETE_SELF | IN_DONT_FOLLOW);
    CHECK(target != link);
    CHECK_EQ(0, chmod("f", 0600));
    CHECK_EVENT(fd, target, IN_ATTRIB, NULL);
    CHECK_EQ(0, unlink("l"));
    CHECK_EVENT(fd, link, IN_DELETE_SELF, NULL);
    CHECK_EVENT(fd, link, IN_IGNORED, NULL);
}

CASE(overflow)
{
    enum { MORE = 17000 };
    int fd = inotify_init1(IN_NONBLOCK), wd = inotify_add_watch(fd, ".", IN_OPEN | IN_CLOSE), count = 0, last = 0;
#ifndef __riscv
    FILE *limit = fopen("/proc/sys/fs/inotify/max_queued_events", "r");
    int allowed = 0;
    if (!limit || fscanf(limit, "%d", &allowed) != 1 || allowed >= MORE)
        return;
#endif
    make_file("f", "");
    for (int at = 0; at < MORE / 2; at++)
        CHECK_EQ(0, close(open("f", O_RDONLY)));
    for (struct inotify_event *event; (event = next_event(fd)); count++) {
        last = event->mask;
        CHECK_EQ(last == IN_Q_OVERFLOW ? -1 : wd, event->wd);
    }
    CHECK_EQ(IN_Q_OVERFLOW, last);
    CHECK_EQ(0, close(open("f", O_WRONLY)));
    CHECK_EVENT(fd, wd, IN_OPEN, "f"); /* and it goes on */
    CHECK_EVENT(fd, wd, IN_CLOSE_WRITE, "f");
}

CASE(errors_and_their_order)
{
    int fd = inotify_init1(0), other = open("f", O_CREAT | O_RDWR, 0600);
    CHECK_ERRNO(EINVAL, inotify_add_watch(99, "none", 0));
    CHECK_ERRNO(EINVAL, inotify_add_watch(99, "none", 0x00100000));
    CHECK_ERRNO(EBADF, inotify_add_watch(99, "none", IN_CREATE));
    CHECK_ERRNO(EINVAL, inotify_add_watch(fd, "none", IN_CREATE | IN_MASK_ADD | IN_MASK_CREATE));
    CHECK_ERRNO(EINVAL, inotify_add_watch(other, "none", IN_CREATE));
    CHECK_ERRNO(ENOENT, inotify_add_watch(fd, "none", IN_CREATE));
    CHECK_ERRNO(EFAULT, inotify_add_watch(fd, (char *)-4096, IN_CREATE));
    CHECK_ERRNO(ENOTDIR, inotify_add_watch(fd, "f", IN_CREATE | IN_ONLYDIR));
    CHECK_EQ(0, chmod("f", 0));
    if (geteuid() == 0)
        CHECK(setgid(1234) == 0 && setuid(1234) == 0);
    CHECK_ERRNO(EACCES, inotify_add_watch(fd, "f", IN_OPEN));
}

#ifdef __riscv /* needs a mount: inotify(7), IN_UNMOUNT */
CASE(unmounting)
{
    CHECK_EQ(0, mkdir("m", 0755));
    CHECK_EQ(0, mount("none", "m", "tmpfs", 0, NULL));
    make_file("m/f", "");
    int fd = inotify_init1(IN_NONBLOCK), wd = inotify_add_watch(fd, "m/f", IN_OPEN);
    CHECK_EQ(0, umount("m")); /* a watch does not hold it */
    CHECK_EVENT(fd, wd, IN_UNMOUNT, NULL);
    CHECK_EVENT(fd, wd, IN_IGNORED, NULL);
    CHECK_NO_EVENT(fd);
}

CASE(watches_of_a_user) /* 8192 unless an administrator said otherwise. inotify(7), /proc interfaces */
{
    char name[16];
    int fd = inotify_init1(0);
    for (int at = 0; at < 8192; at++) {
        snprintf(name, sizeof(name), "%d", at);
        CHECK_EQ(0, mkdir(name, 0700));
        CHECK_EQ(at + 1, inotify_add_watch(fd, name, IN_OPEN));
    }
    CHECK_ERRNO(ENOSPC, inotify_add_watch(fd, ".", IN_OPEN));
    CHECK_EQ(1, inotify_add_watch(fd, "0", IN_CLOSE));
    CHECK_EQ(0, close(fd));
    CHECK_EQ(1, inotify_add_watch(inotify_init1(0), ".", IN_OPEN));
}
#endif
