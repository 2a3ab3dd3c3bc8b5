/* Before a case: the faults that its machine is given, as `rvsim run --fault` reads them; tests read this source. */
#ifndef PLAN_H
#define PLAN_H
#include "check.h"
#define FAULTS(...)
#endif
