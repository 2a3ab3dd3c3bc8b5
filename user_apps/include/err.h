/* One line on standard error that begins with the program's name; err and warn end it with errno in words. As in BSD.
 *
 * `begin` comes first: it takes the program's name and what --help prints.
 */
#ifndef ERR_H
#define ERR_H

void begin(const char *name, const char *usage, int argc, char **argv);
_Noreturn void wrong_usage(void); /* what --help prints, but on standard error, and status 2 */

void warn(const char *format, ...) __attribute__((format(printf, 1, 2)));
void warnx(const char *format, ...) __attribute__((format(printf, 1, 2)));
_Noreturn void err(int code, const char *format, ...) __attribute__((format(printf, 2, 3)));
_Noreturn void errx(int code, const char *format, ...) __attribute__((format(printf, 2, 3)));

void *must(void *memory); /* what it is given, unless that is NULL: then there is no memory, and the program ends */

#endif
