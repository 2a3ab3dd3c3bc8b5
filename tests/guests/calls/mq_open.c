#define _GNU_SOURCE
#include "posix_queue.h"
#include <poll.h>
#include <sys/resource.h>

CASE(makes_and_finds)
{
    struct mq_attr attr;
    own_namespace();
    const char *name = own_name("a");
    CHECK_ERRNO(ENOENT, mq_open(name, O_RDWR));
    umask(027);
    mqd_t made = mq_open(name, O_CREAT | O_RDWR, 0666, NULL);
    CHECK(made >= 0);
    CHECK_EQ(FD_CLOEXEC, fcntl(made, F_GETFD)); /* always */
    struct stat facts;
    CHECK_EQ(0, fstat(made, &facts));
    CHECK_EQ(S_IFREG | 0640, facts.st_mode);
    CHECK_EQ(80, facts.st_size);
    CHECK_EQ(0, mq_getattr(made, &attr));
    CHECK_EQ(10, attr.mq_maxmsg);
    CHECK_EQ(8192, attr.mq_msgsize);
    CHECK_ERRNO(EEXIST, mq_open(name, O_CREAT | O_EXCL | O_RDWR, 0600, NULL));
    mqd_t same = mq_open(name, O_CREAT | O_RDONLY, 0600, NULL);
    CHECK_EQ(0, mq_send(made, "x", 1, 0));
    CHECK_EQ(1, waiting(same));
    CHECK_ERRNO(EINVAL, mq_open(name, O_ACCMODE));
    CHECK_EQ(0, mq_unlink(name));
}

CASE(sizes)
{
    struct mq_attr attr = {.mq_maxmsg = 3, .mq_msgsize = 7}, got;
    own_namespace();
    const char *name = own_name("b");
    mqd_t queue = mq_open(name, O_CREAT | O_RDWR, 0600, &attr);
    CHECK_EQ(0, mq_getattr(queue, &got));
    CHECK_EQ(3, got.mq_maxmsg);
    CHECK_EQ(7, got.mq_msgsize);
    CHECK_EQ(0, mq_unlink(name));
    attr.mq_maxmsg = 0;
    CHECK_ERRNO(EINVAL, mq_open(name, O_CREAT | O_RDWR, 0600, &attr));
    attr.mq_maxmsg = -1;
    CHECK_ERRNO(EINVAL, mq_open(name, O_CREAT | O_RDWR, 0600, &attr));
    attr = (struct mq_attr){.mq_maxmsg = 1, .mq_msgsize = 0};
    CHECK_ERRNO(EINVAL, mq_open(name, O_CREAT | O_RDWR, 0600, &attr));
    attr.mq_msgsize = (16 << 20) + 1;
    CHECK_ERRNO(EINVAL, mq_open(name, O_CREAT | O_RDWR, 0600, &attr));
    attr = (struct mq_attr){.mq_maxmsg = 65537, .mq_msgsize = 1};
    CHECK_ERRNO(EINVAL, mq_open(name, O_CREAT | O_RDWR, 0600, &attr));
    CHECK_ERRNO(ENOENT, mq_open(name, O_RDWR));
}

CASE(an_ordinary_user_gets_less)
{
    struct mq_attr attr = {.mq_maxmsg = 11, .mq_msgsize = 10};
    own_namespace();
    if (geteuid() == 0)
        CHECK_EQ(0, setresuid(12345, 12345, 12345));
    const char *name = own_name("c");
    CHECK_ERRNO(EINVAL, mq_open(name, O_CREAT | O_RDWR, 0600, &attr));
    attr = (struct mq_attr){.mq_maxmsg = 1, .mq_msgsize = 8193};
    CHECK_ERRNO(EINVAL, mq_open(name, O_CREAT | O_RDWR, 0600, &attr));
    struct rlimit limit = {10000, 10000};
    CHECK_EQ(0, setrlimit(RLIMIT_MSGQUEUE, &limit));
    CHECK_ERRNO(EMFILE, mq_open(name, O_CREAT | O_RDWR, 0600, NULL));
    attr = (struct mq_attr){.mq_maxmsg = 1, .mq_msgsize = 8192};
    mqd_t queue = mq_open(name, O_CREAT | O_RDWR, 0600, &attr);
    CHECK(queue >= 0);
    const char *other = "/rvsim-other";
    CHECK_ERRNO(EMFILE, mq_open(other, O_CREAT | O_RDWR, 0600, &attr));
    CHECK_EQ(0, mq_unlink(own_name("c")));
    close(queue);
    queue = mq_open(other, O_CREAT | O_RDWR, 0600, &attr); /* given back */
    CHECK(queue >= 0);
    CHECK_EQ(0, mq_unlink(other));
}

