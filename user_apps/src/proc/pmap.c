/* Shows a process's memory, area by area: pmap [-x] PID... as Linux's /proc/PID/maps has it (-x: with what is resident,
 * from smaps). pmap -S [-r] [-x] PID... shows it as Solaris's pmap does, from map in /system/proc: -r from rmap, with
 * what is reserved for the stack to grow; -x from xmap, with what is resident, anonymous and locked.
 */
#include <err.h>
#include <errno.h>
#include <linuxproc.h>
#include <solproc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char usage[] = "usage: pmap [-x] PID...\n       pmap -S [-r] [-x] PID...\n";
static bool extended;

/* ---- Linux's view */

struct area {
    unsigned long start, end;
    char mode[6], name[256];
};

/* One line of maps; false: it is not such a line. */
static bool parse_area(const char *line, struct area *area)
{
    char *at;
    area->start = strtoul(line, &at, 16);
    if (at == line || *at != '-')
        return false;
    area->end = strtoul(at + 1, &at, 16);
    if (*at != ' ' || strlen(at) < 6)
        return false;
    snprintf(area->mode, sizeof area->mode, "%.3s%c-", at + 1, at[4] == 's' ? 's' : '-');
    at += 6;
    for (int field = 0; field < 3; field++) /* offset, device, inode */
        at += strcspn(at, " \n"), at += *at == ' ';
    at += strspn(at, " ");
    const char *end = strchr(at, '\n');
    size_t length = end ? (size_t)(end - at) : strlen(at);
    const char *path = at;
    for (size_t i = 0; i < length; i++)
        if (at[i] == '/' && at[0] == '/')
            path = at + i + 1;
    length -= (size_t)(path - at);
    snprintf(area->name, sizeof area->name, "%.*s", (int)length, path);
    if (!length)
        strcpy(area->name, "  [ anon ]");
    else if (*path == '[') /* [heap], [stack], [vdso] */
        snprintf(area->name, sizeof area->name, "  [ %.*s ]", (int)strcspn(path + 1, "]"), path + 1);
    return true;
}

static bool show_linux(int pid)
{
    char path[48];
    struct proc_stat stat;
    snprintf(path, sizeof path, "/proc/%d", pid);
    if (!proc_stat(path, &stat)) {
        warnx("%d: no such process", pid);
        return false;
    }
    snprintf(path, sizeof path, "/proc/%d/%s", pid, extended ? "smaps" : "maps");
    char *text = proc_read(path, NULL);
    if (!text) {
        warn("%d", pid);
        return false;
    }
    char *command = proc_command(pid);
    printf("%d:   %s\n", pid, *command ? command : stat.comm);
    unsigned long total = 0, resident = 0, dirty = 0;
    if (extended)
        printf("Address           Kbytes     RSS   Dirty Mode  Mapping\n");
    for (char *line = text; *line;) {
        struct area area;
        char *next = strchr(line, '\n');
        next = next ? next + 1 : line + strlen(line);
        if (parse_area(line, &area)) {
            unsigned long kib = (area.end - area.start) >> 10;
            total += kib;
            if (extended) {
                long here = 0, changed = 0;
                for (; *next && !parse_area(next, &(struct area){0}); next = strchr(next, '\n') + 1) {
                    here += strncmp(next, "Rss:", 4) == 0 ? strtol(next + 4, NULL, 10) : 0;
                    if (strncmp(next, "Shared_Dirty:", 13) == 0 || strncmp(next, "Private_Dirty:", 14) == 0)
                        changed += strtol(strchr(next, ':') + 1, NULL, 10);
                }
                resident += (unsigned long)here;
                dirty += (unsigned long)changed;
                printf("%016lx %7lu %7ld %7ld %s %s\n", area.start, kib, here, changed, area.mode, area.name);
            } else {
                printf("%016lx %6luK %s %s\n", area.start, kib, area.mode, area.name);
            }
        }
        line = next;
    }
    if (extended)
        printf("---------------- ------- ------- ------- \ntotal kB         %7lu %7lu %7lu\n", total, resident, dirty);
    else
        printf(" total %16luK\n", total);
    free(command);
    free(text);
    return true;
}

