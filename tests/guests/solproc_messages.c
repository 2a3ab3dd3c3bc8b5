/* Each control message: what it does, and what it refuses. illumos: man 5 proc, fs/proc/prcontrol.c */
#include "solproc.h"
#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/uio.h>
#include <ucontext.h>

CASE(several_messages_in_one_write)
{
    pid_t child = sleeper();
    int ctl = open_of(child, "ctl", O_WRONLY);
    long message[] = {PCNULL, PCSET, PR_FORK, PCSTOP, PCUNSET, PR_FORK, PCSET, PR_ASYNC};
    CHECK_EQ(sizeof message, write(ctl, message, sizeof message));
    pstatus_t status = status_of(child);
    CHECK(status.pr_flags & PR_STOPPED);
    CHECK(status.pr_flags & PR_ASYNC);
    CHECK(!(status.pr_flags & PR_FORK));
    end(child);
}

CASE(unknown_or_incomplete_what_stood_before_is_done)
{
    pid_t child = sleeper();
    int ctl = open_of(child, "ctl", O_WRONLY);
    CHECK_ERRNO(EINVAL, write(ctl, (long[]){PCSET, PR_FORK, 77}, 24));
    CHECK(status_of(child).pr_flags & PR_FORK);
    CHECK_ERRNO(EINVAL, write(ctl, (long[]){PCUNSET, PR_FORK, PCSET}, 24));
    CHECK(!(status_of(child).pr_flags & PR_FORK));
    CHECK_ERRNO(EINVAL, write(ctl, (long[]){PCSET, PR_FORK, PCSET, PR_RLC}, 28));
    CHECK((status_of(child).pr_flags & (PR_FORK | PR_RLC)) == PR_FORK);
    CHECK_ERRNO(EINVAL, write(ctl, (long[]){PCSTOP}, 4));
    CHECK_ERRNO(EINVAL, write(ctl, (long[]){-1}, 8));
    CHECK_ERRNO(EINVAL, write(ctl, (long[]){28, 0, 0}, 24));
    CHECK_EQ(0, write(ctl, "", 0));
    end(child);
}

CASE(an_operand_in_another_piece_of_writev)
{
    pid_t child = sleeper();
    int ctl = open_of(child, "ctl", O_WRONLY);
    long code = PCSENTRY;
    sysset_t set = SYSSET(SYS_write, SYS_read);
    struct iovec parts[] = {{&code, 4}, {(char *)&code + 4, 4}, {&set, 20}, {(char *)&set + 20, sizeof set - 20}};
    CHECK_EQ(8 + sizeof set, writev(ctl, parts, 4));
    pstatus_t status = status_of(child);
    CHECK(memcmp(&set, &status.pr_sysentry, sizeof set) == 0);
    end(child);
}

CASE(the_offset_is_ignored_and_reading_refused)
{
    pid_t child = sleeper();
    int ctl = open_of(child, "ctl", O_RDWR);
    CHECK_EQ(16, pwrite(ctl, (long[]){PCSET, PR_FORK}, 16, 123456));
    CHECK(status_of(child).pr_flags & PR_FORK);
    char byte;
    CHECK_ERRNO(EBADF, read(ctl, &byte, 1));
    CHECK_ERRNO(EFAULT, write(ctl, (void *)-4096, 8));
    int only = open_of(child, "status", O_RDONLY);
    CHECK_ERRNO(EBADF, write(only, (long[]){PCNULL}, 8));
    end(child);
}

CASE(the_dead_take_no_messages)
{
    pid_t child = fork();
    if (child == 0)
        for (;;)
            pause();
    int ctl = open_of(child, "ctl", O_WRONLY);
    kill(child, SIGKILL);
    siginfo_t info;
    CHECK_EQ(0, waitid(P_PID, child, &info, WEXITED | WNOWAIT));
    CHECK_ERRNO(ENOENT, write(ctl, (long[]){PCNULL}, 8));
    CHECK_EQ(child, waitpid(child, NULL, 0));
    CHECK_ERRNO(ENOENT, write(ctl, (long[]){PCNULL}, 8));
    CHECK_ERRNO(ENOENT, write(ctl, (long[]){77}, 8));
}

CASE(waiting_for_oneself)
{
    int ctl = open_of(getpid(), "ctl", O_WRONLY);
    refuses(EBUSY, ctl, PCWSTOP, "", 0);
    refuses(EBUSY, ctl, PCTWSTOP, &(long){1}, 8);
    refuses(EBUSY, ctl, PCRUN, &(long){0}, 8);
    refuses(EBUSY, ctl, PCSREG, &(prgregset_t){{0}}, sizeof(prgregset_t));
    order(ctl, PCNULL);
}

