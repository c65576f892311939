/*
 * The file system, as a little language: operations with their arguments, separated by `+`, carried out in order.
 *
 *   filesystem write /data/a hello + stat /data/a + rename /data/a /data/b + readdir /data
 *
 * Each prints `operation=` a count or an errno, then what it found. `open` sets the descriptor that the operations
 * without a path work on.
 */
#include "result.h"
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>
#include <wasi/api.h>

static int current = -1;
static char buffer[1 << 20];

static const char *type_name(mode_t mode) {
  if (S_ISREG(mode)) return "file";
  if (S_ISDIR(mode)) return "directory";
  if (S_ISLNK(mode)) return "symlink";
  return S_ISCHR(mode) ? "character-device" : "other";
}

static void print_stat(const struct stat *st) {
  text("type", type_name(st->st_mode));
  number("size", st->st_size);
  number("links", st->st_nlink);
  number("inode", st->st_ino);
  printf("atime=%lld.%09ld\n", (long long)st->st_atim.tv_sec, st->st_atim.tv_nsec);
  printf("mtime=%lld.%09ld\n", (long long)st->st_mtim.tv_sec, st->st_mtim.tv_nsec);
}

/* Escaped, so that a line stays a line. */
static void print_data(const char *name, const char *data, size_t size) {
  printf("%s=", name);
  for (size_t i = 0; i < size; i++) {
    unsigned char c = data[i];
    if (c < 0x20 || c == '\\' || c == 0x7f) printf("\\x%02x", c);
    else putchar(c);
  }
  putchar('\n');
}

/* r w a (append) + creat x excl t trunc d directory n nofollow s sync; `rwc` reads, writes and creates. */
static int open_flags(const char *word) {
  int read = 0, write = 0, flags = 0;
  for (; *word; word++) switch (*word) {
      case 'r': read = 1; break;
      case 'w': write = 1; break;
      case 'a': write = 1; flags |= O_APPEND; break;
      case 'c': flags |= O_CREAT; break;
      case 'x': flags |= O_EXCL; break;
      case 't': flags |= O_TRUNC; break;
      case 'd': flags |= O_DIRECTORY; break;
      case 'n': flags |= O_NOFOLLOW; break;
      case 's': flags |= O_SYNC; break;
    }
  return flags | (read && write ? O_RDWR : write ? O_WRONLY : O_RDONLY);
}

static void op_open(char **a) { current = (int)result("open", open(a[0], open_flags(a[1]), 0644)); }
static void op_close(char **a) { result("close", close(current)); }

static void op_pread(char **a) {
  ssize_t got = pread(current, buffer, atol(a[0]) < (long)sizeof buffer ? atol(a[0]) : sizeof buffer, atoll(a[1]));
  if (result("pread", got) >= 0) print_data("data", buffer, got);
}
static void op_pwrite(char **a) { result("pwrite", pwrite(current, a[0], strlen(a[0]), atoll(a[1]))); }
static void op_fread(char **a) {
  ssize_t got = read(current, buffer, atol(a[0]) < (long)sizeof buffer ? atol(a[0]) : sizeof buffer);
  if (result("fread", got) >= 0) print_data("data", buffer, got);
}
static void op_fwrite(char **a) { result("fwrite", write(current, a[0], strlen(a[0]))); }
/* Scatters over buffers of one, two, three, … bytes. */
static void op_readv(char **a) {
  struct iovec vectors[16];
  int count = atoi(a[0]) < 16 ? atoi(a[0]) : 16;
  char *at = buffer;
  for (int i = 0; i < count; at += vectors[i++].iov_len) vectors[i] = (struct iovec){at, (size_t)i + 1};
  ssize_t got = readv(current, vectors, count);
  if (result("readv", got) >= 0) print_data("data", buffer, got);
}
static void op_writev(char **a) {
  struct iovec vectors[2] = {{a[0], strlen(a[0])}, {a[1], strlen(a[1])}};
  result("writev", writev(current, vectors, 2));
}
static void op_seek(char **a) {
  int whence = !strcmp(a[1], "set") ? SEEK_SET : !strcmp(a[1], "cur") ? SEEK_CUR : SEEK_END;
  result("seek", (long)lseek(current, atoll(a[0]), whence));
}
static void op_fstat(char **a) {
  struct stat st;
  if (result("fstat", fstat(current, &st)) == 0) print_stat(&st);
}
static void op_ftruncate(char **a) { result("ftruncate", ftruncate(current, atoll(a[0]))); }
static void op_fsync(char **a) { result("fsync", fsync(current)); }
static void op_fdatasync(char **a) { result("fdatasync", fdatasync(current)); }
static void op_getflags(char **a) {
  int flags = fcntl(current, F_GETFL);
  if (result("getflags", flags < 0 ? -1 : 0) == 0) {
    text("mode", (flags & O_ACCMODE) == O_RDWR ? "rw" : (flags & O_ACCMODE) == O_WRONLY ? "w" : "r");
    number("append", (flags & O_APPEND) != 0);
  }
}
static void op_setappend(char **a) {
  result("setappend", fcntl(current, F_SETFL, atoi(a[0]) ? O_APPEND : 0));
}
/* These two answer with the code, not through errno. */
static void said(const char *name, int code) { text(name, code ? errno_name(code) : "0"); }
static void op_advise(char **a) { said("advise", posix_fadvise(current, 0, 1, POSIX_FADV_WILLNEED)); }
static void op_allocate(char **a) { said("allocate", posix_fallocate(current, 0, atoll(a[0]))); }
/* libc has no name for these. */
static void op_tell(char **a) {
  __wasi_filesize_t at = 0;
  int code = __wasi_fd_tell(current, &at);
  if (code) said("tell", code);
  else number("tell", at);
}
static void op_setrights(char **a) { said("setrights", __wasi_fd_fdstat_set_rights(current, __WASI_RIGHTS_FD_READ, 0)); }
/* FILE: opens it, and puts it in the place of the current descriptor. */
static void op_renumber(char **a) {
  int fd = open(a[0], O_RDONLY);
  if (fd < 0) result("renumber", -1);
  else said("renumber", __wasi_fd_renumber(fd, current));
}
static void op_openat(char **a) { current = (int)result("openat", openat(current, a[0], open_flags(a[1]), 0644)); }

