/* epoll, eventfd, timerfd, signalfd. */
#include "expect.h"
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>

static struct epoll_event want(unsigned events, uint64_t data)
{
    struct epoll_event event = {.events = events};
    event.data.u64 = data;
    return event;
}

static int add(int ep, int fd, unsigned events)
{
    struct epoll_event event = want(events, (uint64_t)fd);
    return epoll_ctl(ep, EPOLL_CTL_ADD, fd, &event);
}

CASE(eventfd_counts)
{
    int fd = eventfd(3, EFD_NONBLOCK);
    uint64_t value = 4;
    CHECK(fd >= 0);
    CHECK_EQ(8, write(fd, &value, 8));
    CHECK_EQ(8, read(fd, &value, 8));
    CHECK_EQ(7, value);
    CHECK_ERRNO(EAGAIN, read(fd, &value, 8));
    CHECK_ERRNO(EINVAL, read(fd, &value, 7));
    CHECK_ERRNO(EINVAL, write(fd, &value, 7));
    value = ~0ull;
    CHECK_ERRNO(EINVAL, write(fd, &value, 8));
    value--;
    CHECK_EQ(8, write(fd, &value, 8));
    value = 1;
    CHECK_ERRNO(EAGAIN, write(fd, &value, 8));
    struct pollfd p = {fd, POLLIN | POLLOUT, 0};
    CHECK_EQ(1, poll(&p, 1, 0));
    CHECK_EQ(POLLIN, p.revents);
    CHECK_EQ(0, lseek(fd, 9, SEEK_SET));
    CHECK_ERRNO(ESPIPE, pread(fd, &value, 8, 0));
    close(fd);
    fd = eventfd(2, EFD_SEMAPHORE | EFD_NONBLOCK | EFD_CLOEXEC);
    CHECK_EQ(FD_CLOEXEC, fcntl(fd, F_GETFD));
    CHECK_EQ(O_RDWR | O_NONBLOCK, fcntl(fd, F_GETFL) & (O_ACCMODE | O_NONBLOCK));
    CHECK_EQ(8, read(fd, &value, 8));
    CHECK_EQ(1, value);
    CHECK_EQ(8, read(fd, &value, 8));
    CHECK_ERRNO(EAGAIN, read(fd, &value, 8));
    close(fd);
    CHECK_ERRNO(EINVAL, eventfd(0, 0x100));
}

CASE(eventfd_bad_memory_takes_nothing)
{
    int fd = eventfd(5, EFD_NONBLOCK);
    uint64_t value;
    CHECK_ERRNO(EFAULT, write(fd, BAD, 8));
    CHECK_ERRNO(EFAULT, write(fd, at_edge(4), 8));
    CHECK_EQ(8, read(fd, &value, 8));
    CHECK_EQ(5, value);
    close(fd);
}

CASE(eventfd_wakes_a_reader)
{
    int fd = eventfd(0, 0);
    uint64_t value = 9;
    pid_t child = fork();
    if (!child) {
        usleep(1000);
        _exit(write(fd, &value, 8) != 8);
    }
    value = 0;
    CHECK_EQ(8, read(fd, &value, 8));
    CHECK_EQ(9, value);
    int status;
    CHECK_EQ(child, wait(&status));
    CHECK_EQ(0, status);
    close(fd);
}