CASE(stopping_oneself_does_not_wait_and_does_stop)
{
    pid_t child = fork();
    if (child == 0) {
        int ctl = open_of(getpid(), "ctl", O_WRONLY);
        order(ctl, PCSTOP);
        _exit(7);
    }
    int ctl = open_of(child, "ctl", O_WRONLY);
    wait_stop(child, ctl, PR_REQUESTED, 0);
    order_long(ctl, PCRUN, 0);
    CHECK_EQ(7 << 8, exit_status_of(child));
}

static volatile int caught;
static void catch(int signo) { caught = signo; }

CASE(a_signal_ends_the_wait_and_the_directive_stays)
{
    pid_t child = fork();
    if (child == 0) {
        ready();
        for (;;)
            counter++;
    }
    int ctl = traced(child);
    struct sigaction action = {.sa_handler = catch, .sa_flags = SA_RESTART};
    sigaction(SIGALRM, &action, NULL);
    struct itimerval soon = {{0, 0}, {0, 20000}};
    setitimer(ITIMER_REAL, &soon, NULL);
    CHECK_ERRNO(EINTR, write(ctl, (long[]){PCSET, PR_FORK, PCSTOP, PCSET, PR_ASYNC}, 40));
    CHECK_EQ(SIGALRM, caught);
    pstatus_t status = status_of(child);
    CHECK(status.pr_flags & PR_DSTOP);
    CHECK(status.pr_flags & PR_FORK);
    CHECK(!(status.pr_flags & PR_ASYNC));
    CHECK_EQ(PR_JOBCONTROL, status.pr_lwp.pr_why);
    kill(child, SIGCONT);
    wait_stop(child, ctl, PR_REQUESTED, 0);
    CHECK(!(status_of(child).pr_flags & PR_DSTOP));
    setitimer(ITIMER_REAL, &(struct itimerval){{0, 0}, {0, 20000}}, NULL);
    order_long(ctl, PCRUN, 0);
    caught = 0;
    CHECK_ERRNO(EINTR, write(ctl, (long[]){PCWSTOP}, 8));
    CHECK_EQ(SIGALRM, caught);
    end(child);
}

static long now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

CASE(a_timeout_is_success)
{
    pid_t child = sleeper();
    int ctl = open_of(child, "ctl", O_WRONLY);
    long before = now_ms();
    CHECK_EQ(32, write(ctl, (long[]){PCTWSTOP, 30, PCSET, PR_FORK}, 32));
    long took = now_ms() - before;
    CHECK(took >= 30 && took < 60);
    CHECK(status_of(child).pr_flags & PR_FORK);
    CHECK(!(status_of(child).pr_flags & PR_STOPPED));
    end(child);
}

CASE(run_asks_for_a_stop_first_then_for_flags)
{
    pid_t child = sleeper();
    int ctl = open_of(child, "ctl", O_WRONLY);
    refuses(EBUSY, ctl, PCRUN, &(long){0x1000}, 8);
    order(ctl, PCSTOP);
    refuses(EINVAL, ctl, PCRUN, &(long){0x20}, 8);
    refuses(EINVAL, ctl, PCRUN, &(long){-1}, 8);
    CHECK(status_of(child).pr_flags & PR_STOPPED);
    order_long(ctl, PCRUN, PRSTOP);
    wait_stop(child, ctl, PR_REQUESTED, 0);
    order_long(ctl, PCRUN, 0);
    end(child);
}

CASE(run_takes_back_a_directed_stop)
{
    pid_t child = fork();
    if (child == 0) {
        ready();
        _exit(3);
    }
    int ctl = traced(child);
    order(ctl, PCDSTOP);
    CHECK(status_of(child).pr_flags & PR_DSTOP);
    order_long(ctl, PCRUN, 0);
    CHECK(!(status_of(child).pr_flags & PR_DSTOP));
    refuses(EBUSY, ctl, PCRUN, &(long){0}, 8);
    kill(child, SIGCONT);
    CHECK_EQ(3 << 8, exit_status_of(child));
}

