/* Mappings for the cases of a call, and what became of them. */
#ifndef MAPS_H
#define MAPS_H

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#define PAGE 4096ul

/* So many pages of private memory. */
static inline char *pages(int count)
{
    char *at = mmap(NULL, (size_t)count * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(at != MAP_FAILED);
    return at;
}

/* A file of so many pages, whose n-th begins with 'a' + n; open for `flags`. */
static inline int file_of_pages(const char *name, int count, int flags)
{
    int fd = open(name, O_CREAT | O_TRUNC | O_WRONLY, 0600);
    CHECK(fd >= 0);
    for (int i = 0; i < count; i++)
        CHECK_EQ(1, pwrite(fd, &(char){(char)('a' + i)}, 1, (off_t)i * (off_t)PAGE));
    CHECK_EQ(0, ftruncate(fd, (off_t)count * (off_t)PAGE));
    close(fd);
    fd = open(name, flags);
    CHECK(fd >= 0);
    return fd;
}

/* Whether the kernel may read, or write, a byte there: write and read on a pipe say so without a fault. */
static inline int readable(const volatile void *at)
{
    static int ends[2];
    char byte;
    if (!ends[1] && pipe(ends) != 0)
        CHECK_FAIL("no pipe");
    if (write(ends[1], (const void *)at, 1) != 1)
        return 0;
    return read(ends[0], &byte, 1) == 1;
}

static inline int writable(volatile void *at)
{
    static int ends[2];
    char byte;
    if (!ends[1] && pipe(ends) != 0)
        CHECK_FAIL("no pipe");
    byte = readable(at) ? *(volatile char *)at : 'w';
    if (write(ends[1], &byte, 1) != 1)
        CHECK_FAIL("no write");
    if (read(ends[0], (void *)at, 1) == 1)
        return 1;
    return read(ends[0], &byte, 1) != 1;
}

#endif
