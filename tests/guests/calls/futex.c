#define _GNU_SOURCE
#include "check.h"
#include "bad_memory.h"
#include "child.h"
#include "handlers.h"
#include "threads.h"
#include <fcntl.h>
#include <stdint.h>

enum { WAIT, WAKE, FD, REQUEUE, CMP_REQUEUE, WAKE_OP, LOCK_PI, UNLOCK_PI, TRYLOCK_PI, WAIT_BITSET, WAKE_BITSET };
enum { PRIVATE = 128, REALTIME = 256 };

static long futex(void *word, int operation, unsigned value, const void *time, void *word2, unsigned value3)
{
    return syscall(SYS_futex, word, operation, value, time, word2, value3);
}

static uint32_t word, word2;
static volatile int results[8], waiting, bits[8];
static const struct timespec five_seconds = {5, 0};

/* Waits on `word` with the bits of its number; its result is 1, or minus errno. */
static void waits(void *number)
{
    long at = (long)number;
    __atomic_add_fetch(&waiting, 1, __ATOMIC_SEQ_CST);
    /* FUTEX_WAIT_BITSET's time is a point in time: none here */
    long result = futex(&word, bits[at] ? WAIT_BITSET | PRIVATE : WAIT | PRIVATE, 0, bits[at] ? NULL : &five_seconds,
                        NULL, (unsigned)bits[at]);
    results[at] = result == 0 ? 1 : -errno;
}

/* Whether thread `tid` of this process is asleep, as /proc shows it. */
static int asleep(pid_t tid)
{
    char name[64], line[256] = "";
    snprintf(name, sizeof name, "/proc/self/task/%d/stat", (int)tid);
    int fd = open(name, O_RDONLY);
    CHECK(fd >= 0);
    CHECK(read(fd, line, sizeof line - 1) > 0);
    close(fd);
    return strrchr(line, ')')[2] == 'S';
}

static void start_waiters(int count)
{
    for (long i = 0; i < count; i++) {
        pid_t tid = start_thread(waits, (void *)i);
        while (waiting <= i || !asleep(tid))
            pause_ms(1);
    }
}

static int woken(int count)
{
    int done = 0;
    pause_ms(3);
    for (int i = 0; i < count; i++)
        done += results[i] != 0;
    return done;
}

CASE(wake_wakes_so_many_in_order)
{
    start_waiters(4);
    CHECK_EQ(1, futex(&word, WAKE | PRIVATE, 1, NULL, NULL, 0));
    while (!results[0])
        pause_ms(1);
    CHECK(woken(4) == 1 && results[0] == 1);
    CHECK_EQ(1, futex(&word, WAKE | PRIVATE, 0, NULL, NULL, 0)); /* at least one */
    CHECK_EQ(2, futex(&word, WAKE | PRIVATE, 99, NULL, NULL, 0));
    while (woken(4) < 4)
        ;
    CHECK_EQ(0, futex(&word, WAKE | PRIVATE, 99, NULL, NULL, 0));
}

CASE(bits_choose)
{
    for (int i = 0; i < 3; i++)
        bits[i] = 1 << i;
    start_waiters(3);
    CHECK_EQ(0, futex(&word, WAKE_BITSET | PRIVATE, 9, NULL, NULL, 8));
    CHECK_EQ(1, futex(&word, WAKE_BITSET | PRIVATE, 9, NULL, NULL, 2));
    while (!results[1])
        pause_ms(1);
    CHECK_EQ(1, woken(3));
    CHECK_EQ(2, futex(&word, WAKE | PRIVATE, 9, NULL, NULL, 0));
}

CASE(requeue_moves_the_rest)
{
    start_waiters(4);
    CHECK_ERRNO(EAGAIN, futex(&word, CMP_REQUEUE | PRIVATE, 1, (void *)9, &word2, 7)); /* the word is not 7 */
    CHECK_EQ(3, futex(&word, CMP_REQUEUE | PRIVATE, 1, (void *)2, &word2, 0)); /* woken and moved */
    CHECK_EQ(1, futex(&word, WAKE | PRIVATE, 9, NULL, NULL, 0));
    CHECK_EQ(2, futex(&word2, WAKE | PRIVATE, 9, NULL, NULL, 0));
    while (woken(4) < 4)
        ;
}

CASE(requeue_without_looking)
{
    start_waiters(2);
    CHECK_EQ(2, futex(&word, REQUEUE | PRIVATE, 0, (void *)9, &word2, 0));
    CHECK_EQ(0, woken(2));
    CHECK_EQ(2, futex(&word2, REQUEUE | PRIVATE, 0, (void *)9, &word2, 0)); /* onto itself */
    CHECK_EQ(2, futex(&word2, WAKE | PRIVATE, 9, NULL, NULL, 0));
}

#define OP(operation, operand, compare, compared) \
    ((unsigned)(operation) << 28 | (unsigned)(compare) << 24 | ((unsigned)(operand) & 0xfff) << 12 | ((unsigned)(compared) & 0xfff))