CASE(a_waiting_call_is_aborted)
{
    int ends[2];
    pipe(ends);
    pid_t child = fork();
    if (child == 0) {
        char byte;
        _exit(read(ends[0], &byte, 1) == -1 && errno == EINTR ? 4 : 5);
    }
    pass_ms(1);
    int ctl = open_of(child, "ctl", O_WRONLY);
    sysset_t set = SYSSET(SYS_read);
    order(ctl, PCSTOP);
    CHECK(status_of(child).pr_flags & PR_ASLEEP);
    tell(ctl, PCSEXIT, &set, sizeof set);
    order_long(ctl, PCRUN, PRSABORT);
    pstatus_t status = wait_stop(child, ctl, PR_SYSEXIT, SYS_read);
    CHECK_EQ(EINTR, status.pr_lwp.pr_errno);
    CHECK_EQ(-1, status.pr_lwp.pr_rval1);
    order_long(ctl, PCRUN, 0);
    CHECK_EQ(4 << 8, exit_status_of(child));
}

CASE(a_call_aborted_at_its_entry_did_nothing)
{
    int ends[2];
    pipe(ends);
    pid_t child = fork();
    if (child == 0) {
        ready();
        _exit(write(ends[1], "x", 1) == -1 && errno == EINTR ? 4 : 5);
    }
    int ctl = traced(child);
    sysset_t set = SYSSET(SYS_write);
    tell(ctl, PCSENTRY, &set, sizeof set);
    kill(child, SIGCONT);
    wait_stop(child, ctl, PR_SYSENTRY, SYS_write);
    order_long(ctl, PCRUN, PRSABORT);
    CHECK_EQ(4 << 8, exit_status_of(child));
    fcntl(ends[0], F_SETFL, O_NONBLOCK);
    char byte;
    CHECK_ERRNO(EAGAIN, read(ends[0], &byte, 1));
}

CASE(results_are_stored_before_the_exit_stop_and_arguments_read_after_the_entry_stop)
{
    int ends[2];
    pipe(ends);
    static char text[8];
    pid_t child = fork();
    if (child == 0) {
        ready();
        write(ends[1], text, 5);
        memset(text, 0, sizeof text);
        read(ends[0], text, 5);
        _exit(memcmp(text, "HELLO", 5) ? 1 : 0);
    }
    int ctl = traced(child);
    sysset_t entry = SYSSET(SYS_write), exit = SYSSET(SYS_read);
    tell(ctl, PCSENTRY, &entry, sizeof entry);
    tell(ctl, PCSEXIT, &exit, sizeof exit);
    kill(child, SIGCONT);
    wait_stop(child, ctl, PR_SYSENTRY, SYS_write);
    int as = open_of(child, "as", O_RDWR);
    CHECK_EQ(5, pwrite(as, "hello", 5, (long)text));
    order_long(ctl, PCRUN, 0);
    pstatus_t status = wait_stop(child, ctl, PR_SYSEXIT, SYS_read);
    CHECK_EQ(5, status.pr_lwp.pr_rval1);
    char seen[5];
    CHECK_EQ(5, pread(as, seen, 5, (long)text));
    CHECK(memcmp(seen, "hello", 5) == 0);
    CHECK_EQ(5, pwrite(as, "HELLO", 5, (long)text));
    order_long(ctl, PCRUN, 0);
    CHECK_EQ(0, exit_status_of(child));
}

CASE(no_signal_comes_between_the_entry_stop_and_the_call)
{
    int ends[2];
    pipe(ends);
    pid_t child = fork();
    if (child == 0) {
        struct sigaction action = {.sa_handler = catch};
        sigaction(SIGUSR1, &action, NULL);
        ready();
        char byte;
        errno = 0;
        long got = read(ends[0], &byte, 1);
        _exit(got == -1 && errno == EINTR && caught == SIGUSR1 ? 0 : 1);
    }
    int ctl = traced(child);
    sysset_t set = SYSSET(SYS_read);
    tell(ctl, PCSENTRY, &set, sizeof set);
    tell(ctl, PCSEXIT, &set, sizeof set);
    kill(child, SIGCONT);
    wait_stop(child, ctl, PR_SYSENTRY, SYS_read);
    kill(child, SIGUSR1);
    order_long(ctl, PCRUN, 0);
    pstatus_t status = wait_stop(child, ctl, PR_SYSEXIT, SYS_read);
    CHECK_EQ(EINTR, status.pr_lwp.pr_errno);
    order_long(ctl, PCRUN, 0);
    CHECK_EQ(0, exit_status_of(child));
}

