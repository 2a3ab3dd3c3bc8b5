/* Processes of several lwps, job control, SIGKILL, fork, vfork and exec under a debugger. man 5 proc */
#include "solproc.h"
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/stat.h>

enum { THREADS = 3 };

static struct {
    volatile int go, tids[THREADS];
    volatile long counts[THREADS];
} *shared;

static void share(void)
{
    shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
}

static void *counts(void *number)
{
    long at = (long)number;
    shared->tids[at] = (int)syscall(SYS_gettid);
    for (;;)
        shared->counts[at]++;
    return NULL;
}

static void *sleeps(void *number)
{
    shared->tids[(long)number] = (int)syscall(SYS_gettid);
    for (;;)
        pause();
    return NULL;
}

/* A process whose first lwp sleeps, two count, and one sleeps. */
static pid_t crowd(void)
{
    share();
    pid_t child = fork();
    if (child == 0) {
        pthread_t thread;
        for (long at = 0; at < THREADS; at++)
            pthread_create(&thread, NULL, at < 2 ? counts : sleeps, (void *)at);
        for (;;)
            pause();
    }
    while (!shared->tids[0] || !shared->tids[1] || !shared->tids[2])
        pass_ms(20);
    return child;
}

static int lwpctl_of(pid_t child, int lwp)
{
    char name[64];
    snprintf(name, sizeof name, "lwp/%d/lwpctl", lwp);
    return open_of(child, name, O_WRONLY);
}

static lwpstatus_t lwpstatus_of(pid_t child, int lwp)
{
    lwpstatus_t status;
    char name[64];
    snprintf(name, sizeof name, "lwp/%d/lwpstatus", lwp);
    CHECK_EQ(sizeof status, read_of(child, name, &status, sizeof status));
    return status;
}

static lwpstatus_t *lstatus_of(pid_t child, int wanted)
{
    static char data[16 + 8 * 1088];
    size_t got = read_of(child, "lstatus", data, sizeof data);
    prheader_t *head = (void *)data;
    CHECK_EQ(1088, head->pr_entsize);
    CHECK_EQ(got, sizeof *head + head->pr_nent * head->pr_entsize);
    for (int at = 0; at < head->pr_nent; at++) {
        lwpstatus_t *status = (void *)(data + sizeof *head + at * head->pr_entsize);
        if (status->pr_lwpid == wanted)
            return status;
    }
    CHECK_FAIL("no lwp %d", wanted);
}

CASE(files_of_several_lwps)
{
    pid_t child = crowd();
    CHECK_EQ(4, status_of(child).pr_nlwp);
    CHECK_EQ(4, psinfo_of(child).pr_nlwp);
    char data[16 + 8 * 528];
    prheader_t *head = (void *)data;
    read_of(child, "lpsinfo", data, sizeof data);
    CHECK_EQ(4, head->pr_nent);
    CHECK_EQ(144, head->pr_entsize);
    int ids[] = {child, shared->tids[0], shared->tids[1], shared->tids[2]};
    for (int at = 0; at < 4; at++) {
        lwpsinfo_t *info = (void *)(data + 16 + at * 144);
        CHECK_EQ(ids[at], info->pr_lwpid);
        CHECK_EQ(at == 1 || at == 2 ? 'R' : 'S', info->pr_sname);
    }
    read_of(child, "lusage", data, sizeof data);
    CHECK_EQ(5, head->pr_nent);
    CHECK_EQ(528, head->pr_entsize);
    long spent = 0;
    for (int at = 0; at < 5; at++) {
        prusage_t *usage = (void *)(data + 16 + at * 528);
        CHECK_EQ(at ? ids[at - 1] : 0, usage->pr_lwpid);
        spent += usage->pr_utime.tv_sec * 1000000000 + usage->pr_utime.tv_nsec;
    }
    prusage_t whole;
    read_of(child, "usage", &whole, sizeof whole);
    CHECK_EQ(whole.pr_utime.tv_sec * 1000000000 + whole.pr_utime.tv_nsec, spent);
    CHECK_EQ(4, whole.pr_count);
    end(child);
}

static void *works_a_little(void *unused)
{
    for (int round = 0; round < 100000; round++)
        counter++;
    pass_ms(1);
    (void)!write(1, "", 0);
    return unused;
}

static long long ns_of(pr_timespec_t time) { return time.tv_sec * 1000000000ll + time.tv_nsec; }

