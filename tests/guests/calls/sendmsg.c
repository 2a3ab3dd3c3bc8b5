#define _GNU_SOURCE
#include "scm.h"
#include <sys/syscall.h>

CASE(gathers)
{
    int ends[2];
    char data[16];
    struct iovec parts[3] = {{"ab", 2}, {NULL, 0}, {"cde", 3}};
    struct msghdr message = {.msg_iov = parts, .msg_iovlen = 3};
    pair(SOCK_DGRAM, ends);
    CHECK_EQ(5, sendmsg(ends[0], &message, 0));
    CHECK_EQ(5, read(ends[1], data, 16));
    CHECK_EQ(0, memcmp("abcde", data, 5));
}

CASE(to_a_name)
{
    struct sockaddr_un to = at_path("r");
    char data[4];
    struct iovec part = {"x", 1};
    struct msghdr message = {.msg_name = &to, .msg_namelen = sizeof to, .msg_iov = &part, .msg_iovlen = 1};
    int from = socket(AF_UNIX, SOCK_DGRAM, 0), receiver = socket(AF_UNIX, SOCK_DGRAM, 0);
    CHECK_EQ(0, bind_path(receiver, "r"));
    CHECK_EQ(1, sendmsg(from, &message, 0));
    CHECK_EQ(1, read(receiver, data, 4));
    message.msg_namelen = 0; /* as if there were no name */
    CHECK_ERRNO(ENOTCONN, sendmsg(from, &message, 0));
}

CASE(files)
{
    int ends[2], file = open("f", O_CREAT | O_RDWR, 0600);
    pair(SOCK_STREAM, ends);
    CHECK_EQ(1, send_fds(ends[0], &file, 1));
    close(file);
    struct got got = receive(ends[1]);
    CHECK_EQ(1, got.size);
    CHECK_EQ(0, got.flags);
    CHECK_EQ(1, got.count);
    CHECK_EQ(CMSG_SPACE(4), got.control_length);
    CHECK_EQ(0, fcntl(got.fds[0], F_GETFD));
    CHECK_EQ(3, write(got.fds[0], "abc", 3));
    struct stat facts;
    CHECK_EQ(0, stat("f", &facts));
    CHECK_EQ(3, facts.st_size);
}

CASE(files_without_a_byte_are_not_sent_on_a_stream)
{
    int ends[2];
    union control control;
    struct msghdr message = {.msg_control = &control, .msg_controllen = CMSG_SPACE(4)};
    memset(&control, 0, sizeof control);
    pair(SOCK_STREAM, ends);
    *CMSG_FIRSTHDR(&message) = (struct cmsghdr){.cmsg_len = CMSG_LEN(4), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS};
    CHECK_EQ(0, sendmsg(ends[0], &message, 0));
    char data[4];
    CHECK_ERRNO(EAGAIN, recv(ends[1], data, 4, MSG_DONTWAIT));
}

CASE(most_files)
{
    int ends[2], fds[254];
    for (int at = 0; at < 254; at++)
        fds[at] = 1;
    pair(SOCK_STREAM, ends);
    CHECK_ERRNO(EINVAL, send_fds(ends[0], fds, 254));
    CHECK_EQ(1, send_fds(ends[0], fds, 253));
    struct got got = receive(ends[1]);
    CHECK_EQ(253, got.count);
}

CASE(bad_files)
{
    int ends[2], fds[3] = {1, 99, 1};
    pair(SOCK_STREAM, ends);
    CHECK_ERRNO(EBADF, send_fds(ends[0], fds, 3));
    fds[1] = -1;
    CHECK_ERRNO(EBADF, send_fds(ends[0], fds, 3));
    fds[1] = open(".", O_PATH);
    CHECK_EQ(1, send_fds(ends[0], fds, 3)); /* a place can be sent */
    CHECK_EQ(3, receive(ends[1]).count);
}