CASE(epoll_level_and_edge)
{
    int ep = epoll_create1(EPOLL_CLOEXEC), p[2];
    struct epoll_event got[4];
    char c;
    CHECK_EQ(0, pipe(p));
    CHECK_EQ(0, add(ep, p[0], EPOLLIN));
    CHECK_EQ(0, epoll_wait(ep, got, 4, 0));
    CHECK_EQ(1, write(p[1], "x", 1));
    for (int i = 0; i < 3; i++) {
        CHECK_EQ(1, epoll_wait(ep, got, 4, -1));
        CHECK_EQ(EPOLLIN, got[0].events);
        CHECK_EQ(p[0], got[0].data.u64);
    }
    CHECK_EQ(1, read(p[0], &c, 1));
    CHECK_EQ(0, epoll_wait(ep, got, 4, 0));
    struct epoll_event edge = want(EPOLLIN | EPOLLET, 77);
    CHECK_EQ(0, epoll_ctl(ep, EPOLL_CTL_MOD, p[0], &edge));
    CHECK_EQ(0, epoll_wait(ep, got, 4, 0));
    CHECK_EQ(1, write(p[1], "x", 1));
    CHECK_EQ(1, epoll_wait(ep, got, 4, 0));
    CHECK_EQ(77, got[0].data.u64);
    CHECK_EQ(0, epoll_wait(ep, got, 4, 0));
    CHECK_EQ(1, write(p[1], "y", 1));
    CHECK_EQ(1, epoll_wait(ep, got, 4, 0));
    struct epoll_event once = want(EPOLLIN | EPOLLONESHOT, 78);
    CHECK_EQ(0, epoll_ctl(ep, EPOLL_CTL_MOD, p[0], &once));
    CHECK_EQ(1, epoll_wait(ep, got, 4, 0));
    CHECK_EQ(1, write(p[1], "y", 1));
    CHECK_EQ(0, epoll_wait(ep, got, 4, 0));
    CHECK_EQ(0, epoll_ctl(ep, EPOLL_CTL_MOD, p[0], &once));
    CHECK_EQ(1, epoll_wait(ep, got, 4, 0));
    close(p[1]);
    CHECK_EQ(0, epoll_wait(ep, got, 4, 0));
    CHECK_EQ(0, epoll_ctl(ep, EPOLL_CTL_MOD, p[0], &once));
    CHECK_EQ(1, epoll_wait(ep, got, 4, 0));
    CHECK_EQ(EPOLLIN | EPOLLHUP, got[0].events);
    close(p[0]);
    close(ep);
}

CASE(epoll_rotates)
{
    int ep = epoll_create1(0), fds[5];
    struct epoll_event got[8];
    for (int i = 0; i < 5; i++) {
        fds[i] = eventfd(1, 0);
        CHECK_EQ(0, add(ep, fds[i], EPOLLIN));
    }
    int seen = 0;
    for (int i = 0; i < 3; i++) {
        int n = epoll_wait(ep, got, 2, 0);
        CHECK_EQ(2, n);
        for (int k = 0; k < n; k++)
            seen |= 1 << (got[k].data.u64 - (uint64_t)fds[0]);
    }
    CHECK_EQ(31, seen);
    CHECK_EQ(5, epoll_wait(ep, got, 8, 0));
    for (int i = 0; i < 5; i++)
        close(fds[i]);
    CHECK_EQ(0, epoll_wait(ep, got, 8, 0));
    close(ep);
}

