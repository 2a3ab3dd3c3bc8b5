/* From a frame to its caller's, by four ways, the surest first:
 *
 *  1. What the compiler wrote down: .eh_frame or .debug_frame of the file (cfi.c).
 *  2. What the function is known to have done to the stack: its instructions from its first on are read (prologue.c).
 *     That takes the function's symbol.
 *  3. A chain of frame pointers: s0 stands above the stack pointer, and below it are s0 and ra of the caller.
 *  4. A look through the stack for the next word that a call could have left: it leads into code, behind a call. Such a
 *     frame is a guess: the word may be a rest of a call that is over, and frames may be missing before it.
 *
 * Each way leads outwards on the stack, except out of a function that has no frame yet, which only the innermost is.
 */
#include "unwind.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>

#include "cfi.h"
#include "prologue.h"

enum { SP = 2, FP = 8, LONGEST = 1 << 16, WORDS = 4096 };

/* The functions that an lwp begins in: of ours, of musl, of glibc. */
static const char *const beginnings[] = {"_start", "__clone", "clone", "__clone3", "__thread_start"};

static bool is_code(struct image *image, uintptr_t address)
{
    const prmap_t *area = image_area(image, address);
    return area && area->pr_mflags & MA_EXEC;
}

/* Whether the instruction before is a call: jal ra, jalr ra or c.jalr. */
static bool behind_call(struct image *image, uintptr_t address)
{
    uint16_t half[2];
    if ((address & 1) || !is_code(image, address) || !image_read(image, address - 4, half, sizeof half))
        return false;
    uint32_t word = (uint32_t)half[1] << 16 | half[0];
    return (word & 0xfff) == 0xef || (word & 0x7fff) == 0xe7 || ((half[1] & 0xf07f) == 0x9002 && half[1] != 0x9002);
}

static bool word_at(struct image *image, uintptr_t address, uintptr_t *value)
{
    return image_read(image, address, value, sizeof *value);
}

/* The two instructions that end a handler: li a7, rt_sigreturn; ecall. */
static bool is_trampoline(struct image *image, uintptr_t pc)
{
    static const uint32_t wanted[] = {0x08b00893, 0x00000073};
    uint32_t code[2];
    return image_read(image, pc, code, sizeof code) && memcmp(code, wanted, sizeof wanted) == 0;
}

/* Above a trampoline's stack pointer: siginfo 128, ucontext with the registers at 176, from pc on.
 * arch/riscv/include/uapi/asm/ucontext.h, sigcontext.h
 */
static bool from_signal(struct image *image, struct cursor *cursor)
{
    uintptr_t registers[9]; /* pc, ra, sp, gp, tp, t0, t1, t2, s0 */
    if (!image_read(image, cursor->sp + 128 + 176, registers, sizeof registers) || !is_code(image, registers[0]))
        return false;
    *cursor = (struct cursor){.pc = registers[0], .ra = registers[1], .sp = registers[2], .fp = registers[8],
                              .exact = true, .ra_live = true, .guessed = cursor->guessed};
    return true;
}

/* The sections of one file. */
struct tables {
    size_t number; /* of the file, in the image */
    struct frame_section section[2];
    struct tables *next;
};

static struct tables *all_tables;

static const struct tables *tables_at(struct image *image, uintptr_t address)
{
    static const char *const names[] = {".eh_frame", ".debug_frame"};
    const struct object *object = image_object(image, address);
    if (!object)
        return NULL;
    size_t number = (size_t)(object - image->objects); /* the array may move, so it is the place in it that counts */
    for (const struct tables *tables = all_tables; tables; tables = tables->next)
        if (tables->number == number)
            return tables;
    struct tables *tables = must(calloc(1, sizeof *tables));
    *tables = (struct tables){.number = number, .next = all_tables};
    for (int i = 0; i < 2; i++) {
        struct frame_section *section = &tables->section[i];
        section->eh = i == 0;
        section->data = image_section(image, address, names[i], &section->size, &section->address);
    }
    return all_tables = tables;
}

void unwind_close(void)
{
    while (all_tables) {
        struct tables *next = all_tables->next;
        free((void *)(uintptr_t)all_tables->section[0].data);
        free((void *)(uintptr_t)all_tables->section[1].data);
        free(all_tables);
        all_tables = next;
    }
}

