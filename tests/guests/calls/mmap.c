#define _GNU_SOURCE
#include "check.h"
#include "bad_memory.h"
#include "child.h"
#include "credentials.h"
#include "maps.h"
#include <stdint.h>

#define ANONYMOUS (MAP_PRIVATE | MAP_ANONYMOUS)

static long mmap_(void *at, size_t size, int protection, int flags, int fd, unsigned long offset)
{
    return syscall(SYS_mmap, at, size, protection, flags, fd, offset);
}

CASE(memory_is_empty)
{
    unsigned char *at = (unsigned char *)mmap_(NULL, 1 << 20, PROT_READ | PROT_WRITE, ANONYMOUS, -1, 0);
    CHECK_EQ(0, (uintptr_t)at % PAGE);
    for (size_t i = 0; i < 1 << 20; i += PAGE)
        CHECK_EQ(0, at[i]++);
    CHECK_EQ(at + PAGE, mmap_(at + PAGE, 1, PROT_READ | PROT_WRITE, ANONYMOUS | MAP_FIXED, -1, 0)); /* in its place */
    CHECK(at[PAGE] == 0 && at[0] == 1 && at[2 * PAGE] == 1);
    CHECK(readable(at + 2 * PAGE - 1)); /* a whole page */
}

CASE(where)
{
    char *hint = pages(4);
    CHECK_EQ(0, munmap(hint, 4 * PAGE));
    CHECK_EQ(hint, mmap_(hint, PAGE, PROT_READ, ANONYMOUS, -1, 0)); /* where it is asked, if that is free */
    char *other = (char *)mmap_(hint, PAGE, PROT_READ, ANONYMOUS, -1, 0);
    CHECK(other != hint && (uintptr_t)other % PAGE == 0);
    CHECK_EQ(hint + PAGE, mmap_(hint + PAGE + 5, PAGE, PROT_READ, ANONYMOUS, -1, 0) & ~(long)(PAGE - 1));
    CHECK(mmap_((void *)1, PAGE, PROT_READ, ANONYMOUS, -1, 0) >= 65536);
}

CASE(fixed)
{
    char *at = pages(4);
    CHECK_ERRNO(EEXIST, mmap_(at + PAGE, PAGE, PROT_READ, ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0));
    CHECK_EQ(0, munmap(at + PAGE, PAGE));
    CHECK_ERRNO(EEXIST, mmap_(at + PAGE, 2 * PAGE, PROT_READ, ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0));
    CHECK_EQ(at + PAGE, mmap_(at + PAGE, PAGE, PROT_READ, ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0));
    CHECK_ERRNO(EINVAL, mmap_(at + 1, PAGE, PROT_READ, ANONYMOUS | MAP_FIXED, -1, 0));
    CHECK_ERRNO(EINVAL, mmap_(at + 1, PAGE, PROT_READ, ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0));
    CHECK_ERRNO(ENOMEM, mmap_(BAD, PAGE, PROT_READ, ANONYMOUS | MAP_FIXED, -1, 0));
    CHECK_ERRNO(ENOMEM, mmap_((char *)(1ul << 62) + 1, PAGE, PROT_READ, ANONYMOUS | MAP_FIXED, -1, 0));
    become_user();
    drop_capabilities();
    CHECK_ERRNO(EPERM, mmap_(NULL, PAGE, PROT_READ, ANONYMOUS | MAP_FIXED, -1, 0)); /* vm.mmap_min_addr */
}

CASE(shared_and_private_memory)
{
    volatile int *shared = shared_memory(4 * PAGE), *own = (int *)pages(4);
    shared[0] = own[0] = 1;
    pid_t pid = forked();
    if (pid == 0) {
        if (shared[0] != 1 || own[0] != 1)
            _exit(1);
        shared[0] = own[0] = 2;
        shared[3000] = 3; /* a page that the parent has not touched */
        _exit(0);
    }
    CHECK_EQ(0, status_of(pid));
    CHECK(shared[0] == 2 && shared[3000] == 3 && own[0] == 1);
}

