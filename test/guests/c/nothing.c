/*
 * Tries everything that a policy can grant. Exits with 1 when it got anything, so that a run says so even where there is
 * no standard output.
 */
#include "result.h"
#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

static int got;

static void expect_nothing(const char *name, int something) {
  number(name, something);
  got |= something != 0;
}

/* Time that tells nothing: it stands still, or counts the program's own waits and nothing else. */
static int clock_tells(clockid_t clock) {
  static long waited;
  struct timespec first = {0, 0}, last = {0, 0}, pause = {.tv_sec = 0, .tv_nsec = 1000000};
  clock_gettime(clock, &first);
  long before = waited;
  if (nanosleep(&pause, NULL) == 0) waited += pause.tv_nsec;
  clock_gettime(clock, &last);
  int still = first.tv_nsec == 0 && last.tv_nsec == 0;
  int own_waits = first.tv_nsec == before && last.tv_nsec == waited;
  return first.tv_sec || last.tv_sec || !(still || own_waits);
}

int main(int argc, char **argv) {
  char byte;
  struct stat st;
  expect_nothing("arguments", argc);
  expect_nothing("variables", environ[0] != NULL);
  expect_nothing("wall-clock", clock_tells(CLOCK_REALTIME));
  expect_nothing("monotonic-clock", clock_tells(CLOCK_MONOTONIC));
  expect_nothing("stdin", read(0, &byte, 1) > 0);
  expect_nothing("stdout", write(1, "", 0) == 0 && write(1, "stdout\n", 7) == 7);
  expect_nothing("stderr", write(2, "stderr\n", 7) == 7);
  expect_nothing("root", stat("/", &st) == 0);
  expect_nothing("here", stat(".", &st) == 0);
  expect_nothing("file", open("/etc/passwd", O_RDONLY) >= 0);
  expect_nothing("create", open("/tmp/x", O_WRONLY | O_CREAT, 0644) >= 0);
  expect_nothing("descriptor", fcntl(3, F_GETFL) >= 0);
  expect_nothing("directory", mkdir("/made", 0755) == 0);
  return got;
}
