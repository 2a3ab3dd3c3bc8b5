/* Memory from a heap, numbers from text, sorting, the end of a process. C11, 7.22. */
#ifndef STDLIB_H
#define STDLIB_H

#include <stddef.h>

#define EXIT_SUCCESS 0
#define EXIT_FAILURE 1

void *malloc(size_t size);
void *calloc(size_t count, size_t size);
void *realloc(void *old, size_t size);
void free(void *block);

_Noreturn void exit(int code);
_Noreturn void abort(void);

int atoi(const char *text);
long strtol(const char *text, char **end, int base);
unsigned long strtoul(const char *text, char **end, int base);

void qsort(void *base, size_t count, size_t size, int (*compare)(const void *, const void *));
void *bsearch(const void *key, const void *base, size_t count, size_t size,
              int (*compare)(const void *, const void *));

#define RAND_MAX 0x7fffffff
int rand(void);
void srand(unsigned seed);

int abs(int value);
char *getenv(const char *name);

#endif
