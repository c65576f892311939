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

#endif
