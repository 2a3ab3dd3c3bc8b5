/* Memory that lives as long as a command line, and text that grows. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sh.h"

struct piece {
    struct piece *next;
    size_t size; /* unused; keeps what follows 16-byte aligned */
};

static struct piece *pieces;

static void *must(void *memory)
{
    if (!memory) {
        complain("out of memory", "giving up");
        _exit(2);
    }
    return memory;
}

void *line_alloc(size_t size)
{
    struct piece *piece = must(malloc(sizeof *piece + size));
    piece->next = pieces;
    piece->size = size;
    pieces = piece;
    return piece + 1;
}

char *line_copy(const char *text, size_t length)
{
    char *copy = line_alloc(length + 1);
    memcpy(copy, text, length);
    copy[length] = '\0';
    return copy;
}

void line_free(void)
{
    while (pieces) {
        struct piece *next = pieces->next;
        free(pieces);
        pieces = next;
    }
}

void text_insert(struct text *text, size_t at, const char *bytes, size_t length)
{
    if (text->length + length + 1 > text->room) {
        text->room = 2 * (text->length + length) + 32;
        text->bytes = must(realloc(text->bytes, text->room));
    }
    memmove(text->bytes + at + length, text->bytes + at, text->length - at);
    memcpy(text->bytes + at, bytes, length);
    text->length += length;
    text->bytes[text->length] = '\0';
}

void text_add(struct text *text, const char *bytes, size_t length) { text_insert(text, text->length, bytes, length); }
void text_add_byte(struct text *text, char byte) { text_add(text, &byte, 1); }

void text_remove(struct text *text, size_t at, size_t length)
{
    memmove(text->bytes + at, text->bytes + at + length, text->length - at - length);
    text->length -= length;
    text->bytes[text->length] = '\0';
}

void text_set(struct text *text, const char *bytes)
{
    text->length = 0;
    text_add(text, bytes, strlen(bytes));
}

void text_free(struct text *text)
{
    free(text->bytes);
    *text = (struct text){0};
}

void vector_add(struct vector *vector, char *item)
{
    if (vector->count + 1 >= vector->room) {
        size_t room = 2 * vector->room + 8;
        char **items = line_alloc(room * sizeof *items);
        if (vector->count)
            memcpy(items, vector->items, vector->count * sizeof *items);
        vector->items = items;
        vector->room = room;
    }
    vector->items[vector->count++] = item;
    vector->items[vector->count] = NULL;
}

static int by_bytes(const void *left, const void *right) { return strcmp(*(char *const *)left, *(char *const *)right); }

void vector_sort(struct vector *vector, size_t from)
{
    if (vector->count > from + 1)
        qsort(vector->items + from, vector->count - from, sizeof *vector->items, by_bytes);
}
