/* Control of a process through /system/proc: stops, traces, registers, memory, signals. */
#include "solproc.h"
#include <pthread.h>

CASE(stops_a_sleeper_and_lets_it_go_on)
{
    pid_t child = sleeper();
    int ctl = open_of(child, "ctl", O_WRONLY);
    order(ctl, PCSTOP);
    pstatus_t status = status_of(child);
    CHECK_EQ(PR_REQUESTED, status.pr_lwp.pr_why);
    CHECK(status.pr_flags & PR_STOPPED);
    CHECK(status.pr_flags & PR_ISTOP);
    CHECK(status.pr_flags & PR_ASLEEP);
    CHECK_EQ(SYS_ppoll, status.pr_lwp.pr_syscall);
    CHECK_EQ(child, status.pr_pid);
    CHECK_EQ(getpid(), status.pr_ppid);
    order_long(ctl, PCRUN, 0);
    CHECK(!(status_of(child).pr_flags & PR_STOPPED));
    CHECK_ERRNO(EBUSY, write(ctl, (long[]){PCRUN, 0}, 16));
    kill(child, SIGKILL);
    int ended;
    CHECK_EQ(child, waitpid(child, &ended, 0));
    CHECK_EQ(SIGKILL, ended);
    CHECK_ERRNO(ENOENT, write(ctl, (long[]){PCSTOP}, 8));
}

/* pr_instr is what stands at the pc of an lwp that stands; else, or where nothing can be read, there is none. */
CASE(the_instruction_at_the_pc)
{
    pid_t child = counting();
    int ctl = open_of(child, "ctl", O_WRONLY), as = open_of(child, "as", O_RDONLY);
    CHECK(status_of(child).pr_flags & PR_PCINVAL);
    CHECK(status_of(child).pr_lwp.pr_flags & PR_PCINVAL);
    order(ctl, PCSTOP);
    pstatus_t status = status_of(child);
    unsigned short low;
    CHECK_EQ(2, pread(as, &low, 2, status.pr_lwp.pr_reg.reg[R_PC]));
    CHECK(!(status.pr_flags & PR_PCINVAL));
    CHECK_EQ(low, status.pr_lwp.pr_instr & 0xffff);
    CHECK_EQ((low & 3) == 3, status.pr_lwp.pr_instr > 0xffff);
    order_long(ctl, PCSVADDR, 16);
    status = status_of(child);
    CHECK(status.pr_flags & PR_PCINVAL);
    CHECK_EQ(0, status.pr_lwp.pr_instr);
    end(child);
}

CASE(steps_one_instruction_at_a_time)
{
    pid_t child = counting();
    int ctl = open_of(child, "ctl", O_WRONLY);
    fltset_t faults = {{1u << (FLTTRACE - 1)}};
    tell(ctl, PCSFAULT, &faults, sizeof faults);
    order(ctl, PCSTOP);
    unsigned long before = status_of(child).pr_lwp.pr_reg.reg[R_PC];
    for (int steps = 0; steps < 8; steps++) {
        order_long(ctl, PCRUN, PRSTEP | PRCFAULT);
        order(ctl, PCWSTOP);
        pstatus_t status = status_of(child);
        CHECK_EQ(PR_FAULTED, status.pr_lwp.pr_why);
        CHECK_EQ(FLTTRACE, status.pr_lwp.pr_what);
        unsigned long pc = status.pr_lwp.pr_reg.reg[R_PC];
        CHECK(pc != before);
        before = pc;
    }
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
}

