/* assert(condition): says where and ends the process if the condition is false. Never compiled out. */
#ifndef ASSERT_H
#define ASSERT_H

_Noreturn void assert_failed(const char *condition, const char *file, int line);

#define assert(condition) ((condition) ? (void)0 : assert_failed(#condition, __FILE__, __LINE__))
#define static_assert _Static_assert

#endif
