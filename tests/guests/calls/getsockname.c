#define _GNU_SOURCE
#include "unix_socket.h"

CASE(cut_to_the_room)
{
    unsigned char data[sizeof(struct sockaddr_un)];
    socklen_t length = 4;
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    CHECK_EQ(0, bind_path(fd, "name"));
    memset(data, 0xEE, sizeof data);
    CHECK_EQ(0, getsockname(fd, (void *)data, &length));
    CHECK_EQ(HEAD + 5, length); /* its whole length */
    CHECK_EQ('a', data[3]);
    CHECK_EQ(0xEE, data[4]);
    length = 0;
    CHECK_EQ(0, getsockname(fd, NULL, &length));
    CHECK_EQ(HEAD + 5, length);
}

CASE(unnamed)
{
    struct sockaddr_un address;
    socklen_t length = sizeof address;
    CHECK_EQ(0, getsockname(socket(AF_UNIX, SOCK_DGRAM, 0), (void *)&address, &length));
    CHECK_EQ(HEAD, length);
    CHECK_EQ(AF_UNIX, address.sun_family);
}

CASE(errors)
{
    struct sockaddr_un address;
    socklen_t length = sizeof address, negative = -1;
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    CHECK_ERRNO(EBADF, getsockname(99, (void *)&address, &length));
    CHECK_ERRNO(ENOTSOCK, getsockname(open("f", O_CREAT | O_RDWR, 0600), (void *)&address, &length));
    CHECK_ERRNO(EFAULT, getsockname(fd, (void *)-4096, &length));
    CHECK_ERRNO(EFAULT, getsockname(fd, (void *)&address, NULL));
    CHECK_ERRNO(EINVAL, getsockname(fd, (void *)&address, &negative));
}
