/* Processes in three pid namespaces, and a thread; each calls getppid when it has got where it should be looked at. */
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static void *thread(void *unused)
{
    syscall(SYS_getppid); /* 4: a thread that does not lead */
    return unused;
}

int main(void)
{
    int status;
    syscall(SYS_getppid); /* 1: the first process */
    unshare(CLONE_NEWPID);
    pid_t outer = fork();
    if (outer == 0) {
        syscall(SYS_getppid); /* 2: one namespace down */
        unshare(CLONE_NEWPID);
        pid_t inner = fork();
        if (inner == 0) {
            syscall(SYS_getppid); /* 3: two namespaces down */
            pthread_t other;
            pthread_create(&other, NULL, thread, NULL);
            pthread_join(other, NULL);
            _exit(0);
        }
        siginfo_t info;
        waitid(P_PID, (id_t)inner, &info, WEXITED | WNOWAIT);
        syscall(SYS_getppid); /* 5: the inner one is a zombie */
        waitpid(inner, &status, 0);
        syscall(SYS_getppid); /* 6: it was waited for */
        _exit(0);
    }
    waitpid(outer, &status, 0);
    return status;
}
