#define _GNU_SOURCE
#include "unix_socket.h"

CASE(takes_the_oldest)
{
    char byte = 0;
    int fd = listener(SOCK_STREAM, "s", 5);
    int one = connected(SOCK_STREAM, "s"), two = connected(SOCK_STREAM, "s");
    CHECK_EQ(1, write(two, "2", 1));
    CHECK_EQ(1, write(one, "1", 1)); /* before anybody accepts */
    int first = accept4(fd, NULL, NULL, 0), second = accept4(fd, NULL, NULL, 0);
    CHECK_EQ(1, read(first, &byte, 1));
    CHECK_EQ('1', byte);
    CHECK_EQ(1, read(second, &byte, 1));
    CHECK_EQ('2', byte);
    CHECK_EQ(0, events(fd));
}

CASE(flags)
{
    int fd = listener(SOCK_STREAM, "s", 5);
    connected(SOCK_STREAM, "s"), connected(SOCK_STREAM, "s");
    int plain = accept4(fd, NULL, NULL, 0), both = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    CHECK_EQ(0, fcntl(plain, F_GETFD));
    CHECK_EQ(O_RDWR, fcntl(plain, F_GETFL));
    CHECK_EQ(FD_CLOEXEC, fcntl(both, F_GETFD));
    CHECK_EQ(O_RDWR | O_NONBLOCK, fcntl(both, F_GETFL));
}

CASE(tells_who)
{
    struct sockaddr_un address;
    socklen_t length = sizeof address;
    int fd = listener(SOCK_STREAM, "s", 5);
    int bound = socket(AF_UNIX, SOCK_STREAM, 0);
    CHECK_EQ(0, bind_path(bound, "client"));
    CHECK_EQ(0, connect_path(bound, "s"));
    connected(SOCK_STREAM, "s");
    CHECK(accept4(fd, (void *)&address, &length, 0) >= 0);
    CHECK_EQ(HEAD + 7, length);
    CHECK_EQ(0, strcmp("client", address.sun_path));
    length = sizeof address;
    int second = accept4(fd, (void *)&address, &length, 0);
    CHECK(second >= 0);
    CHECK_EQ(HEAD, length); /* no name */
    CHECK_EQ(AF_UNIX, address.sun_family);
    length = sizeof address;
    CHECK_EQ(0, getsockname(second, (void *)&address, &length)); /* the listener's */
    CHECK_EQ(0, strcmp("s", address.sun_path));
}

CASE(waits)
{
    int fd = listener(SOCK_SEQPACKET, "s", 0), status;
    if (fork() == 0) {
        sleep_ms(50);
        int client = connected(SOCK_SEQPACKET, "s");
        CHECK_EQ(2, write(client, "hi", 2));
        _exit(0);
    }
    char data[8];
    int accepted = accept4(fd, NULL, NULL, 0);
    CHECK(accepted >= 0);
    CHECK_EQ(2, read(accepted, data, 8));
    wait(&status);
    CHECK_EQ(0, status);
}

CASE(does_not_wait)
{
    int fd = listener(SOCK_STREAM, "s", 0);
    timeout_ms(fd, SO_RCVTIMEO, 30);
    CHECK_ERRNO(EAGAIN, accept4(fd, NULL, NULL, 0));
    fcntl(fd, F_SETFL, O_NONBLOCK);
    CHECK_ERRNO(EAGAIN, accept4(fd, NULL, NULL, 0));
}

CASE(interrupted)
{
    int fd = listener(SOCK_STREAM, "s", 0);
    catch_signal(SIGALRM, 0);
    alarm(1);
    CHECK_ERRNO(EINTR, accept4(fd, NULL, NULL, 0));
    CHECK_EQ(SIGALRM, caught);
}

CASE(client_has_gone)
{
    char data[8];
    int fd = listener(SOCK_STREAM, "s", 1);
    int client = connected(SOCK_STREAM, "s");
    CHECK_EQ(3, write(client, "abc", 3));
    close(client);
    int accepted = accept4(fd, NULL, NULL, 0);
    CHECK_EQ(3, read(accepted, data, 8));
    CHECK_EQ(0, read(accepted, data, 8));
}

CASE(after_shutdown)
{
    int fd = listener(SOCK_STREAM, "s", 1);
    connected(SOCK_STREAM, "s");
    CHECK_EQ(0, shutdown(fd, SHUT_RD));
    CHECK(accept4(fd, NULL, NULL, 0) >= 0); /* what came before */
    CHECK_ERRNO(EINVAL, accept4(fd, NULL, NULL, 0));
    CHECK_ERRNO(ECONNREFUSED, connect_path(socket(AF_UNIX, SOCK_STREAM, 0), "s"));
}

CASE(passes_the_wish_for_credentials_on)
{
    int on = 1, fd = listener(SOCK_STREAM, "s", 1), got = 0;
    socklen_t size = sizeof got;
    CHECK_EQ(0, setsockopt(fd, SOL_SOCKET, SO_PASSCRED, &on, sizeof on));
    connected(SOCK_STREAM, "s");
    int accepted = accept4(fd, NULL, NULL, 0);
    CHECK_EQ(0, getsockopt(accepted, SOL_SOCKET, SO_PASSCRED, &got, &size));
    CHECK_EQ(1, got);
}

CASE(errors)
{
    struct sockaddr_un address;
    socklen_t length = sizeof address, negative = -1;
    int fd = listener(SOCK_STREAM, "s", 5), file = open("f", O_CREAT | O_RDWR, 0600), ends[2];
    pair(SOCK_STREAM, ends);
    CHECK_ERRNO(EBADF, accept4(99, NULL, NULL, 0));
    CHECK_ERRNO(EINVAL, accept4(fd, NULL, NULL, 1));
    CHECK_ERRNO(ENOTSOCK, accept4(file, NULL, NULL, 0));
    CHECK_ERRNO(EINVAL, accept4(socket(AF_UNIX, SOCK_STREAM, 0), NULL, NULL, 0));
    CHECK_ERRNO(EINVAL, accept4(ends[0], NULL, NULL, 0));
    CHECK_ERRNO(EOPNOTSUPP, accept4(socket(AF_UNIX, SOCK_DGRAM, 0), NULL, NULL, 0));
    int client = connected(SOCK_STREAM, "s");
    CHECK_ERRNO(EFAULT, accept4(fd, (void *)-4096, &length, 0));
    CHECK_EQ(0, read(client, &address, 1)); /* the connection is lost */
    client = connected(SOCK_STREAM, "s");
    CHECK_ERRNO(EINVAL, accept4(fd, (void *)&address, &negative, 0));
    client = connected(SOCK_STREAM, "s");
    CHECK_ERRNO(EFAULT, accept4(fd, (void *)&address, NULL, 0));
    client = connected(SOCK_STREAM, "s");
    while (dup(1) >= 0)
        ;
    CHECK_ERRNO(EMFILE, accept4(fd, NULL, NULL, 0));
    close(file);
    CHECK_EQ(file, accept4(fd, NULL, NULL, 0)); /* it is still there */
}