static void op_read(char **a) {
  int fd = open(a[0], O_RDONLY);
  ssize_t got = fd < 0 ? -1 : read(fd, buffer, sizeof buffer);
  if (result("read", got) >= 0) print_data("data", buffer, got);
  if (fd >= 0) close(fd);
}
static void put(const char *name, const char *path, const char *data, int flags) {
  int fd = open(path, O_WRONLY | O_CREAT | flags, 0644);
  result(name, fd < 0 ? -1 : write(fd, data, strlen(data)));
  if (fd >= 0) close(fd);
}
static void op_write(char **a) { put("write", a[0], a[1], O_TRUNC); }
static void op_append(char **a) { put("append", a[0], a[1], O_APPEND); }
/* PATH BYTES: writes that many bytes in pieces. */
static void op_fill(char **a) {
  int fd = open(a[0], O_WRONLY | O_CREAT | O_TRUNC, 0644);
  if (result("fill", fd < 0 ? -1 : 0) < 0) return;
  memset(buffer, 'f', sizeof buffer);
  uint64_t left = strtoull(a[1], NULL, 10), done = 0;
  while (done < left) {
    ssize_t put = write(fd, buffer, left - done < sizeof buffer ? left - done : sizeof buffer);
    if (put < 0) {
      text("stopped", errno_name(errno));
      break;
    }
    done += put;
  }
  number("written", done);
  close(fd);
}
static void op_stat(char **a) {
  struct stat st;
  if (result("stat", stat(a[0], &st)) == 0) print_stat(&st);
}
static void op_lstat(char **a) {
  struct stat st;
  if (result("lstat", lstat(a[0], &st)) == 0) print_stat(&st);
}
static void op_access(char **a) {
  int mode = !strcmp(a[1], "w") ? W_OK : !strcmp(a[1], "r") ? R_OK : F_OK;
  result("access", access(a[0], mode));
}

static int by_name(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }

static void op_readdir(char **a) {
  static char *names[100000];
  DIR *directory = opendir(a[0]);
  if (!directory) {
    result("readdir", -1);
    return;
  }
  size_t count = 0;
  struct dirent *entry;
  errno = 0;
  while (count < sizeof names / sizeof *names && (entry = readdir(directory))) {
    const char *type = entry->d_type == DT_DIR ? "directory" : entry->d_type == DT_REG ? "file" : entry->d_type == DT_LNK ? "symlink" : "other";
    if (asprintf(&names[count], "entry.%s=%s", entry->d_name, type) < 0) abort();
    count++;
  }
  result("readdir", errno ? -1 : (long)count);
  qsort(names, count, sizeof *names, by_name);
  for (size_t i = 0; i < count; i++) {
    puts(names[i]);
    free(names[i]);
  }
  closedir(directory);
}
/* Deletes while it reads, as rm -r does. */
static void op_empty(char **a) {
  DIR *directory = opendir(a[0]);
  if (!directory) {
    result("empty", -1);
    return;
  }
  long removed = 0;
  struct dirent *entry;
  while ((entry = readdir(directory))) {
    if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, "..")) continue;
    if (unlinkat(dirfd(directory), entry->d_name, 0) == 0) removed++;
  }
  closedir(directory);
  result("empty", removed);
}
/* DIRECTORY COUNT: makes empty files f0, f1, … */
static void op_many(char **a) {
  char path[4096];
  long made = 0, count = atol(a[1]);
  for (; made < count; made++) {
    snprintf(path, sizeof path, "%s/f%ld", a[0], made);
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0644);
    if (fd < 0) {
      text("stopped", errno_name(errno));
      break;
    }
    close(fd);
  }
  number("many", made);
}

