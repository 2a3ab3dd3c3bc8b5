/* A process's memory and what is in it: areas from map, names and other sections from the ELF files in object/. */
#ifndef SYMBOLS_H
#define SYMBOLS_H

#include <solproc.h>

struct symbol {
    uintptr_t start, end; /* addresses in the process */
    const char *name;
};

struct object { /* a mapped file */
    char name[PRMAPSZ];
    uintptr_t bias;         /* how far the file's addresses are moved */
    bool loaded;            /* it is an ELF file, and `bias` is known */
    struct symbol *symbols; /* functions, by address */
    size_t count;
    char *strings;
};

struct image {
    int pid, as;
    prmap_t *maps;
    size_t map_count;
    struct object *objects;
    size_t object_count;
};

bool image_open(struct image *image, int pid); /* false: see errno */
void image_close(struct image *image);

bool image_read(const struct image *image, uintptr_t from, void *to, size_t size); /* all of it, or false */
const prmap_t *image_area(const struct image *image, uintptr_t address);           /* NULL: nothing is there */
const struct symbol *image_symbol(struct image *image, uintptr_t address);         /* the function there; NULL: unknown */
const char *image_file(struct image *image, uintptr_t address, char *to, size_t size); /* "libc.so"; "": in no file */
/* A section of the file that is at `address`, to be freed; NULL: it has none. *at: its address in the file. */
unsigned char *image_section(struct image *image, uintptr_t address, const char *name, size_t *size, uint64_t *at);
const struct object *image_object(struct image *image, uintptr_t address); /* NULL: no ELF file is there */
const char *image_where(struct image *image, uintptr_t address, char *to, size_t size); /* "main+0x1c", or a number */

#endif
