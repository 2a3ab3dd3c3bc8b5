/* Numbers: from text, and at random. */
#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>

int errno;

static int digit_value(int c)
{
    if (isdigit(c))
        return c - '0';
    if (isalpha(c))
        return tolower(c) - 'a' + 10;
    return 99;
}

/* The digits of a number without its sign; *overflow is set if it does not fit 64 bits. */
static unsigned long parse(const char *text, const char **end, int base, int *overflow)
{
    if ((base == 0 || base == 16) && text[0] == '0' && (text[1] == 'x' || text[1] == 'X') &&
        digit_value(text[2]) < 16) {
        base = 16;
        text += 2;
    } else if (base == 0) {
        base = text[0] == '0' ? 8 : 10;
    }
    unsigned long value = 0;
    *end = NULL;
    for (; digit_value(*text) < base; *end = ++text) {
        unsigned long digit = (unsigned long)digit_value(*text);
        if (value > (ULONG_MAX - digit) / (unsigned long)base)
            *overflow = 1;
        value = value * (unsigned long)base + digit;
    }
    return value;
}

static unsigned long parse_signed(const char *text, char **end, int base, int *negative, int *overflow)
{
    const char *at = text, *stop;
    while (isspace(*at))
        at++;
    *negative = *at == '-';
    if (*at == '-' || *at == '+')
        at++;
    *overflow = 0;
    unsigned long value = parse(at, &stop, base, overflow);
    if (end)
        *end = (char *)(stop ? stop : text);
    return value;
}

unsigned long strtoul(const char *text, char **end, int base)
{
    int negative, overflow;
    unsigned long value = parse_signed(text, end, base, &negative, &overflow);
    if (overflow) {
        errno = ERANGE;
        return ULONG_MAX;
    }
    return negative ? -value : value;
}

long strtol(const char *text, char **end, int base)
{
    int negative, overflow;
    unsigned long value = parse_signed(text, end, base, &negative, &overflow);
    unsigned long limit = (unsigned long)LONG_MAX + (unsigned long)negative;
    if (overflow || value > limit) {
        errno = ERANGE;
        return negative ? LONG_MIN : LONG_MAX;
    }
    return (long)(negative ? -value : value);
}

int atoi(const char *text) { return (int)strtol(text, NULL, 10); }

int abs(int value) { return value < 0 ? -value : value; }

static unsigned long random_state = 1;

void srand(unsigned seed) { random_state = seed; }

int rand(void)
{
    random_state = random_state * 6364136223846793005UL + 1442695040888963407UL;
    return (int)(random_state >> 33);
}