/* man 5 proc: but for its number and its moments, usage is the sum of the entries of lusage, entry by entry. */
CASE(usage_is_the_sum_of_lusage)
{
    pid_t child = fork();
    if (child == 0) {
        pthread_t thread;
        dup2(open("/dev/null", O_WRONLY), 1);
        for (int at = 0; at < 3; at++)
            pthread_create(&thread, NULL, works_a_little, NULL);
        pthread_join(thread, NULL);                         /* of lwps that are gone, too */
        pthread_create(&thread, NULL, works_a_little, NULL);
        for (char byte = 0;;) {
            (void)!write(1, &byte, 1);
            counter++;
        }
    }
    pass_ms(20);
    int ctl = open_of(child, "ctl", O_WRONLY);
    order(ctl, PCSTOP);                                     /* so that no time goes by */
    char data[16 + 8 * 528];
    prusage_t whole, sum;
    memset(&sum, 0, sizeof sum);
    read_of(child, "lusage", data, sizeof data);
    read_of(child, "usage", &whole, sizeof whole);
    for (int at = 0; at < ((prheader_t *)data)->pr_nent; at++) {
        prusage_t *one = (void *)(data + 16 + at * 528);
        sum.pr_count += one->pr_count;
        pr_timespec_t *to = &sum.pr_rtime, *from = &one->pr_rtime;
        for (; to <= &sum.pr_stoptime; to++, from++)
            to->tv_nsec += ns_of(*from);
        for (unsigned long *count = &sum.pr_minf, *add = &one->pr_minf; count <= &sum.pr_ioch;)
            *count++ += *add++;
    }
    CHECK_EQ(whole.pr_count, sum.pr_count);
    pr_timespec_t *is = &whole.pr_rtime, *should = &sum.pr_rtime;
    for (int at = 0; is <= &whole.pr_stoptime; is++, should++, at++)
        if (at > 0 && is != &whole.pr_slptime)              /* each read has its own moment, so sleep goes on */
            CHECK_EQ(ns_of(*should), ns_of(*is));
    CHECK(ns_of(whole.pr_rtime) - ns_of(sum.pr_rtime) < 1000000);
    for (unsigned long *count = &whole.pr_minf, *add = &sum.pr_minf; count <= &whole.pr_ioch;)
        CHECK_EQ(*add++, *count++);
    CHECK(ns_of(whole.pr_utime) > 0 && whole.pr_ioch > 10 && whole.pr_vctx >= 4 && whole.pr_minf > 0);
    CHECK_EQ(0, ns_of(whole.pr_term));
    end(child);
}

CASE(usage_of_the_dead_stays_as_it_was)
{
    prusage_t first, later;
    pid_t child = fork();
    if (child == 0) {
        pass_ms(3);
        _exit(0);
    }
    pass_ms(10);
    read_of(child, "usage", &first, sizeof first);
    pass_ms(10);
    read_of(child, "usage", &later, sizeof later);
    CHECK(ns_of(first.pr_rtime) >= 3000000 && ns_of(first.pr_rtime) < 6000000);
    CHECK_EQ(ns_of(first.pr_rtime), ns_of(first.pr_term) - ns_of(first.pr_create));
    CHECK_EQ(ns_of(first.pr_rtime), ns_of(later.pr_rtime));
    CHECK_EQ(ns_of(first.pr_term), ns_of(later.pr_term));
    CHECK(ns_of(later.pr_tstamp) > ns_of(first.pr_tstamp));
    exit_status_of(child);
}

CASE(the_representative_lwp)
{
    pid_t child = crowd();
    int ctl = open_of(child, "ctl", O_WRONLY);
    int first = status_of(child).pr_lwp.pr_lwpid;           /* one that runs, not one that sleeps */
    CHECK(first == shared->tids[0] || first == shared->tids[1]);
    CHECK(!(status_of(child).pr_flags & PR_STOPPED));
    int one = lwpctl_of(child, shared->tids[0]), two = lwpctl_of(child, shared->tids[1]);
    order(one, PCSTOP);
    CHECK_EQ(shared->tids[1], status_of(child).pr_lwp.pr_lwpid);
    order(two, PCSTOP);
    first = status_of(child).pr_lwp.pr_lwpid;               /* one that sleeps comes before those that stand */
    CHECK(first == child || first == shared->tids[2]);
    CHECK(!(status_of(child).pr_flags & PR_STOPPED));
    refuses(EBUSY, ctl, PCRUN, &(long){0}, 8);
    order(ctl, PCSTOP);
    CHECK(status_of(child).pr_flags & PR_STOPPED);
    CHECK_EQ(PR_REQUESTED, status_of(child).pr_lwp.pr_why);
    sysset_t set = SYSSET(SYS_ppoll, SYS_rt_sigsuspend);
    tell(ctl, PCSEXIT, &set, sizeof set);
    int three = lwpctl_of(child, shared->tids[2]);
    order_long(three, PCRUN, PRSABORT);                     /* its call ends, so it stands at an event */
    order(three, PCWSTOP);
    CHECK_EQ(PR_SYSEXIT, lwpstatus_of(child, shared->tids[2]).pr_why);
    pstatus_t status = status_of(child);
    CHECK_EQ(shared->tids[2], status.pr_lwp.pr_lwpid);      /* an event comes before a request */
    CHECK_EQ(PR_SYSEXIT, status.pr_lwp.pr_why);
    end(child);
}

CASE(one_lwp_stops_and_the_others_run)
{
    pid_t child = crowd();
    int one = lwpctl_of(child, shared->tids[0]);
    order(one, PCSTOP);
    lwpstatus_t status = lwpstatus_of(child, shared->tids[0]);
    CHECK_EQ(PR_REQUESTED, status.pr_why);
    CHECK(!(lwpstatus_of(child, shared->tids[1]).pr_flags & PR_STOPPED));
    long before = shared->counts[0], other = shared->counts[1];
    pass_ms(30);
    CHECK_EQ(before, shared->counts[0]);
    CHECK(shared->counts[1] > other);
    struct pollfd poller = {one, POLLPRI, 0};
    CHECK_EQ(1, poll(&poller, 1, 0));
    order_long(one, PCRUN, 0);
    CHECK_EQ(0, poll(&poller, 1, 0));
    pass_ms(30);
    CHECK(shared->counts[0] > before);
    refuses(EBUSY, one, PCRUN, &(long){0}, 8);
    end(child);
    refuses(ENOENT, one, PCNULL, "", 0);
}

