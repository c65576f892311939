/*
 * Makes of a program for wasi-libc one for wasi_unstable: put before its source (-include), this defines the functions
 * that libc imports from wasi_snapshot_preview1 over those of wasi_unstable, whose types differ in three places.
 */
#ifndef UNSTABLE_H
#define UNSTABLE_H

#include <stdint.h>
#include <string.h>

#define UNSTABLE(name) __attribute__((import_module("wasi_unstable"), import_name(#name))) int32_t unstable_##name
#ifdef UNSTABLE_BESIDE_LIBC
/* Leaves libc where it is: the program imports both modules. */
#define SNAPSHOT1(name) int32_t unused_##name
#define SNAPSHOT1_EXIT unused_proc_exit
#else
#define SNAPSHOT1(name) int32_t __imported_wasi_snapshot_preview1_##name
#define SNAPSHOT1_EXIT __imported_wasi_snapshot_preview1_proc_exit
#endif

enum unstable_whence { UNSTABLE_CUR, UNSTABLE_END, UNSTABLE_SET };

struct unstable_filestat {
  uint64_t dev, ino;
  uint8_t filetype;
  uint32_t nlink;
  uint64_t size, atim, mtim, ctim;
};

struct unstable_subscription {
  uint64_t userdata;
  uint8_t type;
  union {
    struct {
      uint64_t identifier;
      uint32_t id;
      uint64_t timeout, precision;
      uint16_t flags;
    } clock;
    uint32_t fd;
  } u;
};

_Static_assert(sizeof(struct unstable_filestat) == 56, "filestat");
_Static_assert(sizeof(struct unstable_subscription) == 56, "subscription");

