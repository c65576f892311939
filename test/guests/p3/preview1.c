/*
 * Makes of a program for wasi-libc one for WASI 0.3: compiled with it, this defines the functions that libc imports from
 * wasi_snapshot_preview1 over those of 0.3, waiting in synchronous calls.
 */
#include <stdlib.h>
#include <string.h>
#include <wasi/api.h>
#include "files.h"

#define SNAPSHOT1(name) int32_t __imported_wasi_snapshot_preview1_##name
/* Under the names of guests that import the function themselves. */
#define ALIAS(name) \
  extern __typeof(__imported_wasi_snapshot_preview1_##name) name \
      __attribute__((alias("__imported_wasi_snapshot_preview1_" #name)))

enum fd_kind { FREE, STDIN, STDOUT, STDERR, FILE_OR_DIRECTORY };

struct fd {
  enum fd_kind kind;
  handle descriptor;
  bool is_directory, appends;
  uint64_t position;
  /* Of a preopened directory. */
  text name;
};

#define MAX_FDS 4096
static struct fd fds[MAX_FDS];
static bool fds_ready;

EXPORT("cabi_realloc") void *cabi_realloc(void *old, size_t old_length, size_t align, size_t length) {
  (void)old_length;
  if (length == 0) return (void *)align;
  void *start = realloc(old, length);
  if (!start) __builtin_trap();
  return start;
}

static void open_fds(void) {
  if (fds_ready) return;
  fds_ready = true;
  fds[0].kind = STDIN, fds[1].kind = STDOUT, fds[2].kind = STDERR;
  struct { preopen *items; size_t length; } found;
  get_directories((void *)&found);
  for (size_t i = 0; i < found.length; i++)
    fds[3 + i] = (struct fd){FILE_OR_DIRECTORY, found.items[i].descriptor, true, false, 0, found.items[i].path};
}

static struct fd *fd_of(int32_t number) {
  open_fds();
  return number >= 0 && number < MAX_FDS && fds[number].kind != FREE ? &fds[number] : NULL;
}

static int32_t file_errno(const tagged *error) {
#define CODE(c, wit) __WASI_ERRNO_##c,
  static const uint8_t codes[] = {FILE_ERRORS(CODE)};
#undef CODE
  return error->tag < sizeof codes ? codes[error->tag] : __WASI_ERRNO_IO;
}

/* Of any …_result whose value is no wider aligned than its error. */
static int32_t outcome(const void *result) {
  const file_result *plain = result;
  return plain->is_error ? file_errno(&plain->error) : 0;
}

#define FD(name, number) \
  struct fd *name = fd_of(number); \
  if (!name) return __WASI_ERRNO_BADF
#define FILE_FD(name, number) \
  FD(name, number); \
  if (name->kind != FILE_OR_DIRECTORY) return __WASI_ERRNO_BADF
/* Paths are relative to directories alone. */
#define AT(name, number) \
  FILE_FD(name, number); \
  if (!name->is_directory) return __WASI_ERRNO_NOTDIR

#include "preview1-process.h"
#include "preview1-io.h"
#include "preview1-files.h"

ALIAS(path_create_directory);
ALIAS(path_filestat_get);
ALIAS(path_filestat_set_times);
ALIAS(path_link);
ALIAS(path_open);
ALIAS(path_readlink);
ALIAS(path_remove_directory);
ALIAS(path_rename);
ALIAS(path_symlink);
ALIAS(path_unlink_file);

void _start(void);

RUN_SYNC {
  _start();
  end_outputs();
  return 0;
}

