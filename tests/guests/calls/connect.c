#define _GNU_SOURCE
#include "unix_socket.h"
#include <sys/stat.h>

CASE(stream)
{
    struct ucred who;
    socklen_t size = sizeof who;
    int fd = listener(SOCK_STREAM, "s", 1), client = socket(AF_UNIX, SOCK_STREAM, 0);
    CHECK_EQ(POLLOUT | POLLHUP, events(client));
    CHECK_EQ(0, connect_path(client, "s"));
    CHECK_EQ(POLLOUT, events(client));
    CHECK_EQ(0, getsockopt(client, SOL_SOCKET, SO_PEERCRED, &who, &size));
    CHECK_EQ(getpid(), who.pid);
    CHECK_ERRNO(EISCONN, connect_path(client, "s"));
    close(fd);
}

CASE(through_links)
{
    listener(SOCK_STREAM, "s", 5);
    CHECK_EQ(0, symlink("s", "l"));
    CHECK_EQ(0, link("s", "h"));
    CHECK_EQ(0, rename("s", "r"));
    CHECK_ERRNO(ENOENT, connect_path(socket(AF_UNIX, SOCK_STREAM, 0), "l"));
    connected(SOCK_STREAM, "h"), connected(SOCK_STREAM, "r");
}

CASE(refused)
{
    int file = open("f", O_CREAT | O_RDWR, 0600), fd = socket(AF_UNIX, SOCK_STREAM, 0);
    int client = socket(AF_UNIX, SOCK_STREAM, 0);
    CHECK(file >= 0);
    CHECK_EQ(0, bind_path(fd, "s"));
    CHECK_ERRNO(ECONNREFUSED, connect_path(client, "s")); /* not listening */
    CHECK_EQ(0, listen(fd, 1));
    close(fd);
    CHECK_ERRNO(ECONNREFUSED, connect_path(client, "s")); /* closed */
    CHECK_ERRNO(ECONNREFUSED, connect_path(client, "f"));
    CHECK_ERRNO(ECONNREFUSED, connect_path(client, "."));
    CHECK_EQ(0, mknod("n", S_IFSOCK | 0600, 0));
    CHECK_ERRNO(ECONNREFUSED, connect_path(client, "n"));
    CHECK_ERRNO(ENOENT, connect_path(client, "none"));
    socklen_t length;
    struct sockaddr_un name = abstract("nobody", &length);
    CHECK_ERRNO(ECONNREFUSED, connect(client, (void *)&name, length));
    listener(SOCK_STREAM, "t", 1);
    CHECK_EQ(0, connect_path(client, "t")); /* and none of this has harmed it */
}

CASE(another_kind)
{
    socklen_t length;
    struct sockaddr_un name = abstract("kind", &length);
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    listener(SOCK_STREAM, "s", 1);
    CHECK_ERRNO(EPROTOTYPE, connect_path(socket(AF_UNIX, SOCK_DGRAM, 0), "s"));
    CHECK_ERRNO(EPROTOTYPE, connect_path(socket(AF_UNIX, SOCK_SEQPACKET, 0), "s"));
    CHECK_EQ(0, bind(fd, (void *)&name, length));
    CHECK_ERRNO(ECONNREFUSED, connect(socket(AF_UNIX, SOCK_DGRAM, 0), (void *)&name, length));
}

CASE(abstract_name)
{
    socklen_t length;
    struct sockaddr_un name = abstract("listens", &length);
    int fd = socket(AF_UNIX, SOCK_STREAM, 0), client = socket(AF_UNIX, SOCK_STREAM, 0);
    CHECK_EQ(0, bind(fd, (void *)&name, length));
    CHECK_EQ(0, listen(fd, 1));
    CHECK_ERRNO(ECONNREFUSED, connect(client, (void *)&name, length - 1));
    CHECK_EQ(0, connect(client, (void *)&name, length));
}

CASE(permission)
{
    if (geteuid() != 0)
        return;
    umask(0);
    listener(SOCK_STREAM, "s", 1);
    CHECK_EQ(0, chmod("s", 0755));
    CHECK_EQ(0, setresuid(1000, 1000, 1000));
    CHECK_ERRNO(EACCES, connect_path(socket(AF_UNIX, SOCK_STREAM, 0), "s"));
}

CASE(waits_for_room)
{
    int fd = listener(SOCK_STREAM, "s", 0), status;
    connected(SOCK_STREAM, "s");
    if (fork() == 0) {
        sleep_ms(50);
        CHECK(accept(fd, NULL, NULL) >= 0);
        sleep_ms(50);
        _exit(0);
    }
    connected(SOCK_STREAM, "s");
    int late = socket(AF_UNIX, SOCK_STREAM, 0);
    timeout_ms(late, SO_SNDTIMEO, 20);
    CHECK_ERRNO(EAGAIN, connect_path(late, "s"));
    wait(&status);
    CHECK_EQ(0, status);
}

