/* Shows threads: three in one process, in one address space; each has an exit code of its own. */
#include <assert.h>
#include <rcore.h>
#include <stdio.h>

enum { THREADS = 3, LETTERS = 200 };

static int printed;

static void print_letters(char letter)
{
    for (int i = 0; i < LETTERS; i++)
        putchar(letter);
    __atomic_fetch_add(&printed, LETTERS, __ATOMIC_RELAXED);
}

static void thread_a(void *unused) { (void)unused; print_letters('a'); exit(1); }
static void thread_b(void *unused) { (void)unused; print_letters('b'); exit(2); }
static void thread_c(void *unused) { (void)unused; print_letters('c'); exit(3); }

int main(void)
{
    long tids[THREADS] = {thread_create(thread_a, NULL), thread_create(thread_b, NULL), thread_create(thread_c, NULL)};
    for (int i = 0; i < THREADS; i++) {
        assert(tids[i] > 0);
        long code = waittid(tids[i]);
        printf("\nthread %ld exited with code %ld.\n", tids[i], code);
        assert(code == i + 1);
        assert(waittid_nb(tids[i]) == WAIT_NO_CHILD); /* once waited for, it is gone */
    }
    assert(printed == THREADS * LETTERS);
    assert(gettid() == 0);
    assert(waittid_nb(gettid()) == WAIT_NO_CHILD); /* nobody waits for himself */
    printf("threads passed.\n");
    return 0;
}
