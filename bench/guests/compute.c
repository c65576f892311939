/*
 * Jobs that only compute: compute loop:1 sha256:1 ...
 *
 * Prints, for each, the nanoseconds that all of its rounds took by the monotonic clock. Without arguments it does nothing.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/** What comes out of every round, so that no compiler leaves it out. */
static volatile uint32_t sink;

/** 24 million instructions: the loop has eight. */
static void loop(void) {
  uint32_t sum = 1;
  for (uint32_t i = 0; i < 3000000; i++) {
    sum = sum * 1664525u + i;
    __asm__ volatile("" : "+r"(sum));
  }
  sink = sum;
}

static uint32_t rotate(uint32_t x, int n) { return x >> n | x << (32 - n); }

/** FIPS 180-4, over constants that do not matter here. */
static void sha256_block(uint32_t state[8], const uint8_t *block) {
  uint32_t w[64], s[8];
  for (int i = 0; i < 16; i++)
    w[i] = (uint32_t)block[4 * i] << 24 | block[4 * i + 1] << 16 | block[4 * i + 2] << 8 | block[4 * i + 3];
  for (int i = 16; i < 64; i++) {
    uint32_t a = rotate(w[i - 15], 7) ^ rotate(w[i - 15], 18) ^ w[i - 15] >> 3;
    uint32_t b = rotate(w[i - 2], 17) ^ rotate(w[i - 2], 19) ^ w[i - 2] >> 10;
    w[i] = w[i - 16] + a + w[i - 7] + b;
  }
  memcpy(s, state, sizeof s);
  for (int i = 0; i < 64; i++) {
    uint32_t e = rotate(s[4], 6) ^ rotate(s[4], 11) ^ rotate(s[4], 25);
    uint32_t t = s[7] + e + ((s[4] & s[5]) ^ (~s[4] & s[6])) + 0x428a2f98u * (i + 1) + w[i];
    uint32_t a = rotate(s[0], 2) ^ rotate(s[0], 13) ^ rotate(s[0], 22);
    uint32_t m = (s[0] & s[1]) ^ (s[0] & s[2]) ^ (s[1] & s[2]);
    s[7] = s[6], s[6] = s[5], s[5] = s[4], s[4] = s[3] + t;
    s[3] = s[2], s[2] = s[1], s[1] = s[0], s[0] = t + a + m;
  }
  for (int i = 0; i < 8; i++) state[i] += s[i];
}

static void sha256(void) {
  static uint8_t data[1 << 20];
  uint32_t state[8] = {1, 2, 3, 4, 5, 6, 7, 8};
  for (size_t at = 0; at < sizeof data; at += 64) sha256_block(state, data + at);
  sink = state[0];
}

static int compare(const void *a, const void *b) {
  uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
  return (x > y) - (x < y);
}

/** libc's, which calls back for every comparison. */
static void sort(void) {
  static uint32_t numbers[40000];
  uint32_t next = 1;
  for (size_t i = 0; i < 40000; i++) numbers[i] = next = next * 1664525u + 1013904223u;
  qsort(numbers, 40000, sizeof *numbers, compare);
  sink = numbers[1];
}

static void mandelbrot(void) {
  uint32_t inside = 0;
  for (int py = 0; py < 100; py++)
    for (int px = 0; px < 100; px++) {
      double x = 0, y = 0, cx = px / 50.0 - 1.5, cy = py / 50.0 - 1;
      int i = 0;
      for (; i < 200 && x * x + y * y < 4; i++) {
        double next = x * x - y * y + cx;
        y = 2 * x * y + cy, x = next;
      }
      inside += i == 200;
    }
  sink = inside;
}

__attribute__((noinline)) static uint32_t fibonacci(uint32_t n) {
  return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2);
}

static void recursion(void) { sink = fibonacci(30); }

/** A byte at a time, the least work that a loop can have. */
static void bytes(void) {
  static uint8_t data[1 << 20];
  uint32_t sum = 0;
  // Nobody writes to it; the compiler is not to know, or it leaves out the bytes.
  __asm__ volatile("" : : "r"(data) : "memory");
  for (int round = 0; round < 4; round++)
    for (size_t i = 0; i < sizeof data; i++) {
      sum += data[i];
      __asm__ volatile("" : "+r"(sum));
    }
  sink = sum;
}

static const struct {
  const char *name;
  void (*run)(void);
} jobs[] = {
    {"loop", loop}, {"sha256", sha256}, {"sort", sort}, {"mandelbrot", mandelbrot}, {"recursion", recursion}, {"bytes", bytes},
};

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1e9 + time.tv_nsec;
}

static int measure(const char *job) {
  const char *colon = strchr(job, ':');
  if (colon == NULL) return -1;
  for (size_t i = 0; i < sizeof jobs / sizeof *jobs; i++) {
    if (strncmp(job, jobs[i].name, colon - job) != 0) continue;
    double start = now();
    for (int round = atoi(colon + 1); round > 0; round--) jobs[i].run();
    printf("%s %.0f\n", jobs[i].name, now() - start);
    return 0;
  }
  return -1;
}

int main(int argc, char **argv) {
  for (int i = 1; i < argc; i++)
    if (measure(argv[i]) != 0) return 1;
  return 0;
}
