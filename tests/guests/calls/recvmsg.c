#define _GNU_SOURCE
#include "scm.h"
#include <sys/syscall.h>

CASE(scatters)
{
    int ends[2];
    char one[2], two[8];
    struct iovec parts[2] = {{one, 2}, {two, 8}};
    struct msghdr message = {.msg_iov = parts, .msg_iovlen = 2, .msg_flags = 77};
    pair(SOCK_STREAM, ends);
    CHECK_EQ(5, write(ends[0], "abcde", 5));
    CHECK_EQ(5, recvmsg(ends[1], &message, 0));
    CHECK_EQ(0, memcmp("ab", one, 2));
    CHECK_EQ(0, memcmp("cde", two, 3));
    CHECK_EQ(0, message.msg_flags);
}

CASE(names)
{
    struct sockaddr_un to = at_path("r"), from;
    char data[8];
    struct iovec part = {data, 8};
    struct msghdr message = {.msg_name = &from, .msg_namelen = sizeof from, .msg_iov = &part, .msg_iovlen = 1};
    int receiver = socket(AF_UNIX, SOCK_DGRAM, 0), sender = socket(AF_UNIX, SOCK_DGRAM, 0);
    CHECK_EQ(0, bind_path(receiver, "r"));
    CHECK_EQ(1, sendto(sender, "x", 1, 0, (void *)&to, sizeof to));
    CHECK_EQ(0, bind_path(sender, "later"));
    CHECK_EQ(1, recvmsg(receiver, &message, 0));
    CHECK_EQ(HEAD + 6, message.msg_namelen); /* the name of now */
    CHECK_EQ(1, sendto(sender, "x", 1, 0, (void *)&to, sizeof to));
    message.msg_name = NULL;
    message.msg_namelen = 55;
    CHECK_EQ(1, recvmsg(receiver, &message, 0));
    CHECK_EQ(55, message.msg_namelen);
}

CASE(cut)
{
    int kinds[] = {SOCK_DGRAM, SOCK_SEQPACKET};
    for (int at = 0; at < 2; at++) {
        int ends[2];
        pair(kinds[at], ends);
        CHECK_EQ(5, write(ends[0], "abcde", 5));
        struct got got = receive_room(ends[1], MSG_PEEK, 0, 2);
        CHECK_EQ(2, got.size);
        CHECK_EQ(MSG_TRUNC, got.flags);
        got = receive_room(ends[1], MSG_TRUNC, 0, 2);
        CHECK_EQ(5, got.size);
        CHECK_EQ(MSG_TRUNC, got.flags);
    }
}

CASE(close_on_exec)
{
    int ends[2], fd = 1;
    pair(SOCK_STREAM, ends);
    CHECK_EQ(1, send_fds(ends[0], &fd, 1));
    struct got got = receive_room(ends[1], MSG_CMSG_CLOEXEC, 256, 64);
    CHECK_EQ(FD_CLOEXEC, fcntl(got.fds[0], F_GETFD));
    CHECK_EQ(MSG_CMSG_CLOEXEC, got.flags);
}

CASE(room_for_some_files)
{
    int ends[2], fds[3] = {1, 1, 1}, free = lowest_free() + 2;
    pair(SOCK_STREAM, ends);
    CHECK_EQ(1, send_fds(ends[0], fds, 3));
    struct got got = receive_room(ends[1], 0, CMSG_LEN(2 * sizeof(int)), 64);
    CHECK_EQ(2, got.count);
    CHECK_EQ(MSG_CTRUNC, got.flags);
    CHECK_EQ(free, got.fds[0]);
    CHECK_EQ(free + 2, lowest_free());
    CHECK_EQ(1, send_fds(ends[0], fds, 3));
    got = receive_room(ends[1], 0, CMSG_LEN(0) + 3, 64); /* not even one */
    CHECK_EQ(0, got.count);
    CHECK_EQ(MSG_CTRUNC, got.flags);
    CHECK_EQ(0, got.control_length);
    CHECK_EQ(1, send_fds(ends[0], fds, 3));
    got = receive_room(ends[1], 0, 0, 64);
    CHECK_EQ(MSG_CTRUNC, got.flags);
    CHECK_EQ(free + 2, lowest_free());
}

CASE(no_number_for_a_file)
{
    int ends[2], fds[3] = {1, 1, 1}, last, next;
    pair(SOCK_STREAM, ends);
    CHECK_EQ(1, send_fds(ends[0], fds, 3));
    for (last = dup(1); (next = dup(1)) >= 0; last = next)
        ;
    close(last);
    struct got got = receive(ends[1]);
    CHECK_EQ(1, got.size);
    CHECK_EQ(1, got.count);
    CHECK_EQ(last, got.fds[0]);
    CHECK_EQ(MSG_CTRUNC, got.flags);
}

CASE(peek_copies_files)
{
    int ends[2], pipes[2];
    char byte;
    pair(SOCK_STREAM, ends);
    CHECK_EQ(0, pipe(pipes));
    CHECK_EQ(1, send_fds(ends[0], &pipes[1], 1));
    close(pipes[1]);
    struct got peeked = receive_room(ends[1], MSG_PEEK, 256, 64), got = receive(ends[1]);
    CHECK_EQ(1, peeked.count);
    CHECK_EQ(1, got.count);
    CHECK(peeked.fds[0] != got.fds[0]);
    close(peeked.fds[0]);
    CHECK_EQ(1, write(got.fds[0], "x", 1));
    close(got.fds[0]);
    CHECK_EQ(1, read(pipes[0], &byte, 1));
    CHECK_EQ(0, read(pipes[0], &byte, 1)); /* no copy is left */
}

