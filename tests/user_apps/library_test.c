/* Cases for user_apps/lib/common: as a guest program, and compiled for the host under other names (host_names.h). */
#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHECK_PRINTS(expected, ...)                             \
    do {                                                        \
        char text[128];                                         \
        int length = snprintf(text, sizeof text, __VA_ARGS__);  \
        if (strcmp(text, expected) != 0)                        \
            printf("got \"%s\", expected \"%s\"\n", text, expected); \
        assert(strcmp(text, expected) == 0);                    \
        assert(length == (int)strlen(expected));                \
    } while (0)

static void printf_numbers(void)
{
    CHECK_PRINTS("0 -1 2147483647", "%d %i %d", 0, -1, 2147483647);
    CHECK_PRINTS("-2147483648", "%d", -2147483647 - 1);
    CHECK_PRINTS("4294967295", "%u", 4294967295u);
    CHECK_PRINTS("-9223372036854775808", "%ld", INT64_MIN);
    CHECK_PRINTS("18446744073709551615", "%lu", UINT64_MAX);
    CHECK_PRINTS("9223372036854775807", "%lld", (long long)INT64_MAX);
    CHECK_PRINTS("deadbeef DEADBEEF 0xff", "%x %X %#x", 0xdeadbeefu, 0xdeadbeefu, 255u);
    CHECK_PRINTS("ffffffffffffffff", "%lx", UINT64_MAX);
    CHECK_PRINTS("17", "%o", 15u);
    CHECK_PRINTS("42", "%zu", (size_t)42);
    CHECK_PRINTS("-1 255", "%hhd %hhu", -1, 255);
    CHECK_PRINTS("0x1000", "%p", (void *)0x1000);
}

static void printf_padding(void)
{
    const char *volatile no_text = NULL; /* volatile, or a compiler warns */
    CHECK_PRINTS("   42|42   |00042", "%5d|%-5d|%05d", 42, 42, 42);
    CHECK_PRINTS("-0042|  -42", "%05d|%5d", -42, -42);
    CHECK_PRINTS("+1  1", "%+d % d", 1, 1);
    CHECK_PRINTS("  007", "%5.3d", 7);
    CHECK_PRINTS("", "%.0d", 0);
    CHECK_PRINTS("0x00ff", "%#06x", 255u);
    CHECK_PRINTS("  ab|ab  |ab", "%4s|%-4s|%.2s", "ab", "ab", "abc");
    CHECK_PRINTS("  x|7  ", "%*c|%-*d", 3, 'x', 3, 7);
    CHECK_PRINTS("7  |", "%*d|", -3, 7);
    CHECK_PRINTS("(null) 100%", "%s 100%%", no_text);
}

static void snprintf_cuts(void)
{
    char text[4] = "zzz";
    assert(snprintf(text, sizeof text, "%s", "abcdef") == 6);
    assert(strcmp(text, "abc") == 0);
    assert(snprintf(NULL, 0, "%d", 12345) == 5);
}

/* Every size and phase around a word: against a byte loop. */
static void memory_functions(void)
{
    unsigned char from[96], to[96], model[96];
    for (size_t i = 0; i < sizeof from; i++)
        from[i] = (unsigned char)(i * 13 + 1);
    for (size_t skew_to = 0; skew_to < 9; skew_to++) {
        for (size_t skew_from = 0; skew_from < 9; skew_from++) {
            for (size_t size = 0; size < 70; size++) {
                for (size_t i = 0; i < sizeof to; i++)
                    to[i] = model[i] = 0xee;
                for (size_t i = 0; i < size; i++)
                    model[skew_to + i] = from[skew_from + i];
                assert(memcpy(to + skew_to, from + skew_from, size) == to + skew_to);
                assert(memcmp(to, model, sizeof to) == 0);

                for (size_t i = 0; i < sizeof to; i++)
                    to[i] = from[i];
                memmove(to + skew_to, to + skew_from, size);
                for (size_t i = 0; i < size; i++)
                    assert(to[skew_to + i] == from[skew_from + i]);
            }
        }
        memset(to, 1, sizeof to);
        memset(to + skew_to, 0xab, 61);
        for (size_t i = 0; i < sizeof to; i++)
            assert(to[i] == (i >= skew_to && i < skew_to + 61 ? 0xab : 1));
    }
    assert(memcmp("abcdefgh1", "abcdefgh2", 9) < 0);
    assert(memcmp("\xff", "\x01", 1) > 0);
    assert(memchr("abc", 'c', 3) && !memchr("abc", 'c', 2));
}

