#define _GNU_SOURCE
#include "unix_socket.h"
#include <sys/syscall.h>

CASE(connects)
{
    struct sockaddr_un address;
    socklen_t length = sizeof address;
    char data[4];
    int fd = listener(SOCK_STREAM, "s", 1), client = connected(SOCK_STREAM, "s");
    long accepted = syscall(SYS_accept, fd, &address, &length);
    CHECK(accepted >= 0);
    CHECK_EQ(HEAD, length);
    CHECK_EQ(0, fcntl(accepted, F_GETFD));
    CHECK_EQ(2, write(accepted, "ok", 2));
    CHECK_EQ(2, read(client, data, 4));
}

CASE(errors)
{
    CHECK_ERRNO(EBADF, syscall(SYS_accept, 99, NULL, NULL));
    CHECK_ERRNO(EINVAL, syscall(SYS_accept, socket(AF_UNIX, SOCK_STREAM, 0), NULL, NULL));
    CHECK_ERRNO(ENOTSOCK, syscall(SYS_accept, open("f", O_CREAT | O_RDWR, 0600), NULL, NULL));
}
