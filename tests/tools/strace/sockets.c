/* Every call on sockets, for the comparison of traces: see calls.c. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define S(...) syscall(__VA_ARGS__)

static char buf[8192];

int main(void) {
    int ends[2], pair[2], one = 1;
    struct sockaddr_un name = {.sun_family = AF_UNIX, .sun_path = "socket"}, who;
    struct sockaddr_un hidden = {.sun_family = AF_UNIX, .sun_path = "\0rvsim-strace"};
    socklen_t length = sizeof who;
    S(SYS_write, 1L, "BEGIN\n", 6L);
    long server = S(SYS_socket, 1L, (long)SOCK_STREAM | SOCK_CLOEXEC, 0L);
    S(SYS_socket, 1L, 77L, 0L);
    S(SYS_socket, 99L, 1L, 0L);
    S(SYS_bind, server, &name, (long)sizeof name);
    S(SYS_bind, server, &name, 500L);
    S(SYS_bind, server, 8L, 110L);
    S(SYS_listen, server, 5L);
    long client = S(SYS_socket, 1L, (long)SOCK_STREAM, 0L);
    S(SYS_connect, client, &name, 9L);
    S(SYS_accept4, server, &who, &length, (long)SOCK_NONBLOCK);
    S(SYS_accept, client, 8L, 8L);
    length = sizeof who;
    S(SYS_getsockname, server, &who, &length);
    length = 5;
    S(SYS_getpeername, client, &who, &length);
    S(SYS_getpeername, server, &who, &length);
    S(SYS_shutdown, client, 1L);
    S(SYS_shutdown, client, 7L);
    S(SYS_socketpair, 1L, (long)SOCK_DGRAM, 0L, ends);
    S(SYS_socketpair, 1L, 77L, 0L, ends);
    S(SYS_sendto, ends[0], "some bytes of a message that is longer than 32", 46L, (long)MSG_DONTWAIT | MSG_NOSIGNAL, 0L, 0L);
    S(SYS_recvfrom, ends[1], buf, 100L, (long)MSG_PEEK, 0L, 0L);
    length = sizeof who;
    S(SYS_recvfrom, ends[1], buf, 100L, 0L, &who, &length);
    S(SYS_recvfrom, ends[1], buf, 100L, (long)MSG_DONTWAIT, &who, &length);
    S(SYS_sendto, ends[0], "x", 1L, 0L, &hidden, 15L);
    struct iovec parts[2] = {{"ab", 2}, {"cdefgh", 6}};
    struct { struct cmsghdr head; int fds[2]; struct cmsghdr who; struct ucred cred; int pad; } control = {
        {.cmsg_len = sizeof(struct cmsghdr) + 8, .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS}, {0, 1},
        {.cmsg_len = sizeof(struct cmsghdr) + 12, .cmsg_level = SOL_SOCKET, .cmsg_type = 2}, {1, 0, 0}};
    struct msghdr message = {.msg_iov = parts, .msg_iovlen = 2, .msg_control = &control, .msg_controllen = 24};
    S(SYS_sendmsg, ends[0], &message, 0L);
    message.msg_controllen = 56;
    S(SYS_sendmsg, ends[0], &message, (long)MSG_EOR);
    S(SYS_setsockopt, ends[1], 1L, (long)SO_PASSCRED, &one, 4L);
    parts[0].iov_base = buf;
    parts[1].iov_base = buf + 8;
    S(SYS_recvmsg, ends[1], &message, (long)MSG_CMSG_CLOEXEC);
    message.msg_controllen = 56;
    message.msg_name = &who;
    message.msg_namelen = sizeof who;
    S(SYS_recvmsg, ends[1], &message, 0L);
    S(SYS_recvmsg, ends[1], &message, (long)MSG_DONTWAIT);
    S(SYS_recvmsg, ends[1], 8L, 0L);
    struct mmsghdr many[2] = {{.msg_hdr = {.msg_iov = parts, .msg_iovlen = 1}}, {.msg_hdr = {.msg_iov = parts, .msg_iovlen = 2}}};
    S(SYS_sendmmsg, ends[0], many, 2L, (long)MSG_DONTWAIT);
    S(SYS_sendmmsg, ends[0], 8L, 2L, 0L);
    struct timespec time = {1, 0};
    S(SYS_recvmmsg, ends[1], many, 2L, 0L, &time);
    S(SYS_recvmmsg, ends[1], many, 2L, (long)MSG_DONTWAIT | MSG_WAITFORONE, 0L);
    S(SYS_setsockopt, ends[1], 1L, (long)SO_SNDBUF, &one, 4L);
    struct timeval limit = {1, 20000};
    S(SYS_setsockopt, ends[1], 1L, 20L, &limit, 16L);
    struct linger linger = {1, 5};
    S(SYS_setsockopt, ends[1], 1L, (long)SO_LINGER, &linger, 8L);
    S(SYS_setsockopt, ends[1], 1L, 9999L, &one, 4L);
    S(SYS_setsockopt, ends[1], 77L, 3L, &one, 4L);
    length = 4;
    S(SYS_getsockopt, ends[1], 1L, (long)SO_TYPE, &one, &length);
    S(SYS_getsockopt, ends[1], 1L, (long)SO_ERROR, &one, &length);
    length = 16;
    S(SYS_getsockopt, ends[1], 1L, 20L, &limit, &length);
    length = 8;
    S(SYS_getsockopt, ends[1], 1L, (long)SO_LINGER, &linger, &length);
    S(SYS_getsockopt, ends[1], 1L, 9999L, &one, &length);
    S(SYS_write, 1L, "END\n", 4L);
    S(SYS_exit_group, 0L);
}
