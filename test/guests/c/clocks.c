/* Clocks and waits. */
#include "result.h"
#include <sched.h>
#include <time.h>
#include <unistd.h>

static uint64_t nanoseconds(struct timespec t) { return (uint64_t)t.tv_sec * 1000000000u + t.tv_nsec; }

static uint64_t now(clockid_t clock) {
  struct timespec t = {0, 0};
  clock_gettime(clock, &t);
  return nanoseconds(t);
}

static int resolution(int argc, char **argv) {
  struct timespec t;
  if (result("getres.wall", clock_getres(CLOCK_REALTIME, &t)) == 0) number("wall", nanoseconds(t));
  if (result("getres.monotonic", clock_getres(CLOCK_MONOTONIC, &t)) == 0) number("monotonic", nanoseconds(t));
  return 0;
}

static int read_clocks(int argc, char **argv) {
  number("wall", now(CLOCK_REALTIME));
  number("monotonic", now(CLOCK_MONOTONIC));
  return 0;
}

/* Reads the monotonic clock argv[0] times; it never goes back, and all differences are multiples of `step`. */
static int monotonic(int argc, char **argv) {
  long times = argc > 0 ? atol(argv[0]) : 1000;
  uint64_t step = argc > 1 ? strtoull(argv[1], NULL, 10) : 1;
  uint64_t first = now(CLOCK_MONOTONIC), last = first;
  long backwards = 0, off_step = 0, distinct = 1;
  for (long i = 0; i < times; i++) {
    uint64_t t = now(CLOCK_MONOTONIC);
    if (t < last) backwards++;
    if (t != last) distinct++;
    if ((t - first) % step) off_step++;
    last = t;
  }
  number("backwards", backwards);
  number("off-step", off_step);
  number("distinct", distinct);
  return 0;
}

/* Sleeps argv[0] nanoseconds, and says what the clocks made of it. */
static int sleep_for(int argc, char **argv) {
  uint64_t ns = argc > 0 ? strtoull(argv[0], NULL, 10) : 1000000;
  uint64_t wall = now(CLOCK_REALTIME), steady = now(CLOCK_MONOTONIC);
  struct timespec t = {.tv_sec = (time_t)(ns / 1000000000u), .tv_nsec = (long)(ns % 1000000000u)};
  result("nanosleep", nanosleep(&t, NULL));
  number("wall", now(CLOCK_REALTIME) - wall);
  number("monotonic", now(CLOCK_MONOTONIC) - steady);
  return 0;
}

/* Sleeps until an absolute time, argv[0] nanoseconds from now by the named clock. */
static int sleep_until(int argc, char **argv) {
  clockid_t clock = argc > 1 && !strcmp(argv[1], "wall") ? CLOCK_REALTIME : CLOCK_MONOTONIC;
  uint64_t start = now(clock), end = start + (argc > 0 ? strtoull(argv[0], NULL, 10) : 1000000);
  struct timespec t = {.tv_sec = (time_t)(end / 1000000000u), .tv_nsec = (long)(end % 1000000000u)};
  int code = clock_nanosleep(clock, TIMER_ABSTIME, &t, NULL);
  text("clock_nanosleep", code ? errno_name(code) : "0");
  number("late", now(clock) >= end);
  return 0;
}

/* Polls without waiting, over and over, until argv[0] nanoseconds have passed. */
static int busy(int argc, char **argv) {
  uint64_t end = now(CLOCK_MONOTONIC) + (argc > 0 ? strtoull(argv[0], NULL, 10) : 1000000);
  uint64_t polls = 0;
  struct timespec zero = {0, 0};
  while (now(CLOCK_MONOTONIC) < end) {
    nanosleep(&zero, NULL);
    polls++;
  }
  number("polls", polls);
  return 0;
}

static int yield(int argc, char **argv) {
  result("sched_yield", sched_yield());
  return 0;
}

int main(int argc, char **argv) {
  static const struct subtest subtests[] = {{"resolution", resolution}, {"read", read_clocks},
                                            {"monotonic", monotonic},   {"sleep", sleep_for},
                                            {"sleep-until", sleep_until}, {"busy", busy},
                                            {"yield", yield},           {0}};
  return run_subtest(subtests, argc, argv);
}
