#define _GNU_SOURCE
#include "check.h"
#include "bad_memory.h"
#include "child.h"
#include <stddef.h>
#include <stdint.h>

#define WAITERS 0x80000000u
#define OWNER_DIED 0x40000000u

struct head {
    void *next;
    long offset;
    void *pending;
};

struct lock {
    void *next;
    uint32_t word;
};

#define OFFSET ((long)offsetof(struct lock, word))

static long set_robust_list(void *head, size_t size)
{
    return syscall(SYS_set_robust_list, head, size);
}

CASE(the_size)
{
    struct head head = {&head, 0, NULL};
    CHECK_EQ(0, set_robust_list(&head, sizeof head));
    CHECK_ERRNO(EINVAL, set_robust_list(&head, 0));
    CHECK_ERRNO(EINVAL, set_robust_list(&head, sizeof head + 8));
    CHECK_EQ(0, set_robust_list(BAD, sizeof head)); /* looked at at the end only */
    CHECK_EQ(0, set_robust_list(NULL, sizeof head));
}

CASE(locks_of_the_dead)
{
    struct lock *locks = shared_memory(4096);
    pid_t pid = forked();
    if (pid == 0) {
        static struct head head = {.offset = OFFSET};
        uint32_t own = (uint32_t)getpid();
        for (int i = 0; i < 3; i++)
            locks[i].next = i < 2 ? (void *)&locks[i + 1] : (void *)&head;
        locks[0].word = own;
        locks[1].word = own | WAITERS;
        locks[2].word = own + 1; /* not its own */
        locks[3].word = own;     /* about to be taken or released */
        locks[4].word = own;     /* in no list */
        head.next = &locks[0];
        head.pending = &locks[3];
        _exit(set_robust_list(&head, sizeof head) != 0);
    }
    CHECK_EQ(0, status_of(pid));
    CHECK_EQ(OWNER_DIED, locks[0].word);
    CHECK_EQ(OWNER_DIED | WAITERS, locks[1].word);
    CHECK_EQ((uint32_t)pid + 1, locks[2].word);
    CHECK_EQ(OWNER_DIED, locks[3].word);
    CHECK_EQ(pid, locks[4].word);
}

CASE(a_waiter_is_woken)
{
    struct lock *lock = shared_memory(4096);
    pid_t pid = forked();
    if (pid == 0) {
        static struct head head = {.offset = OFFSET};
        lock->next = &head;
        head.next = lock;
        set_robust_list(&head, sizeof head);
        lock->word = (uint32_t)getpid() | WAITERS;
        pause_ms(10);
        _exit(0);
    }
    struct timespec limit = {5, 0};
    while (lock->word == 0)
        pause_ms(1);
    long result = syscall(SYS_futex, &lock->word, 0 /* FUTEX_WAIT */, (uint32_t)pid | WAITERS, &limit, NULL, 0);
    CHECK(result == 0 || errno == EAGAIN);
    CHECK_EQ(OWNER_DIED | WAITERS, lock->word);
    CHECK_EQ(0, status_of(pid));
}

CASE(hostile_lists)
{
    struct lock *lock = shared_memory(4096);
    for (int kind = 0; kind < 4; kind++) {
        lock->word = 0;
        pid_t pid = forked();
        if (pid == 0) {
            static struct head head = {.offset = OFFSET};
            lock->word = (uint32_t)getpid();
            head.next = lock;
            lock->next = kind == 0 ? (void *)lock : kind == 1 ? BAD : (void *)&head; /* a ring without its head */
            if (kind == 2)
                head.offset = OFFSET + 1;
            _exit(set_robust_list(kind == 3 ? unmapped_page() : (char *)&head, sizeof head) != 0);
        }
        CHECK_EQ(0, status_of(pid));
        CHECK_EQ(kind < 2 ? OWNER_DIED : (uint32_t)pid, lock->word);
    }
}

CASE(fork_and_exec_forget_it)
{
    struct lock *lock = shared_memory(4096);
    static struct head head = {.offset = OFFSET};
    head.next = lock;
    lock->next = &head;
    CHECK_EQ(0, set_robust_list(&head, sizeof head));
    pid_t pid = (pid_t)syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0); /* libc's fork would register its own list */
    CHECK(pid >= 0);
    if (pid == 0) {
        lock->word = (uint32_t)getpid();
        syscall(SYS_exit_group, 0);
    }
    CHECK_EQ(0, status_of(pid));
    CHECK_EQ(pid, lock->word);
}
