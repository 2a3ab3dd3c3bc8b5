/* Shows who called whom in every lwp of a process: pstack PID[/LWP]... The process stands for that time. Names come from
 * the ELF files that it has mapped. A question mark is behind a frame that was guessed: where the file does not say how
 * to leave the function, and it has no symbol and keeps no frame pointer, the next word on the stack that looks like a
 * return address is taken.
 */
#include <err.h>
#include <fcntl.h>
#include <names.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "unwind.h"

enum { MOST_FRAMES = 128 };

static unsigned long place_in_file(const struct image *image, uintptr_t address)
{
    const prmap_t *area = image_area(image, address);
    return (unsigned long)(address - area->pr_vaddr + (uintptr_t)area->pr_offset);
}

static void show_lwp(struct image *image, const lwpstatus_t *lwp)
{
    const uint64_t *reg = lwp->pr_reg.reg;
    struct cursor cursor = {.pc = reg[R_PC], .sp = reg[R_SP], .fp = reg[R_S0], .ra = reg[R_RA], .exact = true,
                            .ra_live = true};
    if (lwp->pr_flags & PR_ASLEEP && lwp->pr_syscall)
        printf(" (waits in %s)\n", call_name(lwp->pr_syscall));
    for (int frames = 0; frames < MOST_FRAMES; frames++) {
        char where[160], file[64];
        const struct symbol *symbol = image_symbol(image, cursor.exact ? cursor.pc : cursor.pc - 1);
        if (cursor.signal)
            snprintf(where, sizeof where, "<signal handler called>");
        else if (symbol)
            snprintf(where, sizeof where, "%s + %lx", symbol->name, (unsigned long)(cursor.pc - symbol->start));
        else if (*image_file(image, cursor.pc, file, sizeof file))
            snprintf(where, sizeof where, "???????? (%s + %lx)", file, place_in_file(image, cursor.pc));
        else
            snprintf(where, sizeof where, "????????");
        printf(" %016lx %s%s\n", (unsigned long)cursor.pc, where, cursor.guessed ? " ?" : "");
        if (!unwind(image, &cursor))
            return;
    }
    printf(" ... and so on\n");
}

static bool show(int pid, int wanted)
{
    struct hold hold;
    struct image image;
    psinfo_t info;
    size_t size;
    char *lwps;
    if (!sol_hold(&hold, pid))
        return false;
    bool good = sol_get(pid, "psinfo", &info, sizeof info) && image_open(&image, pid);
    if (good && (lwps = sol_all(pid, "lstatus", &size))) {
        const prheader_t *head = (const prheader_t *)(void *)lwps;
        bool shown = false;
        sol_title(&info);
        for (long i = 0; i < head->pr_nent; i++) {
            const lwpstatus_t *lwp = (const void *)(lwps + sizeof *head + i * head->pr_entsize);
            if (wanted && lwp->pr_lwpid != wanted)
                continue;
            if (head->pr_nent > 1)
                printf("----------------- lwp# %d --------------------------------\n", lwp->pr_lwpid);
            show_lwp(&image, lwp);
            shown = true;
        }
        if (!shown)
            warnx("%d/%d: no such lwp", pid, wanted);
        free(lwps);
    }
    sol_release(&hold);
    if (good) {
        unwind_close();
        image_close(&image);
    }
    return good;
}

int main(int argc, char **argv)
{
    int failed = 0;
    begin("pstack", "usage: pstack PID[/LWP]...\n", argc, argv);
    if (argc < 2)
        wrong_usage();
    for (int i = 1; i < argc; i++) {
        int pid, lwp;
        if (!sol_pid(argv[i], &pid, &lwp)) {
            failed = 1;
        } else if (pid == getpid()) {
            warnx("%d: that is pstack itself", pid);
            failed = 1;
        } else if (!show(pid, lwp)) {
            sol_complain(pid);
            failed = 1;
        }
    }
    return failed;
}
