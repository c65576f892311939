/*
 * Large transfers in single calls: `large read FILE TIMES`, `large write FILE MIB`. Every byte is checked: byte i of a file
 * is (i >> 12) * 7.
 */
#include "result.h"
#include <fcntl.h>
#include <unistd.h>

enum { MIB = 1 << 20 };

static unsigned char expected(size_t i) { return (unsigned char)((i >> 12) * 7); }

static int wrong(const unsigned char *bytes, size_t size) {
  for (size_t i = 0; i < size; i += 509)
    if (bytes[i] != expected(i)) return 1;
  return size > 0 && bytes[size - 1] != expected(size - 1);
}

static int op_read(int argc, char **argv) {
  int fd = open(argv[0], O_RDONLY);
  if (result("open", fd < 0 ? -1 : 0) < 0) return 1;
  size_t size = lseek(fd, 0, SEEK_END);
  unsigned char *bytes = malloc(size + MIB);
  ssize_t count = 0;
  for (int i = 0; i < atoi(argv[1]); i++) {
    size_t done = 0;
    lseek(fd, 0, SEEK_SET);
    /* One byte more than there is, so that the end is seen; on 0.2 a call gives at most 1 MiB. */
    while ((count = read(fd, bytes + done, size + MIB - done)) > 0) done += count;
    if (count < 0 || done != size || wrong(bytes, done)) return text("read", "wrong"), 1;
  }
  number("read", size);
  result("pread", pread(fd, bytes, size, size / 2) > 0 && bytes[0] == expected(size / 2) ? 0 : -1);
  return 0;
}

static int op_write(int argc, char **argv) {
  size_t size = (size_t)atoi(argv[1]) * MIB;
  unsigned char *bytes = malloc(size);
  for (size_t i = 0; i < size; i++) bytes[i] = expected(i);
  int fd = open(argv[0], O_RDWR | O_CREAT | O_TRUNC, 0666);
  if (result("open", fd < 0 ? -1 : 0) < 0) return 1;
  size_t done = 0;
  ssize_t count;
  while (done < size && (count = write(fd, bytes + done, size - done)) > 0) done += count;
  if (done < size) return result("write", -1), 1;
  number("write", done);
  number("position", lseek(fd, 0, SEEK_CUR));
  result("pwrite", pwrite(fd, bytes, size, 0) > 0 ? 0 : -1);
  close(fd);
  fd = open(argv[0], O_WRONLY | O_APPEND);
  number("append", write(fd, bytes, size) > 0);
  number("end", lseek(fd, 0, SEEK_CUR) > (off_t)size);
  return 0;
}

static const struct subtest subtests[] = {
    {"read", op_read},
    {"write", op_write},
};

int main(int argc, char **argv) {
  if (argc < 4) return 64;
  return run_subtest(subtests, argc, argv);
}
