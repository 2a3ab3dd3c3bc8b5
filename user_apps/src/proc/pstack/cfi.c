/* Call frame information. DWARF 5, 6.4; LSB 10.6. The same reading as that of rvsim pstack (tools/procs/cfi.py).
 *
 *     .eh_frame     entry: | length 4 | distance back to its CIE 4 | begin | size | augmentation | instructions |
 *     .debug_frame  entry: | length 4 | offset of its CIE 4        | begin | size |                instructions |
 *
 * A CIE has 0 (in .debug_frame: ~0) in place of the CIE, and what all its functions have in common. The bytes are
 * somebody else's: a place never leaves its entry, and what makes no sense is taken for no entry.
 */
#include "cfi.h"

#include <string.h>

enum { RA = 1, SP = 2, FP = 8, MOST_STATES = 64 };

struct place {
    const unsigned char *at, *end;
    bool bad; /* it would have left its entry, or came to what we cannot do */
};

struct common { /* a CIE */
    struct place code;
    uint64_t code_align, return_register;
    int64_t data_align;
    unsigned encoding; /* of pointers */
    bool augmented, signal;
};

static uint64_t number(struct place *place, size_t size)
{
    uint64_t value = 0;
    if (place->bad || (size_t)(place->end - place->at) < size) {
        place->bad = true;
        return 0;
    }
    memcpy(&value, place->at, size);
    place->at += size;
    return value;
}

static void skip(struct place *place, uint64_t size)
{
    if (place->bad || (uint64_t)(place->end - place->at) < size)
        place->bad = true;
    else
        place->at += size;
}

static uint64_t leb(struct place *place, bool is_signed)
{
    uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
        uint64_t byte = number(place, 1);
        value |= (byte & 0x7f) << shift;
        if (!(byte & 0x80)) {
            if (is_signed && byte & 0x40 && shift + 7 < 64)
                value |= ~(uint64_t)0 << (shift + 7);
            return value;
        }
    }
    place->bad = true;
    return 0;
}

/* A pointer in one of the encodings DW_EH_PE_*: its size and sign, and what it counts from. */
static uint64_t pointer(struct place *place, unsigned encoding, const struct frame_section *section)
{
    uint64_t here = section->address + (uint64_t)(place->at - section->data), value;
    switch (encoding & 0x0f) {
    case 0x00: case 0x04: case 0x0c: value = number(place, 8); break;
    case 0x01: value = leb(place, false); break;
    case 0x09: value = leb(place, true); break;
    case 0x02: value = number(place, 2); break;
    case 0x03: value = number(place, 4); break;
    case 0x0a: value = (uint64_t)(int16_t)number(place, 2); break;
    case 0x0b: value = (uint64_t)(int32_t)number(place, 4); break;
    default: place->bad = true; return 0;
    }
    if ((encoding & 0xf0) == 0x10)
        return value + here;
    place->bad |= (encoding & 0xf0) != 0;
    return value;
}

/* The entry at an offset, behind its length; false: there is none, or it is damaged. */
static bool entry_at(const struct frame_section *section, uint64_t offset, struct place *place)
{
    uint32_t size;
    if (offset > section->size || section->size - offset < 8)
        return false;
    memcpy(&size, section->data + offset, sizeof size);
    if (size < 4 || size > section->size - offset - 4)
        return false;
    *place = (struct place){section->data + offset + 4, section->data + offset + 4 + size, false};
    return true;
}

static bool read_common(const struct frame_section *section, uint64_t offset, struct common *common)
{
    struct place place, rest;
    const char *letters;
    if (!entry_at(section, offset, &place) || number(&place, 4) != (section->eh ? 0 : 0xffffffff))
        return false;
    *common = (struct common){.encoding = 0};
    uint64_t version = number(&place, 1);
    letters = (const char *)place.at;
    while (number(&place, 1))
        ;
    if (place.bad)
        return false;
    if (version == 4)
        skip(&place, 2); /* sizes of an address and a segment */
    common->code_align = leb(&place, false);
    common->data_align = (int64_t)leb(&place, true);
    common->return_register = version == 1 ? number(&place, 1) : leb(&place, false);
    common->augmented = *letters == 'z';
    if (*letters && !common->augmented)
        return false;
    if (common->augmented) {
        uint64_t size = leb(&place, false);
        rest = place;
        skip(&place, size);
        if (place.bad)
            return false;
        rest.end = place.at;
        while (*++letters)
            switch (*letters) {
            case 'R': common->encoding = (unsigned)number(&rest, 1); break;
            case 'P': pointer(&rest, (unsigned)number(&rest, 1) & 0x7f, section); break; /* for exceptions */
            case 'L': number(&rest, 1); break;
            case 'S': common->signal = true; break;
            default: return false;
            }
        if (rest.bad)
            return false;
    }
    common->code = place;
    return !place.bad;
}

