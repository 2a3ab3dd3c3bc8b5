/* What the guest program pstack takes from sections: argv has address:eh:file for each; stdin has addresses to look up.
 * A line for each section and address: base offset saved-ra saved-fp lost signal, or "none".
 */
#include <stdio.h>
#include <stdlib.h>

#include "cfi.h"

static unsigned long wanted[4096];

int main(int argc, char **argv)
{
    size_t count = 0;
    while (count < 4096 && scanf("%lx", &wanted[count]) == 1)
        count++;
    for (int i = 1; i < argc; i++) {
        char *at;
        unsigned long address = strtoul(argv[i], &at, 16);
        int eh = (int)strtol(at + 1, &at, 10);
        FILE *file = fopen(at + 1, "rb");
        if (!file)
            return 1;
        fseek(file, 0, SEEK_END);
        size_t size = (size_t)ftell(file);
        rewind(file);
        unsigned char *data = malloc(size); /* exactly: the sanitizer sees a byte too far */
        if (fread(data, 1, size, file) != size)
            return 1;
        fclose(file);
        struct frame_section section = {data, size, address, eh};
        for (size_t n = 0; n < count; n++) {
            struct rules rules;
            if (!find_rules(&section, wanted[n], &rules))
                printf("none\n");
            else
                printf("%lu %ld %s%ld %s%ld %d %d\n", rules.base, rules.offset, rules.ra_saved ? "" : "-:",
                       rules.ra_saved ? rules.ra_at : 0, rules.fp_saved ? "" : "-:", rules.fp_saved ? rules.fp_at : 0,
                       rules.ra_lost, rules.signal);
        }
        free(data);
    }
    return 0;
}
