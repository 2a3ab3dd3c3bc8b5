/* The shell, part by part:
 *
 *     main.c     reads lines and runs them
 *     edit.c     editing a line on a terminal        history.c   lines of before
 *     complete.c what the tab key adds
 *     parse.c    text -> lists of pipelines of commands
 *     expand.c   words: quotes, variables, patterns   glob.c      patterns -> file names
 *     execute.c  runs a list: forks, pipes, redirections
 *     job.c      what was started: waiting, the terminal, reports
 *     builtin.c  cd, exit, jobs and the other commands that the shell does itself
 *     memory.c   memory that lives as long as a command line
 */
#ifndef SH_H
#define SH_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* ---- memory.c ---- */

/* Memory that line_free gives back all at once. These end the shell if there is none left. */
void *line_alloc(size_t size);
char *line_copy(const char *text, size_t length);
void line_free(void);

/* Text that grows; start with {0}. */
struct text {
    char *bytes; /* ends with a 0 once something was added */
    size_t length, room;
};

void text_add(struct text *text, const char *bytes, size_t length);
void text_add_byte(struct text *text, char byte);
void text_insert(struct text *text, size_t at, const char *bytes, size_t length);
void text_remove(struct text *text, size_t at, size_t length);
void text_set(struct text *text, const char *bytes);
void text_free(struct text *text);

/* Pointers that grow in number; in line memory. */
struct vector {
    char **items; /* ends with a NULL */
    size_t count, room;
};

void vector_add(struct vector *vector, char *item);
void vector_sort(struct vector *vector, size_t from);

/* ---- parse.c ---- */

enum redirect_kind { READ_FROM, WRITE_TO, APPEND_TO, DUPLICATE };

struct redirect {
    enum redirect_kind kind;
    int fd;
    const char *word; /* a path, or for DUPLICATE a descriptor's number */
    struct redirect *next;
};

struct command {
    struct vector words; /* not expanded yet */
    struct redirect *redirects;
    struct command *next; /* where its output goes */
};

enum condition { ALWAYS, AND, OR };

struct pipeline {
    enum condition condition; /* on the status of the one before */
    struct command *commands;
    struct pipeline *next;
};

struct list {
    struct pipeline *pipelines;
    bool background;
    const char *text; /* as it was typed */
    struct list *next;
};

enum parse_result { PARSED, INCOMPLETE, MALFORMED };

/* INCOMPLETE: more lines may complete it. `*message` says what is wrong in both cases. */
enum parse_result parse(const char *text, struct list **lists, const char **message);

/* ---- expand.c, glob.c ---- */

extern int last_status;       /* $? */
extern pid_t shell_pid;       /* $$: the shell's, in its children too */
extern pid_t last_background; /* $!: the newest command in the background; 0: there was none */

/* One word may become none, one or many. */
void expand_word(const char *word, struct vector *fields);

/* One word as exactly one string, without patterns: for the path of a redirection. */
char *expand_single(const char *word);

/* Add the file names that match, sorted; if none does, the pattern itself without its backslashes. */
void glob(const char *pattern, struct vector *fields);

/* ---- execute.c ---- */

void run_lists(const struct list *lists);

/* ---- job.c ---- */

struct job {
    int number; /* 0: the slot is free */
    pid_t group;
    pid_t *pids; /* 0 where it has ended */
    int count, left;
    int status; /* of the last command of the pipeline, as $? has it */
    int signal; /* that ended it, or 0 */
    bool stopped, background, reported;
    char *text;
};

extern bool interactive;  /* there is a terminal: prompts and reports */
extern bool job_control;  /* each job has a process group of its own */

void job_control_start(void);
void terminal_cooked(void);
void terminal_raw(void);
struct job *job_new(const char *text, int count, bool background);
void job_forget(struct job *job);
struct job *job_find(int number); /* 0: the newest; NULL: no such job */
struct job *job_next(const struct job *after); /* NULL: the first */
void job_wait(struct job *job); /* in the foreground; sets last_status */
bool job_wait_any(void);        /* for something to change; false if there is no child */
void job_continue(struct job *job, bool foreground);
void jobs_report(bool all);     /* what changed, or everything */
bool job_words(struct vector *words); /* make %N of kill what it means; false if there is no such job */

/* ---- builtin.c ---- */

typedef int builtin_function(int argc, char **argv); /* gives the status */

builtin_function *builtin_find(const char *name);
const char *builtin_name(size_t index); /* NULL behind the last */

/* ---- edit.c, history.c, complete.c ---- */

enum line_result { LINE_READ, LINE_ABANDONED, INPUT_ENDED };

/* Edit one line on the terminal. LINE_ABANDONED: by ctrl-C, and with it what stands before it of the same command. */
enum line_result edit_line(const char *prompt, struct text *line);

void history_add(const char *line);
const char *history_get(size_t back); /* 1: the newest; NULL: there is none so old */

/* Complete the word before `cursor`. Lists the choices if there are several and nothing to add; true if it did. */
bool complete(struct text *line, size_t *cursor);

/* Say something about an error: `sh: WHAT: WHY`. */
void complain(const char *what, const char *why);

#endif