CASE(trace_sets_drop_what_cannot_be_traced)
{
    pid_t child = sleeper();
    int ctl = open_of(child, "ctl", O_WRONLY);
    pr_sigset_t all = {{-1u, -1u, -1u, -1u}};
    tell(ctl, PCSTRACE, &all, sizeof all);
    pstatus_t status = status_of(child);
    CHECK(!has(status.pr_sigtrace.word, SIGKILL));
    CHECK(has(status.pr_sigtrace.word, SIGSTOP));
    CHECK(has(status.pr_sigtrace.word, 64));
    CHECK_EQ(0, status.pr_sigtrace.word[2]);
    tell(ctl, PCSHOLD, &all, sizeof all);
    status = status_of(child);
    CHECK(!has(status.pr_lwp.pr_lwphold.word, SIGKILL));
    CHECK(!has(status.pr_lwp.pr_lwphold.word, SIGSTOP));
    CHECK(has(status.pr_lwp.pr_lwphold.word, SIGTERM));
    fltset_t faults = {{-1u, -1u, -1u, -1u}};
    tell(ctl, PCSFAULT, &faults, sizeof faults);
    CHECK_EQ((1 << 12) - 1, status_of(child).pr_flttrace.word[0]);
    end(child);
}

CASE(a_held_signal_waits_and_can_be_taken_away)
{
    pid_t child = sleeper();
    int ctl = open_of(child, "ctl", O_WRONLY);
    pr_sigset_t term = SIGNALS(SIGTERM), none = {{0}};
    tell(ctl, PCSHOLD, &term, sizeof term);
    order_long(ctl, PCKILL, SIGTERM);
    CHECK(has(status_of(child).pr_sigpend.word, SIGTERM));
    order_long(ctl, PCUNKILL, SIGTERM);
    CHECK(!has(status_of(child).pr_sigpend.word, SIGTERM));
    order_long(ctl, PCUNKILL, SIGTERM);
    tell(ctl, PCSHOLD, &none, sizeof none);
    pass_ms(1);
    CHECK_EQ(0, waitpid(child, NULL, WNOHANG));
    tell(ctl, PCSHOLD, &term, sizeof term);
    order_long(ctl, PCKILL, SIGTERM);
    tell(ctl, PCSHOLD, &none, sizeof none);
    CHECK_EQ(SIGTERM, exit_status_of(child));
}

CASE(kill_and_unkill_refuse)
{
    pid_t child = sleeper();
    int ctl = open_of(child, "ctl", O_WRONLY);
    static const long bad[] = {0, -1, 65, 1000, LONG_MIN, LONG_MAX};
    for (unsigned at = 0; at < sizeof bad / sizeof *bad; at++) {
        refuses(EINVAL, ctl, PCKILL, &bad[at], 8);
        refuses(EINVAL, ctl, PCUNKILL, &bad[at], 8);
    }
    refuses(EINVAL, ctl, PCUNKILL, &(long){SIGKILL}, 8);
    end(child);
}

CASE(kill_waits_for_the_end)
{
    pid_t child = sleeper();
    int ctl = open_of(child, "ctl", O_WRONLY);
    CHECK_ERRNO(ENOENT, write(ctl, (long[]){PCKILL, SIGKILL, PCNULL}, 24));
    CHECK_EQ('Z', psinfo_of(child).pr_lwp.pr_sname);
    CHECK_EQ(SIGKILL, exit_status_of(child));
    child = sleeper();
    ctl = open_of(child, "ctl", O_WRONLY);
    order(ctl, PCSTOP);
    order_long(ctl, PCKILL, SIGKILL);
    CHECK_EQ('Z', psinfo_of(child).pr_lwp.pr_sname);
    CHECK_EQ(SIGKILL, exit_status_of(child));
    child = sleeper();
    ctl = open_of(child, "ctl", O_WRONLY);
    pr_siginfo_t info = {.psi_signo = SIGKILL};
    tell(ctl, PCSSIG, &info, sizeof info);
    CHECK_EQ('Z', psinfo_of(child).pr_lwp.pr_sname);
    CHECK_EQ(SIGKILL, exit_status_of(child));
}

static siginfo_t seen;
static void look(int signo, siginfo_t *info, void *context)
{
    (void)context;
    caught = signo;
    seen = *info;
}

CASE(a_current_signal_comes_whatever_the_mask_says)
{
    pid_t child = fork();
    if (child == 0) {
        struct sigaction action = {.sa_sigaction = look, .sa_flags = SA_SIGINFO};
        sigaction(SIGUSR2, &action, NULL);
        sigset_t all;
        sigfillset(&all);
        sigprocmask(SIG_BLOCK, &all, NULL);
        pause();
        _exit(caught == SIGUSR2 && seen.si_value.sival_int == 42 && seen.si_code == SI_QUEUE && seen.si_pid == 77 ? 0 : 1);
    }
    pass_ms(1);
    int ctl = open_of(child, "ctl", O_WRONLY);
    pr_siginfo_t info = {.psi_signo = SIGUSR2, .psi_code = SI_QUEUE, .psi_pid = 77, .psi_value = 42};
    order(ctl, PCSTOP);
    tell(ctl, PCSSIG, &info, sizeof info);
    pstatus_t status = status_of(child);
    CHECK_EQ(SIGUSR2, status.pr_lwp.pr_cursig);
    CHECK_EQ(42, status.pr_lwp.pr_info.psi_value);
    CHECK_EQ(77, status.pr_lwp.pr_info.psi_pid);
    order_long(ctl, PCRUN, 0);
    CHECK_EQ(0, exit_status_of(child));
}

