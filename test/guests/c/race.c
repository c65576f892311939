/*
 * Does to the first preopened directory whatever takes a path, for argv[1] milliseconds, while somebody on the host swaps
 * its directories and files for symlinks to the outside. Prints how often it tried, how often it met the inside and was
 * refused, and how often it saw the outside: there, files hold `OUTSIDE` and 4096 bytes, and directories a `secret`.
 */
#include "result.h"
#include <time.h>
#include <wasi/api.h>

#define IMPORT(name) __attribute__((import_module("wasi_snapshot_preview1"), import_name(#name))) int32_t name
IMPORT(path_open)(int32_t, int32_t, const char *, int32_t, int32_t, int64_t, int64_t, int32_t, int32_t *);
IMPORT(path_filestat_get)(int32_t, int32_t, const char *, int32_t, __wasi_filestat_t *);
IMPORT(path_create_directory)(int32_t, const char *, int32_t);
IMPORT(path_remove_directory)(int32_t, const char *, int32_t);
IMPORT(path_unlink_file)(int32_t, const char *, int32_t);
IMPORT(path_rename)(int32_t, const char *, int32_t, int32_t, const char *, int32_t);
IMPORT(path_link)(int32_t, int32_t, const char *, int32_t, int32_t, const char *, int32_t);

enum { ROOT = 3, FOLLOW = __WASI_LOOKUPFLAGS_SYMLINK_FOLLOW, OUTSIDE_SIZE = 4096 };

static uint64_t attempts, inside, refused, escapes;
static char buffer[65536];

static int tried(int32_t code) {
  attempts++;
  if (code) refused++;
  return code == 0;
}

static int32_t opened(const char *path, int oflags, int64_t rights) {
  int32_t fd = -1;
  return tried(path_open(ROOT, FOLLOW, path, strlen(path), oflags, rights, 0, 0, &fd)) ? fd : -1;
}

static void read_file(const char *path) {
  int32_t fd = opened(path, 0, __WASI_RIGHTS_FD_READ);
  if (fd < 0) return;
  __wasi_iovec_t in = {(uint8_t *)buffer, sizeof buffer};
  __wasi_size_t count = 0;
  if (__wasi_fd_read(fd, &in, 1, &count) == 0 && count >= 6) {
    if (!memcmp(buffer, "OUTSID", 6)) escapes++;
    else inside++;
  }
  (void)!__wasi_fd_close(fd);
}

static void stat_file(const char *path) {
  __wasi_filestat_t st;
  if (!tried(path_filestat_get(ROOT, FOLLOW, path, strlen(path), &st))) return;
  if (st.filetype == __WASI_FILETYPE_REGULAR_FILE && st.size == OUTSIDE_SIZE) escapes++;
  else inside++;
}

static void list(const char *path) {
  int32_t fd = opened(path, __WASI_OFLAGS_DIRECTORY, __WASI_RIGHTS_FD_READDIR);
  if (fd < 0) return;
  __wasi_size_t count = 0;
  if (__wasi_fd_readdir(fd, (uint8_t *)buffer, sizeof buffer, 0, &count) == 0) {
    if (memmem(buffer, count, "secret", 6)) escapes++;
    else inside++;
  }
  (void)!__wasi_fd_close(fd);
}

static char joined[2][256];
static const char *in(int which, const char *directory, const char *name) {
  snprintf(joined[which], sizeof joined[which], "%s/%s", directory, name);
  return joined[which];
}

static void change(const char *directory) {
  const char *new = in(0, directory, "new");
  int32_t fd = opened(new, __WASI_OFLAGS_CREAT, __WASI_RIGHTS_FD_WRITE);
  __wasi_ciovec_t out = {(const uint8_t *)"new", 3};
  __wasi_size_t count = 0;
  if (fd >= 0) {
    (void)!__wasi_fd_write(fd, &out, 1, &count);
    (void)!__wasi_fd_close(fd);
  }
  const char *newer = in(1, directory, "newer");
  tried(path_rename(ROOT, new, strlen(new), ROOT, newer, strlen(newer)));
  tried(path_unlink_file(ROOT, newer, strlen(newer)));
  tried(path_unlink_file(ROOT, new, strlen(new)));
  tried(path_link(ROOT, 0, "file", 4, ROOT, newer, strlen(newer)));
  tried(path_unlink_file(ROOT, newer, strlen(newer)));
  tried(path_create_directory(ROOT, new, strlen(new)));
  tried(path_remove_directory(ROOT, new, strlen(new)));
}

static uint64_t now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1000ull + time.tv_nsec / 1000000;
}

int main(int argc, char **argv) {
  static const char *const files[] = {"dir/file", "file", "./dir/../dir/file", "a/b/c/file", "a/b/c/d/e/file"};
  static const char *const directories[] = {"a/b/c", "dir", "a/b/c/d/e"};
  uint64_t end = now() + (argc > 1 ? strtoull(argv[1], 0, 10) : 1000);
  for (size_t round = 0; now() < end; round++) {
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
      read_file(files[i]);
      stat_file(files[i]);
    }
    const char *directory = directories[round % (sizeof directories / sizeof *directories)];
    list(directory);
    change(directory);
  }
  number("attempts", attempts);
  number("inside", inside);
  number("refused", refused);
  number("escapes", escapes);
  return 0;
}
