/* Running a list: forks, pipes, redirections. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sh.h"

enum { CANNOT_EXECUTE = 126, NOT_FOUND = 127, SAVED_FD = 60, MOST_SAVED = 8 };

/* Open what a redirection names; -1 with a complaint. `*owned` is false if the descriptor must stay open. */
static int open_target(const struct redirect *redirect, bool *owned)
{
    static const int flags[] = {
        [READ_FROM] = O_RDONLY,
        [WRITE_TO] = O_WRONLY | O_CREAT | O_TRUNC,
        [APPEND_TO] = O_WRONLY | O_CREAT | O_APPEND,
    };
    char *word = expand_single(redirect->word);
    *owned = redirect->kind != DUPLICATE;
    if (*owned) {
        int fd = open(word, flags[redirect->kind], 0666);
        if (fd < 0)
            complain(word, strerror(errno));
        return fd;
    }
    char *end;
    long fd = strtol(word, &end, 10);
    if (end == word || *end || fd < 0 || fcntl((int)fd, F_GETFD) < 0) {
        complain(word, "not an open descriptor");
        return -1;
    }
    return (int)fd;
}

static bool redirect_all(const struct redirect *redirect)
{
    for (; redirect; redirect = redirect->next) {
        bool owned;
        int fd = open_target(redirect, &owned);
        if (fd < 0)
            return false;
        if (fd != redirect->fd) {
            dup2(fd, redirect->fd);
            if (owned)
                close(fd);
        }
    }
    return true;
}

static void expand_all(const struct command *command, struct vector *fields)
{
    for (size_t i = 0; i < command->words.count; i++)
        expand_word(command->words.items[i], fields);
}

/* NAME=VALUE alone is the same as export NAME=VALUE. */
static bool is_assignment(const char *word)
{
    size_t name = strcspn(word, "=");
    return word[name] == '=' && name > 0 && strspn(word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789")
        == name && !(word[0] >= '0' && word[0] <= '9');
}

static builtin_function *find_builtin(struct vector *fields)
{
    if (fields->count == 0)
        return NULL;
    if (is_assignment(fields->items[0])) {
        struct vector export = {0};
        vector_add(&export, line_copy("export", 6));
        for (size_t i = 0; i < fields->count; i++)
            vector_add(&export, fields->items[i]);
        *fields = export;
    }
    return builtin_find(fields->items[0]);
}

static _Noreturn void execute_program(char **argv)
{
    const char *path = getenv("PATH");
    int error = ENOENT;
    if (strchr(argv[0], '/')) {
        execve(argv[0], argv, environ);
        error = errno;
    } else {
        for (path = path ? path : "/bin"; *path; path += *path == ':') {
            char file[4096];
            size_t length = strcspn(path, ":");
            snprintf(file, sizeof file, "%.*s/%s", (int)length, path, argv[0]);
            execve(file, argv, environ);
            if (errno != ENOENT && errno != ENOTDIR)
                error = errno;
            path += length;
        }
    }
    struct stat found;
    if (error == EACCES && stat(argv[0], &found) == 0 && S_ISDIR(found.st_mode))
        error = EISDIR;
    bool missing = error == ENOENT && !strchr(argv[0], '/');
    complain(argv[0], missing ? "command not found" : strerror(error));
    _exit(error == ENOENT ? NOT_FOUND : CANNOT_EXECUTE);
}

/* In a child of our own: become the command. */
static _Noreturn void become(const struct command *command)
{
    struct vector fields = {0};
    expand_all(command, &fields);
    if (!redirect_all(command->redirects))
        _exit(1);
    builtin_function *builtin = find_builtin(&fields);
    if (builtin)
        exit(builtin((int)fields.count, fields.items));
    if (fields.count == 0)
        _exit(0);
    if (strcmp(fields.items[0], "kill") == 0 && !job_words(&fields))
        _exit(1);
    execute_program(fields.items);
}

/* In a child: join the job's process group, and take signals as every program does. */
static void join_job(const struct job *job)
{
    static const int ignored[] = {SIGINT, SIGQUIT, SIGTSTP, SIGTTIN, SIGTTOU};
    if (job_control) {
        setpgid(0, job->group);
        if (!job->background)
            tcsetpgrp(STDIN_FILENO, getpgrp());
    }
    if (interactive) {
        for (size_t i = 0; i < sizeof ignored / sizeof *ignored; i++)
            signal(ignored[i], SIG_DFL);
    }
    if (job->background && !job_control) { /* then the terminal's keys and input are not for it */
        signal(SIGINT, SIG_IGN);
        signal(SIGQUIT, SIG_IGN);
        int nothing = open("/dev/null", O_RDONLY);
        if (nothing > 0) {
            dup2(nothing, STDIN_FILENO);
            close(nothing);
        }
    }
    interactive = job_control = false;
}

/* Fork one process of a job; 0 in the child. */
static pid_t start(struct job *job)
{
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) {
        join_job(job);
        return 0;
    }
    if (pid < 0) {
        complain("fork", strerror(errno));
        return -1;
    }
    if (job->group == 0)
        job->group = pid;
    if (job_control)
        setpgid(pid, job->group); /* here too: whoever comes first */
    job->pids[job->count++] = pid;
    job->left++;
    return pid;
}