CASE(a_current_signal_is_set_replaced_and_taken_away)
{
    pid_t child = sleeper();
    int ctl = open_of(child, "ctl", O_WRONLY);
    order(ctl, PCSTOP);
    pr_siginfo_t info = {.psi_signo = SIGTERM};
    tell(ctl, PCSSIG, &info, sizeof info);
    info.psi_signo = SIGSEGV, info.psi_code = 1, info.psi_addr = 0x1234;
    tell(ctl, PCSSIG, &info, sizeof info);
    CHECK_EQ(SIGSEGV, status_of(child).pr_lwp.pr_cursig);
    CHECK_EQ(0x1234, status_of(child).pr_lwp.pr_info.psi_addr);
    order(ctl, PCCSIG);
    CHECK_EQ(0, status_of(child).pr_lwp.pr_cursig);
    tell(ctl, PCSSIG, &info, sizeof info);
    info.psi_signo = 0;
    tell(ctl, PCSSIG, &info, sizeof info);
    CHECK_EQ(0, status_of(child).pr_lwp.pr_cursig);
    order_long(ctl, PCRUN, 0);
    pass_ms(1);
    CHECK_EQ(0, waitpid(child, NULL, WNOHANG));
    info.psi_signo = 65;
    refuses(EINVAL, ctl, PCSSIG, &info, sizeof info);
    info.psi_signo = -1;
    refuses(EINVAL, ctl, PCSSIG, &info, sizeof info);
    order(ctl, PCSTOP);
    info.psi_signo = SIGTERM;
    tell(ctl, PCSSIG, &info, sizeof info);
    order_long(ctl, PCRUN, 0);
    CHECK_EQ(SIGTERM, exit_status_of(child));
}

CASE(a_signal_set_at_a_signal_stop_does_not_stop_again)
{
    pid_t child = fork();
    if (child == 0) {
        signal(SIGUSR2, catch);
        ready();
        raise(SIGUSR1);
        _exit(caught);
    }
    int ctl = traced(child);
    pr_sigset_t set = SIGNALS(SIGUSR1, SIGUSR2);
    tell(ctl, PCSTRACE, &set, sizeof set);
    kill(child, SIGCONT);
    wait_stop(child, ctl, PR_SIGNALLED, SIGUSR1);
    pr_siginfo_t info = {.psi_signo = SIGUSR2};
    tell(ctl, PCSSIG, &info, sizeof info);
    order_long(ctl, PCRUN, 0);
    CHECK_EQ(SIGUSR2 << 8, exit_status_of(child));
}

CASE(modes)
{
    pid_t child = sleeper();
    int ctl = open_of(child, "ctl", O_WRONLY);
    static const long modes[] = {PR_FORK, PR_RLC, PR_KLC, PR_ASYNC, PR_BPTADJ, PR_PTRACE, PR_MSFORK};
    long all = PR_MSACCT;
    CHECK_EQ(PR_MSACCT | PR_MSFORK, status_of(child).pr_flags & (PR_MSACCT | PR_MSFORK | PR_FORK | PR_ASYNC));
    for (unsigned at = 0; at < sizeof modes / sizeof *modes; at++) {
        order_long(ctl, PCSET, modes[at]);
        CHECK(status_of(child).pr_flags & modes[at]);
        order_long(ctl, PCUNSET, modes[at]);
        CHECK(!(status_of(child).pr_flags & modes[at]));
        all |= modes[at];
    }
    order_long(ctl, PCSET, all);
    CHECK_EQ(all, status_of(child).pr_flags & all);
    CHECK_EQ(all, psinfo_of(child).pr_flag & all);
    order_long(ctl, PCUNSET, all);
    CHECK_EQ(0, status_of(child).pr_flags & all);
    refuses(EINVAL, ctl, PCSET, &(long){PR_STOPPED}, 8);
    refuses(EINVAL, ctl, PCSET, &(long){PR_FORK | 1l << 40}, 8);
    refuses(EINVAL, ctl, PCUNSET, &(long){-1}, 8);
    CHECK(!(status_of(child).pr_flags & PR_FORK));
    end(child);
}

