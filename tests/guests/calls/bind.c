#define _GNU_SOURCE
#include "unix_socket.h"
#include <sys/stat.h>

static int bind_raw(int fd, const void *data, size_t length)
{
    return bind(fd, data, length);
}

CASE(makes_a_file)
{
    struct stat facts;
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    umask(027);
    CHECK_EQ(0, bind_path(fd, "s"));
    CHECK_EQ(0, stat("s", &facts));
    CHECK_EQ(S_IFSOCK | 0750, facts.st_mode);
    CHECK_EQ(1, facts.st_nlink);
    CHECK_ERRNO(ENXIO, open("s", O_RDWR));
    CHECK(open("s", O_PATH) >= 0);
    int other = socket(AF_UNIX, SOCK_STREAM, 0);
    CHECK_EQ(0, fchmod(other, 0600));
    CHECK_EQ(0, bind_path(other, "t"));
    CHECK_EQ(0, stat("t", &facts));
    CHECK_EQ(S_IFSOCK | 0600, facts.st_mode);
}

CASE(name_is_shown)
{
    struct sockaddr_un address;
    socklen_t length = sizeof address;
    int fd = socket(AF_UNIX, SOCK_DGRAM, 0);
    CHECK_EQ(0, bind_path(fd, "s"));
    CHECK_EQ(0, getsockname(fd, (void *)&address, &length));
    CHECK_EQ(HEAD + 2, length);
    CHECK_EQ(0, strcmp(address.sun_path, "s"));
}

CASE(the_name_ends_where_the_length_says)
{
    struct sockaddr_un address = at_path("abcdef");
    struct stat facts;
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    CHECK_EQ(0, bind_raw(fd, &address, HEAD + 3));
    CHECK_EQ(0, stat("abc", &facts));
    socklen_t length = sizeof address;
    CHECK_EQ(0, getsockname(fd, (void *)&address, &length));
    CHECK_EQ(HEAD + 4, length);
}

CASE(longest_name)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    char shown[128];
    socklen_t length = sizeof shown;
    memset(address.sun_path, 'n', sizeof address.sun_path);
    int fd = socket(AF_UNIX, SOCK_STREAM, 0), from = socket(AF_UNIX, SOCK_STREAM, 0);
    CHECK_EQ(0, bind_raw(fd, &address, sizeof address));
    CHECK_EQ(0, getsockname(fd, (void *)shown, &length));
    CHECK_EQ(HEAD + 109, length);
    CHECK_EQ(0, shown[HEAD + 108]);
    CHECK_EQ(0, listen(fd, 1));
    CHECK_EQ(0, connect(from, (void *)&address, sizeof address));
}

CASE(taken)
{
    int one = socket(AF_UNIX, SOCK_STREAM, 0), two = socket(AF_UNIX, SOCK_STREAM, 0);
    CHECK_EQ(0, bind_path(one, "s"));
    CHECK_ERRNO(EADDRINUSE, bind_path(two, "s"));
    close(one);
    CHECK_ERRNO(EADDRINUSE, bind_path(two, "s")); /* the file stays */
    CHECK_EQ(0, unlink("s"));
    CHECK_EQ(0, bind_path(two, "s"));
    CHECK_EQ(0, mkdir("d", 0700));
    CHECK_ERRNO(EADDRINUSE, bind_path(socket(AF_UNIX, SOCK_STREAM, 0), "d"));
    CHECK_EQ(0, symlink("nowhere", "l"));
    CHECK_ERRNO(EADDRINUSE, bind_path(socket(AF_UNIX, SOCK_STREAM, 0), "l"));
}

CASE(only_once)
{
    struct stat facts;
    socklen_t length;
    struct sockaddr_un name = abstract("once", &length);
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    CHECK_EQ(0, bind_path(fd, "s"));
    CHECK_ERRNO(EINVAL, bind_path(fd, "t"));
    CHECK_ERRNO(ENOENT, stat("t", &facts));
    CHECK_ERRNO(EADDRINUSE, bind_path(fd, "s"));
    CHECK_ERRNO(EINVAL, bind_raw(fd, &name, length));
}

