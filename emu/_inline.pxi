# Counting a block's ticks inside the block. Included by `_gate.pyx`.
#
# The engine begins each block with a call of `on_block`, whose arguments are constants that it loads just before. On
# x86-64 the first such call replaces its own set-up by code that counts in place and calls nothing while the slice
# lasts; that halves what a short block costs. What must hold:
# - every byte that is replaced was compared first; a call that looks otherwise stays a call, which counts the same;
# - the code behind the call stays as it is, since the call that replaced itself still returns to it;
# - the engine drops the code of a block only as a whole, so nothing is ever put back.

cdef extern from *:
    """
    #if defined(__x86_64__) && defined(__GNUC__)
    #define RV_CALLER ((uint8_t *)__builtin_return_address(0))
    typedef struct { uint8_t bytes[64]; int n; } rv_code;

    static void rv_emit(rv_code *code, const char *opcode, int opcode_size, const void *operand, int operand_size)
    {
        memcpy(code->bytes + code->n, opcode, (size_t)opcode_size);
        memcpy(code->bytes + code->n + opcode_size, operand, (size_t)operand_size);
        code->n += opcode_size + operand_size;
    }

    /* mov rsi, pc: the shortest of three ways, as the engine's own code generator chooses. */
    static void rv_load_pc(rv_code *code, uint64_t pc)
    {
        if (pc >> 32 == 0)
            rv_emit(code, "\\xbe", 1, &pc, 4);
        else if ((uint64_t)(int64_t)(int32_t)pc == pc)
            rv_emit(code, "\\x48\\xc7\\xc6", 3, &pc, 4);
        else
            rv_emit(code, "\\x48\\xbe", 2, &pc, 8);
    }

    /* Make the call of `function` that returns to `after` count inside its block: 1 if it does now, 0 if it stays.
       at_left, at_pc, at_size, at_late: where in `engine` (below 128) there stand the ticks that are left (8 bytes),
       the block's address (8) and its bytes (2), and what to call when no tick is left: a function of four arguments
       of which only the last, `engine`, means anything. `size` is below 128. */
    static int rv_count_inside(uint8_t *after, void *function, void *uc, uint64_t pc, uint32_t size, void *engine,
                               uint8_t at_left, uint8_t at_pc, uint8_t at_size, uint8_t at_late)
    {
        rv_code old = {.n = 0}, check = {.n = 0}, code = {.n = 0};
        uint8_t *start, *target;
        int32_t distance;
        int tail;
        memcpy(&distance, after - 4, 4);
        if (after[-5] == 0xe8 && after + distance == (uint8_t *)function) {     /* call function */
            start = after - 5;
        } else if (after[-6] == 0xff && after[-5] == 0x15) {                    /* call [rip + distance] */
            start = after - 6;
            memcpy(&target, after + distance, sizeof target);
            if (target != (uint8_t *)function)
                return 0;
        } else {
            return 0;
        }
        rv_emit(&old, "\\x48\\xbf", 2, &uc, 8);                                 /* mov rdi, uc */
        rv_load_pc(&old, pc);
        rv_emit(&old, "\\xba", 1, &size, 4);                                    /* mov edx, size */
        rv_emit(&old, "\\x48\\xb9", 2, &engine, 8);                             /* mov rcx, engine */
        start -= old.n;
        rv_emit(&check, "\\x48\\xbf", 2, &uc, 8);                               /* mov rdi, uc; xor esi, esi */
        rv_emit(&check, "\\x33\\xf6", 2, "", 0);
        if (memcmp(start, old.bytes, (size_t)old.n) || memcmp(after, check.bytes, (size_t)check.n))
            return 0;
        tail = after[12] == 0xe8 ? 17 : after[12] == 0xff && after[13] == 0x15 ? 18 : 0;    /* call the check */
        if (!tail)
            return 0;

        rv_emit(&code, "\\x48\\xb9", 2, &engine, 8);                            /* mov rcx, engine */
        if ((uint64_t)(int64_t)(int32_t)pc == pc) {
            rv_emit(&code, "\\x48\\xc7\\x41", 3, &at_pc, 1);                    /* mov qword [rcx + at_pc], pc */
            rv_emit(&code, "", 0, &pc, 4);
        } else {
            rv_load_pc(&code, pc);
            rv_emit(&code, "\\x48\\x89\\x71", 3, &at_pc, 1);                    /* mov [rcx + at_pc], rsi */
        }
        rv_emit(&code, "\\x66\\xc7\\x41", 3, &at_size, 1);                      /* mov word [rcx + at_size], size */
        rv_emit(&code, "", 0, &size, 2);
        rv_emit(&code, "\\x48\\x83\\x69", 3, &at_left, 1);                      /* sub qword [rcx + at_left], size */
        rv_emit(&code, "", 0, &size, 1);
        int room = (int)(after - start) - code.n - 5;
        if (room < 0)
            return 0;
        uint8_t over = (uint8_t)(room + 3 + tail);
        rv_emit(&code, "\\x7f", 1, &over, 1);                                   /* jg behind the check */
        for (; room; room--)
            rv_emit(&code, "\\x90", 1, "", 0);
        rv_emit(&code, "\\xff\\x51", 2, &at_late, 1);                           /* call [rcx + at_late] */
        memcpy(start, code.bytes, (size_t)code.n);
        return 1;
    }
    #else
    #define RV_CALLER ((uint8_t *)0)
    static int rv_count_inside(uint8_t *after, void *function, void *uc, uint64_t pc, uint32_t size, void *engine,
                               uint8_t at_left, uint8_t at_pc, uint8_t at_size, uint8_t at_late) { return 0; }
    #endif
    """
    uint8_t *RV_CALLER
    bint rv_count_inside(uint8_t *, void *, void *, uint64_t, uint32_t, void *, uint8_t, uint8_t, uint8_t,
                         uint8_t) noexcept nogil
