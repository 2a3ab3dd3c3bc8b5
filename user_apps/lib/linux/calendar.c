/* Dates from seconds. */
#include <time.h>

time_t time(time_t *now)
{
    struct timespec clock;
    clock_gettime(CLOCK_REALTIME, &clock);
    if (now)
        *now = clock.tv_sec;
    return clock.tv_sec;
}

static int is_leap(int year) { return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0; }

/* The Gregorian calendar, UTC, from 1970 on; an earlier time gives 1970-01-01. */
struct tm *gmtime_r(const time_t *time, struct tm *parts)
{
    static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    time_t seconds = *time < 0 ? 0 : *time;
    int days = (int)(seconds / 86400), rest = (int)(seconds % 86400);
    *parts = (struct tm){.tm_sec = rest % 60, .tm_min = rest / 60 % 60, .tm_hour = rest / 3600,
                         .tm_wday = (4 + days) % 7};
    int year = 1970;
    for (; days >= 365 + is_leap(year); year++)
        days -= 365 + is_leap(year);
    parts->tm_year = year - 1900;
    parts->tm_yday = days;
    int month = 0;
    for (; days >= lengths[month] + (month == 1 && is_leap(year)); month++)
        days -= lengths[month] + (month == 1 && is_leap(year));
    parts->tm_mon = month;
    parts->tm_mday = days + 1;
    return parts;
}
