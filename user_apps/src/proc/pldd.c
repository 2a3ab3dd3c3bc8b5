/* Shows the shared libraries that a process has loaded: pldd PID... They come from the list that its dynamic linker keeps
 * for debuggers, which the program's DT_DEBUG leads to. Of a static program there is nothing to show.
 */
#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <symbols.h>

enum { AT_PHDR = 3, AT_PHENT = 4, AT_PHNUM = 5, PT_DYNAMIC = 2, PT_PHDR = 6, DT_DEBUG = 21, MOST = 1000 };

struct segment {
    uint32_t type, flags;
    uint64_t offset, address, physical, file_size, memory_size, alignment;
};

struct link_map { /* what every dynamic linker of Linux keeps: link.h */
    uintptr_t bias, name, dynamic, next, previous;
};

/* The first entry of the list; 0: there is none. */
static uintptr_t find_list(const struct image *image)
{
    size_t size;
    uint64_t table = 0, step = sizeof(struct segment), count = 0;
    pr_auxv_t *auxv = sol_all(image->pid, "auxv", &size);
    for (size_t i = 0; auxv && i < size / sizeof *auxv; i++) {
        table = auxv[i].a_type == AT_PHDR ? auxv[i].a_val : table;
        step = auxv[i].a_type == AT_PHENT ? auxv[i].a_val : step;
        count = auxv[i].a_type == AT_PHNUM ? auxv[i].a_val : count;
    }
    free(auxv);
    uintptr_t bias = 0, dynamic = 0;
    struct segment segment;
    for (uint64_t i = 0; i < count && image_read(image, table + i * step, &segment, sizeof segment); i++) {
        bias = segment.type == PT_PHDR ? table - segment.address : bias;
        dynamic = segment.type == PT_DYNAMIC ? segment.address : dynamic;
    }
    uint64_t entry[2] = {0};
    for (uintptr_t at = dynamic + bias; dynamic && image_read(image, at, entry, sizeof entry) && entry[0]; at += 16) {
        uintptr_t first;
        if (entry[0] == DT_DEBUG && entry[1] && image_read(image, entry[1] + 8, &first, sizeof first))
            return first;
    }
    return 0;
}

static bool show(int pid)
{
    struct image image;
    psinfo_t info;
    if (!sol_get(pid, "psinfo", &info, sizeof info) || !image_open(&image, pid))
        return false;
    sol_title(&info);
    struct link_map entry;
    int shown = 0; /* the list is in the process's own hands, and may be a circle */
    for (uintptr_t at = find_list(&image); at && shown < MOST && image_read(&image, at, &entry, sizeof entry);
         at = entry.next, shown++) {
        char name[512];
        size_t length = 0;
        while (length < sizeof name - 1 && image_read(&image, entry.name + length, name + length, 1) && name[length])
            length++;
        if (length)
            printf("%.*s\n", (int)length, name);
    }
    image_close(&image);
    return true;
}

int main(int argc, char **argv)
{
    int failed = 0;
    begin("pldd", "usage: pldd PID...\n", argc, argv);
    if (argc < 2)
        wrong_usage();
    for (int i = 1; i < argc; i++) {
        int pid;
        if (!sol_pid(argv[i], &pid, NULL)) {
            failed = 1;
        } else if (!show(pid)) {
            sol_complain(pid);
            failed = 1;
        }
    }
    return failed;
}
