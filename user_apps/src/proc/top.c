/* Shows what the processes do, again and again: top [-b] [-n TIMES] [-d SECONDS]. At a terminal the picture is drawn
 * over the last one; -b writes pictures one after the other. Keys: q ends it, a blank looks at once, P sorts by time of
 * the processor since the last picture, M by memory, N by number.
 */
#include <err.h>
#include <errno.h>
#include <linuxproc.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

struct entry {
    struct proc_stat stat;
    unsigned euid;
    unsigned long used; /* time of the processor since the last picture, hundredths of a second */
};

static const char usage[] = "usage: top [-b] [-n TIMES] [-d SECONDS]\n";
static struct entry *entries;
static int count, room;
static char order = 'P';
static struct termios before;
static bool screen; /* pictures are drawn over each other */
static int rows = 1 << 20, columns = 512, row;

/* One line of the picture; what does not fit is cut. */
static void put(const char *line)
{
    if (!screen) {
        size_t length = strlen(line);
        while (length > 0 && line[length - 1] == ' ')
            length--;
        printf("%.*s\n", (int)length, line);
    } else if (row < rows) {
        printf("%s%.*s\033[K", row ? "\n" : "", columns, line);
    }
    row++;
}

static int by_order(const void *left, const void *right)
{
    const struct entry *a = left, *b = right;
    if (order == 'M' && a->stat.rss != b->stat.rss)
        return a->stat.rss < b->stat.rss ? 1 : -1;
    if (order == 'P' && a->used != b->used)
        return a->used < b->used ? 1 : -1;
    return a->stat.pid - b->stat.pid;
}

/* Every process as it is now; how much each used is the difference to what `old` says. */
static void look(const struct entry *old, int old_count)
{
    int *pids, found = proc_numbers("/proc", &pids);
    if (found < 0)
        err(1, "/proc");
    count = 0;
    for (int i = 0; i < found; i++) {
        char path[32];
        struct stat owner;
        snprintf(path, sizeof path, "/proc/%d", pids[i]);
        if (count == room)
            entries = must(realloc(entries, (size_t)(room = room ? 2 * room : 64) * sizeof *entries));
        struct entry *entry = &entries[count];
        if (stat(path, &owner) < 0 || !proc_stat(path, &entry->stat))
            continue;
        entry->euid = owner.st_uid;
        entry->used = entry->stat.utime + entry->stat.stime;
        for (int at = 0; at < old_count; at++)
            if (old[at].stat.pid == entry->stat.pid && old[at].stat.start == entry->stat.start)
                entry->used -= old[at].stat.utime + old[at].stat.stime;
        count++;
    }
    free(pids);
    qsort(entries, (size_t)count, sizeof *entries, by_order);
}

/* Tenths of a percent as text. */
static const char *percent(char *to, unsigned long part, unsigned long whole)
{
    unsigned long tenths = whole ? part * 1000 / whole : 0;
    snprintf(to, 16, "%lu.%lu", tenths / 10, tenths % 10);
    return to;
}

static void put_times(const struct cpu_time *old)
{
    struct cpu_time now;
    if (!proc_cpu(&now))
        err(1, "/proc/stat");
    unsigned long part[] = {now.user - old->user, now.system - old->system, now.nice - old->nice,
                            now.idle - old->idle, now.iowait - old->iowait, now.irq - old->irq,
                            now.softirq - old->softirq, now.steal - old->steal};
    static const char *const names[] = {"us", "sy", "ni", "id", "wa", "hi", "si", "st"};
    unsigned long whole = 0;
    char line[160], text[16];
    int at = snprintf(line, sizeof line, "%%Cpu(s): ");
    for (int i = 0; i < 8; i++)
        whole += part[i];
    for (int i = 0; i < 8; i++)
        at += snprintf(line + at, sizeof line - (size_t)at, "%s %s%s", percent(text, part[i], whole), names[i],
                       i < 7 ? ", " : "");
    put(line);
}

static void put_head(const struct cpu_time *old)
{
    char line[160], load[64] = "";
    time_t now = time(NULL);
    struct tm clock;
    gmtime_r(&now, &clock);
    unsigned long minutes = proc_uptime() / 6000;
    char *text = proc_read("/proc/loadavg", NULL);
    if (text)
        for (int word = 0, at = 0; word < 3; word++) {
            int length = (int)strcspn(text + at, " ");
            snprintf(load + strlen(load), sizeof load - strlen(load), "%s%.*s", word ? ", " : "", length, text + at);
            at += length + (text[at + length] == ' ');
        }
    free(text);
    snprintf(line, sizeof line, "top - %02d:%02d:%02d up %lu:%02lu,  load average: %s", clock.tm_hour, clock.tm_min,
             clock.tm_sec, minutes / 60, minutes % 60, load);
    put(line);
    int running = 0, sleeping = 0, stopped = 0, zombies = 0;
    for (int i = 0; i < count; i++) {
        char state = entries[i].stat.state;
        running += state == 'R';
        stopped += state == 'T' || state == 't';
        zombies += state == 'Z';
        sleeping += state == 'S' || state == 'D' || state == 'I';
    }
    snprintf(line, sizeof line, "Tasks: %d total, %d running, %d sleeping, %d stopped, %d zombie", count, running,
             sleeping, stopped, zombies);
    put(line);
    put_times(old);
    text = proc_read("/proc/meminfo", NULL);
    if (!text)
        err(1, "/proc/meminfo");
    long all = proc_key(text, "MemTotal:"), available = proc_key(text, "MemAvailable:");
    long cache = proc_key(text, "Buffers:") + proc_key(text, "Cached:");
    snprintf(line, sizeof line, "KiB Mem : %8ld total, %8ld free, %8ld used, %8ld buff/cache", all,
             proc_key(text, "MemFree:"), all - available, cache);
    put(line);
    long swap = proc_key(text, "SwapTotal:"), swap_free = proc_key(text, "SwapFree:");
    snprintf(line, sizeof line, "KiB Swap: %8ld total, %8ld free, %8ld used. %8ld avail Mem", swap, swap_free,
             swap - swap_free, available);
    put(line);
    free(text);
    put("");
    put("    PID USER      PR  NI    VIRT    RES S  %CPU  %MEM     TIME+ COMMAND");
}

