#define _GNU_SOURCE
#include "unix_socket.h"
#include <sys/stat.h>
#include <sys/vfs.h>

CASE(kinds)
{
    int kinds[] = {SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET};
    for (int at = 0; at < 3; at++) {
        int fd = socket(AF_UNIX, kinds[at], 0), kind = 0;
        socklen_t size = sizeof kind;
        CHECK(fd >= 0);
        CHECK_EQ(0, getsockopt(fd, SOL_SOCKET, SO_TYPE, &kind, &size));
        CHECK_EQ(kinds[at], kind);
        CHECK_EQ(0, fcntl(fd, F_GETFD));
        CHECK_EQ(O_RDWR, fcntl(fd, F_GETFL));
        close(fd);
    }
    int fd = socket(AF_UNIX, SOCK_RAW, AF_UNIX), kind = 0;    /* a datagram socket under another name */
    socklen_t size = sizeof kind;
    CHECK_EQ(0, getsockopt(fd, SOL_SOCKET, SO_TYPE, &kind, &size));
    CHECK_EQ(SOCK_DGRAM, kind);
}

CASE(flags)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    CHECK_EQ(FD_CLOEXEC, fcntl(fd, F_GETFD));
    CHECK_EQ(O_RDWR | O_NONBLOCK, fcntl(fd, F_GETFL));
}

CASE(is_a_socket_file)
{
    struct stat facts;
    struct statfs fs;
    char link[64], name[64];
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    CHECK_EQ(0, fstat(fd, &facts));
    CHECK_EQ(S_IFSOCK | 0777, facts.st_mode);
    CHECK_EQ(geteuid(), facts.st_uid);
    CHECK_EQ(0, facts.st_size);
    CHECK_EQ(0, fstatfs(fd, &fs));
    CHECK_EQ(0x534F434B, fs.f_type);
    sprintf(name, "/proc/self/fd/%d", fd);
    long length = readlink(name, link, sizeof link - 1);
    CHECK(length > 0);
    link[length] = 0;
    sprintf(name, "socket:[%lu]", (unsigned long)facts.st_ino);
    CHECK_EQ(0, strcmp(link, name));
    CHECK_ERRNO(ESPIPE, lseek(fd, 0, SEEK_SET));
    CHECK_ERRNO(ESPIPE, pread(fd, name, 1, 0));
    sprintf(name, "/proc/self/fd/%d", fd);
    CHECK_ERRNO(ENXIO, open(name, O_RDWR));
    CHECK_ERRNO(EINVAL, ftruncate(fd, 0));
    CHECK_ERRNO(EINVAL, fsync(fd));
}

CASE(errors)
{
    CHECK_ERRNO(EINVAL, socket(AF_UNIX, SOCK_STREAM | 0x10, 0));
    CHECK_ERRNO(EINVAL, socket(AF_UNIX, 11, 0));
    CHECK_ERRNO(EINVAL, socket(-1, SOCK_STREAM | 0x40, 0));
    CHECK_ERRNO(EAFNOSUPPORT, socket(-1, 11, 0));
    CHECK_ERRNO(EAFNOSUPPORT, socket(46, SOCK_STREAM, 0));
    CHECK_ERRNO(EAFNOSUPPORT, socket(1000, 11, 0));
    CHECK_ERRNO(EAFNOSUPPORT, socket(AF_UNSPEC, SOCK_STREAM, 0));
    CHECK_ERRNO(EPROTONOSUPPORT, socket(AF_UNIX, SOCK_STREAM, 2));
    CHECK_ERRNO(EPROTONOSUPPORT, socket(AF_UNIX, SOCK_RDM, 2));
    CHECK_ERRNO(ESOCKTNOSUPPORT, socket(AF_UNIX, SOCK_RDM, 0));
    CHECK_ERRNO(ESOCKTNOSUPPORT, socket(AF_UNIX, 0, 0));
#ifdef __riscv /* net/socket.c:__sock_create, of a kernel that has no other family */
    CHECK_ERRNO(EAFNOSUPPORT, socket(AF_INET, SOCK_STREAM, 0));
    CHECK_ERRNO(EAFNOSUPPORT, socket(AF_INET6, SOCK_DGRAM, 0));
    CHECK_ERRNO(EAFNOSUPPORT, socket(AF_NETLINK, SOCK_RAW, 0));
    CHECK_ERRNO(EAFNOSUPPORT, socket(AF_PACKET, SOCK_RAW, 0));
#endif
}

CASE(no_number_left)
{
    while (dup(1) >= 0)
        ;
    CHECK_EQ(EMFILE, errno);
    CHECK_ERRNO(EMFILE, socket(AF_UNIX, SOCK_STREAM, 0));
    CHECK_ERRNO(EAFNOSUPPORT, socket(-1, SOCK_STREAM, 0));
}