CASE(epoll_errors)
{
    int ep = epoll_create1(0), fd = eventfd(0, 0), file = open("/tmp", O_RDONLY), p[2];
    struct epoll_event event = want(EPOLLIN, 0), got[2];
    CHECK_EQ(0, pipe(p));
    CHECK_ERRNO(EINVAL, epoll_create1(1));
    CHECK_ERRNO(EINVAL, epoll_create(0));
    CHECK_ERRNO(EPERM, add(ep, file, EPOLLIN));
    CHECK_ERRNO(EBADF, add(ep, 1000, EPOLLIN));
    CHECK_ERRNO(EBADF, add(-1, fd, EPOLLIN));
    CHECK_ERRNO(EINVAL, add(fd, ep, EPOLLIN));
    CHECK_ERRNO(EINVAL, add(ep, ep, EPOLLIN));
    CHECK_ERRNO(EINVAL, epoll_ctl(ep, 9, fd, &event));
    CHECK_ERRNO(EFAULT, epoll_ctl(ep, EPOLL_CTL_ADD, fd, BAD));
    CHECK_ERRNO(EFAULT, epoll_ctl(ep, EPOLL_CTL_ADD, fd, (struct epoll_event *)at_edge(8)));
    CHECK_ERRNO(ENOENT, epoll_ctl(ep, EPOLL_CTL_DEL, fd, 0));
    CHECK_ERRNO(ENOENT, epoll_ctl(ep, EPOLL_CTL_MOD, fd, &event));
    CHECK_EQ(0, add(ep, fd, EPOLLIN | EPOLLOUT));
    CHECK_ERRNO(EEXIST, add(ep, fd, EPOLLIN));
    CHECK_ERRNO(EINVAL, epoll_wait(ep, got, 0, 0));
    CHECK_ERRNO(EINVAL, epoll_wait(ep, got, -1, 0));
    CHECK_ERRNO(EINVAL, epoll_wait(ep, got, 0x7fffffff, 0));
    CHECK_ERRNO(EFAULT, epoll_wait(ep, BAD, 1, 0));
    CHECK_ERRNO(EFAULT, epoll_wait(ep, (struct epoll_event *)readonly_page(), 1, 0));
    CHECK_ERRNO(EINVAL, epoll_wait(fd, got, 1, 0));
    CHECK_ERRNO(EBADF, epoll_wait(1000, got, 1, 0));
    CHECK_EQ(1, epoll_wait(ep, got, 2, 0));
    CHECK_EQ(EPOLLOUT, got[0].events);
    CHECK_EQ(0, epoll_ctl(ep, EPOLL_CTL_DEL, fd, 0));
    CHECK_EQ(0, epoll_wait(ep, got, 2, 0));
    CHECK_EQ(0, add(ep, fd, EPOLLIN | EPOLLEXCLUSIVE));
    CHECK_ERRNO(EINVAL, epoll_ctl(ep, EPOLL_CTL_MOD, fd, &event));
    CHECK_ERRNO(EINVAL, add(ep, p[0], EPOLLIN | EPOLLEXCLUSIVE | EPOLLONESHOT));
    close(ep), close(fd), close(file), close(p[0]), close(p[1]);
}

CASE(epoll_nests)
{
    int a = epoll_create1(0), b = epoll_create1(0), fd = eventfd(0, 0);
    struct epoll_event got[2];
    uint64_t one = 1;
    CHECK_EQ(0, add(a, b, EPOLLIN));
    CHECK_EQ(0, add(b, fd, EPOLLIN));
    CHECK_ERRNO(ELOOP, add(b, a, EPOLLIN));
    CHECK_EQ(0, epoll_wait(a, got, 2, 0));
    write(fd, &one, 8);
    CHECK_EQ(1, epoll_wait(a, got, 2, 0));
    CHECK_EQ(b, got[0].data.u64);
    struct pollfd p = {a, POLLIN, 0};
    CHECK_EQ(1, poll(&p, 1, 0));
    read(fd, &one, 8);
    CHECK_EQ(0, epoll_wait(a, got, 2, 0));
    CHECK_EQ(0, poll(&p, 1, 0));
    int chain[8];
    chain[0] = epoll_create1(0);
    for (int i = 1; i < 8; i++) {
        chain[i] = epoll_create1(0);
        int r = add(chain[i], chain[i - 1], EPOLLIN);
        CHECK_EQ(i == 5 ? -1 : 0, r);
    }
    for (int i = 0; i < 8; i++)
        close(chain[i]);
    close(a), close(b), close(fd);
}

CASE(epoll_lives_with_the_file)
{
    int ep = epoll_create1(0), fd = eventfd(1, 0), other = dup(fd);
    struct epoll_event got[2];
    CHECK_EQ(0, add(ep, fd, EPOLLIN));
    close(fd);
    CHECK_EQ(1, epoll_wait(ep, got, 2, 0));
    close(other);
    CHECK_EQ(0, epoll_wait(ep, got, 2, 0));
    close(ep);
}