static void put_entry(const struct entry *entry, unsigned long elapsed, long memory_kib)
{
    char line[256], cpu[16], memory[16];
    const struct proc_stat *stat = &entry->stat;
    unsigned long used = stat->utime + stat->stime;
    snprintf(line, sizeof line, "%7d %-8.8s %3ld %3ld %7lu %6ld %c %5s %5s %4lu:%02lu.%02lu %s", stat->pid,
             user_name(entry->euid), stat->priority, stat->nice, stat->vsize >> 10, stat->rss * 4, stat->state,
             percent(cpu, entry->used, elapsed),
             percent(memory, (unsigned long)stat->rss * 4, (unsigned long)memory_kib), used / 6000,
             used / 100 % 60, used % 100, stat->comm);
    put(line);
}

static void draw(const struct cpu_time *old, unsigned long elapsed)
{
    struct winsize window;
    if (screen && ioctl(STDOUT_FILENO, TIOCGWINSZ, &window) == 0 && window.ws_row && window.ws_col) {
        rows = window.ws_row;
        columns = window.ws_col;
    }
    row = 0;
    if (screen)
        printf("\033[H");
    put_head(old);
    char *text = proc_read("/proc/meminfo", NULL);
    long memory_kib = text ? proc_key(text, "MemTotal:") : 1;
    free(text);
    for (int i = 0; i < count; i++)
        put_entry(&entries[i], elapsed, memory_kib);
    if (screen)
        printf("\033[J");
    fflush(stdout);
}

static void give_back(void)
{
    if (screen) {
        tcsetattr(STDIN_FILENO, TCSANOW, &before);
        putchar('\n');
        fflush(stdout);
    }
}

static void ended(int number)
{
    give_back();
    _exit(128 + number);
}

/* Wait for the next picture, or for a key; false: it was the last. */
static bool pause_or_key(int milliseconds)
{
    struct pollfd keys = {STDIN_FILENO, POLLIN, 0};
    if (!screen) {
        struct timespec length = {milliseconds / 1000, milliseconds % 1000 * 1000000L};
        nanosleep(&length, NULL);
        return true;
    }
    if (poll(&keys, 1, milliseconds) <= 0)
        return true;
    char key;
    if (read(STDIN_FILENO, &key, 1) <= 0 || key == 'q')
        return false;
    if (strchr("PMN", key))
        order = key;
    return true;
}

/* Seconds with a fraction, in milliseconds; -1 if it is something else. */
static int parse_delay(const char *text)
{
    char *end;
    long value = strtol(text, &end, 10) * 1000;
    if (*end == '.')
        for (long place = 100; *++end >= '0' && *end <= '9'; place /= 10)
            value += (*end - '0') * place;
    return end == text || *end || value < 0 || value > 86400000 ? -1 : (int)value;
}

int main(int argc, char **argv)
{
    bool batch = false;
    int times = -1, delay = 3000;
    begin("top", usage, argc, argv);
    for (int option; (option = getopt(argc, argv, "bn:d:")) >= 0;) {
        switch (option) {
        case 'b': batch = true; break;
        case 'n':
            if ((times = atoi(optarg)) <= 0)
                errx(2, "-n: %s: not a number of pictures", optarg);
            break;
        case 'd':
            if ((delay = parse_delay(optarg)) < 0)
                errx(2, "-d: %s: not a number of seconds", optarg);
            break;
        default: wrong_usage();
        }
    }
    if (optind < argc)
        wrong_usage();
    screen = !batch && isatty(STDOUT_FILENO) && tcgetattr(STDIN_FILENO, &before) == 0;
    if (!batch && !screen)
        errx(1, "this is not a terminal; -b writes pictures one after the other");
    if (screen) {
        struct termios keys = before;
        keys.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
        signal(SIGINT, ended);
        signal(SIGTERM, ended);
        tcsetattr(STDIN_FILENO, TCSANOW, &keys);
        printf("\033[H\033[2J");
    }
    struct cpu_time old = {0};
    unsigned long since = 0;
    struct entry *last = NULL;
    int last_count = 0;
    for (bool more = true; more; more = times != 0 && pause_or_key(delay)) {
        unsigned long now = proc_uptime();
        look(last, last_count);
        draw(&old, now - since);
        if (!screen && times != 1)
            putchar('\n');
        if (times > 0)
            times--;
        since = now;
        proc_cpu(&old);
        last = must(realloc(last, (size_t)count * sizeof *last));
        memcpy(last, entries, (size_t)count * sizeof *last);
        last_count = count;
    }
    give_back();
    return 0;
}