static void set(struct rules *rules, const struct common *common, uint64_t reg, bool saved, uint64_t offset)
{
    int64_t at = (int64_t)(offset * (uint64_t)common->data_align);
    if (reg == RA) {
        rules->ra_saved = saved;
        rules->ra_at = at;
        rules->ra_lost = false;
    } else if (reg == FP) {
        rules->fp_saved = saved;
        rules->fp_at = at;
    }
}

static void restore(struct rules *rules, const struct rules *first, uint64_t reg)
{
    if (reg == RA) {
        rules->ra_saved = first->ra_saved;
        rules->ra_at = first->ra_at;
        rules->ra_lost = first->ra_lost;
    } else if (reg == FP) {
        rules->fp_saved = first->fp_saved;
        rules->fp_at = first->fp_at;
    }
}

/* Execute instructions up to the row of `wanted`; false: they are damaged, or compute a place. DWARF 5, 6.4.2 */
static bool run(struct place place, const struct common *common, struct rules *rules, uint64_t here, uint64_t wanted)
{
    static struct rules states[MOST_STATES];
    const struct rules first = *rules;
    int depth = 0;
    while (!place.bad && place.at < place.end && here <= wanted) {
        unsigned byte = (unsigned)number(&place, 1), low = byte & 0x3f;
        uint64_t reg;
        switch (byte & 0xc0 ? byte & 0xc0 : byte) {
        case 0x40: here += low * common->code_align; break;                           /* advance_loc */
        case 0x80: set(rules, common, low, true, leb(&place, false)); break;          /* offset */
        case 0xc0: restore(rules, &first, low); break;                                /* restore */
        case 0x00: break;                                                             /* nop */
        case 0x02: here += number(&place, 1) * common->code_align; break;             /* advance_loc1, 2, 4 */
        case 0x03: here += number(&place, 2) * common->code_align; break;
        case 0x04: here += number(&place, 4) * common->code_align; break;
        case 0x05: reg = leb(&place, false); set(rules, common, reg, true, leb(&place, false)); break;
        case 0x06: restore(rules, &first, leb(&place, false)); break;                 /* restore_extended */
        case 0x07:                                                                    /* undefined */
            set(rules, common, reg = leb(&place, false), false, 0);
            rules->ra_lost |= reg == RA;
            break;
        case 0x08: set(rules, common, leb(&place, false), false, 0); break;           /* same_value */
        case 0x0a:                                                                    /* remember_state */
            if (depth == MOST_STATES)
                return false;
            states[depth++] = *rules;
            break;
        case 0x0b:                                                                    /* restore_state */
            if (!depth)
                return false;
            *rules = states[--depth];
            break;
        case 0x0c: rules->base = leb(&place, false); rules->offset = (long)leb(&place, false); break; /* def_cfa */
        case 0x0d: rules->base = leb(&place, false); break;
        case 0x0e: rules->offset = (long)leb(&place, false); break;
        case 0x11: reg = leb(&place, false); set(rules, common, reg, true, leb(&place, true)); break;
        case 0x12:                                                                    /* def_cfa_sf */
            rules->base = leb(&place, false);
            rules->offset = (long)(leb(&place, true) * (uint64_t)common->data_align);
            break;
        case 0x13: rules->offset = (long)(leb(&place, true) * (uint64_t)common->data_align); break;
        case 0x2e: leb(&place, false); break;                                         /* GNU_args_size */
        default: return false; /* expressions, registers in registers */
        }
    }
    return !place.bad;
}

bool find_rules(const struct frame_section *section, uint64_t address, struct rules *rules)
{
    struct place place;
    struct common common;
    uint64_t known = ~(uint64_t)0; /* whose `common` is there */
    for (uint64_t at = 0; at + 4 <= section->size;) {
        uint32_t size;
        memcpy(&size, section->data + at, sizeof size);
        if (!size && !section->eh) {
            at += 4;
            continue;
        }
        if (!entry_at(section, at, &place))
            return false; /* its end, or it is damaged */
        uint64_t link = number(&place, 4), start = section->eh ? at + 4 - link : link;
        at += 4 + (uint64_t)size;
        if (link == (section->eh ? 0 : 0xffffffff))
            continue;
        if (start != known && !read_common(section, start, &common)) {
            known = ~(uint64_t)0;
            continue;
        }
        known = start;
        uint64_t begin = pointer(&place, common.encoding, section);
        uint64_t length = pointer(&place, common.encoding & 0x0f, section);
        if (common.augmented)
            skip(&place, leb(&place, false));
        if (place.bad || address - begin >= length)
            continue;
        *rules = (struct rules){.base = SP, .signal = common.signal};
        return common.return_register == RA && run(common.code, &common, rules, 0, 0)
               && run(place, &common, rules, begin, address);
    }
    return false;
}