/* ---- Solaris's view */

static const char *mode_of(int flags)
{
    static char mode[7];
    snprintf(mode, sizeof mode, "%c%c%c%c%c", flags & MA_READ ? 'r' : '-', flags & MA_WRITE ? 'w' : '-',
             flags & MA_EXEC ? 'x' : '-', flags & MA_SHARED ? 's' : '-', flags & MA_NORESERVE ? 'R' : '-');
    return mode;
}

static const char *kind_of(int flags, const char *name)
{
    if (*name)
        return name;
    return flags & MA_STACK ? "  [ stack ]" : flags & MA_BREAK ? "  [ heap ]" : "  [ anon ]";
}

/* Kilobytes of so many pages, a dash for none. */
static const char *pages(char *to, size_t count)
{
    snprintf(to, 16, count ? "%lu" : "-", count * 4);
    return to;
}

static void show_extended(const prxmap_t *maps, size_t count)
{
    char rss[16], anon[16], locked[16];
    size_t total[4] = {0};
    printf("         Address     Kbytes        RSS       Anon     Locked Mode   Mapped File\n");
    for (size_t i = 0; i < count; i++) {
        const prxmap_t *map = &maps[i];
        printf("%016lX %10lu %10s %10s %10s %s  %s\n", (unsigned long)map->pr_vaddr, map->pr_size >> 10,
               pages(rss, map->pr_rss), pages(anon, map->pr_anon), pages(locked, map->pr_locked),
               mode_of(map->pr_mflags), kind_of(map->pr_mflags, map->pr_mapname));
        total[0] += map->pr_size >> 10;
        total[1] += map->pr_rss;
        total[2] += map->pr_anon;
        total[3] += map->pr_locked;
    }
    printf("---------------- ---------- ---------- ---------- ----------\n%16s %10lu %10s %10s %10s\n", "total Kb",
           total[0], pages(rss, total[1]), pages(anon, total[2]), pages(locked, total[3]));
}

static void show_plain(const prmap_t *maps, size_t count)
{
    size_t total = 0;
    for (size_t i = 0; i < count; i++) {
        printf("%016lX %10luK %s  %s\n", (unsigned long)maps[i].pr_vaddr, maps[i].pr_size >> 10,
               mode_of(maps[i].pr_mflags), kind_of(maps[i].pr_mflags, maps[i].pr_mapname));
        total += maps[i].pr_size >> 10;
    }
    printf(" total %20luK\n", total);
}

static bool show_solaris(int pid, const char *file)
{
    psinfo_t info;
    size_t size;
    void *maps = NULL;
    if (!sol_get(pid, "psinfo", &info, sizeof info) || !(maps = sol_all(pid, file, &size))) {
        sol_complain(pid);
        return false;
    }
    sol_title(&info);
    if (extended)
        show_extended(maps, size / sizeof(prxmap_t));
    else
        show_plain(maps, size / sizeof(prmap_t));
    free(maps);
    return true;
}

int main(int argc, char **argv)
{
    bool solaris = false, reserved = false, good = true;
    begin("pmap", usage, argc, argv);
    for (int option; (option = getopt(argc, argv, "Srx")) >= 0;) {
        switch (option) {
        case 'S': solaris = true; break;
        case 'r': reserved = true; break;
        case 'x': extended = true; break;
        default: wrong_usage();
        }
    }
    if (optind >= argc || (reserved && !solaris))
        wrong_usage();
    if (reserved && extended)
        errx(2, "-r and -x do not go together");
    for (; optind < argc; optind++) {
        int pid;
        if (!sol_pid(argv[optind], &pid, NULL))
            good = false;
        else if (!(solaris ? show_solaris(pid, extended ? "xmap" : reserved ? "rmap" : "map") : show_linux(pid)))
            good = false;
    }
    return good ? 0 : 1;
}