CASE(call_entry_and_exit_with_arguments_changed)
{
    int ends[2];
    pipe(ends);
    pid_t child = fork();
    if (child == 0) {
        close(ends[0]);
        raise(SIGSTOP);
        _exit(write(ends[1], "hello", 5) == 3 ? 0 : 1);
    }
    int ended;
    CHECK_EQ(child, waitpid(child, &ended, WUNTRACED));
    int ctl = open_of(child, "ctl", O_WRONLY);
    sysset_t set = {{0}};
    add(set.word, SYS_write);
    tell(ctl, PCSENTRY, &set, sizeof set);
    tell(ctl, PCSEXIT, &set, sizeof set);
    kill(child, SIGCONT);
    order(ctl, PCWSTOP);
    pstatus_t status = status_of(child);
    CHECK_EQ(PR_SYSENTRY, status.pr_lwp.pr_why);
    CHECK_EQ(SYS_write, status.pr_lwp.pr_what);
    CHECK_EQ(3, status.pr_lwp.pr_nsysarg);
    CHECK_EQ(5, status.pr_lwp.pr_sysarg[2]);
    status.pr_lwp.pr_reg.reg[R_A2] = 3;
    tell(ctl, PCSREG, &status.pr_lwp.pr_reg, sizeof status.pr_lwp.pr_reg);
    order_long(ctl, PCRUN, 0);
    order(ctl, PCWSTOP);
    status = status_of(child);
    CHECK_EQ(PR_SYSEXIT, status.pr_lwp.pr_why);
    CHECK_EQ(3, status.pr_lwp.pr_rval1);
    CHECK_EQ(0, status.pr_lwp.pr_errno);
    char text[8] = {0};
    CHECK_EQ(3, read(ends[0], text, sizeof text));
    order_long(ctl, PCRUN, 0);
    CHECK_EQ(child, waitpid(child, &ended, 0));
    CHECK_EQ(0, ended);
}

CASE(aborts_a_call)
{
    pid_t child = fork();
    if (child == 0) {
        raise(SIGSTOP);
        _exit(sleep(100) == 100 ? 7 : 1);
    }
    waitpid(child, NULL, WUNTRACED);
    int ctl = open_of(child, "ctl", O_WRONLY);
    sysset_t set = {{0}};
    add(set.word, SYS_nanosleep);
    add(set.word, SYS_clock_nanosleep);
    tell(ctl, PCSENTRY, &set, sizeof set);
    kill(child, SIGCONT);
    order(ctl, PCWSTOP);
    order_long(ctl, PCRUN, PRSABORT);
    int ended;
    waitpid(child, &ended, 0);
    CHECK(WIFEXITED(ended));
}

static void *counts(void *unused)
{
    for (;;)
        counter++;
    return unused;
}

static pid_t two_lwps(void)
{
    pid_t child = fork();
    if (child == 0) {
        pthread_t thread;
        pthread_create(&thread, NULL, counts, NULL);
        for (struct timespec moment = {0, 1000000};;)
            nanosleep(&moment, NULL);
    }
    nanosleep(&(struct timespec){0, 20000000}, NULL);
    return child;
}

CASE(an_event_of_one_lwp_stops_them_all)
{
    pid_t child = two_lwps();
    int ctl = open_of(child, "ctl", O_WRONLY);
    sysset_t set = {{0}};
    add(set.word, SYS_nanosleep);
    add(set.word, SYS_clock_nanosleep);
    tell(ctl, PCSEXIT, &set, sizeof set);
    for (int times = 0; times < 5; times++) {
        order(ctl, PCWSTOP);
        pstatus_t status = status_of(child);
        CHECK_EQ(2, status.pr_nlwp);
        CHECK_EQ(PR_SYSEXIT, status.pr_lwp.pr_why);
        CHECK_EQ(child, status.pr_lwp.pr_lwpid);
        char lwps[16 + 4 * sizeof(lwpstatus_t)];
        int fd = open_of(child, "lstatus", O_RDONLY);
        CHECK(read(fd, lwps, sizeof lwps) > 0);
        close(fd);
        prheader_t *head = (void *)lwps;
        CHECK_EQ(2, head->pr_nent);
        lwpstatus_t *other = (void *)(lwps + sizeof *head + head->pr_entsize);
        CHECK_EQ(PR_REQUESTED, other->pr_why);
        order_long(ctl, PCRUN, 0);
    }
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
}

