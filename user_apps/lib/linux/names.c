/* Names of calls, errors, signals and faults. */
#include <names.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "name_tables.h"

#define COUNT(table) ((int)(sizeof(table) / sizeof *(table)))

static const char *name_in(const char *const *table, int count, int number, const char *other)
{
    static char text[24];
    if (number >= 0 && number < count && table[number])
        return table[number];
    snprintf(text, sizeof text, "%s%d", other, number);
    return text;
}

static int number_in(const char *const *table, int count, const char *name, const char *prefix)
{
    char *end;
    long number = strtol(name, &end, 10);
    if (end != name && !*end)
        return number >= 0 && number < 512 ? (int)number : -1;
    size_t skip = strncmp(name, prefix, strlen(prefix)) == 0 ? strlen(prefix) : 0;
    for (int i = 0; i < count; i++)
        if (table[i] && (strcmp(table[i], name) == 0 || strcmp(table[i], name + skip) == 0))
            return i;
    return -1;
}

const char *call_name(int number) { return name_in(call_names, COUNT(call_names), number, "call_"); }
const char *error_name(int number) { return name_in(error_names, COUNT(error_names), number, "errno_"); }
const char *signal_name(int number) { return name_in(signal_names, COUNT(signal_names), number, "RT"); }
const char *fault_name(int number) { return name_in(fault_names, COUNT(fault_names), number, "FLT"); }

int call_number(const char *name) { return number_in(call_names, COUNT(call_names), name, ""); }
int signal_number(const char *name) { return number_in(signal_names, COUNT(signal_names), name, "SIG"); }

int fault_number(const char *name)
{
    char whole[32];
    int found = number_in(fault_names, COUNT(fault_names), name, "");
    snprintf(whole, sizeof whole, "FLT%s", name);
    return found >= 0 ? found : number_in(fault_names, COUNT(fault_names), whole, "");
}