CASE(names)
{
    char longest[300];
    own_namespace();
    memset(longest, 'n', sizeof longest);
    longest[0] = '/';
    longest[256] = 0;
    mqd_t queue = mq_open(longest, O_CREAT | O_RDWR, 0600, NULL);
    CHECK(queue >= 0);
    CHECK_EQ(0, mq_unlink(longest));
    longest[256] = 'n';
    longest[257] = 0;
    CHECK_ERRNO(ENAMETOOLONG, mq_open(longest, O_CREAT | O_RDWR, 0600, NULL));
    CHECK_ERRNO(ENOENT, syscall(SYS_mq_open, "", O_CREAT | O_RDWR, 0600, NULL));
    CHECK_ERRNO(EACCES, syscall(SYS_mq_open, "a/b", O_CREAT | O_RDWR, 0600, NULL));
    CHECK_ERRNO(EACCES, syscall(SYS_mq_open, "/a", O_CREAT | O_RDWR, 0600, NULL));
    CHECK_ERRNO(EACCES, syscall(SYS_mq_open, ".", O_CREAT | O_RDWR, 0600, NULL));
    CHECK_ERRNO(EACCES, syscall(SYS_mq_open, "..", O_RDWR, 0, NULL));
    CHECK_ERRNO(EFAULT, syscall(SYS_mq_open, NULL, O_RDWR, 0, NULL));
    CHECK_ERRNO(EFAULT, syscall(SYS_mq_open, "a", O_RDWR, 0, -4096L));
}

CASE(permission)
{
    own_namespace();
    const char *name = own_name("d");
    mqd_t queue = mq_open(name, O_CREAT | O_RDWR, 0604, NULL);
    CHECK(queue >= 0);
    if (geteuid() == 0 && fork() == 0) {
        CHECK_EQ(0, setresgid(1000, 1000, 1000));
        CHECK_EQ(0, setresuid(1000, 1000, 1000));
        CHECK_ERRNO(EACCES, mq_open(name, O_RDWR));
        CHECK_ERRNO(EACCES, mq_open(name, O_WRONLY));
        CHECK(mq_open(name, O_RDONLY) >= 0);
        CHECK_ERRNO(EPERM, syscall(SYS_mq_unlink, name + 1)); /* the directory is sticky */
        _exit(0);
    } else if (geteuid() == 0) {
        CHECK_EQ(0, ended());
    }
    CHECK_EQ(0, mq_unlink(name));
}

#ifdef __riscv
/* As distributions have it: systemd, src/shared/mount-setup.c, dev-mqueue.mount. */
CASE(is_listed_in_dev_mqueue)
{
    char text[128];
    struct mq_attr attr = {.mq_maxmsg = 1, .mq_msgsize = 10};
    mqd_t queue = mq_open("/listed", O_CREAT | O_RDWR, 0600, &attr);
    CHECK(queue >= 0);
    CHECK_EQ(0, mq_send(queue, "abc", 3, 0));
    int file = open("/dev/mqueue/listed", O_RDONLY);
    CHECK(read(file, text, sizeof text) > 0);
    CHECK_EQ(0, strncmp("QSIZE:3 ", text, 8));
    CHECK_EQ(0, unlink("/dev/mqueue/listed"));
    CHECK_ERRNO(ENOENT, mq_unlink("/listed"));
}
#endif

CASE(is_a_file)
{
    char text[128];
    struct mq_attr attr = {.mq_maxmsg = 1, .mq_msgsize = 10};
    own_namespace();
    mqd_t queue = mq_open(own_name("e"), O_CREAT | O_RDWR, 0600, &attr);
    CHECK_EQ(0, mq_unlink(own_name("e")));
    struct pollfd one = {.fd = queue, .events = POLLIN | POLLOUT};
    CHECK_EQ(1, poll(&one, 1, 0));
    CHECK_EQ(POLLOUT, one.revents);
    CHECK_EQ(0, mq_send(queue, "abc", 3, 0));
    CHECK_EQ(1, poll(&one, 1, 0));
    CHECK_EQ(POLLIN, one.revents);
    long size = read(queue, text, sizeof text);
    CHECK_EQ(60, size);
    text[size] = 0;
    CHECK_EQ(0, strcmp("QSIZE:3          NOTIFY:0     SIGNO:0     NOTIFY_PID:0     \n", text));
    CHECK_EQ(0, read(queue, text, sizeof text));
    CHECK_EQ(0, lseek(queue, 0, SEEK_SET));
    CHECK_EQ(5, read(queue, text, 5));
    CHECK_ERRNO(EINVAL, write(queue, "x", 1));
}
