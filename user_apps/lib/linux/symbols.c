/* Names of addresses. ELF: System V ABI, "Object Files", "Program Loading"; the files through object/ of /system/proc. */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <symbols.h>
#include <unistd.h>

enum { SHT_SYMTAB = 2, SHT_NOBITS = 8, SHT_DYNSYM = 11, STT_NOTYPE = 0, STT_FUNC = 2, STT_IFUNC = 10, PT_LOAD = 1, PF_X = 1 };
enum { ET_EXEC = 2, SHF_EXECINSTR = 4, PAGE = 4096, LARGEST = 1 << 26 };

struct elf_header {
    unsigned char identity[16];
    uint16_t type, machine;
    uint32_t version;
    uint64_t entry, program_headers, section_headers;
    uint32_t flags;
    uint16_t header_size, program_header_size, program_header_count, section_header_size, section_header_count;
    uint16_t name_section;
};

struct elf_section {
    uint32_t name, type;
    uint64_t flags, address, offset, size;
    uint32_t link, info;
    uint64_t alignment, entry_size;
};

struct elf_segment {
    uint32_t type, flags;
    uint64_t offset, address, physical, file_size, memory_size, alignment;
};

struct elf_symbol {
    uint32_t name;
    unsigned char info, other;
    uint16_t section;
    uint64_t value, size;
};

bool image_open(struct image *image, int pid)
{
    size_t size;
    *image = (struct image){.pid = pid, .as = sol_open(pid, "as", O_RDONLY)};
    if (image->as < 0)
        return false;
    image->maps = sol_all(pid, "map", &size);
    if (!image->maps) {
        int why = errno;
        close(image->as);
        errno = why;
        return false;
    }
    image->map_count = size / sizeof *image->maps;
    return true;
}

void image_close(struct image *image)
{
    for (size_t i = 0; i < image->object_count; i++) {
        free(image->objects[i].symbols);
        free(image->objects[i].strings);
    }
    free(image->objects);
    free(image->maps);
    close(image->as);
}

bool image_read(const struct image *image, uintptr_t from, void *to, size_t size)
{
    return pread(image->as, to, size, (off_t)from) == (ssize_t)size;
}

const prmap_t *image_area(const struct image *image, uintptr_t address)
{
    for (size_t i = 0; i < image->map_count; i++)
        if (address - image->maps[i].pr_vaddr < image->maps[i].pr_size)
            return &image->maps[i];
    return NULL;
}

static bool read_at(int fd, uint64_t offset, void *to, size_t size)
{
    return size < LARGEST && pread(fd, to, size, (off_t)offset) == (ssize_t)size;
}

static int by_start(const void *left, const void *right)
{
    const struct symbol *a = left, *b = right;
    return a->start < b->start ? -1 : a->start > b->start;
}

/* How far the file's addresses are moved: from the segment that the area shows the start of. Two segments may begin in
 * one page of the file; only one of them is code.
 */
static bool find_bias(int fd, const struct elf_header *header, const prmap_t *area, uintptr_t *bias)
{
    struct elf_segment segment;
    *bias = 0;
    if (header->type == ET_EXEC)
        return true;
    for (unsigned i = 0; i < header->program_header_count; i++) {
        if (!read_at(fd, header->program_headers + i * sizeof segment, &segment, sizeof segment))
            return false;
        if (segment.type == PT_LOAD && segment.offset / PAGE * PAGE == (uint64_t)area->pr_offset
            && !(segment.flags & PF_X) == !(area->pr_mflags & MA_EXEC)) {
            *bias = area->pr_vaddr - segment.address / PAGE * PAGE;
            return true;
        }
    }
    return false;
}

/* The functions of one table of symbols: what stands in a section of code. */
static void take(struct object *object, int fd, const struct elf_section *sections, unsigned section_count,
                 const struct elf_section *table, uintptr_t bias)
{
    const struct elf_section *names = &sections[table->link];
    struct elf_symbol *symbols = must(malloc(table->size + 1));
    char *strings = must(malloc(names->size + 1));
    if (!read_at(fd, table->offset, symbols, table->size) || !read_at(fd, names->offset, strings, names->size)) {
        free(symbols);
        free(strings);
        return;
    }
    strings[names->size] = '\0';
    size_t total = table->size / sizeof *symbols;
    object->strings = strings;
    object->symbols = must(malloc((total + 1) * sizeof *object->symbols));
    for (size_t i = 0; i < total; i++) {
        int type = symbols[i].info & 15;
        const char *name = symbols[i].name < names->size ? strings + symbols[i].name : "";
        if (symbols[i].section >= section_count || !(sections[symbols[i].section].flags & SHF_EXECINSTR) || !*name || *name == '$' || strncmp(name, ".L", 2) == 0
            || (type != STT_FUNC && type != STT_IFUNC && type != STT_NOTYPE))
            continue;
        uintptr_t start = symbols[i].value + bias;
        object->symbols[object->count++] = (struct symbol){start, start + symbols[i].size, name};
    }
    free(symbols);
    qsort(object->symbols, object->count, sizeof *object->symbols, by_start);
    for (size_t i = 0; i + 1 < object->count; i++) /* those that do not say how long they are: up to the next */
        if (object->symbols[i].end == object->symbols[i].start)
            object->symbols[i].end = object->symbols[i + 1].start;
}