CASE(registers_of_all_kinds_are_set)
{
    pid_t child = fork();
    if (child == 0) {
        ready();
        register long kept asm("s5") = 5;
        register double fast asm("fs3") = 1.5;
        asm volatile("1: beqz %0, 1b\n" : "+r"(kept), "+f"(fast) : : "memory");
        for (;;) {
            asm volatile("" : "+r"(kept), "+f"(fast));
            if (kept == 6)
                _exit(fast == 2.5 ? 0 : 1);
        }
    }
    int ctl = traced(child);
    refuses(EBUSY, ctl, PCSREG, &(prgregset_t){{0}}, sizeof(prgregset_t));
    refuses(EBUSY, ctl, PCSFPREG, &(prfpregset_t){.fcsr = 0}, sizeof(prfpregset_t));
    refuses(EBUSY, ctl, PCSVADDR, &(long){0}, 8);
    kill(child, SIGCONT);
    pass_ms(1);
    refuses(EBUSY, ctl, PCSREG, &(prgregset_t){{0}}, sizeof(prgregset_t));
    order(ctl, PCSTOP);
    pstatus_t status = status_of(child);
    CHECK_EQ(5, status.pr_lwp.pr_reg.reg[R_S5]);
    double value;
    memcpy(&value, &status.pr_lwp.pr_fpreg.freg[19], 8);
    CHECK(value == 1.5);
    value = 2.5;
    memcpy(&status.pr_lwp.pr_fpreg.freg[19], &value, 8);
    status.pr_lwp.pr_reg.reg[R_S5] = 6;
    tell(ctl, PCSFPREG, &status.pr_lwp.pr_fpreg, sizeof status.pr_lwp.pr_fpreg);
    tell(ctl, PCSREG, &status.pr_lwp.pr_reg, sizeof status.pr_lwp.pr_reg);
    pstatus_t again = status_of(child);
    CHECK(memcmp(&again.pr_lwp.pr_reg, &status.pr_lwp.pr_reg, sizeof again.pr_lwp.pr_reg) == 0);
    CHECK(memcmp(again.pr_lwp.pr_fpreg.freg, status.pr_lwp.pr_fpreg.freg, sizeof again.pr_lwp.pr_fpreg.freg) == 0);
    order_long(ctl, PCRUN, 0);
    CHECK_EQ(0, exit_status_of(child));
}

static void other_place(void) { _exit(9); }

CASE(goes_on_at_another_address)
{
    pid_t child = sleeper();
    int ctl = open_of(child, "ctl", O_WRONLY);
    order(ctl, PCSTOP);
    tell(ctl, PCSVADDR, &(long){(long)other_place}, 8);
    CHECK_EQ((unsigned long)other_place & ~1ul, status_of(child).pr_lwp.pr_reg.reg[R_PC]);
    CHECK(!(status_of(child).pr_flags & PR_ASLEEP));
    order_long(ctl, PCRUN, 0);
    CHECK_EQ(9 << 8, exit_status_of(child));
}

CASE(another_call_instead_of_the_one_that_waits)
{
    static const long numbers[] = {SYS_getpid, SYS_exit_group, 9999, SYS_futex, SYS_ppoll, SYS_clone, SYS_openat};
    for (unsigned at = 0; at < sizeof numbers / sizeof *numbers; at++) {
        pid_t child = fork();
        if (child == 0) {
            nanosleep(&(struct timespec){1000, 0}, NULL);
            _exit(3);
        }
        pass_ms(1);
        int ctl = open_of(child, "ctl", O_WRONLY);
        order(ctl, PCSTOP);
        pstatus_t status = status_of(child);
        status.pr_lwp.pr_reg.reg[R_A7] = numbers[at];
        status.pr_lwp.pr_reg.reg[R_A0] = 3;
        tell(ctl, PCSREG, &status.pr_lwp.pr_reg, sizeof status.pr_lwp.pr_reg);
        order_long(ctl, PCRUN, 0);
        pass_ms(1);
        if (numbers[at] == SYS_getpid || numbers[at] == SYS_exit_group || numbers[at] == 9999)
            CHECK_EQ(3 << 8, exit_status_of(child));
        else
            end(child);
    }
}

CASE(memory_is_read_and_written)
{
    static long there = 11;
    static const long constant = 22;
    pid_t child = sleeper();
    int ctl = open_of(child, "ctl", O_WRONLY);
    long here = 0;
    priovec_t vector = {(uintptr_t)&here, 8, (long)&there};
    tell(ctl, PCREAD, &vector, sizeof vector);
    CHECK_EQ(11, here);
    here = 33;
    tell(ctl, PCWRITE, &vector, sizeof vector);
    CHECK_EQ(11, there);
    vector.pio_offset = (long)&constant;
    tell(ctl, PCWRITE, &vector, sizeof vector);
    CHECK_EQ(22, *(volatile const long *)&constant);
    here = 0;
    tell(ctl, PCREAD, &vector, sizeof vector);
    CHECK_EQ(33, here);
    end(child);
}

