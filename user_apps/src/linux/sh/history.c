/* Lines of before: the newest hundred. */
#include <stdlib.h>
#include <string.h>

#include "sh.h"

enum { LINES = 100 };

static char *lines[LINES];
static size_t added; /* ever; line n is in slot n % LINES */

void history_add(const char *line)
{
    const char *newest = history_get(1);
    if (!*line || (newest && strcmp(newest, line) == 0))
        return;
    char *copy = strdup(line);
    if (!copy)
        return; /* a line that is not remembered does no harm */
    free(lines[added % LINES]);
    lines[added++ % LINES] = copy;
}

const char *history_get(size_t back)
{
    if (back == 0 || back > added || back > LINES)
        return NULL;
    return lines[(added - back) % LINES];
}
