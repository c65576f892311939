/* Standard streams. */
#include "result.h"
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

/* Standard input to standard output as it comes, in reads of at most argv[0] bytes. */
static int echo(int argc, char **argv) {
  static char buffer[65536];
  size_t size = argc > 0 ? (size_t)atol(argv[0]) : sizeof buffer;
  if (size > sizeof buffer) size = sizeof buffer;
  for (;;) {
    ssize_t got = read(0, buffer, size);
    if (got == 0) return 0;
    if (got < 0) {
      fprintf(stderr, "read=%s\n", errno_name(errno));
      return 1;
    }
    for (ssize_t done = 0; done < got;) {
      ssize_t put = write(1, buffer + done, got - done);
      if (put < 0) {
        fprintf(stderr, "write=%s\n", errno_name(errno));
        return 1;
      }
      done += put;
    }
  }
}

/* Bytes of standard input, and how the reading ended. */
static int count(int argc, char **argv) {
  static char buffer[4096];
  uint64_t total = 0;
  for (;;) {
    ssize_t got = read(0, buffer, sizeof buffer);
    if (got <= 0) {
      result("end", got);
      break;
    }
    total += got;
  }
  number("bytes", total);
  return 0;
}

/* Writes argv[1] bytes to descriptor argv[0] in pieces of argv[2]. What happened is on the other stream. */
static int flood(int argc, char **argv) {
  static char piece[65536];
  int fd = argc > 0 ? atoi(argv[0]) : 1;
  uint64_t left = argc > 1 ? strtoull(argv[1], NULL, 10) : sizeof piece;
  size_t size = argc > 2 ? (size_t)atol(argv[2]) : sizeof piece;
  if (size > sizeof piece) size = sizeof piece;
  memset(piece, 'x', sizeof piece);
  FILE *report = fd == 1 ? stderr : stdout;
  uint64_t written = 0;
  while (left > 0) {
    ssize_t put = write(fd, piece, left < size ? left : size);
    if (put < 0) {
      fprintf(report, "write=%s\n", errno_name(errno));
      break;
    }
    written += put;
    left -= put;
  }
  fprintf(report, "written=%" PRIu64 "\n", written);
  return 0;
}

static int errors(int argc, char **argv) {
  fprintf(stderr, "to standard error\n");
  text("stdout", "to standard output");
  return 0;
}

/* What the descriptors say of themselves. */
static int describe(int argc, char **argv) {
  for (int fd = 0; fd < 4; fd++) {
    struct stat st;
    char name[32];
    snprintf(name, sizeof name, "fstat.%d", fd);
    if (result(name, fstat(fd, &st)) == 0) printf("character.%d=%d\n", fd, S_ISCHR(st.st_mode) ? 1 : 0);
    printf("isatty.%d=%d\n", fd, isatty(fd));
    snprintf(name, sizeof name, "lseek.%d", fd);
    result(name, lseek(fd, 0, SEEK_CUR));
  }
  return 0;
}

/* Waits for standard input for argv[0] milliseconds. */
static int wait_input(int argc, char **argv) {
  struct pollfd in = {.fd = 0, .events = POLLIN};
  result("poll", poll(&in, 1, argc > 0 ? atoi(argv[0]) : -1));
  number("readable", (in.revents & POLLIN) != 0);
  return 0;
}

static int close_output(int argc, char **argv) {
  fprintf(stderr, "close=%d\n", close(1));
  ssize_t put = write(1, "x", 1);
  fprintf(stderr, "write=%s\n", put < 0 ? errno_name(errno) : "written");
  return 0;
}

int main(int argc, char **argv) {
  static const struct subtest subtests[] = {{"echo", echo},         {"count", count},
                                            {"flood", flood},       {"errors", errors},
                                            {"describe", describe}, {"wait-input", wait_input},
                                            {"close-output", close_output}, {0}};
  return run_subtest(subtests, argc, argv);
}
