/*
 * Calls of the host in loops: host-calls clock:20000 pread:2000 ...
 *
 * Prints, for each, the nanoseconds that all of its calls took by the monotonic clock. Makes its own file in /data, which has
 * to be a directory that can be written. Without arguments it does nothing.
 */
#include <complex.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <regex.h>
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <wchar.h>

#define BLOCK 4096
#define BLOCKS 16

static const char path[] = "/data/bench.bin";
static char buffer[BLOCK];
static int file;

static off_t offset_of(int i) { return (off_t)(i % BLOCKS) * BLOCK; }

static int call_clock(int i) {
  struct timespec time;
  (void)i;
  return clock_gettime(CLOCK_MONOTONIC, &time);
}

static int call_random(int i) {
  (void)i;
  return getentropy(buffer, 16);
}

static int call_pread(int i) { return pread(file, buffer, BLOCK, offset_of(i)) == BLOCK ? 0 : -1; }

static int call_pwrite(int i) { return pwrite(file, buffer, BLOCK, offset_of(i)) == BLOCK ? 0 : -1; }

static int call_fstat(int i) {
  struct stat st;
  (void)i;
  return fstat(file, &st) == 0 && st.st_size == BLOCK * BLOCKS ? 0 : -1;
}

static int call_stat(int i) {
  struct stat st;
  (void)i;
  return stat(path, &st) == 0 && st.st_size == BLOCK * BLOCKS ? 0 : -1;
}

static int call_open(int i) {
  (void)i;
  int fd = open(path, O_RDONLY);
  return fd < 0 ? -1 : close(fd);
}

static const struct {
  const char *name;
  int (*call)(int);
} calls[] = {
    {"clock", call_clock}, {"random", call_random}, {"pread", call_pread}, {"pwrite", call_pwrite},
    {"fstat", call_fstat}, {"stat", call_stat},     {"open", call_open},
};

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1e9 + time.tv_nsec;
}

static int measure(const char *job) {
  const char *colon = strchr(job, ':');
  if (colon == NULL) return -1;
  int count = atoi(colon + 1);
  for (size_t c = 0; c < sizeof calls / sizeof *calls; c++) {
    if (strncmp(calls[c].name, job, colon - job) != 0 || calls[c].name[colon - job] != 0) continue;
    int (*call)(int) = calls[c].call;
    double start = now();
    for (int i = 0; i < count; i++)
      if (call(i) != 0) return -1;
    printf("%s %.0f\n", calls[c].name, now() - start);
    return 0;
  }
  return -1;
}

static int prepare(void) {
  file = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
  if (file < 0) return -1;
  for (int i = 0; i < BLOCKS; i++)
    if (call_pwrite(i) != 0) return -1;
  return 0;
}

/* Makes the program as large as real ones are: what stands here is linked in and never called. */
__attribute__((used, retain)) static void *ballast[] = {
    regcomp, regexec, qsort, bsearch, strtod, strtold, wcstod, wcsftime, strftime, wprintf, wscanf, sscanf, hcreate,
    tsearch, lgamma, tgamma, erf, j0, y0, jn, cpow, ccosh, csinh, ctanh, cacosh, sinl, cosl, tanl, expl, logl, powl,
    sinf, cosf, powf, fmal, remquol, nearbyintl, towupper, mktime, getopt,
};

int main(int argc, char **argv) {
  if (argc > 1 && prepare() != 0) {
    fprintf(stderr, "%s: %s\n", path, strerror(errno));
    return 2;
  }
  for (int i = 1; i < argc; i++) {
    if (measure(argv[i]) != 0) {
      fprintf(stderr, "%s: %s\n", argv[i], strerror(errno));
      return 3;
    }
  }
  return 0;
}
