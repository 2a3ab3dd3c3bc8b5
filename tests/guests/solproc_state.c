/* Processes of many kinds, left as they are while somebody outside looks at them: at each call of getppid. */
#include "solproc.h"
#include <grp.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>

static char stack[16384], page[4096];

static void handler(int signo) { (void)signo; }

static void *thread_of(void *unused)
{
    prctl(PR_SET_NAME, "second");
    for (;;)
        pause();
    return unused;
}

CASE(look)
{
    /* Two lwps, signals of all kinds, ids, maps. */
    pid_t rich = fork();
    if (rich == 0) {
        stack_t alternate = {.ss_sp = stack, .ss_size = sizeof stack, .ss_flags = 1u << 31};
        sigaltstack(&alternate, NULL);
        struct sigaction action = {.sa_handler = handler, .sa_flags = SA_RESTART | SA_RESETHAND};
        sigaddset(&action.sa_mask, SIGUSR2);
        sigaction(SIGUSR1, &action, NULL);
        signal(SIGHUP, SIG_IGN);
        sigset_t blocked;
        sigemptyset(&blocked);
        sigaddset(&blocked, SIGTERM);
        sigaddset(&blocked, 40);
        sigprocmask(SIG_BLOCK, &blocked, NULL);
        kill(getpid(), SIGTERM);
        pthread_t thread;
        pthread_create(&thread, NULL, thread_of, NULL);
        syscall(SYS_tgkill, getpid(), getpid(), 40);
        int file = open("/tmp/file", O_CREAT | O_RDWR, 0600);
        ftruncate(file, 8192);
        char *shown = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
        shown[0] = 1;
        mmap(NULL, 3 * 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        char *locked = mmap(NULL, 2 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        mlock(locked, 4096);
        sbrk(12345);
        setpgid(0, 0);
        setpriority(PRIO_PROCESS, 0, 7);
        setgroups(3, (gid_t[]){7, 8, 9});
        setresgid(1, 2, 3);
        setresuid(4, 5, 6);
        for (;;)
            pause();
    }
    /* Traced, watched and stopped at a call. */
    pid_t held = fork();
    if (held == 0) {
        ready();
        for (;;)
            getpgid(0);
    }
    int ctl = traced(held);
    sysset_t entry = SYSSET(SYS_getpgid), exit = SYSSET(SYS_write, 511);
    pr_sigset_t signals = SIGNALS(SIGINT, 64);
    fltset_t faults = FAULT(FLTWATCH);
    prwatch_t one = {(uintptr_t)page, 100, WA_WRITE, 0};
    tell(ctl, PCSENTRY, &entry, sizeof entry);
    tell(ctl, PCSEXIT, &exit, sizeof exit);
    tell(ctl, PCSTRACE, &signals, sizeof signals);
    tell(ctl, PCSFAULT, &faults, sizeof faults);
    tell(ctl, PCWATCH, &one, sizeof one);
    kill(held, SIGCONT);
    order(ctl, PCWSTOP);
    /* One that computed and is dead. */
    pid_t dead = fork();
    if (dead == 0) {
        for (int at = 0; at < 300000; at++)
            counter++;
        _exit(3);
    }
    siginfo_t info;
    waitid(P_PID, dead, &info, WEXITED | WNOWAIT);
    /* Stopped by job control. */
    pid_t stopped = fork();
    if (stopped == 0)
        ready();
    waitpid(stopped, NULL, WUNTRACED);
    pass_ms(5);
    syscall(SYS_getppid);
    end(rich);
    end(held);
    end(dead);
    end(stopped);
}