CASE(all_stop_and_all_run)
{
    pid_t child = crowd();
    int ctl = open_of(child, "ctl", O_WRONLY);
    order(ctl, PCSTOP);
    int ids[] = {child, shared->tids[0], shared->tids[1], shared->tids[2]};
    for (int at = 0; at < 4; at++) {
        lwpstatus_t *status = lstatus_of(child, ids[at]);
        CHECK_EQ(PR_REQUESTED, status->pr_why);
        CHECK_EQ(at == 1 || at == 2 ? 0 : PR_ASLEEP, status->pr_flags & PR_ASLEEP);
    }
    long before = shared->counts[0] + shared->counts[1];
    pass_ms(30);
    CHECK_EQ(before, shared->counts[0] + shared->counts[1]);
    order_long(ctl, PCRUN, 0);
    for (int at = 0; at < 4; at++)
        CHECK(!(lwpstatus_of(child, ids[at]).pr_flags & PR_STOPPED));
    pass_ms(30);
    CHECK(shared->counts[0] + shared->counts[1] > before);
    end(child);
}

CASE(run_with_step_or_stop_is_about_one_lwp)
{
    pid_t child = crowd();
    int ctl = open_of(child, "ctl", O_WRONLY);
    order(ctl, PCSTOP);
    fltset_t trace = FAULT(FLTTRACE);
    tell(ctl, PCSFAULT, &trace, sizeof trace);
    int one = lwpctl_of(child, shared->tids[0]);
    order_long(one, PCRUN, PRSTEP);
    order(one, PCWSTOP);
    pstatus_t status = status_of(child);
    CHECK_EQ(shared->tids[0], status.pr_lwp.pr_lwpid);
    CHECK_EQ(PR_FAULTED, status.pr_lwp.pr_why);
    CHECK_EQ(FLTTRACE, status.pr_lwp.pr_what);
    long before = shared->counts[1];
    order_long(ctl, PCRUN, PRSTEP | PRCFAULT);
    order(ctl, PCWSTOP);
    status = status_of(child);
    CHECK_EQ(shared->tids[0], status.pr_lwp.pr_lwpid);
    CHECK_EQ(FLTTRACE, status.pr_lwp.pr_what);
    order_long(ctl, PCRUN, PRSTOP | PRCFAULT);
    order(ctl, PCWSTOP);
    CHECK_EQ(before, shared->counts[1]);
    CHECK_EQ(PR_REQUESTED, status_of(child).pr_lwp.pr_why);
    end(child);
}

static void *calls(void *number)
{
    shared->tids[(long)number] = (int)syscall(SYS_gettid);
    for (;;)
        syscall(SYS_getppid);
    return NULL;
}

CASE(two_events_are_answered_one_after_the_other)
{
    share();
    pid_t child = fork();
    if (child == 0) {
        pthread_t thread;
        for (long at = 0; at < 2; at++)
            pthread_create(&thread, NULL, calls, (void *)at);
        for (;;)
            pause();
    }
    while (!shared->tids[0] || !shared->tids[1])
        pass_ms(20);
    int ctl = open_of(child, "ctl", O_WRONLY), one = lwpctl_of(child, shared->tids[0]),
        two = lwpctl_of(child, shared->tids[1]);
    sysset_t set = SYSSET(SYS_getppid);
    order_long(ctl, PCSET, PR_ASYNC);
    tell(ctl, PCSENTRY, &set, sizeof set);
    order(one, PCWSTOP);
    order(two, PCWSTOP);
    order(ctl, PCSTOP);
    pstatus_t status = status_of(child);
    CHECK_EQ(PR_SYSENTRY, status.pr_lwp.pr_why);
    int first = status.pr_lwp.pr_lwpid;
    order_long(ctl, PCRUN, 0);                              /* answered, but the other one's event stands */
    status = status_of(child);
    CHECK_EQ(PR_SYSENTRY, status.pr_lwp.pr_why);
    CHECK(status.pr_lwp.pr_lwpid != first);
    CHECK_EQ(PR_REQUESTED, lwpstatus_of(child, first).pr_why);
    order_long(ctl, PCRUN, 0);                              /* now all go on, and come to their next calls */
    order(one, PCWSTOP);
    CHECK_EQ(PR_SYSENTRY, lwpstatus_of(child, shared->tids[0]).pr_why);
    end(child);
}

static void *asks_and_leaves(void *number)
{
    shared->tids[(long)number] = (int)syscall(SYS_gettid);
    while (!shared->go)
        ;
    if (number == NULL)
        syscall(SYS_exit, 0);
    for (;;)
        syscall(SYS_getppid);
}

