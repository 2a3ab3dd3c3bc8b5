/* getopt as POSIX has it: single letters, "x:" takes an argument, "--" ends them. */
#include <stddef.h>
#include <stdio.h>
#include <string.h>

char *optarg;
int optind = 1, opterr = 1, optopt;

int getopt(int argc, char *const argv[], const char *options)
{
    static int at = 1; /* within argv[optind] */
    if (optind >= argc || argv[optind][0] != '-' || argv[optind][1] == '\0')
        return -1;
    if (strcmp(argv[optind], "--") == 0) {
        optind++;
        return -1;
    }
    optopt = argv[optind][at++];
    const char *option = optopt == ':' ? NULL : strchr(options, optopt);
    int last = argv[optind][at] == '\0';
    if (option && option[1] == ':') {
        optarg = last ? argv[optind + 1] : argv[optind] + at;
        optind += last ? 2 : 1;
        at = 1;
        if (optarg)
            return optopt;
        optind = argc;
        if (opterr)
            dprintf(2, "%s: option -%c needs an argument\n", argv[0], optopt);
        return '?';
    }
    if (last) {
        optind++;
        at = 1;
    }
    if (option)
        return optopt;
    if (opterr)
        dprintf(2, "%s: unknown option -%c\n", argv[0], optopt);
    return '?';
}
