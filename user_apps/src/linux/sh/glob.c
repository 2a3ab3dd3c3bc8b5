/* Patterns to file names: * is any text, ? any byte, neither a slash nor a name's leading dot; \ makes them plain. */
#include <dirent.h>
#include <string.h>
#include <sys/stat.h>

#include "sh.h"

static bool has_pattern(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        if (text[i] == '\\')
            i++;
        else if (text[i] == '*' || text[i] == '?')
            return true;
    }
    return false;
}

/* Does the pattern [pattern, end) match the whole name? */
static bool matches(const char *pattern, const char *end, const char *name)
{
    for (; pattern < end; pattern++, name++) {
        if (*pattern == '*') {
            for (;; name++) {
                if (matches(pattern + 1, end, name))
                    return true;
                if (!*name)
                    return false;
            }
        }
        if (!*name)
            return false;
        if (*pattern == '?')
            continue;
        if (*pattern == '\\' && pattern + 1 < end)
            pattern++;
        if (*pattern != *name)
            return false;
    }
    return !*name;
}

static char *joined(const char *left, const char *right, size_t length, bool unescape)
{
    struct text text = {0};
    text_add(&text, left, strlen(left));
    for (size_t i = 0; i < length; i++) {
        if (unescape && right[i] == '\\' && i + 1 < length)
            i++;
        text_add_byte(&text, right[i]);
    }
    char *result = line_copy(text.bytes, text.length);
    text_free(&text);
    return result;
}

/* Add all paths that begin with the finished part `base` and go on as `pattern` says. */
static void walk(const char *base, const char *pattern, struct vector *fields)
{
    size_t length = strcspn(pattern, "/");
    const char *rest = pattern + length;
    size_t slashes = strspn(rest, "/");
    if (!has_pattern(pattern, length)) {
        char *path = joined(base, pattern, length + slashes, true);
        struct stat found;
        if (rest[slashes])
            walk(path, rest + slashes, fields);
        else if (lstat(path, &found) == 0)
            vector_add(fields, path);
        return;
    }
    DIR *directory = opendir(*base ? base : ".");
    if (!directory)
        return;
    struct dirent *entry;
    while ((entry = readdir(directory))) {
        if (entry->d_name[0] == '.' && pattern[0] != '.')
            continue;
        if (!matches(pattern, rest, entry->d_name))
            continue;
        char *path = joined(base, entry->d_name, strlen(entry->d_name), false);
        if (slashes)
            walk(joined(path, rest, slashes, false), rest + slashes, fields);
        else
            vector_add(fields, path);
    }
    closedir(directory);
}

void glob(const char *pattern, struct vector *fields)
{
    size_t length = strlen(pattern), before = fields->count;
    if (has_pattern(pattern, length))
        walk("", pattern, fields);
    if (fields->count == before)
        vector_add(fields, joined("", pattern, length, true));
    vector_sort(fields, before);
}