CASE(abstract_names)
{
    socklen_t length, shown_length;
    struct sockaddr_un name = abstract("a\0b", &length), shown;
    length += 2; /* NULs count */
    int one = socket(AF_UNIX, SOCK_STREAM, 0), two = socket(AF_UNIX, SOCK_STREAM, 0);
    int other_kind = socket(AF_UNIX, SOCK_DGRAM, 0);
    CHECK_EQ(0, bind_raw(one, &name, length));
    CHECK_ERRNO(EADDRINUSE, bind_raw(two, &name, length));
    CHECK_EQ(0, bind_raw(two, &name, length - 1)); /* another name */
    CHECK_EQ(0, bind_raw(other_kind, &name, length));
    shown_length = sizeof shown;
    CHECK_EQ(0, getsockname(one, (void *)&shown, &shown_length));
    CHECK_EQ(length, shown_length);
    CHECK_EQ(0, memcmp(&shown, &name, length));
    close(one);
    one = socket(AF_UNIX, SOCK_STREAM, 0);
    CHECK_EQ(0, bind_raw(one, &name, length)); /* free again */
}

CASE(autobind)
{
    struct sockaddr_un family = {.sun_family = AF_UNIX}, one_name, two_name;
    socklen_t one_length = sizeof one_name, two_length = sizeof two_name;
    int one = socket(AF_UNIX, SOCK_STREAM, 0), two = socket(AF_UNIX, SOCK_STREAM, 0);
    CHECK_EQ(0, bind_raw(one, &family, HEAD));
    CHECK_EQ(0, bind_raw(two, &family, HEAD));
    CHECK_EQ(0, bind_raw(two, &family, HEAD)); /* bound already, and no error */
    CHECK_EQ(0, getsockname(one, (void *)&one_name, &one_length));
    CHECK_EQ(0, getsockname(two, (void *)&two_name, &two_length));
    CHECK_EQ(HEAD + 6, one_length);
    CHECK_EQ(0, one_name.sun_path[0]);
    CHECK_EQ(5, strspn(one_name.sun_path + 1, "0123456789abcdef"));
    CHECK(memcmp(one_name.sun_path, two_name.sun_path, 6) != 0);
}

CASE(errors)
{
    struct sockaddr_un address = at_path("s");
    char big[256] = {1};
    int fd = socket(AF_UNIX, SOCK_STREAM, 0), file = open("f", O_CREAT | O_RDWR, 0600);
    CHECK_ERRNO(EBADF, bind_raw(99, &address, sizeof address));
    CHECK_ERRNO(ENOTSOCK, bind_raw(file, &address, sizeof address));
    CHECK_ERRNO(ENOTSOCK, bind_raw(file, &address, -1));
    CHECK_ERRNO(EINVAL, bind_raw(fd, &address, -1));
    CHECK_ERRNO(EINVAL, bind_raw(fd, big, 129));
    CHECK_ERRNO(EINVAL, bind_raw(fd, big, 111));
    CHECK_ERRNO(EINVAL, bind_raw(fd, &address, 0));
    CHECK_ERRNO(EINVAL, bind_raw(fd, &address, 1));
    CHECK_ERRNO(EFAULT, bind_raw(fd, (void *)-4096, sizeof address));
    CHECK_ERRNO(EFAULT, bind_raw(fd, NULL, sizeof address));
    CHECK_ERRNO(ENOENT, bind_path(fd, "none/s"));
    CHECK_ERRNO(ENOTDIR, bind_path(fd, "f/s"));
    CHECK_ERRNO(ENOENT, bind_path(fd, "s/"));
    CHECK_ERRNO(EADDRINUSE, bind_path(fd, "/"));
    CHECK_ERRNO(EADDRINUSE, bind_path(fd, "."));
    address.sun_family = 2;
    CHECK_ERRNO(EINVAL, bind_raw(fd, &address, sizeof address));
    CHECK_ERRNO(EINVAL, bind_raw(fd, &address, HEAD));
    CHECK_EQ(0, bind_path(fd, "s")); /* all these left it unbound */
}

CASE(permission)
{
    if (geteuid() != 0)
        return;
    CHECK_EQ(0, mkdir("d", 0755));
    CHECK_EQ(0, setresuid(1000, 1000, 1000));
    CHECK_ERRNO(EACCES, bind_path(socket(AF_UNIX, SOCK_STREAM, 0), "d/s"));
}
