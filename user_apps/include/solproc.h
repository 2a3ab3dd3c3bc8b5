/* The processes as Solaris's programs see them, in /system/proc or where SOLPROC in the environment says. A `name` is
 * that of a file in the process's directory ("psinfo", "lwp/7/lwpctl"). What fails sets errno.
 */
#ifndef SOLPROC_H
#define SOLPROC_H

#include <procfs.h>
#include <stdbool.h>
#include <sys/types.h>

#define SYS_IN(set, number) ((set)->word[((number) - 1) / 32] >> ((number) - 1) % 32 & 1)
#define SYS_ADD(set, number) ((set)->word[((number) - 1) / 32] |= 1u << ((number) - 1) % 32)
#define SYS_DROP(set, number) ((set)->word[((number) - 1) / 32] &= ~(1u << ((number) - 1) % 32))

const char *sol_path(int pid, const char *name); /* until the next call; pid 0: the root */
int sol_open(int pid, const char *name, int flags);
bool sol_get(int pid, const char *name, void *to, size_t size); /* the first `size` bytes of a file */
void *sol_all(int pid, const char *name, size_t *size);         /* a whole file, to be freed */
bool sol_tell(int ctl, long code, const void *operand, size_t size);
bool sol_tell_long(int ctl, long code, long operand);

int sol_pids(int **pids);                          /* ascending; -1: there is no such directory */
bool sol_pid(const char *text, int *pid, int *lwp); /* "12" or, unless lwp is NULL, "12/3"; says what is wrong */
void sol_title(const psinfo_t *info);              /* "12:   sh -c ls" */
void sol_complain(int pid);                        /* errno, as what it means for a process */

struct hold { /* a process that stands while it is looked at */
    int pid, ctl;
    bool stopped, had_rlc;
};

bool sol_hold(struct hold *hold, int pid); /* EBUSY: somebody else controls it. It may be at rest for job control */
void sol_release(struct hold *hold);       /* on as it was before */

#endif
