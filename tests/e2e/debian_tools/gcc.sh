cat > a.c <<'EOF'
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
static void *twice(void *x) { return (void *)((long)x * 2); }
int main(int c, char **v)
{
    pthread_t t;
    void *r;
    pthread_create(&t, 0, twice, (void *)21L);
    pthread_join(t, &r);
    printf("%ld %f %s\n", (long)r, sqrt(c + 1.0), v[1]);
    return 3;
}
EOF
gcc -O2 -Wall -o a a.c -lm && ./a dynamic; echo $?
gcc -static -o b a.c -lm && ./b static; echo $?
gcc -fPIC -shared -o libt.so -xc - <<< 'int t(void) { return 5; }' && echo 'int t(void); int main(void) { return t(); }' | gcc -xc - -L. -lt -Wl,-rpath,. -o c && ./c; echo $?
gcc -c a.c && ar rcs liba.a a.o && nm liba.a | grep -c ' T main'; readelf -h a | grep Machine; strip a; ./a stripped; objdump -d b | grep -c '<main>:'
echo 'int x = ' | gcc -xc - -c; echo $?
printf 'all: one two\n\t@echo all of $^\none two:\n\t@sleep 0.01; echo making $@\n%%.o: %%.c\n\t$(CC) -c $<\n' > Makefile; make -j 2 | sort; rm a.o; make a.o; make nothere; echo $?