CASE(in_mode_async_the_others_run_on)
{
    pid_t child = two_lwps();
    int ctl = open_of(child, "ctl", O_WRONLY);
    sysset_t set = {{0}};
    add(set.word, SYS_nanosleep);
    add(set.word, SYS_clock_nanosleep);
    order_long(ctl, PCSET, PR_ASYNC);
    tell(ctl, PCSEXIT, &set, sizeof set);
    order_long(ctl, PCTWSTOP, 50);
    pstatus_t status = status_of(child);
    CHECK(status.pr_lwp.pr_lwpid != child);
    CHECK(!(status.pr_flags & PR_STOPPED));
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
}

CASE(a_call_that_waited_already_shows_its_arguments)
{
    int ends[2];
    char byte;
    pipe(ends);
    pid_t child = fork();
    if (child == 0)
        _exit(read(ends[0], &byte, 1) == 1 ? 0 : 1);
    nanosleep(&(struct timespec){0, 1000000}, NULL);
    int ctl = open_of(child, "ctl", O_WRONLY);
    sysset_t set = {{0}};
    add(set.word, SYS_read);
    tell(ctl, PCSEXIT, &set, sizeof set);
    write(ends[1], "x", 1);
    order(ctl, PCWSTOP);
    pstatus_t status = status_of(child);
    CHECK_EQ(PR_SYSEXIT, status.pr_lwp.pr_why);
    CHECK_EQ(SYS_read, status.pr_lwp.pr_syscall);
    CHECK_EQ(ends[0], status.pr_lwp.pr_sysarg[0]);
    CHECK_EQ(1, status.pr_lwp.pr_sysarg[2]);
    CHECK_EQ(1, status.pr_lwp.pr_rval1);
    order_long(ctl, PCRUN, 0);
    int ended;
    CHECK_EQ(child, waitpid(child, &ended, 0));
    CHECK_EQ(0, ended);
}

static volatile int caught;
static void catch(int signo) { caught = signo; }

CASE(a_traced_signal_can_be_taken_away)
{
    pid_t child = fork();
    if (child == 0) {
        signal(SIGUSR1, catch);
        raise(SIGUSR1);
        _exit(caught);
    }
    int ctl = open_of(child, "ctl", O_WRONLY);
    pr_sigset_t set = {{1u << (SIGUSR1 - 1)}};
    tell(ctl, PCSTRACE, &set, sizeof set);
    order(ctl, PCWSTOP);
    pstatus_t status = status_of(child);
    CHECK_EQ(PR_SIGNALLED, status.pr_lwp.pr_why);
    CHECK_EQ(SIGUSR1, status.pr_lwp.pr_what);
    CHECK_EQ(SIGUSR1, status.pr_lwp.pr_cursig);
    CHECK_EQ(child, status.pr_lwp.pr_info.psi_pid);
    order_long(ctl, PCRUN, PRCSIG);
    int ended;
    waitpid(child, &ended, 0);
    CHECK_EQ(0, ended);
}

static volatile long watched[1024] __attribute__((aligned(4096)));

CASE(watches_a_word_and_nothing_beside_it)
{
    pid_t child = fork();
    if (child == 0) {
        raise(SIGSTOP);
        for (int at = 0; at < 20; at++)
            watched[at] = at + 1;
        _exit(watched[5] == 6 ? 0 : 1);
    }
    waitpid(child, NULL, WUNTRACED);
    int ctl = open_of(child, "ctl", O_WRONLY);
    fltset_t faults = {{1u << (FLTWATCH - 1)}};
    tell(ctl, PCSFAULT, &faults, sizeof faults);
    prwatch_t area = {(uintptr_t)&watched[5], 8, WA_WRITE, 0};
    tell(ctl, PCWATCH, &area, sizeof area);
    kill(child, SIGCONT);
    order(ctl, PCWSTOP);
    pstatus_t status = status_of(child);
    CHECK_EQ(PR_FAULTED, status.pr_lwp.pr_why);
    CHECK_EQ(FLTWATCH, status.pr_lwp.pr_what);
    CHECK_EQ((uintptr_t)&watched[5], status.pr_lwp.pr_info.psi_addr);
    long there = -1;
    int as = open_of(child, "as", O_RDONLY);
    CHECK_EQ(8, pread(as, &there, 8, (uintptr_t)&watched[5]));
    CHECK_EQ(0, there);
    CHECK_EQ(8, pread(as, &there, 8, (uintptr_t)&watched[4]));
    CHECK_EQ(5, there);
    order_long(ctl, PCRUN, PRCFAULT);
    int ended;
    waitpid(child, &ended, 0);
    CHECK_EQ(0, ended);
}

