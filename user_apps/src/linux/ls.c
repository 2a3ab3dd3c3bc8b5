/* Shows what is in directories: ls [-l] [-a] [-1] [PATH...]. Columns on a terminal, else one name a line. */
#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

struct entry {
    char *name;
    struct stat stat; /* filled in for -l only */
};

struct list {
    struct entry *entries;
    size_t count, room;
};

static bool detailed, all;
static size_t columns; /* of the terminal; 0: one name a line */
static int failed;

static void complain(const char *path)
{
    fflush(stdout);
    dprintf(STDERR_FILENO, "ls: %s: %s\n", path, strerror(errno));
    failed = 1;
}

static void *must(void *memory)
{
    if (!memory) {
        dprintf(STDERR_FILENO, "ls: out of memory\n");
        exit(2);
    }
    return memory;
}

static void append(struct list *list, const char *name, const struct stat *stat)
{
    if (list->count == list->room) {
        list->room = list->room ? 2 * list->room : 32;
        list->entries = must(realloc(list->entries, list->room * sizeof *list->entries));
    }
    struct entry *entry = &list->entries[list->count++];
    entry->name = must(strdup(name));
    if (stat)
        entry->stat = *stat;
}

static int by_name(const void *left, const void *right)
{
    return strcmp(((const struct entry *)left)->name, ((const struct entry *)right)->name);
}

static char type_letter(mode_t mode)
{
    switch (mode & S_IFMT) {
    case S_IFDIR: return 'd';
    case S_IFLNK: return 'l';
    case S_IFCHR: return 'c';
    case S_IFBLK: return 'b';
    case S_IFIFO: return 'p';
    case S_IFSOCK: return 's';
    default: return '-';
    }
}

static void show_mode(mode_t mode)
{
    char text[11] = {type_letter(mode)};
    for (int i = 0; i < 9; i++)
        text[1 + i] = mode & (0400u >> i) ? "rwx"[i % 3] : '-';
    if (mode & S_ISUID)
        text[3] = text[3] == 'x' ? 's' : 'S';
    if (mode & S_ISGID)
        text[6] = text[6] == 'x' ? 's' : 'S';
    if (mode & S_ISVTX)
        text[9] = text[9] == 'x' ? 't' : 'T';
    printf("%s", text);
}

static void show_details(const char *directory, const struct entry *entry)
{
    const struct stat *stat = &entry->stat;
    struct tm when;
    gmtime_r(&stat->st_mtim.tv_sec, &when);
    show_mode(stat->st_mode);
    printf(" %3u %4u %4u ", stat->st_nlink, stat->st_uid, stat->st_gid);
    if (S_ISCHR(stat->st_mode) || S_ISBLK(stat->st_mode))
        printf("%5u,%3u", (unsigned)(stat->st_rdev >> 8 & 0xfff), (unsigned)(stat->st_rdev & 0xff));
    else
        printf("%9ld", (long)stat->st_size);
    printf(" %04d-%02d-%02d %02d:%02d %s", when.tm_year + 1900, when.tm_mon + 1, when.tm_mday, when.tm_hour,
           when.tm_min, entry->name);
    if (S_ISLNK(stat->st_mode)) {
        char path[4096], target[4096];
        snprintf(path, sizeof path, "%s%s%s", directory ? directory : "", directory ? "/" : "", entry->name);
        ssize_t length = readlink(path, target, sizeof target);
        if (length >= 0)
            printf(" -> %.*s", (int)length, target);
    }
    putchar('\n');
}

/* Down the columns, then to the right, as many as fit. */
static void show_columns(const struct list *list)
{
    size_t widest = 0;
    for (size_t i = 0; i < list->count; i++)
        if (strlen(list->entries[i].name) > widest)
            widest = strlen(list->entries[i].name);
    size_t across = columns / (widest + 2) ? columns / (widest + 2) : 1;
    size_t rows = (list->count + across - 1) / across;
    for (size_t row = 0; row < rows; row++) {
        for (size_t i = row; i < list->count; i += rows)
            printf(i + rows < list->count ? "%-*s" : "%.0d%s", i + rows < list->count ? (int)widest + 2 : 0,
                   list->entries[i].name);
        putchar('\n');
    }
}

static void show(const char *directory, struct list *list)
{
    qsort(list->entries, list->count, sizeof *list->entries, by_name);
    if (columns && !detailed)
        show_columns(list);
    for (size_t i = 0; i < list->count; i++) {
        if (detailed)
            show_details(directory, &list->entries[i]);
        else if (!columns)
            puts(list->entries[i].name);
        free(list->entries[i].name);
    }
    free(list->entries);
}

static void list_directory(const char *path)
{
    DIR *directory = opendir(path);
    if (!directory) {
        complain(path);
        return;
    }
    struct list list = {0};
    struct dirent *entry;
    while (errno = 0, (entry = readdir(directory)) != NULL) {
        if (entry->d_name[0] == '.' && !all)
            continue;
        struct stat found;
        char full[4096];
        snprintf(full, sizeof full, "%s/%s", path, entry->d_name);
        if (detailed && lstat(full, &found) < 0) {
            complain(full);
            continue;
        }
        append(&list, entry->d_name, detailed ? &found : NULL);
    }
    if (errno)
        complain(path);
    closedir(directory);
    show(path, &list);
}

int main(int argc, char **argv)
{
    int option;
    bool one_a_line = false;
    while ((option = getopt(argc, argv, "la1")) != -1) {
        switch (option) {
        case 'l': detailed = true; break;
        case 'a': all = true; break;
        case '1': one_a_line = true; break;
        default: return 2;
        }
    }
    struct winsize size;
    if (!one_a_line && isatty(STDOUT_FILENO))
        columns = ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col ? size.ws_col : 80;

    if (optind == argc) {
        list_directory(".");
        return failed;
    }
    struct list files = {0}, directories = {0};
    for (int i = optind; i < argc; i++) {
        struct stat found;
        if ((detailed ? lstat : stat)(argv[i], &found) < 0)
            complain(argv[i]);
        else
            append(S_ISDIR(found.st_mode) ? &directories : &files, argv[i], &found);
    }
    bool heading = files.count + directories.count > 1;
    bool first = files.count == 0;
    if (files.count)
        show(NULL, &files);
    qsort(directories.entries, directories.count, sizeof *directories.entries, by_name);
    for (size_t i = 0; i < directories.count; i++) {
        if (heading)
            printf("%s%s:\n", first ? "" : "\n", directories.entries[i].name);
        first = false;
        list_directory(directories.entries[i].name);
    }
    return failed;
}