/* An lwp whose way out is answered goes it, though another event of the process stands. */
CASE(an_lwp_that_leaves_does_not_wait_for_other_events)
{
    share();
    pid_t child = fork();
    if (child == 0) {
        pthread_t thread;
        for (long at = 0; at < 2; at++)
            pthread_create(&thread, NULL, asks_and_leaves, (void *)at);
        for (;;)
            pause();
    }
    while (!shared->tids[0] || !shared->tids[1])
        pass_ms(20);
    int ctl = open_of(child, "ctl", O_WRONLY), one = lwpctl_of(child, shared->tids[0]),
        two = lwpctl_of(child, shared->tids[1]);
    sysset_t set = SYSSET(SYS_getppid, SYS_exit);
    order_long(ctl, PCSET, PR_ASYNC);
    tell(ctl, PCSENTRY, &set, sizeof set);
    shared->go = 1;
    order(one, PCWSTOP);
    order(two, PCWSTOP);
    order(ctl, PCSTOP);
    int left = 0;
    for (int at = 0; at < 2 && !left; at++) {
        left = status_of(child).pr_lwp.pr_what == SYS_exit;
        order_long(ctl, PCRUN, 0);
    }
    CHECK(left);
    pass_ms(1);
    CHECK_EQ(2, status_of(child).pr_nlwp);
    end(child);
}

static void *ends(void *number)
{
    shared->tids[(long)number] = (int)syscall(SYS_gettid);
    while (!shared->go)
        pass_ms(1);
    return NULL;
}

CASE(an_lwp_that_ends_while_somebody_waits_for_its_stop)
{
    share();
    pid_t child = fork();
    if (child == 0) {
        pthread_t thread;
        pthread_create(&thread, NULL, ends, NULL);
        for (;;)
            pause();
    }
    while (!shared->tids[0])
        pass_ms(1);
    int one = lwpctl_of(child, shared->tids[0]);
    pid_t helper = fork();
    if (helper == 0) {
        pass_ms(10);
        shared->go = 1;
        _exit(0);
    }
    refuses(ENOENT, one, PCWSTOP, "", 0);
    CHECK_EQ(0, exit_status_of(helper));
    CHECK_EQ(1, status_of(child).pr_nlwp);
    struct pollfd poller = {one, POLLPRI, 0};
    CHECK_EQ(1, poll(&poller, 1, 0));
    CHECK_EQ(POLLHUP, poller.revents);
    helper = fork();
    if (helper == 0) {
        pass_ms(10);
        kill(child, SIGKILL);
        _exit(0);
    }
    int ctl = open_of(child, "ctl", O_WRONLY);
    refuses(ENOENT, ctl, PCWSTOP, "", 0);
    CHECK_EQ(0, exit_status_of(helper));
    waitpid(child, NULL, 0);
}

CASE(a_first_lwp_that_ended_is_a_zombie_among_the_living)
{
    share();
    pid_t child = fork();
    if (child == 0) {
        pthread_t thread;
        pthread_create(&thread, NULL, sleeps, NULL);
        while (!shared->tids[0])
            sched_yield();
        syscall(SYS_exit, 0);
    }
    do
        pass_ms(1);
    while (status_of(child).pr_nlwp != 1);
    pstatus_t status = status_of(child);
    CHECK_EQ(1, status.pr_nzomb);
    CHECK_EQ(shared->tids[0], status.pr_lwp.pr_lwpid);
    char data[1024];
    read_of(child, "lpsinfo", data, sizeof data);
    CHECK_EQ(2, ((prheader_t *)data)->pr_nent);
    CHECK_EQ('Z', ((lwpsinfo_t *)(data + 16))->pr_sname);
    char name[64];
    snprintf(name, sizeof name, "lwp/%d/lwpsinfo", child);
    lwpsinfo_t info;
    CHECK_EQ(sizeof info, read_of(child, name, &info, sizeof info));
    CHECK_EQ('Z', info.pr_sname);
    CHECK_EQ(child, info.pr_lwpid);
    static const char *const gone[] = {"lwpctl", "lwpstatus", "lwpusage", "xregs"};
    for (int at = 0; at < 4; at++) {
        snprintf(name, sizeof name, "lwp/%d/%s", child, gone[at]);
        CHECK_ERRNO(ENOENT, open_of(child, name, O_RDONLY));
    }
    struct stat st;
    CHECK(fstatat(AT_FDCWD, "/system/proc/self", &st, 0) == 0);
    int ctl = open_of(child, "ctl", O_WRONLY);
    order(ctl, PCSTOP);
    CHECK_EQ(shared->tids[0], status_of(child).pr_lwp.pr_lwpid);
    snprintf(name, sizeof name, "/system/proc/%d/as", child);
    CHECK_EQ(0, stat(name, &st));
    CHECK(st.st_size > 0);
    int as = open_of(child, "as", O_RDONLY);
    long there;
    CHECK_EQ(8, pread(as, &there, 8, (long)&shared));
    CHECK_EQ((long)shared, there);
    end(child);
}

