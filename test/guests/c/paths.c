/*
 * Paths as an attacker hands them over: straight to the functions of WASI 0.1, with no libc in between that would clean
 * them up or refuse them. `%41` in a path stands for the byte 0x41.
 *
 *   paths all PATH          every call that takes a path, each printing `call=` an errno or 0
 *   paths CALL PATH...      one of them
 *
 * Paths are relative to the first preopened directory, second paths of rename and link to the one in FD2 (3).
 */
#include "result.h"
#include <wasi/api.h>

#define IMPORT(name) __attribute__((import_module("wasi_snapshot_preview1"), import_name(#name))) int32_t name
IMPORT(path_open)(int32_t, int32_t, const char *, int32_t, int32_t, int64_t, int64_t, int32_t, int32_t *);
IMPORT(path_filestat_get)(int32_t, int32_t, const char *, int32_t, __wasi_filestat_t *);
IMPORT(path_filestat_set_times)(int32_t, int32_t, const char *, int32_t, int64_t, int64_t, int32_t);
IMPORT(path_readlink)(int32_t, const char *, int32_t, char *, int32_t, int32_t *);
IMPORT(path_create_directory)(int32_t, const char *, int32_t);
IMPORT(path_remove_directory)(int32_t, const char *, int32_t);
IMPORT(path_unlink_file)(int32_t, const char *, int32_t);
IMPORT(path_rename)(int32_t, const char *, int32_t, int32_t, const char *, int32_t);
IMPORT(path_link)(int32_t, int32_t, const char *, int32_t, int32_t, const char *, int32_t);
IMPORT(path_symlink)(const char *, int32_t, int32_t, const char *, int32_t);

static const int64_t READ = __WASI_RIGHTS_FD_READ | __WASI_RIGHTS_FD_READDIR;
static const int64_t WRITE = __WASI_RIGHTS_FD_WRITE;
static const int FOLLOW = __WASI_LOOKUPFLAGS_SYMLINK_FOLLOW;

static char buffer[65536];

struct path {
  char *bytes;
  int32_t size;
};

static struct path parse(const char *word) {
  struct path path = {malloc(strlen(word) + 1), 0};
  for (; *word; word++) {
    unsigned byte = (unsigned char)*word;
    if (*word == '%' && sscanf(word + 1, "%2x", &byte) == 1) word += 2;
    path.bytes[path.size++] = (char)byte;
  }
  return path;
}

static void said(const char *name, int32_t code) { text(name, code ? errno_name(code) : "0"); }

/* Opens, and then does what the rights were for. */
static void try_open(const char *name, struct path p, int lookup, int oflags, int64_t rights) {
  int32_t fd = -1;
  int32_t code = path_open(3, lookup, p.bytes, p.size, oflags, rights, 0, 0, &fd);
  said(name, code);
  if (code) return;
  __wasi_iovec_t in = {(uint8_t *)buffer, sizeof buffer};
  __wasi_ciovec_t out = {(const uint8_t *)"owned", 5};
  __wasi_size_t count = 0;
  if (rights & WRITE) {
    if (__wasi_fd_write(fd, &out, 1, &count) == 0) printf("%s.written=%d\n", name, (int)count);
  } else if (__wasi_fd_read(fd, &in, 1, &count) == 0) {
    printf("%s.data=%.*s\n", name, (int)count, buffer);
  }
  if (__wasi_fd_close(fd)) text(name, "not closed");
}

