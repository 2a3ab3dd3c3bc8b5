/* Which call is the n-th one: over processes and threads, by pid, by name, by path; what waits and is tried again. */
#define _GNU_SOURCE
#include "plan.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

/* Which of `count` calls of getppid failed, as digits. */
static const char *failed_of(int count)
{
    static char text[64];
    int at = 0;
    for (int i = 1; i <= count; i++)
        if (getppid() < 0)
            text[at++] = (char)('0' + i);
    text[at] = 0;
    return text;
}

#define FAILED(expected, count)                                                                                       \
    do {                                                                                                              \
        const char *got = failed_of(count);                                                                           \
        if (strcmp(got, expected) != 0)                                                                               \
            CHECK_FAIL("failed: %s", got);                                                                            \
    } while (0)

FAULTS("getppid:3=EPERM")
CASE(one_of_all) { FAILED("3", 9); }

FAULTS("getppid:3+=EPERM")
CASE(from_one_on) { FAILED("3456789", 9); }

FAULTS("getppid:3+2=EPERM")
CASE(each_second_one) { FAILED("3579", 9); }

FAULTS("getppid:3..5=EPERM")
CASE(some_of_all) { FAILED("345", 9); }

FAULTS("getppid:2..7+3=EPERM")
CASE(each_third_one_of_some) { FAILED("25", 9); }

FAULTS("getppid=EPERM")
CASE(each_one) { FAILED("123456789", 9); }

FAULTS("getppid:every=EPERM")
CASE(every_one) { FAILED("123456789", 9); }

FAULTS("getppid:2=EPERM", "getppid:4=EIO", "getppid:3+3=ENOMEM")
CASE(several_plans) { FAILED("2346", 7); }

FAULTS("getppid,getuid:3=EPERM")
CASE(several_calls_together)
{
    CHECK_EQ(0, getppid());
    CHECK_EQ(0, getuid());
    CHECK_EQ(-1, (int)getuid());
    CHECK_EQ(0, getppid());
}

FAULTS("getppid:4=EPERM")
CASE(over_all_processes)
{
    FAILED("", 1);
    pid_t child = fork();
    if (child == 0) {
        FAILED("", 2);
        _exit(0);
    }
    int status = -1;
    CHECK_EQ(child, wait(&status));
    CHECK_EQ(0, status);
    FAILED("1", 3);
}

static void *calls_it_twice(void *nothing)
{
    getppid();
    getppid();
    return nothing;
}

FAULTS("getppid:4=EPERM")
CASE(over_all_threads)
{
    pthread_t thread;
    FAILED("", 1);
    CHECK_EQ(0, pthread_create(&thread, NULL, calls_it_twice, NULL));
    CHECK_EQ(0, pthread_join(thread, NULL));
    FAILED("1", 3);
}

FAULTS("getppid:2:pid=2=EPERM", "getuid:1:pid=1=EPERM")
CASE(of_one_process)
{
    FAILED("", 3);
    CHECK_EQ(-1, (int)getuid());
    pid_t child = fork();
    if (child == 0) {
        CHECK_EQ(2, getpid());
        CHECK_EQ(0, getuid());
        getppid();
        CHECK_EQ(-EPERM, getppid()); /* not in the way of libc: it cannot fail */
        getppid();
        _exit(0);
    }
    int status = -1;
    CHECK_EQ(child, wait(&status));
    CHECK_EQ(0, status);
    FAILED("", 3);
}

FAULTS("getppid:2:pid=1=EPERM")
CASE(a_thread_is_of_its_process)
{
    pthread_t thread;
    FAILED("", 1);
    CHECK_EQ(0, pthread_create(&thread, NULL, calls_it_twice, NULL));
    CHECK_EQ(0, pthread_join(thread, NULL));
    FAILED("", 3);
}

FAULTS("getppid:2:comm=vic*=EPERM")
CASE(by_name)
{
    FAILED("", 2);
    CHECK_EQ(0, prctl(PR_SET_NAME, "victim"));
    FAILED("2", 3);
    CHECK_EQ(0, prctl(PR_SET_NAME, "avic"));
    FAILED("", 3);
}

