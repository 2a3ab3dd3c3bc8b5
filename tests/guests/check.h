/* Cases of a guest test. A program is a set of CASE(name) { … }, each run in a process of its own: argv[1] names it.
 *
 * Works with every library that a guest is built with, and on the host. A case that returns has passed; the first
 * check that does not hold prints where and what, and ends the process with status 1.
 */
#ifndef CHECK_H
#define CHECK_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#if defined(CHECK_RCORE)
#include <rcore.h>
#define CHECK_END(code) exit(code)
#else
#include <errno.h>
#include <unistd.h>
#define CHECK_END(code) _exit(code)
#endif

struct check_case {
    const char *name;
    void (*run)(void);
};

#define CASE(name_)                                                                                                   \
    static void case_##name_(void);                                                                                   \
    __attribute__((used, retain, section("check_cases"), aligned(sizeof(void *)))) static const struct check_case     \
        check_##name_ = {#name_, case_##name_};                                                                       \
    static void case_##name_(void)

#define CHECK_FAIL(...)                                                                                               \
    do {                                                                                                              \
        printf("%s:%d: ", __FILE__, __LINE__);                                                                        \
        printf(__VA_ARGS__);                                                                                          \
        printf("\n");                                                                                                 \
        fflush(stdout);                                                                                               \
        CHECK_END(1);                                                                                                 \
    } while (0)

#define CHECK(condition)                                                                                              \
    do {                                                                                                              \
        if (!(condition))                                                                                             \
            CHECK_FAIL("%s does not hold", #condition);                                                               \
    } while (0)

#define CHECK_EQ(expected, actual)                                                                                    \
    do {                                                                                                              \
        long check_expected = (long)(expected), check_actual = (long)(actual);                                        \
        if (check_expected != check_actual)                                                                           \
            CHECK_FAIL("%s: expected %ld, got %ld", #actual, check_expected, check_actual);                           \
    } while (0)

/* A call in the way of libc: -1 and errno. */
#define CHECK_ERRNO(number, call)                                                                                     \
    do {                                                                                                              \
        errno = 0;                                                                                                    \
        long check_actual = (long)(call);                                                                             \
        if (check_actual != -1 || errno != (number))                                                                  \
            CHECK_FAIL("%s: expected -1 and errno %d, got %ld and %d", #call, (number), check_actual, errno);         \
    } while (0)

extern const struct check_case __start_check_cases[], __stop_check_cases[];

static int check_argc __attribute__((unused));
static char **check_argv __attribute__((unused));

static int check_one(const struct check_case *at)
{
    at->run();
    printf("passed\n");
    fflush(stdout);
    CHECK_END(0);
}

#if !defined(CHECK_RCORE)
#include <sys/stat.h>
#include <sys/wait.h>

/* Every case, each in a process and an empty folder of its own; the names of those that did not pass go to stdout. */
static int check_all(void)
{
    int failed = 0;
    for (const struct check_case *at = __start_check_cases; at < __stop_check_cases; at++) {
        pid_t child = fork();
        if (child == 0) {
            if (mkdir(at->name, 0777) != 0 || chdir(at->name) != 0)
                CHECK_FAIL("no folder %s: errno %d", at->name, errno);
            at->run();
            fflush(stdout);
            CHECK_END(0);
        }
        int status = -1;
        waitpid(child, &status, 0);
        if (status != 0) {
            printf("%s: status 0x%x\n", at->name, status);
            fflush(stdout);
            failed = 1;
        }
    }
    if (!failed)
        printf("passed\n");
    return failed;
}
#endif

/* With the name of a case it runs that one; without, all of them. */
int main(int argc, char **argv)
{
    check_argc = argc;
    check_argv = argv;
    for (const struct check_case *at = __start_check_cases; argc > 1 && at < __stop_check_cases; at++)
        if (strcmp(argv[1], at->name) == 0)
            return check_one(at);
#if !defined(CHECK_RCORE)
    if (argc == 1)
        return check_all();
#endif
    CHECK_FAIL("no such case");
}

#endif
