#define _GNU_SOURCE
#include "posix_queue.h"

static siginfo_t told;
static volatile int count;

static void on_message(int signo, siginfo_t *info, void *context)
{
    (void)signo, (void)context;
    told = *info;
    count++;
}

static struct sigevent by_signal(int signo, int value)
{
    struct sigaction action = {.sa_sigaction = on_message, .sa_flags = SA_SIGINFO};
    sigaction(SIGUSR1, &action, NULL);
    return (struct sigevent){.sigev_notify = SIGEV_SIGNAL, .sigev_signo = signo, .sigev_value.sival_int = value};
}

CASE(told_once)
{
    char data[16];
    struct sigevent event = by_signal(SIGUSR1, 42);
    mqd_t queue = queue_of(3, 0);
    CHECK_EQ(0, mq_notify(queue, &event));
    CHECK_EQ(0, mq_send(queue, "x", 1, 0));
    CHECK_EQ(1, count);
    CHECK_EQ(SI_MESGQ, told.si_code);
    CHECK_EQ(42, told.si_value.sival_int);
    CHECK_EQ(getpid(), told.si_pid);
    CHECK_EQ(getuid(), told.si_uid);
    CHECK_EQ(1, mq_receive(queue, data, 16, NULL));
    CHECK_EQ(0, mq_send(queue, "x", 1, 0));
    CHECK_EQ(1, count);
    CHECK_EQ(0, mq_notify(queue, &event));
    CHECK_EQ(0, mq_send(queue, "x", 1, 0)); /* it is not empty: no news */
    CHECK_EQ(1, count);
    CHECK_EQ(1, mq_receive(queue, data, 16, NULL));
    CHECK_EQ(1, mq_receive(queue, data, 16, NULL));
    CHECK_EQ(0, mq_send(queue, "x", 1, 0));
    CHECK_EQ(2, count);
}

CASE(one_at_a_time)
{
    struct sigevent event = by_signal(SIGUSR1, 0), none = {.sigev_notify = SIGEV_NONE};
    mqd_t queue = queue_of(3, 0);
    CHECK_EQ(0, mq_notify(queue, &event));
    CHECK_ERRNO(EBUSY, mq_notify(queue, &event));
    if (fork() == 0) {
        CHECK_ERRNO(EBUSY, mq_notify(queue, &none));
        CHECK_EQ(0, mq_notify(queue, NULL)); /* not its own */
        CHECK_ERRNO(EBUSY, mq_notify(queue, &none));
        _exit(0);
    }
    CHECK_EQ(0, ended());
    CHECK_EQ(0, mq_notify(queue, NULL));
    CHECK_EQ(0, mq_notify(queue, &none));
    CHECK_EQ(0, mq_send(queue, "x", 1, 0));
    CHECK_EQ(0, mq_notify(queue, &event));
    CHECK_EQ(0, count);
}

CASE(who_waits_comes_first)
{
    char data[16];
    struct sigevent event = by_signal(SIGUSR1, 0);
    mqd_t queue = queue_of(3, 0);
    CHECK_EQ(0, mq_notify(queue, &event));
    if (fork() == 0) {
        CHECK_EQ(1, mq_receive(queue, data, 16, NULL));
        _exit(0);
    }
    sleep_ms(50);
    CHECK_EQ(0, mq_send(queue, "x", 1, 0));
    CHECK_EQ(0, ended());
    CHECK_EQ(0, count);
    CHECK_EQ(0, mq_send(queue, "x", 1, 0));
    CHECK_EQ(1, count);
}

CASE(closing_ends_it)
{
    struct sigevent event = by_signal(SIGUSR1, 0);
    mqd_t queue = queue_of(3, 0);
    int copy = dup(queue);
    CHECK_EQ(0, mq_notify(queue, &event));
    CHECK_EQ(0, close(copy)); /* any descriptor of it */
    CHECK_EQ(0, mq_notify(queue, &event));
    if (fork() == 0) {
        close(queue); /* another process's is none */
        _exit(0);
    }
    CHECK_EQ(0, ended());
    CHECK_EQ(0, mq_send(queue, "x", 1, 0));
    CHECK_EQ(1, count);
}

CASE(ends_with_the_process)
{
    struct sigevent event = by_signal(SIGUSR1, 0);
    mqd_t queue = queue_of(3, 0);
    if (fork() == 0) {
        CHECK_EQ(0, mq_notify(queue, &event));
        _exit(0);
    }
    CHECK_EQ(0, ended());
    CHECK_EQ(0, mq_notify(queue, &event));
}

CASE(shown)
{
    char text[128], wanted[128];
    struct sigevent event = by_signal(SIGUSR1, 0);
    mqd_t queue = queue_of(3, 0);
    CHECK_EQ(0, mq_notify(queue, &event));
    long size = read(queue, text, sizeof text - 1);
    CHECK(size > 0);
    text[size] = 0;
    sprintf(wanted, "QSIZE:%-10d NOTIFY:%-5d SIGNO:%-5d NOTIFY_PID:%-6d\n", 0, SIGEV_SIGNAL, SIGUSR1, getpid());
    CHECK_EQ(0, strcmp(wanted, text));
}

CASE(errors)
{
    struct sigevent bad = {.sigev_notify = 77}, event = by_signal(99, 0);
    mqd_t queue = queue_of(3, 0);
    CHECK_ERRNO(EINVAL, syscall(SYS_mq_notify, queue, &bad));
    CHECK_ERRNO(EINVAL, syscall(SYS_mq_notify, 99, &event));
    event.sigev_signo = SIGUSR1;
    CHECK_ERRNO(EBADF, syscall(SYS_mq_notify, 99, &event));
    CHECK_ERRNO(EBADF, syscall(SYS_mq_notify, 99, NULL));
    CHECK_ERRNO(EBADF, syscall(SYS_mq_notify, open("f", O_CREAT | O_RDWR, 0600), &event));
    CHECK_ERRNO(EFAULT, syscall(SYS_mq_notify, queue, -4096L));
    event = (struct sigevent){.sigev_notify = SIGEV_THREAD, .sigev_value.sival_ptr = NULL};
    CHECK_ERRNO(EFAULT, syscall(SYS_mq_notify, queue, &event));
    event.sigev_value.sival_ptr = &bad;
    event.sigev_signo = 99;
    CHECK_ERRNO(EBADF, syscall(SYS_mq_notify, queue, &event));
}
