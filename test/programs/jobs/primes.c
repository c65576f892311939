// Writes a table of primes, reads it back, and says what it found: what a compiler's output must get right to do so is
// loops, the heap, formatted input and output, and the start-up code that finds the mount.
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(int argc, char **argv) {
    if (argc != 3) return 2;
    int limit = atoi(argv[1]);
    char *composite = calloc((size_t)limit + 1, 1);
    FILE *file = fopen(argv[2], "w");
    if (file == NULL) {
        printf("cannot write: %s\n", strerror(errno));
        return 1;
    }
    for (int i = 2; i <= limit; i++) {
        if (composite[i]) continue;
        fprintf(file, "%d\n", i);
        for (int j = 2 * i; j <= limit; j += i) composite[j] = 1;
    }
    fclose(file);
    file = fopen(argv[2], "r");
    int count = 0, prime, last = 0;
    while (fscanf(file, "%d", &prime) == 1) count++, last = prime;
    fclose(file);
    free(composite);
    printf("%d primes, the last is %d\n", count, last);
    return 0;
}
