/* Shows that the machine does what each program here expects of it: runs them all, one after the other, and compares
 * each exit code with the expected one. Some are meant to fail: those that the kernel must end, and those that show a
 * race, which lose updates in every run. Ends with 0 only if all codes are right.
 *
 * Arguments are names of programs: only their tests are run. What reads filea needs filetest_simple among them. */
#include <rcore.h>
#include <stdio.h>
#include <string.h>

enum {
    FAULT = -2,        /* how the kernel ends a process after a page fault */
    ILLEGAL = -3,      /* ... after an illegal instruction */
    TERMINATED = -15,  /* ... after a signal: minus its number, here SIGTERM */
    LOST_UPDATES = 1,  /* how the racy adders end */
    NOT_STARTED = 127,
    MOST_ARGUMENTS = 4,
};

struct test {
    int code;
    const char *command[MOST_ARGUMENTS]; /* the last one is NULL */
    const char *into;                    /* a program that reads what the command writes, or NULL */
};

static const struct test tests[] = {
    {0, {"hello_world"}, NULL},
    {0, {"cmdline_args", "1", "two"}, NULL},
    {0, {"fantastic_text"}, NULL},
    {0, {"exit"}, NULL},
    {0, {"yield"}, NULL},
    {0, {"sleep_simple"}, NULL},
    {0, {"sleep_test"}, NULL},
    {0, {"forktest_simple"}, NULL},
    {0, {"forktest"}, NULL},
    {0, {"forktest2"}, NULL},
    {0, {"forktree"}, NULL},
    {0, {"matrix"}, NULL},
    {FAULT, {"stack_overflow"}, NULL},
    {FAULT, {"store_fault"}, NULL},
    {ILLEGAL, {"priv_inst"}, NULL},
    {ILLEGAL, {"priv_csr"}, NULL},
    {0, {"until_timeout", "infloop", "100"}, NULL},
    {0, {"filetest_simple"}, NULL},
    {0, {"cat", "filea"}, NULL},
    {0, {"cat", "filea"}, "count_lines"},
    {0, {"wc", "filea"}, NULL},
    {0, {"huge_write"}, NULL},
    {0, {"pipetest"}, NULL},
    {0, {"pipe_large_test"}, NULL},
    {0, {"run_pipe_test"}, NULL},
    {0, {"sig_simple"}, NULL},
    {0, {"sig_simple2"}, NULL},
    {0, {"sig_tests"}, NULL},
    {0, {"threads"}, NULL},
    {0, {"threads_arg"}, NULL},
    {0, {"early_exit"}, NULL},
    {LOST_UPDATES, {"adder"}, NULL},
    {LOST_UPDATES, {"adder_simple_spin"}, NULL},
    {LOST_UPDATES, {"adder_simple_yield"}, NULL},
    {0, {"adder_atomic"}, NULL},
    {0, {"adder_mutex_spin"}, NULL},
    {0, {"adder_mutex_blocking"}, NULL},
    {0, {"adder_semaphore"}, NULL},
    {0, {"adder_peterson_spin"}, NULL},
    {0, {"adder_peterson_yield"}, NULL},
    {LOST_UPDATES, {"race_adder_loop"}, NULL},
    {0, {"race_adder_arg"}, NULL},
    {0, {"race_adder_atomic"}, NULL},
    {0, {"race_adder_mutex_spin"}, NULL},
    {0, {"race_adder_mutex_blocking"}, NULL},
    {0, {"barrier_condvar"}, NULL},
    {0, {"barrier_fail"}, NULL},
    {0, {"sync_sem"}, NULL},
    {0, {"condsync_sem"}, NULL},
    {0, {"condsync_condvar"}, NULL},
    {0, {"mpsc_sem"}, NULL},
    {0, {"phil_din_mutex"}, NULL},
    {0, {"stackful_coroutine"}, NULL},
    {0, {"stackless_coroutine"}, NULL},
    {0, {"echo", "one", "two"}, "wc"},
    {0, {"ls", "/"}, "count_lines"},
    {0, {"sleep", "0.05"}, NULL},
    {0, {"time", "sleep", "0.05"}, NULL},
    {TERMINATED, {"sh", "-c", "kill $$"}, NULL},
};

enum { TESTS = sizeof tests / sizeof *tests };

static _Noreturn void become(const char *const *command)
{
    exec(command[0], command);
    exit(NOT_STARTED);
}

/* Fork; the child has `end` in place of its descriptor `number`, and neither end of the pipe else. */
static long fork_onto(const size_t *ends, size_t end, int number)
{
    long child = fork();
    if (child == 0) {
        close(number);
        dup((long)end);
        close((long)ends[0]);
        close((long)ends[1]);
    }
    return child;
}

/* Start the program that is to read a command's output. `*command` becomes the command's pid: a child that is still to
 * exec gets 0. */
static long start_reader(const char *program, long *command)
{
    const char *const words[] = {program, NULL};
    size_t ends[2];
    if (pipe(ends) != 0)
        return -1;
    long reader = fork_onto(ends, ends[0], 0);
    if (reader == 0)
        become(words);
    *command = fork_onto(ends, ends[1], 1);
    close((long)ends[0]);
    close((long)ends[1]);
    return reader;
}

/* Run one test to its end; the command's exit code, or that of its reader if only that is not 0. */
static int run(const struct test *test)
{
    long child = -1, reader = -1;
    int code, reader_code = 0;
    if (test->into)
        reader = start_reader(test->into, &child);
    else
        child = fork();
    if (child == 0)
        become(test->command);
    if (child < 0 || waitpid(child, &code) != child)
        return NOT_STARTED;
    if (test->into && waitpid(reader, &reader_code) != reader)
        return NOT_STARTED;
    return code ? code : reader_code;
}

/* Whether a test is of one of the programs; of all, if none is named. */
static int wanted(const struct test *test, int names, char **name)
{
    for (int i = 0; i < names; i++) {
        if (strcmp(name[i], test->command[0]) == 0 || (test->into && strcmp(name[i], test->into) == 0))
            return 1;
    }
    return names == 0;
}

static int known(char *name)
{
    for (int i = 0; i < TESTS; i++) {
        if (wanted(&tests[i], 1, &name))
            return 1;
    }
    return 0;
}

int main(int argc, char **argv)
{
    int passed = 0, tried = 0;
    for (int i = 1; i < argc; i++) {
        if (!known(argv[i])) {
            printf("usertests: there is no test of %s\n", argv[i]);
            return 2;
        }
    }
    for (int i = 0; i < TESTS; i++) {
        const struct test *test = &tests[i];
        if (!wanted(test, argc - 1, argv + 1))
            continue;
        int code = run(test);
        int right = code == test->code;
        passed += right;
        tried++;
        printf("usertests: %s %s", right ? "ok    " : "FAILED", test->command[0]);
        if (test->into)
            printf(" | %s", test->into);
        printf(": exit code %d", code);
        if (!right)
            printf(", expected %d", test->code);
        printf("\n");
    }
    printf("usertests: %d of %d passed.\n", passed, tried);
    return passed == tried ? 0 : 1;
}