CASE(job_control_is_no_event)
{
    pid_t child = counting();
    int ctl = open_of(child, "ctl", O_WRONLY);
    kill(child, SIGSTOP);
    CHECK_EQ(child, waitpid(child, NULL, WUNTRACED));
    pstatus_t status = status_of(child);
    CHECK(status.pr_flags & PR_STOPPED);
    CHECK(!(status.pr_flags & PR_ISTOP));
    CHECK_EQ(PR_JOBCONTROL, status.pr_lwp.pr_why);
    CHECK_EQ(SIGSTOP, status.pr_lwp.pr_what);
    CHECK_EQ('T', psinfo_of(child).pr_lwp.pr_sname);
    refuses(EBUSY, ctl, PCRUN, &(long){0}, 8);
    order_long(ctl, PCTWSTOP, 10);
    order(ctl, PCDSTOP);
    order_long(ctl, PCTWSTOP, 10);
    status = status_of(child);
    CHECK_EQ(PR_JOBCONTROL, status.pr_lwp.pr_why);
    CHECK(status.pr_flags & PR_DSTOP);
    kill(child, SIGCONT);
    wait_stop(child, ctl, PR_REQUESTED, 0);
    kill(child, SIGCONT);                                   /* does not end it */
    pass_ms(1);
    CHECK_EQ(PR_REQUESTED, status_of(child).pr_lwp.pr_why);
    kill(child, SIGSTOP);                                   /* waits until it goes on */
    int ended;
    CHECK_EQ(0, waitpid(child, &ended, WUNTRACED | WNOHANG));
    order_long(ctl, PCRUN, 0);
    CHECK_EQ(child, waitpid(child, &ended, WUNTRACED));
    CHECK(WIFSTOPPED(ended));
    CHECK_EQ(PR_JOBCONTROL, status_of(child).pr_lwp.pr_why);
    end(child);
}

CASE(a_stop_signal_can_be_traced)
{
    pid_t child = sleeper();
    int ctl = open_of(child, "ctl", O_WRONLY);
    pr_sigset_t set = SIGNALS(SIGSTOP, SIGCONT);
    tell(ctl, PCSTRACE, &set, sizeof set);
    kill(child, SIGSTOP);
    wait_stop(child, ctl, PR_SIGNALLED, SIGSTOP);
    CHECK_EQ(0, waitpid(child, NULL, WUNTRACED | WNOHANG));
    order_long(ctl, PCRUN, PRCSIG);
    CHECK_EQ(0, waitpid(child, NULL, WUNTRACED | WNOHANG));
    kill(child, SIGSTOP);
    wait_stop(child, ctl, PR_SIGNALLED, SIGSTOP);
    order_long(ctl, PCRUN, 0);
    CHECK_EQ(child, waitpid(child, NULL, WUNTRACED));
    kill(child, SIGCONT);
    wait_stop(child, ctl, PR_SIGNALLED, SIGCONT);
    end(child);
}

/* SIGKILL ends a stop of every kind. */
CASE(sigkill_ends_every_stop)
{
    for (int kind = 0; kind < 6; kind++) {
        pid_t child = fork();
        if (child == 0) {
            ready();
            if (kind == 4)
                asm volatile("ebreak");
            for (;;)
                syscall(SYS_getppid);
        }
        int ctl = traced(child);
        sysset_t set = SYSSET(SYS_getppid);
        pr_sigset_t signals = SIGNALS(SIGUSR1);
        fltset_t faults = FAULT(FLTBPT);
        if (kind == 1 || kind == 5)
            tell(ctl, PCSENTRY, &set, sizeof set);
        if (kind == 2)
            tell(ctl, PCSEXIT, &set, sizeof set);
        if (kind == 3)
            tell(ctl, PCSTRACE, &signals, sizeof signals);
        if (kind == 4)
            tell(ctl, PCSFAULT, &faults, sizeof faults);
        kill(child, SIGCONT);
        if (kind == 3)
            kill(child, SIGUSR1);
        if (kind == 0)
            order(ctl, PCSTOP);
        order(ctl, PCWSTOP);
        static const int whys[] = {PR_REQUESTED, PR_SYSENTRY, PR_SYSEXIT, PR_SIGNALLED, PR_FAULTED, PR_SYSENTRY};
        pstatus_t status = status_of(child);
        CHECK_EQ(whys[kind], status.pr_lwp.pr_why);
        if (kind == 5)
            tell(ctl, PCAGENT, &status.pr_lwp.pr_reg, sizeof status.pr_lwp.pr_reg);
        kill(child, SIGTERM);
        pass_ms(1);
        CHECK_EQ(0, waitpid(child, NULL, WNOHANG));         /* any other signal waits */
        kill(child, SIGKILL);
        CHECK_EQ(SIGKILL, exit_status_of(child));
    }
}

static void *asks_for_its_parent(void *unused)
{
    (void)unused;
    for (;;)
        syscall(SYS_getppid);
}

/* The lwp that is to end the process is told to stop once more before its turn, by an event of another one. */
CASE(sigkill_comes_before_what_other_lwps_stop_for)
{
    for (int round = 0; round < 4; round++) {
        pid_t child = fork();
        if (child == 0) {
            pthread_t thread;
            ready();
            pthread_create(&thread, NULL, asks_for_its_parent, NULL);
            for (;;)
                counter++;
        }
        int ctl = traced(child);
        sysset_t set = SYSSET(SYS_getppid);
        tell(ctl, PCSENTRY, &set, sizeof set);
        kill(child, SIGCONT);
        int lwps[2] = {wait_stop(child, ctl, PR_SYSENTRY, SYS_getppid).pr_lwp.pr_lwpid, child};
        order_long(lwpctl_of(child, lwps[round & 1]), PCRUN, 0);
        order_long(lwpctl_of(child, lwps[~round & 1]), PCRUN, 0);
        if (round & 2)
            syscall(SYS_tgkill, child, child, SIGKILL);
        else
            kill(child, SIGKILL);
        CHECK_EQ(SIGKILL, exit_status_of(child));
    }
}

