/* What the tab key adds: programs for the first word of a command, file names elsewhere. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sh.h"

static void add_if(struct vector *choices, const char *name, const char *prefix)
{
    if (strncmp(name, prefix, strlen(prefix)) == 0)
        vector_add(choices, line_copy(name, strlen(name)));
}

/* Names in a directory that begin with `prefix`; a directory's name gets a slash. */
static void add_files(struct vector *choices, const char *path, const char *prefix)
{
    DIR *directory = opendir(path);
    if (!directory)
        return;
    struct dirent *entry;
    while ((entry = readdir(directory))) {
        char full[4096], name[260];
        struct stat found;
        if (entry->d_name[0] == '.' && prefix[0] != '.')
            continue;
        snprintf(full, sizeof full, "%s/%s", path, entry->d_name);
        bool is_directory = stat(full, &found) == 0 && S_ISDIR(found.st_mode);
        snprintf(name, sizeof name, "%s%s", entry->d_name, is_directory ? "/" : "");
        add_if(choices, name, prefix);
    }
    closedir(directory);
}

static void add_programs(struct vector *choices, const char *prefix)
{
    const char *path = getenv("PATH");
    for (size_t i = 0; builtin_name(i); i++)
        add_if(choices, builtin_name(i), prefix);
    for (path = path ? path : "/bin"; *path;) {
        size_t length = strcspn(path, ":");
        add_files(choices, line_copy(path, length), prefix);
        path += length + (path[length] == ':');
    }
}

static size_t common_length(const struct vector *choices)
{
    size_t length = strlen(choices->items[0]);
    for (size_t i = 1; i < choices->count; i++) {
        size_t same = 0;
        while (same < length && choices->items[i][same] == choices->items[0][same])
            same++;
        length = same;
    }
    return length;
}

static bool is_command_start(const char *line, size_t at)
{
    while (at > 0 && line[at - 1] == ' ')
        at--;
    return at == 0 || strchr(";&|", line[at - 1]);
}

bool complete(struct text *line, size_t *cursor)
{
    size_t start = *cursor;
    while (start > 0 && !strchr(" ;&|<>", line->bytes[start - 1]))
        start--;
    char *word = line_copy(line->bytes + start, *cursor - start);
    char *slash = strrchr(word, '/');
    const char *prefix = slash ? slash + 1 : word;
    struct vector choices = {0};
    if (slash)
        add_files(&choices, slash == word ? "/" : line_copy(word, (size_t)(slash - word)), prefix);
    else if (is_command_start(line->bytes, start))
        add_programs(&choices, prefix);
    else
        add_files(&choices, ".", prefix);
    if (choices.count == 0)
        return false;
    vector_sort(&choices, 0);

    size_t known = strlen(prefix), length = common_length(&choices);
    text_insert(line, *cursor, choices.items[0] + known, length - known);
    *cursor += length - known;
    if (choices.count == 1) {
        if (length > 0 && choices.items[0][length - 1] != '/') {
            text_insert(line, *cursor, " ", 1);
            ++*cursor;
        }
        return false;
    }
    if (length > known)
        return false;
    dprintf(STDOUT_FILENO, "\n");
    for (size_t i = 0; i < choices.count; i++)
        dprintf(STDOUT_FILENO, "%s  ", choices.items[i]);
    dprintf(STDOUT_FILENO, "\n");
    return true;
}
