/* The commands that the shell does itself, because they change the shell. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sh.h"

static int do_cd(int argc, char **argv)
{
    const char *home = getenv("HOME");
    const char *to = argc > 1 ? argv[1] : home ? home : "/";
    if (chdir(to) == 0)
        return 0;
    complain(to, strerror(errno));
    return 1;
}

static int do_pwd(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    char path[4096];
    if (!getcwd(path, sizeof path)) {
        complain("pwd", strerror(errno));
        return 1;
    }
    puts(path);
    return 0;
}

static int do_exit(int argc, char **argv)
{
    int code = last_status;
    if (argc > 1) {
        char *end;
        code = (int)strtol(argv[1], &end, 10);
        if (end == argv[1] || *end) {
            complain(argv[1], "not a number");
            code = 2;
        }
    }
    exit(code & 0xff);
}

static int do_jobs(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    jobs_report(true);
    return 0;
}

/* %2 or 2: job 2; nothing: the newest. NULL with a complaint if there is none. */
static struct job *named_job(int argc, char **argv)
{
    const char *name = argc > 1 ? argv[1] + (argv[1][0] == '%') : "0";
    struct job *job = job_find(atoi(name));
    if (!job)
        complain(argv[0], "no such job");
    return job;
}

static int do_wait(int argc, char **argv)
{
    if (argc > 1) {
        struct job *job = named_job(argc, argv);
        if (!job)
            return 127;
        while (job->left > 0 && !job->stopped && job_wait_any())
            ;
        int status = job->status;
        jobs_report(false);
        return status;
    }
    while (job_wait_any())
        ;
    jobs_report(false);
    return 0;
}

static int do_fg(int argc, char **argv)
{
    struct job *job = named_job(argc, argv);
    if (!job)
        return 1;
    job_continue(job, true);
    return last_status;
}

static int do_bg(int argc, char **argv)
{
    struct job *job = named_job(argc, argv);
    if (!job)
        return 1;
    job_continue(job, false);
    return 0;
}

/* The environment is ours to change: a copy whose entries are all from malloc, made at the first change. */
static void set_variable(const char *name, size_t length, const char *value)
{
    static char **owned;
    static size_t count;
    if (!owned) {
        while (environ && environ[count])
            count++;
        owned = calloc(count + 1, sizeof *owned);
        for (size_t i = 0; owned && i < count; i++)
            owned[i] = strdup(environ[i]);
    }
    size_t at = 0;
    while (owned && at < count && !(strncmp(owned[at], name, length) == 0 && owned[at][length] == '='))
        at++;
    if (!value) {
        if (owned && at < count) {
            free(owned[at]);
            owned[at] = owned[--count];
            owned[count] = NULL;
        }
    } else {
        char *entry = malloc(length + strlen(value) + 2);
        char **larger = at == count ? realloc(owned, (count + 2) * sizeof *owned) : owned;
        if (!entry || !larger) {
            complain("export", "out of memory");
            return;
        }
        snprintf(entry, length + strlen(value) + 2, "%.*s=%s", (int)length, name, value);
        owned = larger;
        if (at == count)
            owned[++count] = NULL;
        else
            free(owned[at]);
        owned[at] = entry;
    }
    environ = owned;
}

static int do_export(int argc, char **argv)
{
    for (char **entry = environ; argc == 1 && entry && *entry; entry++)
        puts(*entry);
    for (int i = 1; i < argc; i++) {
        size_t length = strcspn(argv[i], "=");
        if (argv[i][length] == '=' && length > 0)
            set_variable(argv[i], length, argv[i] + length + 1);
    }
    return 0;
}

static int do_unset(int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        set_variable(argv[i], strlen(argv[i]), NULL);
    return 0;
}

static int do_help(int argc, char **argv);

static const struct {
    const char *name, *use, *help;
    builtin_function *run;
} builtins[] = {
    {"bg", "bg [%N]", "go on with a stopped job in the background", do_bg},
    {"cd", "cd [DIRECTORY]", "change the working directory", do_cd},
    {"exit", "exit [N]", "leave the shell", do_exit},
    {"export", "export [NAME=VALUE...]", "set variables for programs, or show them", do_export},
    {"fg", "fg [%N]", "bring a job to the foreground", do_fg},
    {"help", "help", "show this", do_help},
    {"jobs", "jobs", "show what runs in the background", do_jobs},
    {"pwd", "pwd", "show the working directory", do_pwd},
    {"unset", "unset NAME...", "remove variables", do_unset},
    {"wait", "wait [%N]", "wait for background jobs", do_wait},
};

enum { BUILTINS = sizeof builtins / sizeof *builtins };

static int do_help(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    for (size_t i = 0; i < BUILTINS; i++)
        printf("%-24s %s\n", builtins[i].use, builtins[i].help);
    puts("Between commands: ; && || | &   Files: < > >> 2> 2>&1   Words: 'a' \"a\" \\a $NAME $? $$ $! * ?");
    puts("Programs are in /bin: ls /bin");
    return 0;
}

builtin_function *builtin_find(const char *name)
{
    for (size_t i = 0; i < BUILTINS; i++)
        if (strcmp(builtins[i].name, name) == 0)
            return builtins[i].run;
    return NULL;
}

const char *builtin_name(size_t index) { return index < BUILTINS ? builtins[index].name : NULL; }
