/* Calls the functions of wasi_unstable with its own types: what libc never calls, and what it cannot tell apart. */
#include "result.h"

static char bytes[4096];

#define CALL(name, ...) number(#name, unstable_##name(__VA_ARGS__))
#define AT(pointer) ((int32_t)(pointer))

static int32_t open_file(const char *name, int32_t oflags) {
  int32_t fd = -1;
  number("open", unstable_path_open(3, 1, AT(name), strlen(name), oflags, 0x42, 0, 0, AT(&fd)));
  return fd;
}

static void seek_to(const char *name, int32_t fd, int64_t offset, int32_t whence) {
  uint64_t position = 0;
  int32_t error = unstable_fd_seek(fd, offset, whence, AT(&position));
  if (error) printf("%s=error %d\n", name, error);
  else number(name, position);
}

static int seek(int argc, char **argv) {
  int32_t fd = open_file("file", 0);
  uint64_t position;
  seek_to("set", fd, 3, UNSTABLE_SET);
  seek_to("cur", fd, 4, UNSTABLE_CUR);
  seek_to("end", fd, -1, UNSTABLE_END);
  seek_to("before", fd, -1, UNSTABLE_SET);
  seek_to("none", fd, 0, 3);
  CALL(fd_tell, fd, AT(&position));
  number("tell", position);
  return 0;
}

static void show(struct unstable_filestat stat, uint64_t guard) {
  number("filetype", stat.filetype);
  number("links", stat.nlink);
  number("size", stat.size);
  number("atim", stat.atim);
  number("mtim", stat.mtim);
  number("ctim-is-mtim-or-later", stat.ctim >= stat.mtim || stat.ctim == 0);
  number("inode", stat.ino != 0);
  number("guard", guard == 0xeeeeeeeeeeeeeeee);
}

static int filestat(int argc, char **argv) {
  struct { struct unstable_filestat stat; uint64_t guard; } out;
  int32_t fd = open_file("file", 0);
  CALL(path_link, 3, 0, AT("file"), 4, 3, AT("again"), 5);
  CALL(fd_filestat_set_times, fd, 5, 7, 1 | 4);
  memset(&out, 0xee, sizeof out);
  CALL(fd_filestat_get, fd, &out.stat);
  show(out.stat, out.guard);
  memset(&out, 0xee, sizeof out);
  CALL(path_filestat_get, 3, 1, AT("again"), 5, &out.stat);
  show(out.stat, out.guard);
  memset(&out, 0xee, sizeof out);
  CALL(fd_filestat_get, 1, &out.stat);
  number("device", out.stat.filetype);
  number("guard", out.guard == 0xeeeeeeeeeeeeeeee);
  return 0;
}

/* The second subscription lies where only the size of snapshot 0 puts it. */
static int poll(int argc, char **argv) {
  struct unstable_subscription in[2];
  struct { uint64_t userdata; uint16_t error; uint8_t type; uint64_t bytes; uint16_t flags; } out[2];
  int32_t count = 0;
  memset(in, 0xee, sizeof in);
  memset(&in[0].u, 0, sizeof in[0].u);
  in[0].userdata = 11;
  in[0].type = 0;
  in[0].u.clock.identifier = 0xffffffffffffffff;
  in[0].u.clock.id = 1;
  in[0].u.clock.timeout = 3600000000000;
  in[1].userdata = 12;
  in[1].type = 2;
  in[1].u.fd = 1;
  CALL(poll_oneoff, in, AT(out), 2, AT(&count));
  number("events", count);
  number("userdata", out[0].userdata);
  number("type", out[0].type);
  in[0].u.clock.timeout = 1000000;
  CALL(poll_oneoff, in, AT(out), 1, AT(&count));
  number("userdata", out[0].userdata);
  number("error", out[0].error);
  in[0].u.clock.flags = 2;
  CALL(poll_oneoff, in, AT(out), 1, AT(&count));
  return 0;
}

/* What no libc calls, and calls over what is not there. */
static int rest(int argc, char **argv) {
  int32_t fd = open_file("file", 0), other = open_file("made", 1);
  CALL(fd_advise, fd, 0, 1, 0);
  CALL(fd_allocate, fd, 0, 1);
  CALL(fd_fdstat_set_rights, fd, 0, 0);
  CALL(fd_renumber, other, fd);
  CALL(fd_close, other);
  CALL(fd_close, fd);
  CALL(proc_raise, 6);
  CALL(sched_yield);
  CALL(sock_recv, 1, 0, 0, 0, AT(bytes), AT(bytes));
  CALL(sock_send, 99, 0, 0, 0, AT(bytes));
  CALL(sock_shutdown, 0, 1);
  CALL(clock_res_get, 2, AT(bytes));
  CALL(random_get, AT(bytes), 16);
  return 0;
}

int main(int argc, char **argv) {
  static const struct subtest subtests[] = {
      {"seek", seek}, {"filestat", filestat}, {"poll", poll}, {"rest", rest}, {0}};
  return run_subtest(subtests, argc, argv);
}