static void connect(int fd, int number)
{
    if (fd >= 0 && fd != number) {
        dup2(fd, number);
        close(fd);
    }
}

static void close_if_open(int fd)
{
    if (fd >= 0)
        close(fd);
}

/* Start every command of a pipeline; false if one could not be. */
static bool start_pipeline(struct job *job, const struct command *commands)
{
    int from = -1;
    for (const struct command *command = commands; command; command = command->next) {
        int ends[2] = {-1, -1};
        if (command->next && pipe(ends) < 0) {
            complain("pipe", strerror(errno));
            close_if_open(from);
            return false;
        }
        pid_t pid = start(job);
        if (pid == 0) {
            close_if_open(ends[0]);
            connect(from, STDIN_FILENO);
            connect(ends[1], STDOUT_FILENO);
            become(command);
        }
        close_if_open(from);
        close_if_open(ends[1]);
        from = ends[0];
        if (pid < 0) {
            close_if_open(from);
            return false;
        }
    }
    return true;
}

/* Wait for the job, or say that it runs. */
static void settle(struct job *job, bool started)
{
    if (!started && job->count == 0) {
        job_forget(job);
        last_status = 1;
    } else if (job->background) {
        last_background = job->pids[job->count - 1];
        if (interactive)
            dprintf(STDERR_FILENO, "[%d] %d\n", job->number, (int)job->pids[job->count - 1]);
        last_status = 0;
    } else {
        job_wait(job);
        if (!started)
            last_status = 1;
    }
}

/* A builtin in the shell itself: its redirections are undone afterwards. */
static void run_builtin(builtin_function *builtin, const struct command *command, const struct vector *fields)
{
    struct {
        int fd, copy;
    } saved[MOST_SAVED];
    int count = 0;
    fflush(stdout);
    for (const struct redirect *redirect = command->redirects; redirect && count < MOST_SAVED;
         redirect = redirect->next, count++) {
        saved[count].fd = redirect->fd;
        saved[count].copy = fcntl(redirect->fd, F_DUPFD_CLOEXEC, SAVED_FD);
    }
    int status = redirect_all(command->redirects) ? 0 : 1;
    if (status == 0 && builtin)
        status = builtin((int)fields->count, fields->items);
    fflush(stdout);
    while (count-- > 0) {
        if (saved[count].copy >= 0) {
            dup2(saved[count].copy, saved[count].fd);
            close(saved[count].copy);
        } else {
            close(saved[count].fd);
        }
    }
    last_status = status;
}

static void run_pipeline(const struct pipeline *pipeline, const char *text, bool background)
{
    const struct command *commands = pipeline->commands;
    if (!commands->next && !background) {
        struct vector fields = {0};
        expand_all(commands, &fields);
        builtin_function *builtin = find_builtin(&fields);
        if (builtin || fields.count == 0) {
            run_builtin(builtin, commands, &fields);
            return;
        }
    }
    int count = 0;
    for (const struct command *command = commands; command; command = command->next)
        count++;
    struct job *job = job_new(text, count, background);
    if (!job) {
        complain("too many jobs", text);
        last_status = 1;
        return;
    }
    settle(job, start_pipeline(job, commands));
}

static void run_pipelines(const struct list *list)
{
    for (const struct pipeline *pipeline = list->pipelines; pipeline; pipeline = pipeline->next) {
        if ((pipeline->condition == AND && last_status != 0) || (pipeline->condition == OR && last_status == 0))
            continue;
        run_pipeline(pipeline, list->text, false);
    }
}

/* a && b & : a child of our own runs the whole of it. */
static void run_in_background(const struct list *list)
{
    if (!list->pipelines->next) {
        run_pipeline(list->pipelines, list->text, true);
        return;
    }
    struct job *job = job_new(list->text, 1, true);
    if (!job) {
        complain("too many jobs", list->text);
        last_status = 1;
        return;
    }
    pid_t pid = start(job);
    if (pid == 0) {
        run_pipelines(list);
        exit(last_status);
    }
    settle(job, pid > 0);
}

void run_lists(const struct list *lists)
{
    for (; lists; lists = lists->next) {
        if (lists->background)
            run_in_background(lists);
        else
            run_pipelines(lists);
    }
}
