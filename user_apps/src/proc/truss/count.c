/* truss -c: how often, instead of each time. */
#include <names.h>

#include "truss.h"

static unsigned calls[512], errors[512], signals[65], faults[33];
static pr_timespec_t used;

void count_call(int number, bool failed)
{
    if (number >= 0 && number < 512) {
        calls[number]++;
        errors[number] += failed;
    }
}

void count_signal(int number) { signals[number > 0 && number < 65 ? number : 0]++; }
void count_fault(int number) { faults[number > 0 && number < 33 ? number : 0]++; }

void count_time(const struct victim *victim)
{
    prusage_t usage;
    if (!sol_get(victim->pid, "usage", &usage, sizeof usage))
        return;
    used.tv_sec += usage.pr_utime.tv_sec;
    used.tv_nsec += usage.pr_utime.tv_nsec;
    used.tv_sec += used.tv_nsec / 1000000000;
    used.tv_nsec %= 1000000000;
}

static void show_few(const char *title, const unsigned *table, int size, const char *prefix,
                     const char *(*name)(int number))
{
    bool any = false;
    for (int i = 0; i < size; i++)
        any = any || table[i];
    if (!any)
        return;
    out("%s", title);
    out_end();
    for (int i = 0; i < size; i++)
        if (table[i]) {
            out("%s%-*s%9u", prefix, *prefix ? 17 : 20, name(i), table[i]);
            out_end();
        }
}

void show_counts(void)
{
    unsigned all = 0, failed = 0;
    show_few("signals ------------", signals, 65, "SIG", signal_name);
    show_few("faults  ------------", faults, 33, "", fault_name);
    out("%-20s%9s%9s", "syscall", "calls", "errors");
    out_end();
    for (int i = 0; i < 512; i++) {
        if (!calls[i])
            continue;
        out(errors[i] ? "%-20s%9u%9u" : "%-20s%9u", call_name(i), calls[i], errors[i]);
        out_end();
        all += calls[i];
        failed += errors[i];
    }
    out("%20s%9s%9s", "", "-----", "-----");
    out_end();
    out("%-20s%9u%9u", "sys totals:", all, failed);
    out_end();
    out("%-20s%5ld.%03ld", "usr time:", (long)used.tv_sec, (long)used.tv_nsec / 1000000);
    out_end();
}
