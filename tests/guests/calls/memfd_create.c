#define _GNU_SOURCE
#include "check.h"
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef F_SEAL_FUTURE_WRITE
#define F_SEAL_FUTURE_WRITE 0x10
#endif
#define PAGE 4096

static int memfd(const char *name, unsigned flags)
{
    return syscall(SYS_memfd_create, name, flags);
}

static int sealable(int size)
{
    int fd = memfd("sealed", MFD_ALLOW_SEALING);
    CHECK(fd >= 0);
    CHECK_EQ(0, ftruncate(fd, size));
    return fd;
}

CASE(is_an_empty_file)
{
    struct stat st;
    struct statfs fs;
    char shown[64] = {0}, link[64];
    int fd = memfd("hello", 0);
    CHECK(fd >= 0);
    CHECK_EQ(0, fcntl(fd, F_GETFD));
    CHECK_EQ(O_RDWR, fcntl(fd, F_GETFL) & O_ACCMODE);
    CHECK_EQ(0, fstat(fd, &st));
    CHECK(S_ISREG(st.st_mode));
    CHECK_EQ(0777, st.st_mode & 07777);
    CHECK_EQ(0, st.st_size);
    CHECK_EQ(0, st.st_nlink);
    CHECK_EQ(geteuid(), st.st_uid);
    CHECK_EQ(0, fstatfs(fd, &fs));
    CHECK_EQ(0x01021994, fs.f_type);
    snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
    CHECK(readlink(link, shown, sizeof(shown) - 1) > 0);
    CHECK_EQ(0, strcmp("/memfd:hello (deleted)", shown));
    CHECK_EQ(FD_CLOEXEC, fcntl(memfd("", MFD_CLOEXEC), F_GETFD));
}

CASE(holds_data)
{
    char back[8] = {0};
    int fd = memfd("x", 0);
    CHECK_EQ(5, write(fd, "bytes", 5));
    CHECK_EQ(5, pread(fd, back, 8, 0));
    CHECK_EQ(0, memcmp(back, "bytes", 5));
    CHECK_EQ(5, lseek(fd, 0, SEEK_END));
}

CASE(opens_again_through_proc)
{
    char link[64], back[8] = {0};
    int fd = memfd("again", 0);
    CHECK_EQ(4, write(fd, "data", 4));
    snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
    int again = open(link, O_RDWR);
    CHECK(again >= 0);
    CHECK_EQ(4, read(again, back, 8)); /* an offset of its own */
    CHECK_EQ(0, memcmp(back, "data", 4));
    CHECK_EQ(0, close(fd));
    CHECK_EQ(1, pwrite(again, "D", 1, 0));
    snprintf(link, sizeof(link), "/proc/self/fd/%d", again);
    int only = open(link, O_RDONLY);
    CHECK_EQ(0, close(again));
    CHECK_EQ(4, read(only, back, 8));
    CHECK_EQ(0, memcmp(back, "Data", 4));
    CHECK_ERRNO(EBADF, write(only, "x", 1));
}

CASE(a_deleted_file_opens_again_too)
{
    char link[64], back[8] = {0};
    int fd = open("f", O_CREAT | O_RDWR, 0600);
    CHECK_EQ(4, write(fd, "data", 4));
    CHECK_EQ(0, unlink("f"));
    snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
    int again = open(link, O_RDWR | O_APPEND);
    CHECK(again >= 0);
    CHECK_EQ(1, write(again, "+", 1));
    CHECK_EQ(5, pread(fd, back, 8, 0));
    CHECK_EQ(0, strcmp("data+", back));
    CHECK_ERRNO(ENOENT, open("f", O_RDONLY));
}

CASE(is_mapped)
{
    struct stat st;
    char byte;
    int fd = memfd("map", 0);
    CHECK_EQ(0, ftruncate(fd, 3 * PAGE));
    char *map = mmap(NULL, 3 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    CHECK(map != MAP_FAILED);
    map[PAGE] = 'm';
    CHECK_EQ(1, pread(fd, &byte, 1, PAGE));
    CHECK_EQ('m', byte);
    CHECK_EQ(1, pwrite(fd, "w", 1, PAGE + 1));
    CHECK_EQ('w', map[PAGE + 1]);
    CHECK_EQ(0, munmap(map, 3 * PAGE));
    CHECK_EQ(0, fstat(fd, &st));
    CHECK_EQ(8, st.st_blocks); /* one page was touched */
    CHECK_EQ(PAGE, lseek(fd, 0, SEEK_DATA));
}

CASE(seals_are_kept)
{
    int fd = sealable(0), plain = memfd("plain", 0);
    CHECK_EQ(0, fcntl(fd, F_GET_SEALS));
    CHECK_EQ(0, fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK));
    CHECK_EQ(0, fcntl(fd, F_ADD_SEALS, F_SEAL_GROW));
    CHECK_EQ(F_SEAL_SHRINK | F_SEAL_GROW, fcntl(fd, F_GET_SEALS));
    CHECK_EQ(0, fcntl(fd, F_ADD_SEALS, F_SEAL_SEAL));
    CHECK_ERRNO(EPERM, fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE));
    CHECK_EQ(F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW, fcntl(fd, F_GET_SEALS));
    CHECK_EQ(F_SEAL_SEAL, fcntl(plain, F_GET_SEALS));
    CHECK_ERRNO(EPERM, fcntl(plain, F_ADD_SEALS, F_SEAL_WRITE));
}