static int open_object(int pid, const char *name)
{
    char path[16 + PRMAPSZ];
    snprintf(path, sizeof path, "object/%.*s", PRMAPSZ, name);
    return sol_open(pid, path, O_RDONLY);
}

static void load(struct object *object, int pid, const prmap_t *area)
{
    struct elf_header header;
    struct elf_section *sections = NULL, *table = NULL;
    uintptr_t bias;
    int fd = open_object(pid, area->pr_mapname);
    if (fd < 0)
        return;
    bool good = read_at(fd, 0, &header, sizeof header) && memcmp(header.identity, "\177ELF\2", 5) == 0
                && find_bias(fd, &header, area, &bias);
    object->loaded = good;
    object->bias = good ? bias : 0;
    unsigned count = good ? header.section_header_count : 0;
    sections = must(malloc((count + 1) * sizeof *sections));
    good = good && read_at(fd, header.section_headers, sections, count * sizeof *sections);
    for (unsigned i = 0; good && i < count; i++)
        if (sections[i].type == SHT_SYMTAB || (sections[i].type == SHT_DYNSYM && !table))
            table = &sections[i];
    if (table && table->link < count && table->size < LARGEST && sections[table->link].size < LARGEST)
        take(object, fd, sections, count, table, bias);
    free(sections);
    close(fd);
}

static struct object *object_of(struct image *image, const prmap_t *area)
{
    for (size_t i = 0; i < image->object_count; i++)
        if (strncmp(image->objects[i].name, area->pr_mapname, PRMAPSZ) == 0)
            return &image->objects[i];
    image->objects = must(realloc(image->objects, (image->object_count + 1) * sizeof *image->objects));
    struct object *object = &image->objects[image->object_count++];
    *object = (struct object){.count = 0};
    memcpy(object->name, area->pr_mapname, PRMAPSZ);
    load(object, image->pid, area);
    return object;
}

const struct object *image_object(struct image *image, uintptr_t address)
{
    const prmap_t *area = image_area(image, address);
    const struct object *object = area && *area->pr_mapname ? object_of(image, area) : NULL;
    return object && object->loaded ? object : NULL;
}

const char *image_file(struct image *image, uintptr_t address, char *to, size_t size)
{
    char path[64], target[512];
    const struct object *object = image_object(image, address);
    const prmap_t *area = image_area(image, address);
    *to = '\0';
    if (!object)
        return to;
    /* /proc has the names; where it is not mounted, that of the object has to do */
    snprintf(path, sizeof path, "/proc/%d/map_files/%lx-%lx", image->pid, (unsigned long)area->pr_vaddr,
             (unsigned long)(area->pr_vaddr + area->pr_size));
    ssize_t length = readlink(path, target, sizeof target - 1);
    if (length > 0)
        target[length] = '\0';
    const char *slash = length > 0 ? strrchr(target, '/') : NULL;
    snprintf(to, size, "%s", slash ? slash + 1 : object->name);
    return to;
}

unsigned char *image_section(struct image *image, uintptr_t address, const char *name, size_t *size, uint64_t *at)
{
    const struct object *object = image_object(image, address);
    struct elf_header header;
    struct elf_section names, section;
    unsigned char *data = NULL;
    int fd = object ? open_object(image->pid, object->name) : -1;
    if (fd < 0)
        return NULL;
    bool good = read_at(fd, 0, &header, sizeof header) && header.name_section < header.section_header_count
                && read_at(fd, header.section_headers + header.name_section * sizeof names, &names, sizeof names);
    for (unsigned i = 0; good && !data && i < header.section_header_count; i++) {
        char text[24] = "";
        if (!read_at(fd, header.section_headers + i * sizeof section, &section, sizeof section))
            break;
        if (section.type == SHT_NOBITS || section.name >= names.size
            || pread(fd, text, sizeof text - 1, (off_t)(names.offset + section.name)) <= 0 || strcmp(text, name) != 0)
            continue;
        data = section.size < LARGEST ? must(malloc(section.size + 1)) : NULL;
        if (data && !read_at(fd, section.offset, data, section.size)) {
            free(data);
            data = NULL;
        }
        if (!data)
            break;
        *size = section.size;
        *at = section.address;
    }
    close(fd);
    return data;
}

const struct symbol *image_symbol(struct image *image, uintptr_t address)
{
    const struct object *object = image_object(image, address);
    if (!object)
        return NULL;
    size_t low = 0, high = object->count; /* the last that starts at or before the address */
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (object->symbols[middle].start <= address)
            low = middle + 1;
        else
            high = middle;
    }
    while (low > 0) {
        const struct symbol *symbol = &object->symbols[--low];
        if (address < symbol->end)
            return symbol;
        if (symbol->end > symbol->start)
            break;
    }
    return NULL;
}

const char *image_where(struct image *image, uintptr_t address, char *to, size_t size)
{
    const struct symbol *symbol = image_symbol(image, address);
    if (!symbol)
        snprintf(to, size, "0x%lx", (unsigned long)address);
    else if (address == symbol->start)
        snprintf(to, size, "%s", symbol->name);
    else
        snprintf(to, size, "%s+0x%lx", symbol->name, (unsigned long)(address - symbol->start));
    return to;
}