CASE(wake_op_changes_a_word)
{
    word2 = 5;
    CHECK_EQ(0, futex(&word, WAKE_OP | PRIVATE, 1, (void *)1, &word2, OP(1, 3, 0, 5))); /* add */
    CHECK_EQ(8, word2);
    CHECK_EQ(0, futex(&word, WAKE_OP | PRIVATE, 1, (void *)1, &word2, OP(1, -1, 0, 0)));
    CHECK_EQ(7, word2);
    CHECK_EQ(0, futex(&word, WAKE_OP | PRIVATE, 1, (void *)1, &word2, OP(2, 8, 0, 0))); /* or */
    CHECK_EQ(15, word2);
    CHECK_EQ(0, futex(&word, WAKE_OP | PRIVATE, 1, (void *)1, &word2, OP(3, 6, 0, 0))); /* and not */
    CHECK_EQ(9, word2);
    CHECK_EQ(0, futex(&word, WAKE_OP | PRIVATE, 1, (void *)1, &word2, OP(4, 1, 0, 0))); /* exclusive or */
    CHECK_EQ(8, word2);
    CHECK_EQ(0, futex(&word, WAKE_OP | PRIVATE, 1, (void *)1, &word2, OP(8, 4, 0, 0))); /* set 1 << 4 */
    CHECK_EQ(16, word2);
    CHECK_ERRNO(ENOSYS, futex(&word, WAKE_OP | PRIVATE, 1, (void *)1, &word2, OP(5, 1, 0, 0)));
    CHECK_EQ(16, word2);
    CHECK_ERRNO(ENOSYS, futex(&word, WAKE_OP | PRIVATE, 1, (void *)1, &word2, OP(0, 1, 6, 0)));
    CHECK_EQ(1, word2); /* an unknown comparison is found out afterwards */
}

CASE(wake_op_wakes_twice)
{
    start_waiters(3);
    word2 = 1;
    CHECK_EQ(1, futex(&word2, WAKE_OP | PRIVATE, 1, (void *)1, &word, OP(0, 0, 0, 0))); /* was 0: the second's one */
    CHECK_EQ(0, futex(&word2, WAKE_OP | PRIVATE, 1, (void *)1, &word, OP(0, 0, 1, 0)));
    CHECK_EQ(2, futex(&word, WAKE_OP | PRIVATE, 9, (void *)9, &word2, OP(0, 0, 4, -1)));
}

CASE(shared_words)
{
    uint32_t *shared = shared_memory(8192), *file_word;
    int file = open("file", O_CREAT | O_RDWR, 0600);
    CHECK_EQ(0, ftruncate(file, 4096));
    for (int kind = 0; kind < 2; kind++) {
        file_word = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
        uint32_t *at = kind ? file_word : shared, *elsewhere = kind ? file_word : shared;
        pid_t pid = forked();
        if (pid == 0) {
            if (kind)
                elsewhere = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
            long result = futex(elsewhere, WAIT, 0, &five_seconds, NULL, 0);
            _exit(result != 0);
        }
        while (futex(at, WAKE, 1, NULL, NULL, 0) != 1)
            pause_ms(1);
        CHECK_EQ(0, status_of(pid));
    }
}

CASE(a_private_word_is_of_one_process)
{
    pid_t pid = forked();
    if (pid == 0) {
        struct timespec short_time = {0, 20000000};
        _exit(futex(&word, WAIT | PRIVATE, 0, &short_time, NULL, 0) == -1 && errno == ETIMEDOUT ? 0 : 1);
    }
    for (int i = 0; i < 10; i++) {
        CHECK_EQ(0, futex(&word, WAKE, 1, NULL, NULL, 0));
        pause_ms(1);
    }
    CHECK_EQ(0, status_of(pid));
}

CASE(times)
{
    struct timespec moment = {0, 3000000}, past = {1, 0}, none = {0, 0}, bad = {0, 1000000000}, now;
    CHECK_ERRNO(ETIMEDOUT, futex(&word, WAIT | PRIVATE, 0, &moment, NULL, 0));
    CHECK_ERRNO(ETIMEDOUT, futex(&word, WAIT | PRIVATE, 0, &none, NULL, 0));
    CHECK_ERRNO(ETIMEDOUT, futex(&word, WAIT_BITSET | PRIVATE, 0, &none, NULL, 1));
    CHECK_ERRNO(ETIMEDOUT, futex(&word, WAIT_BITSET | PRIVATE | REALTIME, 0, &past, NULL, 1));
    clock_gettime(CLOCK_MONOTONIC, &now);
    now.tv_nsec += 3000000;
    if (now.tv_nsec >= 1000000000)
        now.tv_sec++, now.tv_nsec -= 1000000000;
    CHECK_ERRNO(ETIMEDOUT, futex(&word, WAIT_BITSET | PRIVATE, 0, &now, NULL, 1));
    CHECK_ERRNO(EAGAIN, futex(&word, WAIT | PRIVATE, 1, &none, NULL, 0));
    CHECK_ERRNO(EINVAL, futex(&word, WAIT | PRIVATE, 1, &bad, NULL, 0)); /* before the look at the word */
    CHECK_ERRNO(EINVAL, futex((char *)&word + 1, WAIT | PRIVATE, 1, &bad, NULL, 0));
    CHECK_ERRNO(EFAULT, futex((char *)&word + 1, WAIT | PRIVATE, 1, BAD, NULL, 0));
    CHECK_EQ(0, futex(&word, WAKE | PRIVATE, 1, BAD, NULL, 0)); /* no time there */
}

