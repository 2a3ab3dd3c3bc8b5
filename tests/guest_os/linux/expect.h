/* Cases of a test program that runs on Linux and in rvsim: each prints ok or FAIL with what was wrong. */
#ifndef EXPECT_H
#define EXPECT_H
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static int failures;

#define CASE(name) static void name(void)
#define RUN(name) do { int before = failures; name(); printf("%s %s\n", failures == before ? "ok" : "FAIL", #name); } while (0)
#define CHECK(cond) do { if (!(cond)) { failures++; printf("  line %d: %s (errno %d)\n", __LINE__, #cond, errno); } } while (0)
#define CHECK_EQ(want, got) do { long long w_ = (long long)(want), g_ = (long long)(got); if (w_ != g_) { failures++; \
    printf("  line %d: %s is %lld, not %lld (errno %d)\n", __LINE__, #got, g_, w_, errno); } } while (0)
#define CHECK_ERRNO(want, call) do { errno = 0; long long r_ = (long long)(call); if (r_ != -1 || errno != (want)) { failures++; \
    printf("  line %d: %s gives %lld, errno %d, not %d\n", __LINE__, #call, r_, errno, (want)); } } while (0)

#define BAD ((void *)-4096L)

/* A page that is readable only; the page after it is not mapped. */
static inline char *readonly_page(void)
{
    char *page = mmap(0, 8192, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    munmap(page + 4096, 4096);
    return page;
}

/* The last `size` bytes of a page that is followed by none. */
static inline char *at_edge(size_t size)
{
    char *page = mmap(0, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    munmap(page + 4096, 4096);
    return page + 4096 - size;
}

static inline int lowest_free(void)
{
    int fd = dup(0);
    close(fd);
    return fd;
}

static inline int finish(void)
{
    printf("%d failures\n", failures);
    return failures != 0;
}
#endif
