/* What a function has done to its stack by the time it gets to an instruction, read from the instructions themselves. */
#include "prologue.h"

#include <string.h>

enum { RA = 1, SP = 2, FP = 8 };

struct reader {
    struct layout now, deep; /* deep: as it was before the stack was given back */
    long value[32];          /* of registers that were loaded with a constant */
    uint32_t known;          /* which those are: bit n for register n */
};

static long sign(unsigned long value, int bits) { return (long)(value << (64 - bits)) >> (64 - bits); }

static void set(struct reader *reader, unsigned target, long value)
{
    reader->value[target] = value;
    reader->known |= target ? 1u << target : 0;
}

static void move_stack(struct reader *reader, long by)
{
    if (by > 0)
        reader->deep = reader->now;
    reader->now.size -= by;
}

static void save(struct reader *reader, unsigned source, long offset)
{
    if (source == RA && !reader->now.ra_saved) {
        reader->now.ra_saved = true;
        reader->now.ra_at = offset - reader->now.size;
    } else if (source == FP && !reader->now.fp_saved) {
        reader->now.fp_saved = true;
        reader->now.fp_at = offset - reader->now.size;
    }
}

static void set_frame_pointer(struct reader *reader, long offset)
{
    reader->now.fp_set = true;
    reader->now.fp_offset = offset - reader->now.size;
}

/* Control does not come past this instruction: what follows is reached from before the stack was given back. */
static void ends_here(struct reader *reader)
{
    if (reader->now.size <= 0 && reader->deep.size > 0)
        reader->now = reader->deep;
}

static void add(struct reader *reader, unsigned target, unsigned source, long immediate)
{
    if (target == SP && source == SP)
        move_stack(reader, immediate);
    else if (target == SP && source == FP && reader->now.fp_set)
        move_stack(reader, reader->now.size + reader->now.fp_offset + immediate);
    else if (target == FP && source == SP)
        set_frame_pointer(reader, immediate);
    else if (!source || reader->known >> source & 1)
        set(reader, target, (source ? reader->value[source] : 0) + immediate);
    else
        reader->known &= ~(1u << target);
}

static void add_registers(struct reader *reader, unsigned target, unsigned left, unsigned right, int minus)
{
    if (target == SP && left == SP && reader->known >> right & 1)
        move_stack(reader, minus ? -reader->value[right] : reader->value[right]);
    else
        reader->known &= ~(1u << target);
}

/* Unprivileged Architecture, "C" Standard Extension. */
static void read_short(struct reader *reader, unsigned code)
{
    unsigned target = code >> 7 & 31, source = code >> 2 & 31;
    long immediate = sign((code >> 7 & 0x20) | (code >> 2 & 0x1f), 6);
    switch (code & 0xe003) {
    case 0x0000: /* c.addi4spn */
        if ((code >> 2 & 7) + 8 == FP)
            set_frame_pointer(reader, (code >> 7 & 0x30) | (code >> 1 & 0x3c0) | (code >> 4 & 4) | (code >> 2 & 8));
        break;
    case 0x0001: add(reader, target, target, immediate); break; /* c.addi */
    case 0x2001: add(reader, target, target, immediate); break; /* c.addiw */
    case 0x4001: add(reader, target, 0, immediate); break;      /* c.li */
    case 0x6001:
        if (target == SP) /* c.addi16sp */
            move_stack(reader, sign((code >> 3 & 0x200) | (code >> 2 & 0x10) | (code << 1 & 0x40) | (code << 4 & 0x180)
                                        | (code << 3 & 0x20), 10));
        else /* c.lui */
            set(reader, target, immediate << 12);
        break;
    case 0xa001: ends_here(reader); break;                                                   /* c.j */
    case 0xe002: save(reader, source, (code >> 7 & 0x38) | (code >> 1 & 0x1c0)); break;      /* c.sdsp */
    case 0x8002:
        if (!source && !(code & 0x1000))
            ends_here(reader); /* c.jr */
        else if (source && code & 0x1000)
            add_registers(reader, target, target, source, 0); /* c.add */
        else if (source)
            add(reader, target, source, 0); /* c.mv */
        break;
    }
}

/* Unprivileged Architecture, RV64I Base Integer Instruction Set. */
static void read_long(struct reader *reader, uint32_t code)
{
    unsigned target = code >> 7 & 31, left = code >> 15 & 31, right = code >> 20 & 31;
    switch (code & 0x707f) {
    case 0x0013: case 0x001b: add(reader, target, left, sign(code >> 20, 12)); return; /* addi, addiw */
    case 0x0033: add_registers(reader, target, left, right, code >> 30 & 1); return;   /* add, sub */
    case 0x3023:                                                                       /* sd */
        if (left == SP)
            save(reader, right, sign((code >> 20 & 0xfe0) | target, 12));
        return;
    }
    if ((code & 0x7f) == 0x37) /* lui */
        set(reader, target, sign(code & 0xfffff000, 32));
    else if ((code & 0xfff) == 0x6f || (code & 0x7fff) == 0x67) /* j, jr */
        ends_here(reader);
}

struct layout read_prologue(const unsigned char *code, size_t size)
{
    struct reader reader = {.known = 0};
    for (size_t at = 0; at + 2 <= size;) {
        uint16_t half;
        uint32_t word;
        memcpy(&half, code + at, sizeof half);
        if ((half & 3) != 3) {
            read_short(&reader, half);
            at += 2;
        } else {
            if (at + 4 > size)
                break;
            memcpy(&word, code + at, sizeof word);
            read_long(&reader, word);
            at += 4;
        }
    }
    return reader.now;
}
