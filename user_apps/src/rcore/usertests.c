/* Shows that the machine does what each program here expects of it: runs them all, one after the other, and compares
 * each exit code with the expected one. Ends with 0 only if all are right. */
#include <rcore.h>
#include <stdio.h>

enum {
    FAULT = -2,        /* how the kernel ends a process after a page fault */
    ILLEGAL = -3,      /* ... after an illegal instruction */
    LOST_UPDATES = 1,  /* how the racy adders end */
    MOST_ARGUMENTS = 4,
};

struct test {
    int code;
    const char *command[MOST_ARGUMENTS]; /* the last one is NULL */
};

static const struct test tests[] = {
    {0, {"hello_world"}},
    {0, {"cmdline_args", "1", "two"}},
    {0, {"fantastic_text"}},
    {0, {"exit"}},
    {0, {"yield"}},
    {0, {"sleep_simple"}},
    {0, {"sleep_test"}},
    {0, {"forktest_simple"}},
    {0, {"forktest"}},
    {0, {"forktest2"}},
    {0, {"forktree"}},
    {0, {"matrix"}},
    {FAULT, {"stack_overflow"}},
    {FAULT, {"store_fault"}},
    {ILLEGAL, {"priv_inst"}},
    {ILLEGAL, {"priv_csr"}},
    {0, {"until_timeout", "infloop", "100"}},
    {0, {"filetest_simple"}},
    {0, {"cat", "filea"}},
    {0, {"huge_write"}},
    {0, {"pipetest"}},
    {0, {"pipe_large_test"}},
    {0, {"run_pipe_test"}},
    {0, {"sig_simple"}},
    {0, {"sig_simple2"}},
    {0, {"sig_tests"}},
    {0, {"threads"}},
    {0, {"threads_arg"}},
    {0, {"early_exit"}},
    {LOST_UPDATES, {"adder"}},
    {LOST_UPDATES, {"adder_simple_spin"}},
    {LOST_UPDATES, {"adder_simple_yield"}},
    {0, {"adder_atomic"}},
    {0, {"adder_mutex_spin"}},
    {0, {"adder_mutex_blocking"}},
    {0, {"adder_semaphore"}},
    {0, {"adder_peterson_spin"}},
    {0, {"adder_peterson_yield"}},
    {LOST_UPDATES, {"race_adder_loop"}},
    {0, {"race_adder_arg"}},
    {0, {"race_adder_atomic"}},
    {0, {"race_adder_mutex_spin"}},
    {0, {"race_adder_mutex_blocking"}},
    {0, {"barrier_condvar"}},
    {0, {"barrier_fail"}},
    {0, {"sync_sem"}},
    {0, {"condsync_sem"}},
    {0, {"condsync_condvar"}},
    {0, {"mpsc_sem"}},
    {0, {"phil_din_mutex"}},
    {0, {"stackful_coroutine"}},
    {0, {"stackless_coroutine"}},
};

enum { TESTS = sizeof tests / sizeof *tests };

/* Run one program to its end; its exit code, or 127 if it cannot be started. */
static int run(const char *const *command)
{
    long child = fork();
    if (child == 0) {
        exec(command[0], command);
        exit(127);
    }
    int code;
    if (child < 0 || waitpid(child, &code) != child)
        return 127;
    return code;
}

int main(void)
{
    int passed = 0;
    for (int i = 0; i < TESTS; i++) {
        const struct test *test = &tests[i];
        int code = run(test->command);
        int right = code == test->code;
        passed += right;
        printf("usertests: %s %s: exit code %d", right ? "ok    " : "FAILED", test->command[0], code);
        if (!right)
            printf(", expected %d", test->code);
        printf("\n");
    }
    printf("usertests: %d of %d passed.\n", passed, TESTS);
    return passed == TESTS ? 0 : 1;
}
