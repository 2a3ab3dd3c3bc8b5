/* Shows whom processes act for: pcred PID... The three of user and group are shown as one where they agree. */
#include <err.h>
#include <solproc.h>
#include <stdio.h>
#include <stdlib.h>

static void show_three(char letter, unsigned effective, unsigned real, unsigned saved)
{
    if (effective == real && real == saved)
        printf("e/r/s%cid=%u", letter, effective);
    else
        printf("e%cid=%u r%cid=%u s%cid=%u", letter, effective, letter, real, letter, saved);
}

static bool show(int pid)
{
    size_t size;
    prcred_t *cred = sol_all(pid, "cred", &size);
    if (!cred)
        return false;
    printf("%d:\t", pid);
    show_three('u', cred->pr_euid, cred->pr_ruid, cred->pr_suid);
    printf("  ");
    show_three('g', cred->pr_egid, cred->pr_rgid, cred->pr_sgid);
    putchar('\n');
    for (int i = 0; i < cred->pr_ngroups; i++)
        printf("%s%u%s", i ? " " : "\tgroups: ", cred->pr_groups[i], i + 1 < cred->pr_ngroups ? "" : "\n");
    free(cred);
    return true;
}

int main(int argc, char **argv)
{
    int failed = 0;
    begin("pcred", "usage: pcred PID...\n", argc, argv);
    if (argc < 2)
        wrong_usage();
    for (int i = 1; i < argc; i++) {
        int pid;
        if (!sol_pid(argv[i], &pid, NULL)) {
            failed = 1;
        } else if (!show(pid)) {
            sol_complain(pid);
            failed = 1;
        }
    }
    return failed;
}
