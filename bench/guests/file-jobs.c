/*
 * Jobs on files, in order: file-jobs write:1024 read:1024 create:10000 stat:10000 list:10000 delete:10000 ...
 *
 * Prints, for each, the nanoseconds that it took by the monotonic clock; what a job needs first is made, and what nobody
 * needs any more is removed, off the clock. All is in /data, which has to be a directory that can be written.
 *
 *   write, read   a file from its start to its end, COUNT blocks of 64 KiB
 *   create        COUNT files of 100 bytes in one directory; stat and delete, by name, and list take those
 *   entries       COUNT empty files in one directory
 *   readdir       COUNT times those, from opendir to closedir
 *   deep          COUNT times stat of a path of eight names
 *   open          COUNT times open and close of a path of four names
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define BLOCK 65536
#define SMALL 100

static const char big_file[] = "/data/big.bin";
static const char small_files[] = "/data/small";
static const char listed_files[] = "/data/listed";
/* bench/benchmarks/open-depth.ts opens it as well, from outside. */
static const char path_of_four[] = "/data/one/two/three/four";
static const char path_of_eight[] = "/data/a/path/that/is/rather/deep/as/such";
static char buffer[BLOCK];

static const char *name_in(const char *directory, int i) {
  static char name[64];
  snprintf(name, sizeof name, "%s/file-%05d", directory, i);
  return name;
}

static int make_file(const char *path, size_t size) {
  int fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
  if (fd < 0) return -1;
  if (write(fd, buffer, size) != (ssize_t)size) return -1;
  return close(fd);
}

/* Makes the directories on the way to `path`, and the file that it names, unless they are there. */
static int make_path(const char *path) {
  char part[128];
  for (const char *slash = strchr(path + sizeof "/data", '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
    snprintf(part, sizeof part, "%.*s", (int)(slash - path), path);
    if (mkdir(part, 0700) != 0 && errno != EEXIST) return -1;
  }
  return make_file(path, SMALL) == 0 || errno == EEXIST ? 0 : -1;
}

static int write_big(int count) {
  int fd = open(big_file, O_WRONLY | O_CREAT | O_TRUNC, 0600);
  if (fd < 0) return -1;
  for (int i = 0; i < count; i++)
    if (write(fd, buffer, BLOCK) != BLOCK) return -1;
  return close(fd);
}

static int read_big(int count) {
  int fd = open(big_file, O_RDONLY);
  if (fd < 0) return -1;
  for (int i = 0; i < count; i++)
    if (read(fd, buffer, BLOCK) != BLOCK) return -1;
  if (read(fd, buffer, BLOCK) != 0) return -1;
  return close(fd);
}

static int remove_big(int count) {
  (void)count;
  return unlink(big_file);
}

static int prepare_create(int count) {
  (void)count;
  return mkdir(small_files, 0700);
}

static int create_small(int count) {
  for (int i = 0; i < count; i++)
    if (make_file(name_in(small_files, i), SMALL) != 0) return -1;
  return 0;
}

static int stat_small(int count) {
  struct stat st;
  for (int i = 0; i < count; i++)
    if (stat(name_in(small_files, i), &st) != 0 || st.st_size != SMALL) return -1;
  return 0;
}

/* @returns 0 when the directory has exactly `count` files */
static int list(const char *path, int count) {
  DIR *directory = opendir(path);
  if (directory == NULL) return -1;
  int found = 0;
  for (const struct dirent *entry; (entry = readdir(directory)) != NULL;)
    if (entry->d_name[0] == 'f') found++;
  if (closedir(directory) != 0) return -1;
  return found == count ? 0 : -1;
}

static int list_small(int count) { return list(small_files, count); }

static int delete_small(int count) {
  for (int i = 0; i < count; i++)
    if (unlink(name_in(small_files, i)) != 0) return -1;
  return 0;
}

static int remove_small(int count) {
  (void)count;
  return rmdir(small_files);
}

static int entries;

static int make_entries(int count) {
  entries = count;
  if (mkdir(listed_files, 0700) != 0) return -1;
  for (int i = 0; i < count; i++)
    if (make_file(name_in(listed_files, i), 0) != 0) return -1;
  return 0;
}

static int read_entries(int count) {
  for (int i = 0; i < count; i++)
    if (list(listed_files, entries) != 0) return -1;
  return 0;
}

static int remove_entries(int count) {
  (void)count;
  for (int i = 0; i < entries; i++)
    if (unlink(name_in(listed_files, i)) != 0) return -1;
  return rmdir(listed_files);
}

static int prepare_deep(int count) {
  (void)count;
  return make_path(path_of_eight);
}

static int stat_deep(int count) {
  struct stat st;
  for (int i = 0; i < count; i++)
    if (stat(path_of_eight, &st) != 0 || st.st_size != SMALL) return -1;
  return 0;
}

static int prepare_open(int count) {
  (void)count;
  return make_path(path_of_four);
}

static int open_deep(int count) {
  for (int i = 0; i < count; i++) {
    int fd = open(path_of_four, O_RDONLY);
    if (fd < 0 || close(fd) != 0) return -1;
  }
  return 0;
}

static int nothing(int count) {
  (void)count;
  return 0;
}

static const struct {
  const char *name;
  int (*prepare)(int);
  int (*run)(int);
  int (*clean_up)(int);
} jobs[] = {
    {"write", nothing, write_big, nothing},
    {"read", nothing, read_big, remove_big},
    {"create", prepare_create, create_small, nothing},
    {"stat", nothing, stat_small, nothing},
    {"list", nothing, list_small, nothing},
    {"delete", nothing, delete_small, remove_small},
    {"entries", nothing, make_entries, nothing},
    {"readdir", nothing, read_entries, remove_entries},
    {"deep", prepare_deep, stat_deep, nothing},
    {"open", prepare_open, open_deep, nothing},
};

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1e9 + time.tv_nsec;
}

static int measure(const char *job) {
  const char *colon = strchr(job, ':');
  if (colon == NULL) return -1;
  int count = atoi(colon + 1);
  for (size_t j = 0; j < sizeof jobs / sizeof *jobs; j++) {
    if (strncmp(jobs[j].name, job, colon - job) != 0 || jobs[j].name[colon - job] != 0) continue;
    if (jobs[j].prepare(count) != 0) return -1;
    double start = now();
    if (jobs[j].run(count) != 0) return -1;
    printf("%s %.0f\n", jobs[j].name, now() - start);
    return jobs[j].clean_up(count);
  }
  return -1;
}

int main(int argc, char **argv) {
  for (int i = 1; i < argc; i++) {
    if (measure(argv[i]) != 0) {
      fprintf(stderr, "%s: %s\n", argv[i], strerror(errno));
      return 3;
    }
  }
  return 0;
}