CASE(files_are_a_bound)
{
    int ends[2], fd = 1;
    char data[8];
    pair(SOCK_STREAM, ends);
    CHECK_EQ(1, write(ends[0], "a", 1));
    CHECK_EQ(1, send_fds(ends[0], &fd, 1));
    CHECK_EQ(1, write(ends[0], "b", 1));
    struct got got = receive(ends[1]);
    CHECK_EQ(2, got.size); /* up to and with the message that has them */
    CHECK_EQ(1, got.count);
    CHECK_EQ(1, recv(ends[1], data, 8, 0));
}

CASE(a_plain_read_closes_them)
{
    int ends[2], pipes[2];
    char data[8];
    int kinds[] = {SOCK_STREAM, SOCK_DGRAM};
    for (int at = 0; at < 2; at++) {
        pair(kinds[at], ends);
        CHECK_EQ(0, pipe(pipes));
        CHECK_EQ(1, send_fds(ends[0], &pipes[1], 1));
        close(pipes[1]);
        CHECK_EQ(1, read(ends[1], data, 8));
        CHECK_EQ(0, read(pipes[0], data, 8));
    }
}

CASE(lost_with_the_socket)
{
    int ends[2], pipes[2];
    char data[8];
    pair(SOCK_DGRAM, ends);
    CHECK_EQ(0, pipe(pipes));
    CHECK_EQ(1, send_fds(ends[0], &pipes[1], 1));
    close(pipes[1]);
    close(ends[1]);
    CHECK_EQ(0, read(pipes[0], data, 8));
}

CASE(credentials_and_files)
{
    int ends[2], fd = 1;
    pair(SOCK_STREAM, ends);
    want_credentials(ends[1]);
    CHECK_EQ(1, send_fds(ends[0], &fd, 1));
    struct got got = receive(ends[1]);
    CHECK(got.has_who);
    CHECK_EQ(1, got.count);
    CHECK_EQ(CMSG_SPACE(12) + CMSG_SPACE(4), got.control_length);
    CHECK_EQ(1, write(ends[0], "x", 1));
    got = receive_room(ends[1], 0, CMSG_LEN(0) + 4, 64); /* cut in the middle */
    CHECK_EQ(MSG_CTRUNC, got.flags);
    CHECK_EQ(CMSG_LEN(0) + 4, got.control_length);
    CHECK_EQ(1, write(ends[0], "x", 1));
    got = receive_room(ends[1], 0, 8, 64);
    CHECK_EQ(MSG_CTRUNC, got.flags);
    CHECK_EQ(0, got.control_length);
}

CASE(different_senders)
{
    int ends[2], status;
    pair(SOCK_STREAM, ends);
    want_credentials(ends[1]);
    CHECK_EQ(1, write(ends[0], "a", 1));
    CHECK_EQ(1, write(ends[0], "b", 1));
    if (fork() == 0) {
        CHECK_EQ(1, write(ends[0], "c", 1));
        _exit(0);
    }
    wait(&status);
    CHECK_EQ(2, receive(ends[1]).size);
    struct got got = receive(ends[1]);
    CHECK_EQ(1, got.size);
    CHECK(got.who.pid != getpid());
}

CASE(a_wish_binds)
{
    struct sockaddr_un address;
    socklen_t length = sizeof address;
    int fd = listener(SOCK_STREAM, "s", 1), client = socket(AF_UNIX, SOCK_STREAM, 0);
    want_credentials(client);
    CHECK_EQ(0, connect_path(client, "s"));
    CHECK_EQ(0, getsockname(client, (void *)&address, &length));
    CHECK_EQ(HEAD + 6, length);
    close(fd);
}

CASE(at_the_end)
{
    int ends[2];
    pair(SOCK_STREAM, ends);
    want_credentials(ends[1]);
    close(ends[0]);
    struct got got = receive(ends[1]);
    CHECK_EQ(0, got.size);
    CHECK_EQ(0, got.flags);
}

CASE(errors)
{
    int ends[2];
    char data[4];
    struct iovec part = {data, 4}, negative = {data, -1};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    pair(SOCK_DGRAM, ends);
    CHECK_EQ(1, write(ends[0], "x", 1));
    CHECK_ERRNO(EBADF, recvmsg(99, &message, 0));
    CHECK_ERRNO(ENOTSOCK, recvmsg(open("f", O_CREAT | O_RDWR, 0600), &message, 0));
    CHECK_ERRNO(EFAULT, syscall(SYS_recvmsg, ends[1], NULL, 0));
    CHECK_ERRNO(EINVAL, syscall(SYS_recvmsg, ends[1], &message, 0x80000000));
    message.msg_iov = &negative;
    CHECK_ERRNO(EINVAL, recvmsg(ends[1], &message, 0));
    message = (struct msghdr){.msg_iov = &part, .msg_iovlen = 1025};
    CHECK_ERRNO(EMSGSIZE, syscall(SYS_recvmsg, ends[1], &message, 0));
    message = (struct msghdr){.msg_iov = &part, .msg_iovlen = 1, .msg_name = data, .msg_namelen = -1};
    CHECK_ERRNO(EINVAL, syscall(SYS_recvmsg, ends[1], &message, 0));
    message.msg_name = NULL; /* then its length is not looked at */
    CHECK_EQ(1, recvmsg(ends[1], &message, 0)); /* none of these took it */
}