CASE(a_file_shared)
{
    char byte;
    int fd = file_of_pages("file", 3, O_RDWR);
    char *at = (char *)mmap_(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, PAGE);
    char *again = (char *)mmap_(NULL, 3 * PAGE, PROT_READ, MAP_SHARED, fd, 0);
    CHECK(at[0] == 'b' && at[PAGE] == 'c' && again[PAGE] == 'b');
    at[10] = 'x';
    CHECK_EQ('x', again[PAGE + 10]);
    CHECK_EQ(1, pread(fd, &byte, 1, PAGE + 10));
    CHECK_EQ('x', byte); /* file and memory are one */
    CHECK_EQ(1, pwrite(fd, "y", 1, PAGE + 11));
    CHECK_EQ('y', at[11]);
    close(fd); /* which the mapping does not need */
    CHECK_EQ('c', at[PAGE]);
}

CASE(a_file_private)
{
    char byte;
    int fd = file_of_pages("file", 2, O_RDONLY);
    char *at = (char *)mmap_(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
    at[PAGE] = 'x';
    CHECK_EQ(1, pread(fd, &byte, 1, PAGE));
    CHECK_EQ('b', byte);
    CHECK_EQ('a', at[0]);
}

CASE(past_the_end_of_a_file)
{
    int fd = open("file", O_CREAT | O_RDWR, 0600);
    CHECK_EQ(3, write(fd, "abc", 3));
    volatile char *at = (char *)mmap_(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    CHECK(at[2] == 'c' && at[3] == 0 && at[PAGE - 1] == 0); /* the rest of its page is empty */
    CHECK_EQ(0, readable(at + PAGE));
    pid_t pid = forked();
    if (pid == 0) {
        no_core();
        _exit(at[PAGE]);
    }
    CHECK_EQ(SIGBUS, WTERMSIG(status_of(pid)));
    CHECK_EQ(0, ftruncate(fd, 2 * PAGE));
    CHECK_EQ(0, at[PAGE]);
    CHECK_EQ(0, ftruncate(fd, 1));
    CHECK_EQ(0, readable(at + PAGE));
    CHECK_EQ(0, at[1]);
}

CASE(protection)
{
    int fd = file_of_pages("file", 1, O_RDWR);
    char *none = (char *)mmap_(NULL, PAGE, PROT_NONE, ANONYMOUS, -1, 0);
    char *read_only = (char *)mmap_(NULL, PAGE, PROT_READ, MAP_SHARED, fd, 0);
    CHECK(!readable(none) && !writable(none));
    CHECK(readable(read_only) && !writable(read_only));
}

CASE(modes_of_the_file)
{
    int reads = file_of_pages("file", 1, O_RDONLY), writes = open("file", O_WRONLY), folder = open(".", O_RDONLY);
    int path = open("file", O_PATH), ends[2];
    CHECK_EQ(0, pipe(ends));
    CHECK_ERRNO(EACCES, mmap_(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, reads, 0));
    CHECK(mmap_(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, reads, 0) != -1);
    CHECK_ERRNO(EACCES, mmap_(NULL, PAGE, PROT_WRITE, MAP_SHARED, writes, 0)); /* which reads, too */
    CHECK_ERRNO(EACCES, mmap_(NULL, PAGE, PROT_NONE, MAP_PRIVATE, writes, 0));
    CHECK_ERRNO(ENODEV, mmap_(NULL, PAGE, PROT_READ, MAP_PRIVATE, folder, 0));
    CHECK_ERRNO(ENODEV, mmap_(NULL, PAGE, PROT_READ, MAP_PRIVATE, ends[0], 0));
    CHECK_ERRNO(EBADF, mmap_(NULL, PAGE, PROT_READ, MAP_PRIVATE, path, 0));
    CHECK_ERRNO(EBADF, mmap_(NULL, PAGE, PROT_READ, MAP_PRIVATE, 999, 0));
}

CASE(dev_zero_is_memory)
{
    int fd = open("/dev/zero", O_RDWR);
    volatile char *at = (char *)mmap_(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
    volatile char *shared = (char *)mmap_(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    CHECK_EQ(0, at[5]);
    pid_t pid = forked();
    if (pid == 0) {
        at[5] = shared[5] = 1;
        _exit(0);
    }
    CHECK_EQ(0, status_of(pid));
    CHECK(at[5] == 0 && shared[5] == 1);
}

CASE(populate_and_locked)
{
    unsigned char resident[4];
    char *at = (char *)mmap_(NULL, 4 * PAGE, PROT_READ | PROT_WRITE, ANONYMOUS | MAP_POPULATE, -1, 0);
    CHECK_EQ(0, syscall(SYS_mincore, at, 4 * PAGE, resident));
    CHECK(resident[0] & 1 && resident[3] & 1);
    struct rlimit none = {0, 0};
    become_user();
    drop_capabilities();
    CHECK_EQ(0, setrlimit(RLIMIT_MEMLOCK, &none));
    CHECK_ERRNO(EPERM, mmap_(NULL, PAGE, PROT_READ, ANONYMOUS | MAP_LOCKED, -1, 0));
    CHECK_ERRNO(EPERM, mmap_(NULL, PAGE, PROT_READ, MAP_ANONYMOUS | MAP_LOCKED, -1, 0)); /* before the kind */
}

CASE(a_limit_on_locked_memory)
{
    struct rlimit little = {16 * PAGE, 16 * PAGE};
    become_user();
    drop_capabilities();
    CHECK_EQ(0, setrlimit(RLIMIT_MEMLOCK, &little));
    CHECK_ERRNO(EAGAIN, mmap_(NULL, 64 * PAGE, PROT_READ, ANONYMOUS | MAP_LOCKED, -1, 0));
    CHECK(mmap_(NULL, PAGE, PROT_READ, ANONYMOUS | MAP_LOCKED, -1, 0) != -1);
}

CASE(a_limit_on_the_address_space)
{
    struct rlimit limit = {1 << 30, 1 << 30};
    CHECK_EQ(0, setrlimit(RLIMIT_AS, &limit));
    CHECK_ERRNO(ENOMEM, mmap_(NULL, 1ul << 31, PROT_NONE, ANONYMOUS, -1, 0));
    CHECK(mmap_(NULL, PAGE, PROT_NONE, ANONYMOUS, -1, 0) != -1);
}

CASE(a_kind_that_says_what_it_does_not_know)
{
    int fd = file_of_pages("file", 1, O_RDWR);
    CHECK(mmap_(NULL, PAGE, PROT_READ, MAP_SHARED_VALIDATE, fd, 0) != -1);
    CHECK_ERRNO(EOPNOTSUPP, mmap_(NULL, PAGE, PROT_READ, MAP_SHARED_VALIDATE | 1 << 25, fd, 0));
    CHECK(mmap_(NULL, PAGE, PROT_READ, MAP_SHARED | 1 << 25, fd, 0) != -1); /* the others ignore it */
    CHECK_ERRNO(EINVAL, mmap_(NULL, PAGE, PROT_READ, MAP_SHARED_VALIDATE | MAP_ANONYMOUS, -1, 0));
}

CASE(errors)
{
    int fd = file_of_pages("file", 1, O_RDWR);
    CHECK_ERRNO(EINVAL, mmap_(NULL, 0, PROT_READ, ANONYMOUS, -1, 0));
    CHECK_ERRNO(EINVAL, mmap_(NULL, PAGE, PROT_READ, ANONYMOUS, -1, 1));
    CHECK_ERRNO(EINVAL, mmap_(NULL, 0, PROT_READ, MAP_PRIVATE, 999, 1));
    CHECK_ERRNO(EBADF, mmap_(NULL, 0, PROT_READ, MAP_PRIVATE, 999, 0)); /* the descriptor before the length */
    CHECK_ERRNO(EBADF, mmap_(NULL, PAGE, PROT_READ, 0, -1, 0));
    CHECK_ERRNO(EINVAL, mmap_(NULL, PAGE, PROT_READ, MAP_ANONYMOUS, -1, 0));
    CHECK_ERRNO(EINVAL, mmap_(NULL, PAGE, PROT_READ, 0, fd, 0));
    CHECK_ERRNO(EINVAL, mmap_(NULL, PAGE, PROT_READ, MAP_SHARED | MAP_ANONYMOUS | MAP_GROWSDOWN, -1, 0));
    CHECK_ERRNO(EINVAL, mmap_(NULL, PAGE, PROT_READ, MAP_PRIVATE | MAP_GROWSDOWN, fd, 0));
    CHECK_ERRNO(ENOMEM, mmap_(NULL, ~0ul, PROT_READ, ANONYMOUS, -1, 0));
    CHECK_ERRNO(ENOMEM, mmap_(NULL, 1ul << 62, PROT_READ, MAP_ANONYMOUS, -1, 0));
    CHECK_ERRNO(EOVERFLOW, mmap_(NULL, 2 * PAGE, PROT_READ, MAP_PRIVATE, fd, 0x7ffffffffffff000));
    CHECK_ERRNO(EOVERFLOW, mmap_(NULL, PAGE, PROT_READ, MAP_SHARED, fd, 0xfffffffffffff000));
}