FAULTS("openat:2:path=/tmp/[ab]=EMFILE", "unlinkat:path=/tmp/?x=EROFS", "symlinkat:path=target=EPERM")
CASE(by_path)
{
    CHECK_EQ(3, open("/tmp/a", O_RDWR | O_CREAT, 0644));
    CHECK_EQ(4, open("/tmp/c", O_RDWR | O_CREAT, 0644));
    CHECK_ERRNO(EMFILE, open("/tmp/b", O_RDWR | O_CREAT, 0644));
    CHECK_EQ(5, open("/tmp/b", O_RDWR | O_CREAT, 0644));
    CHECK_EQ(6, open("/tmp/yx", O_RDWR | O_CREAT, 0644));
    CHECK_ERRNO(EROFS, unlink("/tmp/yx"));
    CHECK_ERRNO(ENOENT, unlink("/tmp/yyx"));
    CHECK_ERRNO(EFAULT, unlink((char *)-4096L));
    CHECK_ERRNO(EPERM, symlink("target", "/tmp/l"));
    CHECK_EQ(0, symlink("/target", "/tmp/l"));
}

static void nothing(int number)
{
    (void)number;
}

static int ends[2];
static char byte;

static void late(int what)
{
    CHECK_EQ(0, pipe(ends));
    if (fork() == 0) {
        for (int i = 0; i < 3; i++) {
            usleep(1000);
            if (what)
                kill(getppid(), what);
        }
        _exit(write(ends[1], "xy", 2) != 2);
    }
}

FAULTS("read:2=EIO")
CASE(a_call_that_waits_counts_once)
{
    late(0);
    CHECK_EQ(1, read(ends[0], &byte, 1));
    CHECK_ERRNO(EIO, read(ends[0], &byte, 1));
    CHECK_EQ(1, read(ends[0], &byte, 1));
    CHECK(wait(NULL) > 0);
}

FAULTS("read:2=EIO")
CASE(a_signal_that_nobody_sees_makes_no_difference)
{
    late(SIGURG);
    CHECK_EQ(1, read(ends[0], &byte, 1));
    CHECK_ERRNO(EIO, read(ends[0], &byte, 1));
    CHECK(wait(NULL) > 0);
}

FAULTS("read:2=EIO")
CASE(a_call_that_is_made_again_behind_a_handler_counts_again)
{
    struct sigaction action = {.sa_handler = nothing, .sa_flags = SA_RESTART};
    CHECK_EQ(0, sigaction(SIGUSR1, &action, NULL));
    late(SIGUSR1);
    CHECK_ERRNO(EIO, read(ends[0], &byte, 1));
    CHECK_EQ(1, read(ends[0], &byte, 1));
    while (wait(NULL) < 0)
        ;
}

FAULTS("read:2=short(1)")
CASE(a_transfer_goes_on_when_it_was_stopped_by_job_control)
{
    char two[2];
    pid_t me = getpid(), child;
    CHECK_EQ(0, pipe(ends));
    child = fork();
    if (child == 0) {
        CHECK_EQ(2, read(ends[0], two, 2));
        CHECK_EQ(1, read(ends[0], two, 2));
        CHECK_EQ(1, read(ends[0], two, 2));
        _exit(0);
    }
    CHECK_EQ(2, write(ends[1], "ab", 2));
    for (int i = 0; i < 3; i++) {
        int status;
        usleep(1000);
        kill(child, SIGSTOP);
        CHECK_EQ(child, waitpid(child, &status, WUNTRACED));
        kill(child, SIGCONT);
    }
    CHECK_EQ(2, write(ends[1], "ab", 2));
    int status = -1;
    CHECK_EQ(child, wait(&status));
    CHECK_EQ(0, status);
    CHECK_EQ(me, getpid());
}

FAULTS("execve:1=ENOENT", "getppid:3=EPERM")
CASE(a_call_that_failed_is_one_too)
{
    CHECK_ERRNO(ENOENT, execl("/proc/self/exe", "x", NULL));
    FAILED("3", 4);
}