CASE(a_socket_through_itself)
{
    int ends[2];
    pair(SOCK_STREAM, ends);
    CHECK_EQ(1, send_fds(ends[0], ends, 2));
    close(ends[0]);
    struct got got = receive(ends[1]);
    CHECK_EQ(2, got.count);
    CHECK_EQ(1, write(got.fds[0], "x", 1));
    CHECK_EQ(1, read(got.fds[1], got.data, 1));
}

static long send_control(int fd, const void *control, size_t length)
{
    struct iovec part = {"c", 1};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = (void *)control,
                             .msg_controllen = length};
    return syscall(SYS_sendmsg, fd, &message, 0); /* musl's own looks into it */
}

static long send_header(int fd, size_t length, int level, int type, size_t total)
{
    union control control;
    memset(&control, 0, sizeof control);
    control.align = (struct cmsghdr){.cmsg_len = length, .cmsg_level = level, .cmsg_type = type};
    return send_control(fd, &control, total);
}

CASE(control_lengths)
{
    int ends[2];
    static char huge[1 << 20];
    pair(SOCK_DGRAM, ends);
    CHECK_ERRNO(EINVAL, send_header(ends[0], 0, SOL_SOCKET, SCM_RIGHTS, 24));
    CHECK_ERRNO(EINVAL, send_header(ends[0], 15, SOL_SOCKET, SCM_RIGHTS, 24));
    CHECK_ERRNO(EINVAL, send_header(ends[0], 25, SOL_SOCKET, SCM_RIGHTS, 24));
    CHECK_ERRNO(EINVAL, send_header(ends[0], -1, SOL_SOCKET, SCM_RIGHTS, 24));
    CHECK_ERRNO(EINVAL, send_header(ends[0], 24, SOL_SOCKET, 77, 24));
    CHECK_ERRNO(EINVAL, send_header(ends[0], 24, SOL_SOCKET, SCM_CREDENTIALS, 24));
    CHECK_ERRNO(EFAULT, send_control(ends[0], NULL, 24));
    CHECK_ERRNO(EFAULT, send_control(ends[0], (void *)-4096, 24));
    CHECK_ERRNO(ENOBUFS, send_control(ends[0], huge, sizeof huge));
    CHECK_ERRNO(ENOBUFS, send_control(ends[0], huge, -1));
    CHECK_ERRNO(EAGAIN, recv(ends[1], huge, 1, MSG_DONTWAIT));
    CHECK_EQ(1, send_header(ends[0], 16, SOL_SOCKET, SCM_RIGHTS, 24));  /* no descriptor */
    CHECK_EQ(1, send_header(ends[0], 19, SOL_SOCKET, SCM_RIGHTS, 24));  /* not a whole one */
    CHECK_EQ(1, send_header(ends[0], 24, 77, 77, 24));                  /* not ours */
    CHECK_EQ(1, send_header(ends[0], 0, SOL_SOCKET, SCM_RIGHTS, 15));   /* too short for a header */
}

static long send_who(int fd, pid_t pid, uid_t uid, gid_t gid)
{
    union control control;
    struct ucred who = {pid, uid, gid};
    memset(&control, 0, sizeof control);
    control.align = (struct cmsghdr){.cmsg_len = CMSG_LEN(sizeof who), .cmsg_level = SOL_SOCKET,
                                     .cmsg_type = SCM_CREDENTIALS};
    memcpy(control.bytes + CMSG_LEN(0), &who, sizeof who);
    return send_control(fd, &control, CMSG_SPACE(sizeof who));
}

CASE(credentials)
{
    int ends[2];
    pair(SOCK_DGRAM, ends);
    want_credentials(ends[1]);
    CHECK_EQ(1, send_who(ends[0], getpid(), getuid(), getgid()));
    struct got got = receive(ends[1]);
    CHECK(got.has_who);
    CHECK_EQ(getpid(), got.who.pid);
    CHECK_EQ(getuid(), got.who.uid);
    CHECK_EQ(CMSG_SPACE(sizeof got.who), got.control_length);
}