CASE(a_call_that_is_blocked_holds_its_wait_over_a_stop)
{
    int ends[2];
    pipe(ends);
    pid_t child = fork();
    if (child == 0) {
        struct timespec before, after;
        clock_gettime(CLOCK_MONOTONIC, &before);
        CHECK_EQ(0, nanosleep(&(struct timespec){0, 50000000}, NULL));
        clock_gettime(CLOCK_MONOTONIC, &after);
        long took = (after.tv_sec - before.tv_sec) * 1000 + (after.tv_nsec - before.tv_nsec) / 1000000;
        char byte;
        _exit(read(ends[0], &byte, 1) == 1 && byte == 'x' ? (int)took : 1);
    }
    pass_ms(10);
    int ctl = open_of(child, "ctl", O_WRONLY);
    order(ctl, PCSTOP);
    pass_ms(20);
    order_long(ctl, PCRUN, 0);
    pass_ms(40);
    order(ctl, PCSTOP);
    CHECK_EQ(SYS_read, status_of(child).pr_lwp.pr_syscall);
    write(ends[1], "x", 1);
    pass_ms(1);
    CHECK(status_of(child).pr_flags & PR_STOPPED);
    order_long(ctl, PCRUN, 0);
    int status = exit_status_of(child);
    CHECK(WEXITSTATUS(status) >= 50 && WEXITSTATUS(status) < 60);
}

/* fork, vfork, exec */

CASE(a_child_inherits_with_pr_fork)
{
    pid_t child = fork();
    if (child == 0) {
        ready();
        pid_t grandchild = fork();
        if (grandchild == 0)
            _exit(5);
        _exit(WEXITSTATUS(exit_status_of(grandchild)));
    }
    int ctl = traced(child);
    sysset_t set = SYSSET(SYS_clone), entry = SYSSET(SYS_exit_group);
    pr_sigset_t signals = SIGNALS(SIGUSR1);
    fltset_t faults = FAULT(FLTBPT);
    tell(ctl, PCSEXIT, &set, sizeof set);
    tell(ctl, PCSENTRY, &entry, sizeof entry);
    tell(ctl, PCSTRACE, &signals, sizeof signals);
    tell(ctl, PCSFAULT, &faults, sizeof faults);
    order_long(ctl, PCSET, PR_FORK | PR_RLC | PR_ASYNC);
    kill(child, SIGCONT);
    pstatus_t status = wait_stop(child, ctl, PR_SYSEXIT, SYS_clone);
    pid_t grandchild = (pid_t)status.pr_lwp.pr_rval1;
    int other = open_of(grandchild, "ctl", O_WRONLY);
    pstatus_t of_child = wait_stop(grandchild, other, PR_SYSEXIT, SYS_clone);
    CHECK_EQ(SYS_clone, of_child.pr_lwp.pr_syscall);
    CHECK_EQ(0, of_child.pr_lwp.pr_rval1);
    CHECK_EQ(0, of_child.pr_lwp.pr_errno);
    CHECK_EQ(0, of_child.pr_lwp.pr_reg.reg[R_A0]);
    CHECK_EQ(status.pr_lwp.pr_reg.reg[R_PC], of_child.pr_lwp.pr_reg.reg[R_PC]);
    CHECK_EQ(PR_FORK, of_child.pr_flags & (PR_FORK | PR_RLC | PR_KLC | PR_ASYNC));
    CHECK_EQ(0, memcmp(&status.pr_sysentry, &of_child.pr_sysentry, sizeof set));
    CHECK_EQ(0, memcmp(&status.pr_sysexit, &of_child.pr_sysexit, sizeof set));
    CHECK_EQ(0, memcmp(&status.pr_sigtrace, &of_child.pr_sigtrace, sizeof signals));
    CHECK_EQ(0, memcmp(&status.pr_flttrace, &of_child.pr_flttrace, sizeof faults));
    order_long(ctl, PCRUN, 0);
    order_long(other, PCRUN, 0);
    wait_stop(grandchild, other, PR_SYSENTRY, SYS_exit_group);
    order_long(other, PCRUN, 0);
    wait_stop(child, ctl, PR_SYSENTRY, SYS_exit_group);
    order_long(ctl, PCRUN, 0);
    CHECK_EQ(5 << 8, exit_status_of(child));
}

CASE(a_child_inherits_nothing_without)
{
    pid_t child = fork();
    if (child == 0) {
        ready();
        pid_t grandchild = fork();
        if (grandchild == 0)
            _exit(5);
        _exit(WEXITSTATUS(exit_status_of(grandchild)));
    }
    int ctl = traced(child);
    sysset_t set = SYSSET(SYS_clone, SYS_exit_group);
    prwatch_t area = {(uintptr_t)&shared, 8, WA_WRITE, 0};
    tell(ctl, PCSEXIT, &set, sizeof set);
    tell(ctl, PCWATCH, &area, sizeof area);
    kill(child, SIGCONT);
    pstatus_t status = wait_stop(child, ctl, PR_SYSEXIT, SYS_clone);
    pid_t grandchild = (pid_t)status.pr_lwp.pr_rval1;
    while (psinfo_of(grandchild).pr_lwp.pr_sname != 'Z')
        pass_ms(1);
    order_long(ctl, PCRUN, 0);
    CHECK_EQ(5 << 8, exit_status_of(child));
}

static volatile int from_vfork;

static pid_t borrower;
static int held[2];