CASE(seal_shrink)
{
    int fd = sealable(PAGE);
    CHECK_EQ(0, fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK));
    CHECK_ERRNO(EPERM, ftruncate(fd, PAGE - 1));
    CHECK_EQ(0, ftruncate(fd, PAGE));
    CHECK_EQ(0, ftruncate(fd, 2 * PAGE));
    CHECK_EQ(1, pwrite(fd, "x", 1, 3 * PAGE));
}

CASE(seal_grow)
{
    struct stat st;
    int fd = sealable(100);
    CHECK_EQ(0, fcntl(fd, F_ADD_SEALS, F_SEAL_GROW));
    CHECK_ERRNO(EPERM, ftruncate(fd, 101));
    CHECK_ERRNO(EPERM, pwrite(fd, "xx", 2, 99));
    CHECK_ERRNO(EPERM, pwrite(fd, "x", 1, 100));
    CHECK_EQ(2, pwrite(fd, "xx", 2, 98));
    CHECK_ERRNO(EPERM, fallocate(fd, 0, 0, 101));
    CHECK_ERRNO(EPERM, fallocate(fd, FALLOC_FL_KEEP_SIZE, 0, 101));
    CHECK_EQ(0, fallocate(fd, 0, 0, 100));
    CHECK_EQ(0, ftruncate(fd, 10));
    CHECK_EQ(0, fstat(fd, &st));
    CHECK_EQ(10, st.st_size);
}

CASE(seal_write)
{
    char link[64];
    int fd = sealable(PAGE);
    CHECK_EQ(0, fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE));
    CHECK_ERRNO(EPERM, write(fd, "x", 1));
    CHECK_ERRNO(EPERM, pwrite(fd, "x", 1, PAGE));
    CHECK_EQ(0, write(fd, "", 0));
    CHECK_ERRNO(EPERM, fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, PAGE));
    CHECK_EQ((intptr_t)MAP_FAILED, (intptr_t)mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0));
    CHECK_EQ(EPERM, errno);
    char *private = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
    CHECK(private != MAP_FAILED);
    private[0] = 'p';
    CHECK_EQ(0, ftruncate(fd, 2 * PAGE)); /* sizes are other seals' */
    snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
    int again = open(link, O_RDWR);
    CHECK(again >= 0);
    CHECK_ERRNO(EPERM, write(again, "x", 1));
}

CASE(seal_write_waits_for_no_map)
{
    int fd = sealable(PAGE);
    char *map = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    CHECK(map != MAP_FAILED);
    CHECK_ERRNO(EBUSY, fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE));
    CHECK_EQ(0, mprotect(map, PAGE, PROT_READ));
    CHECK_ERRNO(EBUSY, fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SHRINK)); /* it could be made writable again */
    CHECK_EQ(0, fcntl(fd, F_GET_SEALS));
    CHECK_EQ(0, munmap(map, PAGE));
    CHECK_EQ(0, fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE));
}

CASE(seal_future_write)
{
    int fd = sealable(PAGE);
    char *before = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0), byte;
    CHECK(before != MAP_FAILED);
    CHECK_EQ(0, fcntl(fd, F_ADD_SEALS, F_SEAL_FUTURE_WRITE));
    before[7] = 'b'; /* maps of before go on */
    CHECK_EQ(1, pread(fd, &byte, 1, 7));
    CHECK_EQ('b', byte);
    CHECK_ERRNO(EPERM, pwrite(fd, "x", 1, 0));
    CHECK_EQ((intptr_t)MAP_FAILED, (intptr_t)mmap(NULL, PAGE, PROT_WRITE, MAP_SHARED, fd, 0));
    CHECK_EQ(EPERM, errno);
    char *after = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, 0);
    CHECK(after != MAP_FAILED);
    CHECK_EQ('b', after[7]);
    CHECK_ERRNO(EACCES, mprotect(after, PAGE, PROT_READ | PROT_WRITE));
}

CASE(truncating_open_of_what_may_not_shrink)
{
    char link[64];
    int fd = sealable(PAGE);
    CHECK_EQ(0, fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK));
    snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
    CHECK_ERRNO(EPERM, open(link, O_RDWR | O_TRUNC));
    CHECK_EQ(fd + 1, dup(fd)); /* nothing stayed open */
}

CASE(errors)
{
    char name[252];
    memset(name, 'n', sizeof(name));
    name[250] = 0;
    CHECK_ERRNO(EINVAL, memfd(name, 0));
    name[249] = 0;
    CHECK(memfd(name, 0) >= 0);
    CHECK_ERRNO(EINVAL, memfd("x", 0x1000));
    CHECK_ERRNO(EINVAL, memfd("x", 0x18)); /* MFD_NOEXEC_SEAL | MFD_EXEC */
    CHECK_ERRNO(EINVAL, memfd((char *)-4096, 0x1000));
    CHECK_ERRNO(EFAULT, memfd((char *)-4096, 0));
    int fd = sealable(0), reader;
    char link[64];
    CHECK_ERRNO(EINVAL, fcntl(fd, F_ADD_SEALS, 0x1000));
    snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
    reader = open(link, O_RDONLY);
    CHECK_ERRNO(EPERM, fcntl(reader, F_ADD_SEALS, F_SEAL_WRITE));
    CHECK_ERRNO(EPERM, fcntl(reader, F_ADD_SEALS, 0x1000));
    CHECK_EQ(0, fcntl(reader, F_GET_SEALS));
    int ends[2];
    CHECK_EQ(0, pipe(ends));
    CHECK_ERRNO(EINVAL, fcntl(ends[0], F_GET_SEALS));
    CHECK_ERRNO(EINVAL, fcntl(ends[1], F_ADD_SEALS, F_SEAL_WRITE));
    CHECK_ERRNO(EBADF, fcntl(99, F_GET_SEALS));
}