static void handler(int signo) { (void)signo; }

CASE(epoll_waits)
{
    int ep = epoll_create1(0), fd = eventfd(0, 0);
    struct epoll_event got[2];
    uint64_t one = 1;
    struct timespec before, after, short_time = {0, 2000000};
    CHECK_EQ(0, add(ep, fd, EPOLLIN));
    clock_gettime(CLOCK_MONOTONIC, &before);
    CHECK_EQ(0, epoll_wait(ep, got, 2, 20));
    clock_gettime(CLOCK_MONOTONIC, &after);
    CHECK((after.tv_sec - before.tv_sec) * 1000000000LL + after.tv_nsec - before.tv_nsec >= 20000000);
    CHECK_EQ(0, syscall(SYS_epoll_pwait2, ep, got, 2, &short_time, 0, 8));
    short_time.tv_nsec = 1000000000;
    CHECK_ERRNO(EINVAL, syscall(SYS_epoll_pwait2, ep, got, 2, &short_time, 0, 8));
    CHECK_ERRNO(EFAULT, syscall(SYS_epoll_pwait2, ep, got, 2, BAD, 0, 8));
    CHECK_ERRNO(EINVAL, syscall(SYS_epoll_pwait, ep, got, 2, 0, &one, 4));
    CHECK_ERRNO(EFAULT, syscall(SYS_epoll_pwait, ep, got, 2, 0, BAD, 8));
    pid_t child = fork();
    if (!child) {
        usleep(1000);
        _exit(write(fd, &one, 8) != 8);
    }
    CHECK_EQ(1, epoll_wait(ep, got, 2, -1));
    CHECK_EQ(child, wait(0));
    read(fd, &one, 8);
    struct sigaction act = {.sa_handler = handler, .sa_flags = SA_RESTART};
    sigaction(SIGUSR1, &act, 0);
    sigset_t none, block;
    sigemptyset(&none), sigemptyset(&block), sigaddset(&block, SIGUSR1);
    sigprocmask(SIG_BLOCK, &block, 0);
    raise(SIGUSR1);
    CHECK_ERRNO(EINTR, epoll_pwait(ep, got, 2, -1, &none));
    sigset_t now;
    sigprocmask(SIG_SETMASK, &none, &now);
    CHECK(sigismember(&now, SIGUSR1));
    close(ep), close(fd);
}

CASE(timerfd_expires)
{
    int fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    struct itimerspec set = {{0, 2000000}, {0, 5000000}}, got;
    uint64_t ticks = 0;
    CHECK_ERRNO(EAGAIN, read(fd, &ticks, 8));
    CHECK_EQ(0, timerfd_gettime(fd, &got));
    CHECK_EQ(0, got.it_value.tv_sec + got.it_value.tv_nsec);
    CHECK_EQ(0, timerfd_settime(fd, 0, &set, 0));
    CHECK_EQ(0, timerfd_gettime(fd, &got));
    CHECK(got.it_value.tv_nsec > 0 && got.it_value.tv_nsec <= 5000000);
    CHECK_EQ(2000000, got.it_interval.tv_nsec);
    struct pollfd p = {fd, POLLIN, 0};
    CHECK_EQ(1, poll(&p, 1, -1));
    CHECK_EQ(8, read(fd, &ticks, 8));
    CHECK(ticks >= 1);
    fcntl(fd, F_SETFL, 0);
    struct timespec nap = {0, 9000000};
    nanosleep(&nap, 0);
    CHECK_ERRNO(EINVAL, read(fd, &ticks, 4));
    CHECK_EQ(8, read(fd, &ticks, 8));
    CHECK(ticks >= 4);
    CHECK_EQ(8, read(fd, &ticks, 8));
    CHECK_EQ(1, ticks);
    set.it_value.tv_nsec = 0;
    CHECK_EQ(0, timerfd_settime(fd, 0, &set, &got));
    CHECK_EQ(2000000, got.it_interval.tv_nsec);
    CHECK_EQ(0, timerfd_gettime(fd, &got));
    CHECK_EQ(0, got.it_value.tv_nsec);
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    set = (struct itimerspec){{0, 0}, {now.tv_sec, now.tv_nsec}};
    CHECK_EQ(0, timerfd_settime(fd, TFD_TIMER_ABSTIME, &set, 0));
    CHECK_EQ(8, read(fd, &ticks, 8));
    CHECK_EQ(1, ticks);
    close(fd);
    fd = timerfd_create(CLOCK_REALTIME, 0);
    clock_gettime(CLOCK_REALTIME, &now);
    set = (struct itimerspec){{0, 0}, {now.tv_sec + 1, now.tv_nsec}};
    CHECK_EQ(0, timerfd_settime(fd, TFD_TIMER_ABSTIME, &set, 0));
    CHECK_EQ(0, timerfd_gettime(fd, &got));
    CHECK(got.it_value.tv_sec == 0 && got.it_value.tv_nsec > 500000000);
    set = (struct itimerspec){{0, 0}, {0, 1}};
    CHECK_EQ(0, timerfd_settime(fd, TFD_TIMER_ABSTIME, &set, 0));
    CHECK_EQ(8, read(fd, &ticks, 8));
    close(fd);
}