#define SAME(name, types, args) \
  UNSTABLE(name) types; \
  SNAPSHOT1(name) types { return unstable_##name args; }
SAME(args_get, (int32_t a, int32_t b), (a, b))
SAME(args_sizes_get, (int32_t a, int32_t b), (a, b))
SAME(environ_get, (int32_t a, int32_t b), (a, b))
SAME(environ_sizes_get, (int32_t a, int32_t b), (a, b))
SAME(clock_res_get, (int32_t a, int32_t b), (a, b))
SAME(clock_time_get, (int32_t a, int64_t b, int32_t c), (a, b, c))
SAME(fd_advise, (int32_t a, int64_t b, int64_t c, int32_t d), (a, b, c, d))
SAME(fd_allocate, (int32_t a, int64_t b, int64_t c), (a, b, c))
SAME(fd_close, (int32_t a), (a))
SAME(fd_datasync, (int32_t a), (a))
SAME(fd_fdstat_get, (int32_t a, int32_t b), (a, b))
SAME(fd_fdstat_set_flags, (int32_t a, int32_t b), (a, b))
SAME(fd_fdstat_set_rights, (int32_t a, int64_t b, int64_t c), (a, b, c))
SAME(fd_filestat_set_size, (int32_t a, int64_t b), (a, b))
SAME(fd_filestat_set_times, (int32_t a, int64_t b, int64_t c, int32_t d), (a, b, c, d))
SAME(fd_pread, (int32_t a, int32_t b, int32_t c, int64_t d, int32_t e), (a, b, c, d, e))
SAME(fd_prestat_get, (int32_t a, int32_t b), (a, b))
SAME(fd_prestat_dir_name, (int32_t a, int32_t b, int32_t c), (a, b, c))
SAME(fd_pwrite, (int32_t a, int32_t b, int32_t c, int64_t d, int32_t e), (a, b, c, d, e))
SAME(fd_read, (int32_t a, int32_t b, int32_t c, int32_t d), (a, b, c, d))
SAME(fd_readdir, (int32_t a, int32_t b, int32_t c, int64_t d, int32_t e), (a, b, c, d, e))
SAME(fd_renumber, (int32_t a, int32_t b), (a, b))
SAME(fd_sync, (int32_t a), (a))
SAME(fd_tell, (int32_t a, int32_t b), (a, b))
SAME(fd_write, (int32_t a, int32_t b, int32_t c, int32_t d), (a, b, c, d))
SAME(path_create_directory, (int32_t a, int32_t b, int32_t c), (a, b, c))
SAME(path_filestat_set_times, (int32_t a, int32_t b, int32_t c, int32_t d, int64_t e, int64_t f, int32_t g), (a, b, c, d, e, f, g))
SAME(path_link, (int32_t a, int32_t b, int32_t c, int32_t d, int32_t e, int32_t f, int32_t g), (a, b, c, d, e, f, g))
SAME(path_open, (int32_t a, int32_t b, int32_t c, int32_t d, int32_t e, int64_t f, int64_t g, int32_t h, int32_t i), (a, b, c, d, e, f, g, h, i))
SAME(path_readlink, (int32_t a, int32_t b, int32_t c, int32_t d, int32_t e, int32_t f), (a, b, c, d, e, f))
SAME(path_remove_directory, (int32_t a, int32_t b, int32_t c), (a, b, c))
SAME(path_rename, (int32_t a, int32_t b, int32_t c, int32_t d, int32_t e, int32_t f), (a, b, c, d, e, f))
SAME(path_symlink, (int32_t a, int32_t b, int32_t c, int32_t d, int32_t e), (a, b, c, d, e))
SAME(path_unlink_file, (int32_t a, int32_t b, int32_t c), (a, b, c))
SAME(proc_raise, (int32_t a), (a))
SAME(random_get, (int32_t a, int32_t b), (a, b))
SAME(sched_yield, (void), ())
SAME(sock_recv, (int32_t a, int32_t b, int32_t c, int32_t d, int32_t e, int32_t f), (a, b, c, d, e, f))
SAME(sock_send, (int32_t a, int32_t b, int32_t c, int32_t d, int32_t e), (a, b, c, d, e))
SAME(sock_shutdown, (int32_t a, int32_t b), (a, b))
#undef SAME

__attribute__((import_module("wasi_unstable"), import_name("proc_exit"), noreturn)) void unstable_proc_exit(int32_t code);
_Noreturn void SNAPSHOT1_EXIT(int32_t code) { unstable_proc_exit(code); }

UNSTABLE(fd_seek)(int32_t fd, int64_t offset, int32_t whence, int32_t position);
SNAPSHOT1(fd_seek)(int32_t fd, int64_t offset, int32_t whence, int32_t position) {
  static const int32_t whences[] = {UNSTABLE_SET, UNSTABLE_CUR, UNSTABLE_END};
  return unstable_fd_seek(fd, offset, whence < 0 || whence > 2 ? 3 : whences[whence], position);
}

/* The filestat of snapshot 1 has the link count as u64. */
static int32_t widen_filestat(int32_t error, const struct unstable_filestat *from, uint64_t *to) {
  if (error) return error;
  uint64_t wide[] = {from->dev, from->ino, from->filetype, from->nlink, from->size, from->atim, from->mtim, from->ctim};
  memcpy(to, wide, sizeof wide);
  return 0;
}

UNSTABLE(fd_filestat_get)(int32_t fd, struct unstable_filestat *stat);
SNAPSHOT1(fd_filestat_get)(int32_t fd, uint64_t *stat) {
  struct unstable_filestat narrow;
  return widen_filestat(unstable_fd_filestat_get(fd, &narrow), &narrow, stat);
}

UNSTABLE(path_filestat_get)(int32_t fd, int32_t flags, int32_t path, int32_t length, struct unstable_filestat *stat);
SNAPSHOT1(path_filestat_get)(int32_t fd, int32_t flags, int32_t path, int32_t length, uint64_t *stat) {
  struct unstable_filestat narrow;
  return widen_filestat(unstable_path_filestat_get(fd, flags, path, length, &narrow), &narrow, stat);
}

struct snapshot1_subscription {
  uint64_t userdata;
  uint8_t type;
  _Alignas(8) uint32_t id_or_fd;
  uint64_t timeout, precision;
  uint16_t flags;
};

UNSTABLE(poll_oneoff)(const struct unstable_subscription *in, int32_t out, int32_t count, int32_t used);
SNAPSHOT1(poll_oneoff)(const struct snapshot1_subscription *in, int32_t out, int32_t count, int32_t used) {
  struct unstable_subscription wide[8];
  if (count > 8) __builtin_trap();
  memset(wide, 0xee, sizeof wide);
  for (int32_t i = 0; i < count; i++) {
    wide[i].userdata = in[i].userdata;
    wide[i].type = in[i].type;
    if (in[i].type) wide[i].u.fd = in[i].id_or_fd;
    else {
      wide[i].u.clock.id = in[i].id_or_fd;
      wide[i].u.clock.timeout = in[i].timeout;
      wide[i].u.clock.precision = in[i].precision;
      wide[i].u.clock.flags = in[i].flags;
    }
  }
  return unstable_poll_oneoff(wide, out, count, used);
}

#endif
