/* Shows a data race: four threads add to one counter with nothing to protect it, and lose updates. */
#include "adder.h"

static void enter(long id) { (void)id; }
static void leave(long id) { (void)id; }

int main(void) { return run_adder("adder", 4, 10000); }