static void op_open(struct path p, struct path q) { try_open("open", p, FOLLOW, 0, READ); }
static void op_open_nofollow(struct path p, struct path q) { try_open("open-nofollow", p, 0, 0, READ); }
static void op_open_directory(struct path p, struct path q) {
  try_open("open-directory", p, FOLLOW, __WASI_OFLAGS_DIRECTORY, READ);
}
static void op_open_write(struct path p, struct path q) { try_open("open-write", p, FOLLOW, 0, WRITE); }
static void op_open_truncate(struct path p, struct path q) {
  try_open("open-truncate", p, FOLLOW, __WASI_OFLAGS_TRUNC, READ);
}
static void op_open_create(struct path p, struct path q) {
  try_open("open-create", p, FOLLOW, __WASI_OFLAGS_CREAT, READ | WRITE);
}
static void op_open_create_nofollow(struct path p, struct path q) {
  try_open("open-create-nofollow", p, 0, __WASI_OFLAGS_CREAT | __WASI_OFLAGS_TRUNC, WRITE);
}
static void op_open_exclusive(struct path p, struct path q) {
  try_open("open-exclusive", p, FOLLOW, __WASI_OFLAGS_CREAT | __WASI_OFLAGS_EXCL, WRITE);
}
static void op_stat(struct path p, struct path q) {
  __wasi_filestat_t st;
  said("stat", path_filestat_get(3, FOLLOW, p.bytes, p.size, &st));
}
static void op_lstat(struct path p, struct path q) {
  __wasi_filestat_t st;
  said("lstat", path_filestat_get(3, 0, p.bytes, p.size, &st));
}
static void op_set_times(struct path p, struct path q) {
  said("set-times", path_filestat_set_times(3, FOLLOW, p.bytes, p.size, 1, 1, 5));
}
static void op_set_link_times(struct path p, struct path q) {
  said("set-link-times", path_filestat_set_times(3, 0, p.bytes, p.size, 1, 1, 5));
}
static void op_readlink(struct path p, struct path q) {
  int32_t size = 0;
  int32_t code = path_readlink(3, p.bytes, p.size, buffer, sizeof buffer, &size);
  said("readlink", code);
  if (!code) printf("readlink.data=%.*s\n", (int)size, buffer);
}
static void op_mkdir(struct path p, struct path q) { said("mkdir", path_create_directory(3, p.bytes, p.size)); }
static void op_rmdir(struct path p, struct path q) { said("rmdir", path_remove_directory(3, p.bytes, p.size)); }
static void op_unlink(struct path p, struct path q) { said("unlink", path_unlink_file(3, p.bytes, p.size)); }

static int second_fd(void) {
  const char *fd = getenv("FD2");
  return fd ? atoi(fd) : 3;
}
static void op_rename(struct path p, struct path q) {
  said("rename", path_rename(3, p.bytes, p.size, second_fd(), q.bytes, q.size));
}
static void op_link(struct path p, struct path q) {
  said("link", path_link(3, 0, p.bytes, p.size, second_fd(), q.bytes, q.size));
}
static void op_link_follow(struct path p, struct path q) {
  said("link-follow", path_link(3, FOLLOW, p.bytes, p.size, second_fd(), q.bytes, q.size));
}
/* The target, then where the symlink stands. */
static void op_symlink(struct path p, struct path q) {
  said("symlink", path_symlink(p.bytes, p.size, 3, q.bytes, q.size));
}

static const struct {
  const char *name;
  int paths;
  void (*run)(struct path, struct path);
} calls[] = {
    {"open", 1, op_open},
    {"open-nofollow", 1, op_open_nofollow},
    {"open-directory", 1, op_open_directory},
    {"open-write", 1, op_open_write},
    {"open-truncate", 1, op_open_truncate},
    {"open-create", 1, op_open_create},
    {"open-create-nofollow", 1, op_open_create_nofollow},
    {"open-exclusive", 1, op_open_exclusive},
    {"stat", 1, op_stat},
    {"lstat", 1, op_lstat},
    {"set-times", 1, op_set_times},
    {"set-link-times", 1, op_set_link_times},
    {"readlink", 1, op_readlink},
    {"mkdir", 1, op_mkdir},
    {"rmdir", 1, op_rmdir},
    {"unlink", 1, op_unlink},
    {"rename", 2, op_rename},
    {"link", 2, op_link},
    {"link-follow", 2, op_link_follow},
    {"symlink", 2, op_symlink},
};

/* Two-path calls take it at both ends; the other end is `inside`, which should be a file that is there. */
static void all(struct path path) {
  struct path inside = parse("inside"), fresh = parse("fresh");
  for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
    if (calls[i].paths == 1) calls[i].run(path, path);
    else if (calls[i].run != op_symlink) {
      printf("from.");
      calls[i].run(path, fresh);
      printf("to.");
      calls[i].run(inside, path);
    }
  }
  printf("at.");
  op_symlink(inside, path);
}

int main(int argc, char **argv) {
  if (argc > 2 && !strcmp(argv[1], "all")) {
    all(parse(argv[2]));
    return 0;
  }
  for (int at = 1; at < argc;) {
    size_t i = 0, count = sizeof calls / sizeof *calls;
    while (i < count && strcmp(calls[i].name, argv[at])) i++;
    if (i == count || at + calls[i].paths >= argc) {
      fprintf(stderr, "no such call, or too few paths: %s\n", argv[at]);
      return 64;
    }
    calls[i].run(parse(argv[at + 1]), parse(argv[at + calls[i].paths]));
    at += 1 + calls[i].paths;
  }
  return 0;
}
