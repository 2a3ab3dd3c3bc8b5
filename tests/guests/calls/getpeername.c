#define _GNU_SOURCE
#include "unix_socket.h"

CASE(of_a_connection)
{
    struct sockaddr_un address;
    socklen_t length = sizeof address;
    int fd = listener(SOCK_STREAM, "server", 1), client = connected(SOCK_STREAM, "server");
    CHECK_EQ(0, getpeername(client, (void *)&address, &length));
    CHECK_EQ(HEAD + 7, length);
    CHECK_EQ(0, strcmp("server", address.sun_path));
    int accepted = accept(fd, NULL, NULL);
    length = sizeof address;
    CHECK_EQ(0, getpeername(accepted, (void *)&address, &length));
    CHECK_EQ(HEAD, length);
    CHECK_EQ(0, bind_path(client, "later"));
    length = sizeof address;
    CHECK_EQ(0, getpeername(accepted, (void *)&address, &length));
    CHECK_EQ(0, strcmp("later", address.sun_path));
    close(client);
    length = sizeof address;
    CHECK_EQ(0, getpeername(accepted, (void *)&address, &length)); /* it is still known */
    CHECK_EQ(0, strcmp("later", address.sun_path));
}

CASE(errors)
{
    struct sockaddr_un address;
    socklen_t length = sizeof address;
    int ends[2];
    pair(SOCK_STREAM, ends);
    CHECK_ERRNO(EBADF, getpeername(99, (void *)&address, &length));
    CHECK_ERRNO(ENOTSOCK, getpeername(open("f", O_CREAT | O_RDWR, 0600), (void *)&address, &length));
    CHECK_ERRNO(ENOTCONN, getpeername(socket(AF_UNIX, SOCK_STREAM, 0), (void *)&address, &length));
    CHECK_ERRNO(ENOTCONN, getpeername(listener(SOCK_STREAM, "s", 1), (void *)&address, &length));
    CHECK_ERRNO(EFAULT, getpeername(ends[0], (void *)-4096, &length));
    CHECK_ERRNO(EFAULT, getpeername(ends[0], (void *)&address, NULL));
}
