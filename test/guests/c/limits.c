/* What a guest can do to its host: traps, endless work, and taking all it can get. */
#include "result.h"
#include <fcntl.h>
#include <unistd.h>

static int trap(int argc, char **argv) {
  text("before", "trap");
  fflush(stdout);
  __builtin_trap();
}

/* A load far outside of the memory. */
static int out_of_bounds(int argc, char **argv) {
  fflush(stdout);
  return *(volatile int *)(uintptr_t)0xfffffff0u;
}

static volatile int sink;

#pragma clang diagnostic ignored "-Winfinite-recursion"
__attribute__((noinline)) static int descend(int depth) {
  sink = depth;
  return descend(depth + 1) + sink;
}

/* Without frames in the memory: what runs out is the engine's stack. */
static int recursion(int argc, char **argv) { return descend(0); }

static int loop(int argc, char **argv) {
  text("before", "loop");
  fflush(stdout);
  for (;;) sink++;
}

/* Calls the host for ever. */
static int calls(int argc, char **argv) {
  char byte;
  for (;;) sink += (int)pread(0, &byte, 1, 0);
}

/* Grows the memory by argv[0] pages a step until that fails. */
static int memory(int argc, char **argv) {
  size_t step = argc > 0 ? (size_t)atol(argv[0]) : 16;
  while (__builtin_wasm_memory_grow(0, step) != (size_t)-1) sink++;
  number("pages", __builtin_wasm_memory_size(0));
  number("bytes", (uint64_t)__builtin_wasm_memory_size(0) * 65536);
  return 0;
}

/* Opens argv[0] until that fails; then closes one and opens it again. */
static int handles(int argc, char **argv) {
  const char *path = argc > 0 ? argv[0] : "/";
  uint64_t opened = 0;
  int fd = -1, last = -1;
  while (opened < 2000000 && (fd = open(path, O_RDONLY)) >= 0) {
    last = fd;
    opened++;
  }
  const char *stopped = fd < 0 ? errno_name(errno) : "never";
  number("opened", opened);
  text("stopped", stopped);
  if (last >= 0) {
    close(last);
    result("reopened", open(path, O_RDONLY) >= 0 ? 0 : -1);
  }
  return 0;
}

int main(int argc, char **argv) {
  static const struct subtest subtests[] = {{"trap", trap},     {"out-of-bounds", out_of_bounds},
                                            {"recursion", recursion}, {"loop", loop},
                                            {"calls", calls},   {"memory", memory},
                                            {"handles", handles}, {0}};
  return run_subtest(subtests, argc, argv);
}