static void op_rename(char **a) { result("rename", rename(a[0], a[1])); }
static void op_link(char **a) { result("link", link(a[0], a[1])); }
static void op_symlink(char **a) { result("symlink", symlink(a[0], a[1])); }
static void op_readlink(char **a) {
  ssize_t size = readlink(a[0], buffer, sizeof buffer);
  if (result("readlink", size) >= 0) print_data("target", buffer, size);
}
static void op_unlink(char **a) { result("unlink", unlink(a[0])); }
static void op_mkdir(char **a) { result("mkdir", mkdir(a[0], 0755)); }
static void op_rmdir(char **a) { result("rmdir", rmdir(a[0])); }
static void op_truncate(char **a) { result("truncate", truncate(a[0], atoll(a[1]))); }
static struct timespec time_of(const char *word) {
  if (!strcmp(word, "now")) return (struct timespec){0, UTIME_NOW};
  if (!strcmp(word, "omit")) return (struct timespec){0, UTIME_OMIT};
  char *rest;
  struct timespec t = {strtoll(word, &rest, 10), 0};
  if (*rest == '.') t.tv_nsec = atol(rest + 1);
  return t;
}
/* PATH ATIME MTIME, each SECONDS[.NANOSECONDS], `now` or `omit`. */
static void op_utimens(char **a) {
  struct timespec times[2] = {time_of(a[1]), time_of(a[2])};
  result("utimens", utimensat(AT_FDCWD, a[0], times, 0));
}
static void op_lutimens(char **a) {
  struct timespec times[2] = {time_of(a[1]), time_of(a[2])};
  result("lutimens", utimensat(AT_FDCWD, a[0], times, AT_SYMLINK_NOFOLLOW));
}
static void op_futimens(char **a) {
  struct timespec times[2] = {time_of(a[0]), time_of(a[1])};
  result("futimens", futimens(current, times));
}

/* Says that it is there, and waits for a byte of standard input: for what happens around an open descriptor. */
static void op_wait(char **a) {
  char byte;
  puts("waiting");
  fflush(stdout);
  result("wait", read(0, &byte, 1));
}

static const struct operation operations[] = {
    {"open", 2, op_open},           {"openat", 2, op_openat},       {"close", 0, op_close},
    {"pread", 2, op_pread},         {"pwrite", 2, op_pwrite},       {"fread", 1, op_fread},
    {"fwrite", 1, op_fwrite},       {"readv", 1, op_readv},         {"writev", 2, op_writev},
    {"seek", 2, op_seek},           {"fstat", 0, op_fstat},         {"ftruncate", 1, op_ftruncate},
    {"fsync", 0, op_fsync},         {"fdatasync", 0, op_fdatasync}, {"getflags", 0, op_getflags},
    {"setappend", 1, op_setappend}, {"read", 1, op_read},           {"write", 2, op_write},
    {"append", 2, op_append},       {"fill", 2, op_fill},           {"stat", 1, op_stat},
    {"lstat", 1, op_lstat},         {"access", 2, op_access},       {"readdir", 1, op_readdir},
    {"empty", 1, op_empty},         {"many", 2, op_many},           {"rename", 2, op_rename},
    {"link", 2, op_link},           {"symlink", 2, op_symlink},     {"readlink", 1, op_readlink},
    {"unlink", 1, op_unlink},       {"mkdir", 1, op_mkdir},         {"rmdir", 1, op_rmdir},
    {"truncate", 2, op_truncate},   {"utimens", 3, op_utimens},     {"lutimens", 3, op_lutimens},
    {"futimens", 2, op_futimens},   {"wait", 0, op_wait},         {"advise", 0, op_advise},
    {"allocate", 1, op_allocate},   {"tell", 0, op_tell},           {"setrights", 0, op_setrights},
    {"renumber", 1, op_renumber},
    {0},
};

int main(int argc, char **argv) {
  return run_operations(operations, argc, argv);
}