CASE(nothing_is_watched_while_a_child_by_vfork_has_the_memory)
{
    pipe(held);
    pid_t parent = fork();
    if (parent == 0) {
        borrower = vfork();
        if (borrower == 0) {
            char byte;
            (void)!read(held[0], &byte, 1);
            _exit(0);
        }
        _exit(0);
    }
    pass_ms(2);
    int ctl = open_of(parent, "ctl", O_WRONLY);
    prwatch_t area = {(uintptr_t)&counter, 8, WA_WRITE, 0};
    CHECK(status_of(parent).pr_flags & PR_VFORKP);
    refuses(EBUSY, ctl, PCWATCH, &area, sizeof area);
    write(held[1], "", 1);
    CHECK_EQ(0, exit_status_of(parent));
    parent = sleeper();
    ctl = open_of(parent, "ctl", O_WRONLY);
    CHECK(!(status_of(parent).pr_flags & PR_VFORKP));
    tell(ctl, PCWATCH, &area, sizeof area);
    end(parent);
}

CASE(vfork_under_a_debugger)
{
    pid_t child = fork();
    if (child == 0) {
        ready();
        pid_t grandchild = vfork();
        if (grandchild == 0) {
            from_vfork = 1;
            _exit(6);
        }
        _exit(from_vfork + WEXITSTATUS(exit_status_of(grandchild)));
    }
    int ctl = traced(child);
    sysset_t set = SYSSET(SYS_clone);
    tell(ctl, PCSEXIT, &set, sizeof set);
    order_long(ctl, PCSET, PR_FORK);
    kill(child, SIGCONT);
    pid_t grandchild = 0;
    do {
        pass_ms(1);
        char path[64], text[64] = "";
        snprintf(path, sizeof path, "/proc/%d/task/%d/children", child, child);
        int fd = open(path, O_RDONLY);
        read(fd, text, sizeof text - 1);
        close(fd);
        grandchild = atoi(text);
    } while (!grandchild);
    int other = open_of(grandchild, "ctl", O_WRONLY);
    wait_stop(grandchild, other, PR_SYSEXIT, SYS_clone);
    pstatus_t status = status_of(child);
    CHECK(status.pr_flags & PR_VFORKP);
    CHECK(!(status.pr_flags & PR_STOPPED));
    order(ctl, PCDSTOP);                                    /* a parent of vfork stops when it wakes */
    order_long(ctl, PCTWSTOP, 10);
    status = status_of(child);
    CHECK(!(status.pr_flags & PR_STOPPED));
    CHECK(status.pr_flags & PR_DSTOP);
    refuses(EBUSY, ctl, PCSREG, &status.pr_lwp.pr_reg, sizeof status.pr_lwp.pr_reg);
    refuses(EBUSY, ctl, PCAGENT, &status.pr_lwp.pr_reg, sizeof status.pr_lwp.pr_reg);
    order_long(other, PCRUN, 0);
    status = wait_stop(child, ctl, PR_SYSEXIT, SYS_clone);
    CHECK_EQ(grandchild, status.pr_lwp.pr_rval1);
    CHECK(!(status.pr_flags & PR_VFORKP));
    order_long(ctl, PCRUN, 0);
    CHECK_EQ(7 << 8, exit_status_of(child));
}

CASE(again)                                                 /* what exec runs: itself, once more */
{
    syscall(SYS_getppid);
}

static pid_t executor(const char *path)
{
    pid_t child = fork();
    if (child == 0) {
        int null = open("/dev/null", O_WRONLY);
        dup2(null, 1);
        ready();
        execl(path, "program", "again", NULL);
        _exit(100);
    }
    return child;
}

CASE(exec_keeps_sets_and_clears_watches)
{
    pid_t child = executor("/proc/self/exe");
    int ctl = traced(child), as = open_of(child, "as", O_RDONLY), map = open_of(child, "map", O_RDONLY);
    sysset_t entry = SYSSET(SYS_getppid), exit = SYSSET(SYS_execve);
    prwatch_t area = {(uintptr_t)&shared, 8, WA_WRITE | WA_READ, 0};
    tell(ctl, PCSENTRY, &entry, sizeof entry);
    tell(ctl, PCSEXIT, &exit, sizeof exit);
    tell(ctl, PCWATCH, &area, sizeof area);
    kill(child, SIGCONT);
    pstatus_t status = wait_stop(child, ctl, PR_SYSEXIT, SYS_execve);
    CHECK_EQ(0, status.pr_lwp.pr_errno);
    CHECK_EQ(0, memcmp(&entry, &status.pr_sysentry, sizeof entry));
    CHECK_EQ(0, read_of(child, "watch", &area, sizeof area));
    CHECK(strcmp(psinfo_of(child).pr_psargs, "program again") == 0);
    prmap_t maps[8];
    CHECK(pread(map, maps, sizeof maps, 0) > 0);
    long word;
    CHECK_EQ(8, pread(as, &word, 8, status.pr_lwp.pr_reg.reg[R_SP]));
    CHECK_EQ(2, word);                                      /* argc of the new program */
    order_long(ctl, PCRUN, 0);
    wait_stop(child, ctl, PR_SYSENTRY, SYS_getppid);
    order_long(ctl, PCRUN, 0);
    CHECK_EQ(0, exit_status_of(child));
}