CASE(timerfd_errors)
{
    int fd = timerfd_create(CLOCK_MONOTONIC, 0), other = eventfd(0, 0);
    struct itimerspec set = {{0, 0}, {0, 1000000000}};
    CHECK_ERRNO(EINVAL, timerfd_create(99, 0));
    CHECK_ERRNO(EINVAL, timerfd_create(CLOCK_PROCESS_CPUTIME_ID, 0));
    CHECK_ERRNO(EINVAL, timerfd_create(CLOCK_MONOTONIC, 1));
    CHECK_ERRNO(EINVAL, timerfd_settime(fd, 0, &set, 0));
    set.it_value.tv_nsec = -1;
    CHECK_ERRNO(EINVAL, timerfd_settime(fd, 0, &set, 0));
    set.it_value.tv_nsec = 0;
    CHECK_ERRNO(EINVAL, timerfd_settime(fd, 8, &set, 0));
    CHECK_ERRNO(EINVAL, timerfd_settime(other, 0, &set, 0));
    CHECK_ERRNO(EBADF, timerfd_settime(1000, 0, &set, 0));
    CHECK_ERRNO(EFAULT, timerfd_settime(fd, 0, BAD, 0));
    CHECK_ERRNO(EFAULT, timerfd_settime(fd, 0, &set, (void *)readonly_page()));
    CHECK_ERRNO(EFAULT, timerfd_gettime(fd, BAD));
    set.it_value.tv_sec = 0x7fffffffffffffffLL;
    CHECK_EQ(0, timerfd_settime(fd, 0, &set, 0));
    set.it_value.tv_sec = 0, set.it_value.tv_nsec = 1;
    set.it_interval.tv_nsec = 1;
    CHECK_EQ(0, timerfd_settime(fd, 0, &set, 0));
    uint64_t ticks;
    CHECK_EQ(8, read(fd, &ticks, 8));
    close(fd), close(other);
}

