/* Shows processes, as Linux has them in /proc: ps [-e] [-f] [-L] [-o COLUMNS] [-p PIDS] [-u USERS] [-C NAMES], or
 * without the dash ps [a] [x] [u]. Without a choice: the caller's own processes at the same terminal.
 */
#include <ctype.h>
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ps.h"

#define MOST_COLUMNS 32

static const char usage[] =
    "usage: ps [-e|-A] [-f] [-L] [-o COLUMN[=TITLE],...] [-p PID,...] [-u USER,...] [-C NAME,...]\n"
    "       ps [a][x][u]\n";

static const struct column *shown[MOST_COLUMNS];
static const char *titles[MOST_COLUMNS];
static int count;

static bool all, full, threads, with_other_users, without_terminal, bsd, chosen;
static const char *pids, *users, *names;
static struct proc_stat self;
static size_t line_width; /* of the terminal; 0: as long as it takes */

/* Columns by name, with or without a title of their own, which goes up to the next comma. */
static void add_columns(const char *list)
{
    for (char *copy = must(strdup(list)); *copy;) { /* the titles stay in the copy */
        size_t length = strcspn(copy, ",= ");
        const struct column *column = find_column(copy, length);
        if (!column)
            errx(2, "%.*s: no such column", (int)length, copy);
        if (count == MOST_COLUMNS)
            errx(2, "more than %d columns", MOST_COLUMNS);
        shown[count] = column;
        titles[count] = column->header;
        if (copy[length] == '=') {
            titles[count] = copy + length + 1;
            length += 1 + strcspn(copy + length + 1, ",");
        }
        count++;
        copy += length;
        if (*copy)
            *copy++ = '\0';
    }
}

static bool listed(const char *list, bool (*is)(const char *word, const struct process *process),
                   const struct process *process)
{
    for (; *list; list += strcspn(list, ", "), list += *list != '\0') {
        char word[64];
        snprintf(word, sizeof word, "%.*s", (int)strcspn(list, ", "), list);
        if (*word && is(word, process))
            return true;
    }
    return false;
}

static bool is_pid(const char *word, const struct process *process) { return atoi(word) == process->pid; }
static bool is_user(const char *word, const struct process *process)
{
    return user_number(word) == (int)process->euid;
}
static bool is_name(const char *word, const struct process *process) { return strcmp(word, process->stat.comm) == 0; }

static bool is_wanted(const struct process *process)
{
    if (all)
        return true;
    if (chosen)
        return (pids && listed(pids, is_pid, process)) || (users && listed(users, is_user, process))
               || (names && listed(names, is_name, process));
    bool own = process->euid == geteuid();
    if (bsd)
        return (with_other_users || own) && (without_terminal || process->stat.tty);
    return own && process->stat.tty == self.tty;
}

static void put_line(const char *line, size_t length)
{
    while (length > 0 && line[length - 1] == ' ')
        length--;
    if (line_width && length > line_width)
        length = line_width;
    printf("%.*s\n", (int)length, line);
}

static void show_header(void)
{
    char line[1024];
    size_t at = 0;
    bool any = false;
    for (int i = 0; i < count && at < sizeof line; i++) {
        any = any || *titles[i];
        at += (size_t)snprintf(line + at, sizeof line - at, "%*s%s", shown[i]->width, titles[i],
                               i + 1 < count ? " " : "");
    }
    if (any)
        put_line(line, at < sizeof line ? at : sizeof line - 1);
}

static void show(const struct process *process)
{
    static char line[8192], cell[4096];
    int at = 0, over = 0; /* how far wide cells have pushed the others to the right */
    for (int i = 0; i < count && at < (int)sizeof line - 1; i++) {
        int width = shown[i]->width;
        shown[i]->show(process, cell, sizeof cell);
        if (width == -8 && strlen(cell) > 8 && i + 1 < count) /* a long name of a user */
            memcpy(cell + 7, "+", 2);
        if (width < -8 && i + 1 < count) /* arguments and names give way to what is behind them */
            cell[-width] = '\0';
        int least = (width < 0 ? -width : width) - over;
        least = least > 0 ? least : 0;
        int length = (int)strlen(cell);
        at += snprintf(line + at, sizeof line - (size_t)at, "%*s%s", width < 0 ? -least : least, cell,
                       i + 1 < count ? " " : "");
        over = length > least ? length - least : 0;
    }
    put_line(line, strlen(line));
}

static void consider(int pid, const char *directory)
{
    struct process process = {.pid = pid};
    struct stat owner;
    if (stat(directory, &owner) < 0 || !proc_stat(directory, &process.stat))
        return; /* it has ended meanwhile */
    process.euid = owner.st_uid;
    if (!is_wanted(&process))
        return;
    char *command = proc_command(pid);
    if (!*command) {
        free(command);
        command = must(malloc(64));
        snprintf(command, 64, "[%s]%s", process.stat.comm, process.stat.state == 'Z' ? " <defunct>" : "");
    }
    process.command = command;
    show(&process);
    free(command);
}

static void read_bsd(const char *letters)
{
    for (bsd = true; *letters; letters++) {
        switch (*letters) {
        case 'a': with_other_users = true; break;
        case 'x': without_terminal = true; break;
        case 'u': full = true; break;
        case 'w': break;
        default: wrong_usage();
        }
    }
}

static void read_options(int argc, char **argv)
{
    for (int option; (option = getopt(argc, argv, "eAfLo:p:u:C:")) >= 0;) {
        switch (option) {
        case 'e': case 'A': all = true; break;
        case 'f': full = true; break;
        case 'L': threads = true; break;
        case 'o': add_columns(optarg); break;
        case 'p': pids = optarg; chosen = true; break;
        case 'u': users = optarg; chosen = true; break;
        case 'C': names = optarg; chosen = true; break;
        default: wrong_usage();
        }
    }
    for (; optind < argc; optind++) {
        if (isdigit(argv[optind][0])) {
            pids = argv[optind];
            chosen = true;
        } else {
            read_bsd(argv[optind]);
        }
    }
    if (count)
        return;
    if (bsd)
        add_columns(full ? "user,pid,%cpu,%mem,vsz,rss,TTY,stat,start,bsdtime,command"
                         : "pid,TTY,stat,bsdtime,command");
    else if (full)
        add_columns(threads ? "UID,pid,ppid,lwp,c,nlwp,stime,TTY,time,cmd" : "UID,pid,ppid,c,stime,TTY,time,cmd");
    else
        add_columns(threads ? "pid,lwp,TTY,time,CMD" : "pid,TTY,time,CMD");
}

int main(int argc, char **argv)
{
    struct winsize window;
    int *processes, *lwps;
    begin("ps", usage, argc, argv);
    read_options(argc, argv);
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &window) == 0)
        line_width = window.ws_col;
    int found = proc_numbers("/proc", &processes);
    if (found < 0 || !proc_stat("/proc/self", &self))
        err(1, "/proc");
    columns_begin();
    show_header();
    for (int i = 0; i < found; i++) {
        char path[64];
        snprintf(path, sizeof path, "/proc/%d", processes[i]);
        if (!threads) {
            consider(processes[i], path);
            continue;
        }
        snprintf(path, sizeof path, "/proc/%d/task", processes[i]);
        int lwp_count = proc_numbers(path, &lwps);
        for (int at = 0; at < lwp_count; at++) {
            snprintf(path, sizeof path, "/proc/%d/task/%d", processes[i], lwps[at]);
            consider(processes[i], path);
        }
        if (lwp_count >= 0)
            free(lwps);
    }
    return 0;
}