static void wakes_later(void *unused)
{
    sigset_t set = set_of(SIGALRM);
    (void)unused;
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    while (times_caught < 3)
        pause_ms(1);
    pause_ms(5);
    futex(&word, WAKE | PRIVATE, 1, NULL, NULL, 0);
}

CASE(a_handler_interrupts)
{
    catch_signal(SIGALRM, 0);
    alarm_in_ms(5);
    CHECK_ERRNO(EINTR, futex(&word, WAIT | PRIVATE, 0, NULL, NULL, 0));
    catch_signal(SIGALRM, SA_RESTART);
    alarm_in_ms(5);
    CHECK_ERRNO(EINTR, futex(&word, WAIT | PRIVATE, 0, &five_seconds, NULL, 0)); /* a wait with an end is not restarted */
    CHECK_EQ(2, times_caught);
    alarm_in_ms(5);
    start_thread(wakes_later, NULL);
    CHECK_EQ(0, futex(&word, WAIT | PRIVATE, 0, NULL, NULL, 0)); /* one without is */
    CHECK_EQ(3, times_caught);
}

CASE(errors)
{
    char *odd = (char *)&word + 2;
    CHECK_ERRNO(EINVAL, futex(odd, WAIT | PRIVATE, 0, NULL, NULL, 0));
    CHECK_ERRNO(EINVAL, futex(odd, WAKE | PRIVATE, 1, NULL, NULL, 0));
    CHECK_ERRNO(EINVAL, futex(&word, REQUEUE | PRIVATE, 1, (void *)1, odd, 0));
    CHECK_ERRNO(EINVAL, futex(&word, WAIT_BITSET | PRIVATE, 1, NULL, NULL, 0)); /* no bits */
    CHECK_ERRNO(EINVAL, futex(BAD, WAIT_BITSET | PRIVATE, 1, NULL, NULL, 0));
    CHECK_ERRNO(EINVAL, futex(BAD, WAKE_BITSET | PRIVATE, 1, NULL, NULL, 0));
    CHECK_ERRNO(EINVAL, futex(BAD, REQUEUE | PRIVATE, (unsigned)-1, (void *)1, BAD, 0));
    CHECK_ERRNO(EINVAL, futex(BAD, REQUEUE | PRIVATE, 1, (void *)-1l, BAD, 0));
    CHECK_ERRNO(EFAULT, futex(BAD, WAKE | PRIVATE, 1, NULL, NULL, 0));
    CHECK_ERRNO(EFAULT, futex(BAD, WAIT, 1, NULL, NULL, 0));
    CHECK_ERRNO(EFAULT, futex(unmapped_page(), WAIT | PRIVATE, 0, NULL, NULL, 0));
    CHECK_ERRNO(EFAULT, futex(unmapped_page(), WAKE, 1, NULL, NULL, 0)); /* a shared one must be there */
    CHECK_EQ(0, futex(unmapped_page(), WAKE | PRIVATE, 1, NULL, NULL, 0)); /* of a private one the address is enough */
    CHECK_ERRNO(EFAULT, futex(readonly_page(), WAKE, 1, NULL, NULL, 0)); /* a page that can never change */
    CHECK_ERRNO(EFAULT, futex(readonly_page(), WAIT, 1, NULL, NULL, 0));
    CHECK_ERRNO(EAGAIN, futex(readonly_page(), WAIT | PRIVATE, 1, NULL, NULL, 0));
    CHECK_ERRNO(EFAULT, futex(&word, WAKE_OP | PRIVATE, 1, (void *)1, readonly_page(), 0));
    CHECK_ERRNO(EFAULT, futex(&word, CMP_REQUEUE | PRIVATE, 1, (void *)1, BAD, 0));
    CHECK_ERRNO(ENOSYS, futex(&word, 99, 1, NULL, NULL, 0));
    CHECK_ERRNO(ENOSYS, futex(&word, FD, 1, NULL, NULL, 0));
    CHECK_ERRNO(ENOSYS, futex(&word, WAKE | REALTIME, 1, NULL, NULL, 0));
    CHECK_ERRNO(ENOSYS, futex(&word, WAIT | REALTIME, 1, NULL, NULL, 0));
}