CASE(memory_is_moved_whole_or_not_at_all)
{
    char *pages = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    munmap(pages + 4096, 4096);
    pid_t child = sleeper();
    int ctl = open_of(child, "ctl", O_WRONLY);
    char here[64];
    memset(here, 'x', sizeof here);
    priovec_t vector = {(uintptr_t)here, 64, (long)pages + 4096 - 32};
    refuses(EIO, ctl, PCREAD, &vector, sizeof vector);
    refuses(EIO, ctl, PCWRITE, &vector, sizeof vector);
    char seen[32];
    int as = open_of(child, "as", O_RDONLY);
    CHECK_EQ(32, pread(as, seen, 64, (long)pages + 4096 - 32));
    for (int at = 0; at < 32; at++)
        CHECK_EQ(0, seen[at]);
    vector = (priovec_t){(uintptr_t)here, 64, 8};
    refuses(EIO, ctl, PCREAD, &vector, sizeof vector);
    refuses(EIO, ctl, PCWRITE, &vector, sizeof vector);
    vector = (priovec_t){(uintptr_t)here, -1ul, (long)pages};
    refuses(EINVAL, ctl, PCREAD, &vector, sizeof vector);
    vector = (priovec_t){(uintptr_t)here, 64, -1};
    refuses(EINVAL, ctl, PCREAD, &vector, sizeof vector);
    vector = (priovec_t){(uintptr_t)here, 1ul << 40, (long)pages};
    refuses(EIO, ctl, PCREAD, &vector, sizeof vector);
    vector = (priovec_t){8, 64, (long)pages};
    refuses(EFAULT, ctl, PCREAD, &vector, sizeof vector);
    refuses(EFAULT, ctl, PCWRITE, &vector, sizeof vector);
    vector = (priovec_t){8, 0, 8};
    tell(ctl, PCREAD, &vector, sizeof vector);
    tell(ctl, PCWRITE, &vector, sizeof vector);
    end(child);
}

CASE(nice)
{
    pid_t child = sleeper();
    int ctl = open_of(child, "ctl", O_WRONLY);
    order_long(ctl, PCNICE, 5);
    CHECK_EQ(5, getpriority(PRIO_PROCESS, child));
    order_long(ctl, PCNICE, -3);
    CHECK_EQ(2, getpriority(PRIO_PROCESS, child));
    CHECK_EQ(22, psinfo_of(child).pr_lwp.pr_nice);
    order_long(ctl, PCNICE, LONG_MAX);
    CHECK_EQ(19, getpriority(PRIO_PROCESS, child));
    order_long(ctl, PCNICE, LONG_MIN);
    CHECK_EQ(-20, getpriority(PRIO_PROCESS, child));
    end(child);
}

CASE(credentials)
{
    pid_t child = sleeper();
    int ctl = open_of(child, "ctl", O_WRONLY);
    prcred_t cred = {1, 2, 3, 4, 5, 6, 0, {0}};
    tell(ctl, PCSCRED, &cred, sizeof cred);
    prcred_t now;
    CHECK(read_of(child, "cred", &now, sizeof now) > 0);
    CHECK_EQ(0, memcmp(&cred, &now, 24));
    cred.pr_suid = -1u;
    refuses(EINVAL, ctl, PCSCRED, &cred, sizeof cred);
    cred.pr_suid = 3;
    struct {
        long code;
        prcred_t cred;
        uint32_t more[3];
        long next[2];
    } message = {PCSCREDX, cred, {20, 30, 0}, {PCNICE, 1}};
    message.cred.pr_ngroups = 3;
    message.cred.pr_groups[0] = 10;
    memcpy(message.more, (uint32_t[]){20, 30}, 8);
    memcpy((char *)&message + 8 + 40, (long[]){PCNICE, 1}, 16);
    CHECK_EQ(8 + 40 + 16, write(ctl, &message, 8 + 40 + 16));
    uint32_t all[16];
    CHECK_EQ(28 + 12, read_of(child, "cred", all, sizeof all));
    CHECK_EQ(3, all[6]);
    CHECK_EQ(10, all[7]);
    CHECK_EQ(30, all[9]);
    CHECK_EQ(1, getpriority(PRIO_PROCESS, child));
    message.cred.pr_ngroups = -1;
    CHECK_ERRNO(EINVAL, write(ctl, &message, sizeof message));
    message.cred.pr_ngroups = 1 << 20;
    CHECK_ERRNO(EINVAL, write(ctl, &message, sizeof message));
    message.cred.pr_ngroups = 12;
    CHECK_ERRNO(EINVAL, write(ctl, &message, 60));
    end(child);
}

