/* Shows how many lines, words and bytes files have: wc [-l] [-w] [-c] [FILE...]; all three without an option. */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct counts {
    unsigned long lines, words, bytes;
};

static bool show_lines, show_words, show_bytes;

static int count(int fd, struct counts *counts)
{
    static char buffer[65536];
    bool in_word = false;
    ssize_t length;
    *counts = (struct counts){0};
    while ((length = read(fd, buffer, sizeof buffer)) > 0) {
        counts->bytes += (unsigned long)length;
        for (ssize_t i = 0; i < length; i++) {
            bool space = isspace((unsigned char)buffer[i]);
            counts->lines += buffer[i] == '\n';
            counts->words += !space && !in_word;
            in_word = !space;
        }
    }
    return length < 0 ? -1 : 0;
}

static void show(const struct counts *counts, const char *name)
{
    const char *gap = "";
    if (show_lines) {
        printf("%lu", counts->lines);
        gap = " ";
    }
    if (show_words) {
        printf("%s%lu", gap, counts->words);
        gap = " ";
    }
    if (show_bytes)
        printf("%s%lu", gap, counts->bytes);
    printf(name ? " %s\n" : "\n", name);
}

int main(int argc, char **argv)
{
    int option;
    while ((option = getopt(argc, argv, "lwc")) != -1) {
        switch (option) {
        case 'l': show_lines = true; break;
        case 'w': show_words = true; break;
        case 'c': show_bytes = true; break;
        default: return 2;
        }
    }
    if (!show_lines && !show_words && !show_bytes)
        show_lines = show_words = show_bytes = true;

    struct counts counts, total = {0};
    int failed = 0;
    if (optind == argc) {
        failed = count(STDIN_FILENO, &counts) < 0;
        show(&counts, NULL);
    }
    for (int i = optind; i < argc; i++) {
        int fd = open(argv[i], O_RDONLY);
        if (fd < 0 || count(fd, &counts) < 0) {
            dprintf(STDERR_FILENO, "wc: %s: %s\n", argv[i], strerror(errno));
            failed = 1;
        } else {
            show(&counts, argv[i]);
            total.lines += counts.lines;
            total.words += counts.words;
            total.bytes += counts.bytes;
        }
        if (fd >= 0)
            close(fd);
    }
    if (argc - optind > 1)
        show(&total, "total");
    return failed;
}
