/* Shows what a shell is: read a line, take it apart, fork, connect, exec, wait. `help` inside it says what it knows.
 *
 *     sh                  commands from standard input; on a terminal with editing, history and job control
 *     sh FILE             commands from a file
 *     sh -c COMMANDS      these commands
 *
 * Without a terminal it reads its input byte by byte, so that the rest of the input is there for the programs it runs.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sh.h"

static int input = STDIN_FILENO;

void complain(const char *what, const char *why)
{
    fflush(stdout);
    dprintf(STDERR_FILENO, "sh: %s: %s\n", what, why);
}

/* One line without its newline. */
static enum line_result read_plain_line(struct text *line)
{
    char byte;
    ssize_t got;
    text_set(line, "");
    while ((got = read(input, &byte, 1)) == 1 || (got < 0 && errno == EINTR)) {
        if (got == 1 && byte == '\n')
            return LINE_READ;
        if (got == 1 && byte)
            text_add_byte(line, byte);
    }
    return line->length > 0 ? LINE_READ : INPUT_ENDED;
}

static enum line_result read_line(bool first, struct text *line)
{
    if (!interactive)
        return read_plain_line(line);
    char prompt[300], directory[256];
    if (first)
        snprintf(prompt, sizeof prompt, "%s $ ", getcwd(directory, sizeof directory) ? directory : "?");
    else
        snprintf(prompt, sizeof prompt, "> ");
    return edit_line(prompt, line);
}

/* Read and run one command, which may span lines; false at the end of the input. */
static bool read_and_run(void)
{
    struct text line = {0}, whole = {0};
    struct list *lists = NULL;
    const char *message;
    enum parse_result result;
    enum line_result first = read_line(true, &line), next = first;
    if (first == LINE_READ)
        text_add(&whole, line.bytes, line.length);
    while (next == LINE_READ && (result = parse(whole.bytes, &lists, &message)) != PARSED) {
        lists = NULL;
        if (result == INCOMPLETE)
            next = read_line(false, &line);
        if (result == INCOMPLETE && next == LINE_READ) {
            text_add_byte(&whole, '\n');
            text_add(&whole, line.bytes, line.length);
        } else if (next != LINE_ABANDONED) {
            complain("cannot read this", message);
            last_status = 2;
            break;
        }
    }
    if (first == LINE_READ && interactive)
        history_add(whole.bytes);
    run_lists(lists);
    text_free(&line);
    text_free(&whole);
    line_free();
    return first != INPUT_ENDED;
}

static int run_text(const char *text)
{
    struct list *lists;
    const char *message;
    if (parse(text, &lists, &message) != PARSED) {
        complain("cannot read this", message);
        return 2;
    }
    run_lists(lists);
    return last_status;
}

int main(int argc, char **argv)
{
    shell_pid = getpid();
    if (argc > 1 && strcmp(argv[1], "-c") == 0) {
        if (argc == 2) {
            complain("-c", "the commands are missing");
            return 2;
        }
        int status = run_text(argv[2]);
        exit(status);
    }
    if (argc > 1) {
        int fd = open(argv[1], O_RDONLY);
        if (fd < 0) {
            complain(argv[1], strerror(errno));
            return 127;
        }
        input = fcntl(fd, F_DUPFD_CLOEXEC, 10); /* out of the way of redirections */
        close(fd);
    }
    interactive = input == STDIN_FILENO && isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
    if (interactive)
        job_control_start();
    do
        jobs_report(false);
    while (read_and_run());
    return last_status;
}
