/* Prints the functions on the stack of a signal handler, one a line, by both of glibc's ways to walk it. */
#define _GNU_SOURCE
#include <execinfo.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>
#include <unwind.h>

#define KEEP __attribute__((noinline, noclone, noipa))

int main(int argc, char **argv);
KEEP static int crash(volatile int *at);
static void handler(int signo);

/* The function that an instruction is in. libgcc takes a return address, which belongs to the call in front of it. */
static const char *name_of(char *instruction)
{
    void *start = _Unwind_FindEnclosingFunction(instruction + 1);
    return start == (void *)main ? "main" : start == (void *)crash ? "crash" : start == (void *)handler ? "handler" : "-";
}

static _Unwind_Reason_Code frame(struct _Unwind_Context *context, void *arg)
{
    (void)arg;
    int before;
    unsigned long ip = _Unwind_GetIPInfo(context, &before);
    printf("%s%s\n", name_of((char *)(before ? ip : ip - 1)), before ? " interrupted" : "");
    return _URC_NO_REASON;
}

static void handler(int signo)
{
    void *found[32];
    (void)signo;
    int count = backtrace(found, 32);
    for (int i = 0; i < count; i++) {
        const char *name = name_of((char *)found[i] - 1);
        printf("%s\n", *name == '-' ? name_of(found[i]) : name); /* it was interrupted at its first instruction */
    }
    printf("again\n");
    _Unwind_Backtrace(frame, NULL);
    fflush(stdout);
    _exit(0);
}

KEEP static int crash(volatile int *at)
{
    return *at + 1;
}

int main(int argc, char **argv)
{
    static char stack[65536];
    stack_t other = {.ss_sp = stack, .ss_size = sizeof stack};
    struct sigaction action = {.sa_handler = handler, .sa_flags = argc > 1 ? SA_ONSTACK : 0};
    sigaltstack(&other, NULL);
    sigaction(SIGSEGV, &action, NULL);
    return crash((int *)8) + (argv == NULL);
}