static void copy_program(const char *to, int mode)
{
    char data[8192];
    int from = open("/proc/self/exe", O_RDONLY), into = open(to, O_CREAT | O_TRUNC | O_WRONLY, 0700);
    for (long got; (got = read(from, data, sizeof data)) > 0;)
        CHECK_EQ(got, write(into, data, got));
    close(from);
    close(into);
    CHECK_EQ(0, chmod(to, mode));
}

/* A user's debugger loses a program that it may not read or that runs as another user. */
static void hidden_exec(const char *path)
{
    if (setgid(1000) != 0 || setuid(1000) != 0)
        CHECK_FAIL("setuid");
    if (getenv("AGAIN") == NULL) {                          /* exec makes it dumpable again */
        setenv("AGAIN", "1", 1);
        execl("/proc/self/exe", "program", check_argv[1], NULL);
    }
    pid_t child = executor(path);
    int ctl = traced(child);
    fltset_t faults = FAULT(FLTILL);
    tell(ctl, PCSFAULT, &faults, sizeof faults);
    int status = open_of(child, "status", O_RDONLY), as = open_of(child, "as", O_RDWR),
        psinfo = open_of(child, "psinfo", O_RDONLY), usage = open_of(child, "usage", O_RDONLY),
        lpsinfo = open_of(child, "lpsinfo", O_RDONLY), lusage = open_of(child, "lusage", O_RDONLY);
    char data[2048];
    CHECK(pread(status, data, sizeof data, 0) > 0);
    kill(child, SIGCONT);
    struct pollfd poller = {status, POLLPRI, 0};
    CHECK_EQ(1, poll(&poller, 1, -1));
    CHECK_EQ(POLLERR, poller.revents);
    CHECK_ERRNO(EAGAIN, pread(status, data, sizeof data, 0));
    CHECK_ERRNO(EAGAIN, pread(as, data, sizeof data, 0x10000));
    CHECK_ERRNO(EAGAIN, write(ctl, (long[]){PCRUN, 0}, 16));
    CHECK_ERRNO(EACCES, open_of(child, "status", O_RDONLY));
    CHECK_ERRNO(EACCES, open_of(child, "ctl", O_WRONLY));
    CHECK(pread(psinfo, data, sizeof data, 0) > 0);
    CHECK(pread(usage, data, sizeof data, 0) > 0);
    CHECK(pread(lpsinfo, data, sizeof data, 0) > 0);
    CHECK(pread(lusage, data, sizeof data, 0) > 0);
    while (psinfo_of(child).pr_lwp.pr_sname != 'T')
        pass_ms(1);
    CHECK(psinfo_of(child).pr_flag & PR_RLC);
    CHECK_EQ(0, waitpid(child, NULL, WNOHANG));
    close(ctl);
    CHECK_EQ(0, waitpid(child, NULL, WNOHANG));
    close(as);                                              /* the last writer: now it runs */
    CHECK_EQ(0, exit_status_of(child));
}

CASE(exec_of_a_set_id_program)
{
    if (getuid() == 0)
        copy_program("/tmp/setid", 04755);
    hidden_exec("/tmp/setid");
}

/* Who traces nothing, or has closed all files that control, does not have it stand. */
CASE(exec_of_a_set_id_program_that_nobody_traces)
{
    copy_program("/tmp/setid", 04755);
    for (int closed = 0; closed < 2; closed++) {
        pid_t child = fork();
        if (child == 0) {
            if (setgid(1000) != 0 || setuid(1000) != 0)
                _exit(99);
            dup2(open("/dev/null", O_WRONLY), 1);
            ready();
            execl("/tmp/setid", "program", "again", NULL);
            _exit(100);
        }
        int ctl = traced(child);
        sysset_t entry = SYSSET(SYS_getppid);
        if (closed) {
            tell(ctl, PCSENTRY, &entry, sizeof entry);
            close(ctl);
        }
        kill(child, SIGCONT);
        CHECK_EQ(0, exit_status_of(child));
    }
}

CASE(exec_of_an_unreadable_program)
{
    if (getuid() == 0)
        copy_program("/tmp/unreadable", 0711);
    hidden_exec("/tmp/unreadable");
}

static void *executes(void *path)
{
    execl(path, "program", "again", NULL);
    return NULL;
}

CASE(exec_by_another_lwp_takes_the_place_of_the_first)
{
    pid_t child = fork();
    if (child == 0) {
        int null = open("/dev/null", O_WRONLY);
        dup2(null, 1);
        ready();
        pthread_t thread;
        pthread_create(&thread, NULL, executes, "/proc/self/exe");
        for (;;)
            pause();
    }
    int ctl = traced(child);
    int first = lwpctl_of(child, child);
    sysset_t exit = SYSSET(SYS_execve), entry = SYSSET(SYS_getppid);
    tell(ctl, PCSEXIT, &exit, sizeof exit);
    tell(ctl, PCSENTRY, &entry, sizeof entry);
    kill(child, SIGCONT);
    pstatus_t status = wait_stop(child, ctl, PR_SYSEXIT, SYS_execve);
    CHECK_EQ(child, status.pr_lwp.pr_lwpid);
    CHECK_EQ(1, status.pr_nlwp);
    CHECK_EQ(0, status.pr_nzomb);
    order(first, PCWSTOP);
    order_long(ctl, PCRUN, 0);
    wait_stop(child, ctl, PR_SYSENTRY, SYS_getppid);
    order_long(ctl, PCRUN, 0);
    CHECK_EQ(0, exit_status_of(child));
}