CASE(signalfd_reads_signals)
{
    sigset_t mask;
    struct signalfd_siginfo info[3];
    sigemptyset(&mask), sigaddset(&mask, SIGUSR1), sigaddset(&mask, SIGRTMIN);
    sigprocmask(SIG_BLOCK, &mask, 0);
    int fd = signalfd(-1, &mask, SFD_NONBLOCK | SFD_CLOEXEC);
    CHECK_ERRNO(EAGAIN, read(fd, info, sizeof info));
    kill(getpid(), SIGUSR1);
    union sigval value = {.sival_int = 42};
    sigqueue(getpid(), SIGRTMIN, value);
    struct pollfd p = {fd, POLLIN, 0};
    CHECK_EQ(1, poll(&p, 1, 0));
    CHECK_ERRNO(EINVAL, read(fd, info, 127));
    CHECK_EQ(256, read(fd, info, sizeof info));
    CHECK_EQ(SIGUSR1, info[0].ssi_signo);
    CHECK_EQ(getpid(), info[0].ssi_pid);
    CHECK_EQ(getuid(), info[0].ssi_uid);
    CHECK_EQ(SIGRTMIN, info[1].ssi_signo);
    CHECK_EQ(SI_QUEUE, info[1].ssi_code);
    CHECK_EQ(42, info[1].ssi_int);
    CHECK_EQ(0, poll(&p, 1, 0));
    sigaddset(&mask, SIGCHLD), sigprocmask(SIG_BLOCK, &mask, 0);
    CHECK_EQ(fd, signalfd(fd, &mask, 0));
    fcntl(fd, F_SETFL, 0);
    pid_t child = fork();
    if (!child)
        _exit(3);
    CHECK_EQ(128, read(fd, info, 128));
    CHECK_EQ(SIGCHLD, info[0].ssi_signo);
    CHECK_EQ(child, info[0].ssi_pid);
    CHECK_EQ(CLD_EXITED, info[0].ssi_code);
    CHECK_EQ(3, info[0].ssi_status);
    wait(0);
    CHECK_ERRNO(EINVAL, signalfd(0, &mask, 0));
    CHECK_ERRNO(EBADF, signalfd(1000, &mask, 0));
    CHECK_ERRNO(EINVAL, signalfd(-1, &mask, 1));
    CHECK_ERRNO(EINVAL, syscall(SYS_signalfd4, -1, &mask, 4, 0));
    CHECK_ERRNO(EFAULT, syscall(SYS_signalfd4, -1, BAD, 8, 0));
    CHECK_ERRNO(EINVAL, write(fd, info, 128));
    int ep = epoll_create1(0);
    struct epoll_event got;
    CHECK_EQ(0, add(ep, fd, EPOLLIN));
    CHECK_EQ(0, epoll_wait(ep, &got, 1, 0));
    raise(SIGUSR1);
    CHECK_EQ(1, epoll_wait(ep, &got, 1, -1));
    CHECK_EQ(128, read(fd, info, 128));
    close(ep), close(fd);
}

CASE(descriptors_run_out)
{
    struct rlimit old, few;
    getrlimit(RLIMIT_NOFILE, &old);
    few = old;
    few.rlim_cur = (rlim_t)lowest_free();
    setrlimit(RLIMIT_NOFILE, &few);
    sigset_t mask;
    sigemptyset(&mask);
    CHECK_ERRNO(EMFILE, eventfd(0, 0));
    CHECK_ERRNO(EMFILE, epoll_create1(0));
    CHECK_ERRNO(EMFILE, timerfd_create(CLOCK_MONOTONIC, 0));
    CHECK_ERRNO(EMFILE, signalfd(-1, &mask, 0));
    setrlimit(RLIMIT_NOFILE, &old);
}

int main(void)
{
    setvbuf(stdout, 0, _IONBF, 0);
    int first = lowest_free();
    RUN(eventfd_counts);
    RUN(eventfd_bad_memory_takes_nothing);
    RUN(eventfd_wakes_a_reader);
    RUN(epoll_level_and_edge);
    RUN(epoll_rotates);
    RUN(epoll_errors);
    RUN(epoll_nests);
    RUN(epoll_lives_with_the_file);
    RUN(epoll_waits);
    RUN(timerfd_expires);
    RUN(timerfd_errors);
    RUN(signalfd_reads_signals);
    RUN(descriptors_run_out);
    CHECK_EQ(first, lowest_free());
    return finish();
}