static void strings(void)
{
    char text[32];
    assert(strlen("") == 0 && strlen("abc") == 3 && strnlen("abc", 2) == 2);
    assert(strcmp("a", "b") < 0 && strcmp("b", "a") > 0 && strcmp("ab", "ab") == 0 && strcmp("ab", "a") > 0);
    assert(strcmp("\xff", "a") > 0);
    assert(strncmp("abc", "abd", 2) == 0 && strncmp("abc", "abd", 3) < 0 && strncmp("a", "a", 9) == 0);
    assert(*strchr("a/b/c", '/') == '/' && strcmp(strrchr("a/b/c", '/'), "/c") == 0);
    assert(!strchr("abc", 'x') && *strchr("abc", '\0') == '\0');
    assert(strcmp(strstr("one two", "two"), "two") == 0 && !strstr("one", "two"));
    assert(strcmp(strcat(strcpy(text, "ab"), "cd"), "abcd") == 0);
    assert(strcmp(strncat(text, "efgh", 2), "abcdef") == 0);
    memset(text, 'z', sizeof text);
    strncpy(text, "ab", 4);
    assert(memcmp(text, "ab\0\0z", 5) == 0);
    assert(strspn("aab", "a") == 2 && strcspn("aab", "b") == 2);

    char list[] = ",a,,b,", *state;
    assert(strcmp(strtok_r(list, ",", &state), "a") == 0);
    assert(strcmp(strtok_r(NULL, ",", &state), "b") == 0);
    assert(!strtok_r(NULL, ",", &state));
}

static void numbers(void)
{
    char *end;
    assert(strtol(" -42x", &end, 10) == -42 && *end == 'x');
    assert(strtol("0x1F", &end, 0) == 31 && *end == '\0');
    assert(strtol("0755", NULL, 0) == 0755);
    assert(strtol("0x", &end, 16) == 0 && *end == 'x');
    assert(strtol("none", &end, 10) == 0 && *end == 'n');
    assert(strtol("9223372036854775808", NULL, 10) == INT64_MAX);
    assert(strtol("-9223372036854775808", NULL, 10) == INT64_MIN);
    assert(strtol("-9223372036854775809", NULL, 10) == INT64_MIN);
    assert(strtoul("18446744073709551615", NULL, 10) == UINT64_MAX);
    assert(strtoul("18446744073709551616", NULL, 10) == UINT64_MAX);
    assert(atoi("+7") == 7);
}

static int by_value(const void *left, const void *right)
{
    int l = *(const int *)left, r = *(const int *)right;
    return (l > r) - (l < r);
}

static void sorting(void)
{
    int values[200];
    for (int count = 0; count <= 200; count++) {
        long sum = 0;
        for (int i = 0; i < count; i++)
            sum += values[i] = rand() % 50;
        qsort(values, (size_t)count, sizeof *values, by_value);
        for (int i = 0; i < count; i++)
            sum -= values[i];
        assert(sum == 0);
        for (int i = 1; i < count; i++)
            assert(values[i - 1] <= values[i]);
    }
    int wanted = values[77], missing = 50;
    assert(*(int *)bsearch(&wanted, values, 200, sizeof *values, by_value) == wanted);
    assert(!bsearch(&missing, values, 200, sizeof *values, by_value));
}

/* Blocks come and go at random; each holds its own pattern, which no other may touch. */
static void heap(void)
{
    enum { SLOTS = 64 };
    static unsigned char *blocks[SLOTS];
    static size_t sizes[SLOTS];
    for (int round = 0; round < 20000; round++) {
        int slot = rand() % SLOTS;
        for (size_t i = 0; i < sizes[slot]; i++)
            assert(blocks[slot][i] == (unsigned char)slot);
        size_t size = (size_t)(rand() % 700);
        if (round % 3 == 0) {
            free(blocks[slot]);
            blocks[slot] = malloc(size);
        } else {
            blocks[slot] = realloc(blocks[slot], size);
            for (size_t i = 0; i < size && i < sizes[slot]; i++)
                assert(blocks[slot][i] == (unsigned char)slot);
        }
        assert(blocks[slot] && (uintptr_t)blocks[slot] % 16 == 0);
        memset(blocks[slot], slot, size);
        sizes[slot] = size;
    }
    for (int slot = 0; slot < SLOTS; slot++)
        free(blocks[slot]);

    /* All is free and joined again: most of it can be had as one block, time and again. */
    for (int i = 0; i < 1000; i++) {
        void *large = malloc(600000);
        assert(large);
        free(large);
    }
    unsigned char *zeros = calloc(100, 3);
    for (int i = 0; i < 300; i++)
        assert(zeros[i] == 0);
    free(zeros);
    assert(!malloc(SIZE_MAX) && !calloc(SIZE_MAX / 2, 3));
    free(NULL);
}

int main(void)
{
    printf_numbers();
    printf_padding();
    snprintf_cuts();
    memory_functions();
    strings();
    numbers();
    sorting();
    heap();
    printf("library passed\n");
    return 0;
}