CASE(credentials_of_others)
{
    int ends[2];
    pair(SOCK_DGRAM, ends);
    want_credentials(ends[1]);
    if (geteuid() == 0) {
        CHECK_EQ(1, send_who(ends[0], getppid(), 77, 88)); /* with the privilege */
        struct got got = receive(ends[1]);
        CHECK_EQ(getppid(), got.who.pid);
        CHECK_EQ(77, got.who.uid);
        CHECK_EQ(88, got.who.gid);
        CHECK_ERRNO(ESRCH, send_who(ends[0], 0x3fffff, 0, 0));
        CHECK_EQ(0, setresgid(1000, 1000, 1000));
        CHECK_EQ(0, setresuid(1000, 1001, 1002));
        CHECK_EQ(1, send_who(ends[0], getpid(), 1001, 1000));
        CHECK_EQ(1, send_who(ends[0], getpid(), 1002, 1000));
    }
    CHECK_ERRNO(EPERM, send_who(ends[0], getppid(), getuid(), getgid()));
    CHECK_ERRNO(EPERM, send_who(ends[0], getpid(), 7, getgid()));
    CHECK_ERRNO(EPERM, send_who(ends[0], getpid(), getuid(), 7));
}

CASE(the_receivers_wish_is_enough)
{
    int ends[2];
    pair(SOCK_STREAM, ends);
    CHECK_EQ(1, write(ends[0], "a", 1)); /* before anybody wished */
    want_credentials(ends[1]);
    CHECK_EQ(1, write(ends[0], "b", 1));
    struct got got = receive(ends[1]);
    CHECK_EQ(1, got.size); /* messages of different senders are not put together */
    CHECK(got.has_who);
    CHECK_EQ(0, got.who.pid);
    CHECK_EQ(65534, got.who.uid);
    got = receive(ends[1]);
    CHECK_EQ(getpid(), got.who.pid);
    CHECK_EQ(getuid(), got.who.uid);
}

CASE(too_many_in_flight)
{
    int ends[2], fds[253], round;
    struct got got;
    if (geteuid() == 0)
        CHECK_EQ(0, setresuid(12345, 12345, 12345));
    for (int at = 0; at < 253; at++)
        fds[at] = 1;
    pair(SOCK_STREAM, ends);
    for (round = 0; round < 100 && send_fds(ends[0], fds, 253) == 1; round++)
        ;
    CHECK(round < 100);
    CHECK_EQ(ETOOMANYREFS, errno);
    got = receive(ends[1]);
    CHECK_EQ(253, got.count);
}

CASE(errors)
{
    int ends[2];
    char data[4];
    struct sockaddr_un to = at_path("r");
    static struct iovec many[1025];
    struct iovec part = {"x", 1}, negative = {"x", -1}, nowhere = {(void *)-4096, 1};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    pair(SOCK_DGRAM, ends);
    CHECK_ERRNO(EBADF, sendmsg(99, &message, 0));
    CHECK_ERRNO(ENOTSOCK, sendmsg(open("f", O_CREAT | O_RDWR, 0600), &message, 0));
    CHECK_ERRNO(EFAULT, syscall(SYS_sendmsg, ends[0], NULL, 0));
    CHECK_ERRNO(EINVAL, syscall(SYS_sendmsg, ends[0], &message, 0x80000000));
    message.msg_iov = &negative;
    CHECK_ERRNO(EINVAL, sendmsg(ends[0], &message, 0));
    message.msg_iov = &nowhere;
    CHECK_ERRNO(EFAULT, sendmsg(ends[0], &message, 0));
    message.msg_iov = many;
    message.msg_iovlen = 1025;
    CHECK_ERRNO(EMSGSIZE, syscall(SYS_sendmsg, ends[0], &message, 0));
    message = (struct msghdr){.msg_iov = &part, .msg_iovlen = 1, .msg_name = &to, .msg_namelen = -1};
    CHECK_ERRNO(EINVAL, syscall(SYS_sendmsg, ends[0], &message, 0));
    message.msg_name = (void *)-4096;
    message.msg_namelen = 10;
    CHECK_ERRNO(EFAULT, sendmsg(ends[0], &message, 0));
    CHECK_ERRNO(EAGAIN, recv(ends[1], data, 4, MSG_DONTWAIT));
}