CASE(run_on_last_close)
{
    pid_t child = sleeper();
    int ctl = open_of(child, "ctl", O_WRONLY);
    order_long(ctl, PCSET, PR_RLC);
    order(ctl, PCSTOP);
    CHECK(status_of(child).pr_flags & PR_STOPPED);
    close(ctl);
    CHECK(!(status_of(child).pr_flags & PR_STOPPED));
    ctl = open_of(child, "ctl", O_WRONLY | O_EXCL);
    CHECK(ctl >= 0);
    CHECK_ERRNO(EBUSY, open_of(child, "ctl", O_WRONLY | O_EXCL));
    order_long(ctl, PCSET, PR_KLC);
    close(ctl);
    int ended;
    CHECK_EQ(child, waitpid(child, &ended, 0));
    CHECK_EQ(SIGKILL, ended);
}

CASE(run_on_last_close_is_for_one_time)
{
    pid_t child = sleeper();
    int ctl = open_of(child, "ctl", O_WRONLY);
    order_long(ctl, PCSET, PR_RLC);
    close(ctl);
    CHECK(!(status_of(child).pr_flags & PR_RLC));
    ctl = open_of(child, "ctl", O_WRONLY);
    order(ctl, PCSTOP);
    close(ctl);
    CHECK(status_of(child).pr_flags & PR_STOPPED);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
}

CASE(waits_only_so_long)
{
    pid_t child = sleeper();
    int ctl = open_of(child, "ctl", O_WRONLY);
    order_long(ctl, PCTWSTOP, 20);
    CHECK(!(status_of(child).pr_flags & PR_STOPPED));
    struct pollfd poller = {ctl, POLLPRI, 0};
    CHECK_EQ(0, poll(&poller, 1, 0));
    order(ctl, PCDSTOP);
    CHECK_EQ(1, poll(&poller, 1, 1000));
    CHECK(poller.revents & POLLPRI);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    CHECK_EQ(1, poll(&poller, 1, 0));
    CHECK_EQ(POLLHUP, poller.revents);
}

CASE(an_agent_makes_a_call_in_another_process)
{
    pid_t child = sleeper();
    int ctl = open_of(child, "ctl", O_WRONLY);
    order(ctl, PCSTOP);
    pstatus_t status = status_of(child);
    prgregset_t registers = status.pr_lwp.pr_reg;
    registers.reg[R_A7] = SYS_getpid;
    tell(ctl, PCAGENT, &registers, sizeof registers);
    CHECK(status_of(child).pr_agentid != 0);
    int lwpctl = open_of(child, "lwp/agent/lwpctl", O_WRONLY);
    CHECK(lwpctl >= 0);
    sysset_t set = {{0}};
    add(set.word, SYS_getpid);
    tell(ctl, PCSEXIT, &set, sizeof set);
    order_long(lwpctl, PCRUN, 0);
    order(lwpctl, PCWSTOP);
    status = status_of(child);
    CHECK_EQ(PR_SYSEXIT, status.pr_lwp.pr_why);
    CHECK_EQ(child, status.pr_lwp.pr_rval1);
    registers = status.pr_lwp.pr_reg;
    registers.reg[R_A7] = SYS_exit;
    registers.reg[R_A0] = 0;
    registers.reg[R_PC] -= 4;
    tell(lwpctl, PCSREG, &registers, sizeof registers);
    order_long(lwpctl, PCRUN, 0);
    struct timespec moment = {0, 1000000};
    nanosleep(&moment, NULL);
    CHECK_EQ(0, status_of(child).pr_agentid);
    CHECK_EQ(1, status_of(child).pr_nlwp);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
}
