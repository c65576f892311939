/* Output that tests read: one `name=value` a line on standard output. */
#ifndef RESULT_H
#define RESULT_H

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static inline const char *errno_name(int code) {
  switch (code) {
#define NAME(code) case code: return #code;
    NAME(E2BIG) NAME(EACCES) NAME(EAGAIN) NAME(EBADF) NAME(EBUSY) NAME(EDQUOT) NAME(EEXIST) NAME(EFAULT) NAME(EFBIG)
    NAME(EILSEQ) NAME(EINTR) NAME(EINVAL) NAME(EIO) NAME(EISDIR) NAME(ELOOP) NAME(EMFILE) NAME(EMLINK)
    NAME(ENAMETOOLONG) NAME(ENFILE) NAME(ENODEV) NAME(ENOENT) NAME(ENOMEM) NAME(ENOSPC) NAME(ENOSYS) NAME(ENOTDIR)
    NAME(ENOTEMPTY) NAME(ENOTSOCK) NAME(ENOTSUP) NAME(ENOTTY) NAME(ENXIO) NAME(EOVERFLOW) NAME(EPERM) NAME(EPIPE)
    NAME(ECONNRESET) NAME(ENOTCONN) NAME(ERANGE) NAME(EROFS) NAME(ESPIPE) NAME(ETXTBSY) NAME(EXDEV) NAME(ENOTCAPABLE)
#undef NAME
    default: return "E?";
  }
}

/* For calls that answer -1 and set errno: name=0, name=5 or name=ENOENT. */
static inline long result(const char *name, long value) {
  if (value < 0) printf("%s=%s\n", name, errno_name(errno));
  else printf("%s=%ld\n", name, value);
  return value;
}

static inline void text(const char *name, const char *value) { printf("%s=%s\n", name, value); }
static inline void number(const char *name, uint64_t value) { printf("%s=%" PRIu64 "\n", name, value); }

/* Picks the subtest that argv[1] names; the rest of argv is the subtest's own. */
struct subtest {
  const char *name;
  int (*run)(int argc, char **argv);
};

static inline int run_subtest(const struct subtest *subtests, int argc, char **argv) {
  for (; argc > 1 && subtests->name; subtests++)
    if (!strcmp(subtests->name, argv[1])) return subtests->run(argc - 2, argv + 2);
  fprintf(stderr, "no such subtest: %s\n", argc > 1 ? argv[1] : "(none)");
  return 64;
}

/* One operation of a guest's little language: words of argv, with a `+` between two of them, carried out in order. */
struct operation {
  const char *name;
  int arguments;
  void (*run)(char **words);
};

/* @returns the number of words used, 0 for a mistake */
static inline int run_operation(const struct operation *operations, int count, char **words) {
  for (; operations->name; operations++) {
    if (strcmp(operations->name, words[0])) continue;
    if (operations->arguments > count - 1) return 0;
    operations->run(words + 1);
    return 1 + operations->arguments;
  }
  return 0;
}

static inline int run_operations(const struct operation *operations, int argc, char **argv) {
  for (int at = 1; at < argc;) {
    int used = run_operation(operations, argc - at, argv + at);
    if (used == 0) {
      fprintf(stderr, "no such operation, or too few arguments: %s\n", argv[at]);
      return 64;
    }
    at += used;
    if (at < argc && strcmp(argv[at++], "+")) {
      fprintf(stderr, "expected + after an operation, found %s\n", argv[at - 1]);
      return 64;
    }
  }
  return 0;
}

#endif
