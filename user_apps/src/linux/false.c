/* Shows failure. */
int main(void) { return 1; }