CASE(waits_until_the_listener_goes)
{
    int fd = listener(SOCK_STREAM, "s", 0);
    int first = connected(SOCK_STREAM, "s"), status;
    pid_t child = fork();
    if (child == 0) {
        close(fd), close(first);
        CHECK_ERRNO(ECONNREFUSED, connect_path(socket(AF_UNIX, SOCK_STREAM, 0), "s"));
        _exit(0);
    }
    sleep_ms(50);
    close(fd);
    waitpid(child, &status, 0);
    CHECK_EQ(0, status);
    char byte;
    CHECK_ERRNO(ECONNRESET, read(first, &byte, 1)); /* never accepted */
    CHECK_EQ(0, read(first, &byte, 1));
}

CASE(datagrams)
{
    char data[8];
    int one = socket(AF_UNIX, SOCK_DGRAM, 0), two = socket(AF_UNIX, SOCK_DGRAM, 0);
    int third = socket(AF_UNIX, SOCK_DGRAM, 0);
    CHECK_EQ(0, bind_path(one, "one"));
    CHECK_EQ(0, bind_path(two, "two"));
    CHECK_EQ(0, connect_path(one, "two"));
    CHECK_EQ(3, send(one, "abc", 3, 0));
    CHECK_EQ(3, recv(two, data, 8, 0));
    CHECK_EQ(0, connect_path(two, "one"));
    CHECK_ERRNO(EPERM, connect_path(third, "two")); /* it talks to `one` alone */
    struct sockaddr_un to = at_path("two");
    CHECK_ERRNO(EPERM, sendto(third, "x", 1, 0, (void *)&to, sizeof to));
    struct sockaddr none = {.sa_family = AF_UNSPEC};
    CHECK_EQ(0, connect(two, &none, sizeof none));
    CHECK_EQ(0, connect_path(third, "two"));
    CHECK_EQ(0, connect(one, &none, 2));
    CHECK_ERRNO(ENOTCONN, send(one, "x", 1, 0));
}

CASE(a_new_peer_loses_what_came)
{
    char data[8];
    int error = 0;
    socklen_t size = sizeof error;
    int ends[2], other = socket(AF_UNIX, SOCK_DGRAM, 0);
    pair(SOCK_DGRAM, ends);
    CHECK_EQ(0, bind_path(other, "o"));
    CHECK_EQ(3, send(ends[0], "abc", 3, 0));
    CHECK_EQ(0, connect_path(ends[1], "o"));
    CHECK_ERRNO(EAGAIN, recv(ends[1], data, 8, MSG_DONTWAIT));
    CHECK(events(ends[0]) & POLLERR);
    CHECK_EQ(0, getsockopt(ends[0], SOL_SOCKET, SO_ERROR, &error, &size));
    CHECK_EQ(ECONNRESET, error);
    CHECK_EQ(0, events(ends[0]) & POLLERR);
}

CASE(to_itself)
{
    char data[8];
    int fd = socket(AF_UNIX, SOCK_DGRAM, 0);
    CHECK_EQ(0, bind_path(fd, "s"));
    CHECK_EQ(0, connect_path(fd, "s"));
    CHECK_EQ(2, send(fd, "me", 2, 0));
    CHECK_EQ(2, recv(fd, data, 8, 0));
}

CASE(errors)
{
    struct sockaddr_un address = at_path("s");
    int stream = socket(AF_UNIX, SOCK_STREAM, 0), datagram = socket(AF_UNIX, SOCK_DGRAM, 0);
    CHECK_ERRNO(EBADF, connect(99, (void *)&address, sizeof address));
    CHECK_ERRNO(ENOTSOCK, connect(open("f", O_CREAT | O_RDWR, 0600), (void *)&address, sizeof address));
    CHECK_ERRNO(EFAULT, connect(stream, (void *)-4096, sizeof address));
    CHECK_ERRNO(EINVAL, connect(stream, (void *)&address, 129));
    CHECK_ERRNO(EINVAL, connect(stream, (void *)&address, -1));
    CHECK_ERRNO(EINVAL, connect(stream, (void *)&address, 2));
    CHECK_ERRNO(EINVAL, connect(datagram, (void *)&address, 2));
    CHECK_ERRNO(EINVAL, connect(datagram, (void *)&address, 0));
    address.sun_family = AF_UNSPEC;
    CHECK_ERRNO(EINVAL, connect(stream, (void *)&address, sizeof address));
    address.sun_family = 77;
    CHECK_ERRNO(EINVAL, connect(datagram, (void *)&address, sizeof address));
    CHECK_ERRNO(ENOTDIR, connect_path(stream, "f/s"));
}