CASE(who_changed_ids_is_not_looked_into)
{
    if (setuid(1000) != 0)
        CHECK_FAIL("setuid");
    pid_t child = sleeper();
    CHECK_ERRNO(EACCES, open_of(child, "ctl", O_WRONLY));
    CHECK_ERRNO(EACCES, open_of(child, "status", O_RDONLY));
    CHECK(open_of(child, "psinfo", O_RDONLY) >= 0);
    end(child);
}

CASE(as_a_user)
{
    if (getuid() == 0) {
        if (setuid(1000) != 0)
            CHECK_FAIL("setuid");
        execl("/proc/self/exe", "again", "as_a_user", NULL);
    }
    CHECK(open_of(getpid(), "status", O_RDONLY) >= 0);
    pid_t child = sleeper();
    int ctl = open_of(child, "ctl", O_WRONLY);
    CHECK(ctl >= 0);
    refuses(EPERM, ctl, PCNICE, &(long){-1}, 8);
    order_long(ctl, PCNICE, 1);
    prcred_t cred = {1000, 1000, 1000, 0, 0, 0, 0, {0}};
    refuses(EPERM, ctl, PCSCRED, &cred, sizeof cred);
    refuses(EPERM, ctl, PCSCREDX, &cred, sizeof cred);
    end(child);
}

CASE(states_that_do_not_exist_here)
{
    pid_t child = sleeper();
    int ctl = open_of(child, "ctl", O_WRONLY);
    order(ctl, PCSTOP);
    refuses(EINVAL, ctl, PCSXREG, &(long){0}, 8);
    refuses(EINVAL, ctl, PCSPRIV, &(long){0}, 8);
    end(child);
}

static int call_of_agent(pid_t child, int ctl, long number, long a0)
{
    pstatus_t status = status_of(child);
    prgregset_t registers = status.pr_lwp.pr_reg;
    registers.reg[R_A7] = number;
    registers.reg[R_A0] = a0;
    tell(ctl, PCAGENT, &registers, sizeof registers);
    return open_of(child, "lwp/agent/lwpctl", O_WRONLY);
}

CASE(an_agent_shuts_out_others)
{
    pid_t child = sleeper();
    int ctl = open_of(child, "ctl", O_WRONLY);
    prgregset_t registers = {{0}};
    refuses(EBUSY, ctl, PCAGENT, &registers, sizeof registers);
    CHECK_ERRNO(ENOENT, open_of(child, "lwp/agent/lwpctl", O_WRONLY));
    order(ctl, PCSTOP);
    int agent = call_of_agent(child, ctl, SYS_clone, 0);
    CHECK(agent >= 0);
    pstatus_t status = status_of(child);
    CHECK(status.pr_lwp.pr_flags & PR_AGENT);
    CHECK_EQ(status.pr_agentid, status.pr_lwp.pr_lwpid);
    CHECK_EQ(2, status.pr_nlwp);
    refuses(EBUSY, ctl, PCAGENT, &registers, sizeof registers);
    refuses(EBUSY, ctl, PCRUN, &(long){0}, 8);
    char name[32];
    snprintf(name, sizeof name, "lwp/%d/lwpctl", child);
    int first = open_of(child, name, O_WRONLY);
    refuses(EBUSY, first, PCRUN, &(long){0}, 8);
    sysset_t set = SYSSET(SYS_clone);
    tell(ctl, PCSEXIT, &set, sizeof set);
    order_long(agent, PCRUN, 0);
    order(agent, PCWSTOP);
    status = status_of(child);
    CHECK_EQ(EOPNOTSUPP, status.pr_lwp.pr_errno);   /* an agent neither forks nor executes */
    registers = status.pr_lwp.pr_reg;
    registers.reg[R_A7] = SYS_exit;
    registers.reg[R_PC] -= 4;
    tell(agent, PCSREG, &registers, sizeof registers);
    order_long(agent, PCRUN, 0);
    while (status_of(child).pr_agentid)
        pass_ms(1);
    CHECK_ERRNO(ENOENT, say(agent, PCNULL, "", 0));
    status = status_of(child);
    CHECK(status.pr_flags & PR_STOPPED);
    order_long(ctl, PCRUN, 0);
    end(child);
}
