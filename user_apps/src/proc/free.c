/* Shows memory in use: free [-b|-k|-m|-g|-h] [-t]. Linux's view, from /proc/meminfo. */
#include <err.h>
#include <linuxproc.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static int unit; /* shift from bytes; -1: what reads best */

static void show(long kib)
{
    unsigned long bytes = (unsigned long)kib << 10;
    char text[24];
    if (unit >= 0) {
        snprintf(text, sizeof text, "%lu", bytes >> unit);
    } else {
        int step = 0;
        unsigned long tenths = bytes * 10;
        for (; tenths >= 10240 && step < 4; step++)
            tenths = (tenths + 512) / 1024;
        if (!step || tenths >= 100)
            snprintf(text, sizeof text, "%lu%s", (tenths + 5) / 10, &"B\0\0Ki\0Mi\0Gi\0Ti"[step * 3]);
        else
            snprintf(text, sizeof text, "%lu.%lu%s", tenths / 10, tenths % 10, &"B\0\0Ki\0Mi\0Gi\0Ti"[step * 3]);
    }
    printf("%12s", text);
}

static void row(const char *name, const long *values, int count)
{
    printf("%-8s", name);
    for (int i = 0; i < count; i++)
        show(values[i]);
    putchar('\n');
}

int main(int argc, char **argv)
{
    bool total = false;
    unit = 10;
    begin("free", "usage: free [-b|-k|-m|-g|-h] [-t]\n", argc, argv);
    for (int option; (option = getopt(argc, argv, "bkmght")) >= 0;) {
        switch (option) {
        case 'b': unit = 0; break;
        case 'k': unit = 10; break;
        case 'm': unit = 20; break;
        case 'g': unit = 30; break;
        case 'h': unit = -1; break;
        case 't': total = true; break;
        default: wrong_usage();
        }
    }
    if (optind < argc)
        errx(2, "%s: no argument is expected", argv[optind]);
    char *text = proc_read("/proc/meminfo", NULL);
    if (!text)
        err(1, "/proc/meminfo");
    long all = proc_key(text, "MemTotal:"), unused = proc_key(text, "MemFree:");
    long available = proc_key(text, "MemAvailable:"), shared = proc_key(text, "Shmem:");
    long cache = proc_key(text, "Buffers:") + proc_key(text, "Cached:") + proc_key(text, "SReclaimable:");
    long swap = proc_key(text, "SwapTotal:"), swap_free = proc_key(text, "SwapFree:");
    printf("%20s%12s%12s%12s%12s%12s\n", "total", "used", "free", "shared", "buff/cache", "available");
    row("Mem:", (long[]){all, all - available, unused, shared, cache, available}, 6);
    row("Swap:", (long[]){swap, swap - swap_free, swap_free}, 3);
    if (total)
        row("Total:", (long[]){all + swap, all - available + swap - swap_free, unused + swap_free}, 3);
    return 0;
}