/* 1. */
static bool by_rules(struct image *image, struct cursor *cursor, bool *known)
{
    uintptr_t pc = cursor->exact ? cursor->pc : cursor->pc - 1, ra = cursor->ra, fp = cursor->fp;
    const struct object *object = image_object(image, pc);
    uintptr_t bias = object ? object->bias : 0;
    const struct tables *tables = cursor->from_ra ? NULL : tables_at(image, pc);
    struct rules rules;
    *known = false;
    bool found = false;
    for (int i = 0; tables && !found && i < 2; i++)
        found = tables->section[i].data && find_rules(&tables->section[i], pc - bias, &rules);
    if (!found || (rules.base != SP && rules.base != FP))
        return false;
    if (rules.ra_lost) {
        *known = true;
        return false;
    }
    uintptr_t top = (rules.base == SP ? cursor->sp : cursor->fp) + (uintptr_t)rules.offset;
    if (top < cursor->sp || (top == cursor->sp && !cursor->exact))
        return false;
    if (rules.ra_saved ? !word_at(image, top + (uintptr_t)rules.ra_at, &ra) : !cursor->ra_live)
        return false;
    if (rules.fp_saved && !word_at(image, top + (uintptr_t)rules.fp_at, &fp))
        return false;
    if (!ra && !cursor->guessed) {
        *known = true;
        return false;
    }
    if (!(cursor->guessed && !rules.signal ? behind_call(image, ra) : is_code(image, ra)))
        return false;
    *cursor = (struct cursor){.pc = ra, .sp = top, .fp = fp, .exact = rules.signal, .guessed = cursor->guessed};
    return *known = true;
}

/* 2. *known: the way is known, even if it ends here. */
static bool by_code(struct image *image, struct cursor *cursor, bool *known)
{
    static unsigned char code[LONGEST];
    const struct symbol *symbol = image_symbol(image, cursor->exact ? cursor->pc : cursor->pc - 1);
    *known = false;
    if (!symbol || cursor->from_ra || cursor->pc - symbol->start > LONGEST
        || !image_read(image, symbol->start, code, cursor->pc - symbol->start))
        return false;
    *known = true;
    for (size_t i = 0; i < sizeof beginnings / sizeof *beginnings; i++)
        if (strcmp(symbol->name, beginnings[i]) == 0)
            return false;
    struct layout layout = read_prologue(code, cursor->pc - symbol->start);
    uintptr_t top = layout.fp_set ? cursor->fp - (uintptr_t)layout.fp_offset : cursor->sp + (uintptr_t)layout.size;
    uintptr_t ra = cursor->ra, fp = cursor->fp;
    if (layout.ra_saved ? !word_at(image, top + (uintptr_t)layout.ra_at, &ra) : !cursor->ra_live)
        return *known = false;
    if (layout.fp_saved)
        word_at(image, top + (uintptr_t)layout.fp_at, &fp);
    if (!ra && !cursor->guessed)
        return false;
    if (top < cursor->sp || (top == cursor->sp && !cursor->exact) || !(cursor->guessed ? behind_call(image, ra) : is_code(image, ra)))
        return *known = false;
    *cursor = (struct cursor){.pc = ra, .sp = top, .fp = fp, .guessed = cursor->guessed};
    return true;
}

/* 3. */
static bool by_frame_pointer(struct image *image, struct cursor *cursor)
{
    uintptr_t ra, fp;
    const prmap_t *stack = image_area(image, cursor->sp);
    if (!stack || cursor->fp & 15 || cursor->fp <= cursor->sp || cursor->fp - 1 - stack->pr_vaddr >= stack->pr_size)
        return false;
    if (!word_at(image, cursor->fp - 8, &ra) || !word_at(image, cursor->fp - 16, &fp) || !behind_call(image, ra)
        || (fp && fp <= cursor->fp))
        return false;
    *cursor = (struct cursor){.pc = ra, .sp = cursor->fp, .fp = fp, .guessed = cursor->guessed};
    return true;
}

/* 4. */
static bool by_looking(struct image *image, struct cursor *cursor)
{
    uintptr_t word;
    if (cursor->ra_live && behind_call(image, cursor->ra)) {
        *cursor = (struct cursor){.pc = cursor->ra, .sp = cursor->sp, .fp = cursor->fp, .guessed = true,
                                  .from_ra = true};
        return true;
    }
    uintptr_t at = (cursor->sp + 7) & ~(uintptr_t)7;
    for (int words = 0; words < WORDS && word_at(image, at, &word); words++, at += 8)
        if (!(cursor->from_ra && word == cursor->pc) && behind_call(image, word)) {
            *cursor = (struct cursor){.pc = word, .sp = at + 8, .fp = cursor->fp, .guessed = true};
            return true;
        }
    return false;
}

bool unwind(struct image *image, struct cursor *cursor)
{
    bool known = false, found;
    if (cursor->signal)
        found = from_signal(image, cursor);
    else
        found = by_rules(image, cursor, &known) || (!known && by_code(image, cursor, &known))
                || (!known && (by_frame_pointer(image, cursor) || by_looking(image, cursor)));
    cursor->signal = found && is_trampoline(image, cursor->pc);
    return found;
}
