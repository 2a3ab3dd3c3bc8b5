/* Words: quotes go, $NAME becomes its value, patterns become file names.
 *
 * While a field is built, a backslash stands before every byte that must not act as a pattern. So quoted stars stay
 * stars, and glob takes the backslashes away at the end.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sh.h"

int last_status;
pid_t shell_pid, last_background;

struct field {
    struct text text;
    bool exists;         /* even if empty, as '' is */
    struct vector *done; /* NULL: one field is wanted, so nothing splits it */
};

static void add_literal(struct field *field, const char *bytes, size_t length)
{
    field->exists = true;
    for (size_t i = 0; i < length; i++) {
        if (strchr("\\*?", bytes[i]) && bytes[i])
            text_add_byte(&field->text, '\\');
        text_add_byte(&field->text, bytes[i]);
    }
}

static void finish(struct field *field)
{
    if (field->exists)
        glob(field->text.bytes ? field->text.bytes : "", field->done);
    field->text.length = 0;
    field->exists = false;
}

/* A variable outside quotes: its blanks end fields, its stars are patterns. */
static void add_split(struct field *field, const char *value)
{
    for (; *value; value++) {
        if (isspace((unsigned char)*value) && field->done) {
            finish(field);
        } else {
            if (*value == '\\')
                text_add_byte(&field->text, '\\');
            text_add_byte(&field->text, *value);
            field->exists = true;
        }
    }
}

/* `*at` points behind a $; moves it behind the variable's name. */
static const char *variable(const char **at)
{
    static char number[16];
    const char *start = *at;
    if (*start == '!' && last_background == 0) {
        ++*at;
        return "";
    }
    if (*start == '?' || *start == '$' || *start == '!') {
        ++*at;
        snprintf(number, sizeof number, "%d",
                 *start == '?' ? last_status : (int)(*start == '$' ? shell_pid : last_background));
        return number;
    }
    bool braces = *start == '{';
    const char *end = start += braces;
    while (isalnum((unsigned char)*end) || *end == '_')
        end++;
    if (end == start || (braces && *end != '}'))
        return "$"; /* not a variable: itself */
    *at = end + braces;
    const char *value = getenv(line_copy(start, (size_t)(end - start)));
    return value ? value : "";
}

/* The inside of "": `at` behind the opening quote; returns behind the closing one. */
static const char *add_quoted(struct field *field, const char *at)
{
    field->exists = true;
    while (*at && *at != '"') {
        if (*at == '\\' && at[1] == '\n') {
            at += 2;
        } else if (*at == '\\' && at[1] && strchr("\"\\$`", at[1])) {
            add_literal(field, at + 1, 1);
            at += 2;
        } else if (*at == '$') {
            at++;
            const char *value = variable(&at);
            add_literal(field, value, strlen(value));
        } else {
            add_literal(field, at++, 1);
        }
    }
    return at + (*at == '"');
}

static void expand_into(struct field *field, const char *at)
{
    if (*at == '~' && (at[1] == '\0' || at[1] == '/')) {
        const char *home = getenv("HOME");
        add_literal(field, home ? home : "/", home ? strlen(home) : 1);
        at++;
    }
    while (*at) {
        if (*at == '\'') {
            size_t length = strcspn(at + 1, "'");
            add_literal(field, at + 1, length);
            at += length + 2;
        } else if (*at == '"') {
            at = add_quoted(field, at + 1);
        } else if (*at == '\\') {
            if (at[1] != '\n')
                add_literal(field, at + 1, 1);
            at += 2;
        } else if (*at == '$') {
            at++;
            add_split(field, variable(&at));
        } else {
            text_add_byte(&field->text, *at++);
            field->exists = true;
        }
    }
}

void expand_word(const char *word, struct vector *fields)
{
    struct field field = {.done = fields};
    expand_into(&field, word);
    finish(&field);
    text_free(&field.text);
}

char *expand_single(const char *word)
{
    struct field field = {0};
    expand_into(&field, word);
    char *single = line_alloc(field.text.length + 1), *to = single;
    for (size_t i = 0; i < field.text.length; i++) {
        if (field.text.bytes[i] == '\\')
            i++;
        *to++ = field.text.bytes[i];
    }
    *to = '\0';
    text_free(&field.text);
    return single;
}
