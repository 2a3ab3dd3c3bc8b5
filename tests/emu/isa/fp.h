/* Floating-point instructions as expressions on bit patterns, with the flags they raise. */
#ifndef FP_H
#define FP_H
#include "check.h"

enum { NX = 1, UF = 2, OF = 4, DZ = 8, NV = 16 };
enum { RNE, RTZ, RDN, RUP, RMM };

#define BOX(bits) (0xffffffff00000000UL | (u32)(bits))
#define QNAN32 0x7fc00000U          /* the canonical NaN */
#define SNAN32 0x7f800001U
#define INF32 0x7f800000U
#define NEG32 0x80000000U
#define ONE32 0x3f800000U
#define QNAN64 0x7ff8000000000000UL
#define SNAN64 0x7ff0000000000001UL
#define INF64 0x7ff0000000000000UL
#define NEG64 0x8000000000000000UL
#define ONE64 0x3ff0000000000000UL

struct fp { u64 value, flags; };

/* All 64 bits of the operands go into f registers by fmv.d.x, and the result out by fmv.x.d: boxing is seen. */
#define FP3(text, a, b, c) ({ struct fp r_; __asm__ volatile("fsflags x0\n fmv.d.x ft0, %2\n fmv.d.x ft1, %3\n" \
    " fmv.d.x ft2, %4\n " text "\n fmv.x.d %0, ft3\n frflags %1" : "=&r"(r_.value), "=&r"(r_.flags) \
    : "r"((u64)(a)), "r"((u64)(b)), "r"((u64)(c)) : "a0", "ft0", "ft1", "ft2", "ft3"); r_; })
/* f to x */
#define FX(text, a, b) ({ struct fp r_; __asm__ volatile("fsflags x0\n fmv.d.x ft0, %2\n fmv.d.x ft1, %3\n" \
    " " text "\n frflags %1" : "=&r"(r_.value), "=&r"(r_.flags) : "r"((u64)(a)), "r"((u64)(b)) : "ft0", "ft1"); r_; })
/* x to f */
#define XF(text, a) ({ struct fp r_; __asm__ volatile("fsflags x0\n " text "\n fmv.x.d %0, ft3\n frflags %1" \
    : "=&r"(r_.value), "=&r"(r_.flags) : "r"((u64)(a)) : "ft3"); r_; })

#define CHECK_FP(want, want_flags, expr) do { struct fp f_ = (expr); check(__LINE__, #expr, (u64)(want), f_.value); \
    check(__LINE__, "flags of " #expr, (want_flags), f_.flags); } while (0)

/* A single: the low half of the register is the value, whatever the upper half holds. */
#define CHECK_S(want, want_flags, expr) do { struct fp f_ = (expr); check(__LINE__, #expr, (u32)(want), (u32)f_.value); \
    check(__LINE__, "flags of " #expr, (want_flags), f_.flags); } while (0)

#define D2(op, a, b) FP3(op " ft3, ft0, ft1", a, b, 0)
#define D1(op, a) FP3(op " ft3, ft0", a, 0, 0)
#define D3(op, a, b, c) FP3(op " ft3, ft0, ft1, ft2", a, b, c)
#define S2(op, a, b) FP3(op " ft3, ft0, ft1", BOX(a), BOX(b), 0)
#define S1(op, a) FP3(op " ft3, ft0", BOX(a), 0, 0)
#define S3(op, a, b, c) FP3(op " ft3, ft0, ft1, ft2", BOX(a), BOX(b), BOX(c))
#define DX2(op, a, b) FX(op " %0, ft0, ft1", a, b)
#define SX2(op, a, b) FX(op " %0, ft0, ft1", BOX(a), BOX(b))
#define DX1(op, a) FX(op " %0, ft0", a, 0)
#define SX1(op, a) FX(op " %0, ft0", BOX(a), 0)
#define CVT_D(op, rm, a) FX(op " %0, ft0, " rm, a, 0)
#define CVT_S(op, rm, a) FX(op " %0, ft0, " rm, BOX(a), 0)

static inline u64 d_bits(double value) { u64 bits; memcpy(&bits, &value, 8); return bits; }
static inline u32 s_bits(float value) { u32 bits; memcpy(&bits, &value, 4); return bits; }
#endif
