// Jobs of WASI 0.3, straight on the Canonical ABI: lifted async with a callback, and every import that may wait lowered async,
// as compilers do it.
//
//   write MIB KIB, read MIB KIB    a file through one stream, so many KiB at a time
//   stdout MIB KIB, stdin MIB KIB  likewise
//   sleep COUNT MICROSECONDS       so many at once
//
// Fails unless all of it was done.
#include "wasi3.h"

#define FILES "wasi:filesystem/types@0.3.0"
#define WRITE "[method]descriptor.write-via-stream"
#define READ "[method]descriptor.read-via-stream"

IMPORT("wasi:filesystem/preopens@0.3.0", "get-directories") void get_directories(text_list *);
IMPORT(FILES, "[async-lower][method]descriptor.open-at") uint32_t open_at(const void *params, void *result);
IMPORT(FILES, "[resource-drop]descriptor") void drop_descriptor(handle);
IMPORT(FILES, WRITE) handle file_write(handle descriptor, handle readable, uint64_t offset);
IMPORT(FILES, READ) void file_read(handle descriptor, uint64_t offset, handle stream_and_future[2]);
STREAM(write, FILES, 0, WRITE);
FUTURE(write_result, FILES, 1, WRITE);
STREAM(read, FILES, 0, READ);
FUTURE(read_result, FILES, 1, READ);

/** One of the ways in which bytes go through a stream. */
typedef struct {
  /** One of the two: what it is decides the other one. */
  int32_t (*fill)(handle end, void *bytes, size_t count);
  int32_t (*empty)(handle end, const void *bytes, size_t count);
  void (*drop)(handle end);
  int32_t (*result)(handle future, void *result);
} way;

static const way TO_STDOUT = {0, stdout_stream_write_async, stdout_stream_drop_writable, stdout_result_read_async};
static const way FROM_STDIN = {stdin_stream_read_async, 0, stdin_stream_drop_readable, stdin_result_read_async};
static const way TO_FILE = {0, write_write_async, write_drop_writable, write_result_read_async};
static const way FROM_FILE = {read_read_async, 0, read_drop_readable, read_result_read_async};

static struct {
  const way *way;
  handle end, future, descriptor, set, joined;
  uint32_t block, sleeping;
  uint64_t left;
} job;

/** The first letter of the file's jobs; of the others: stdOut, stdIn, sLeep. */
static char job_kind;
static uint8_t bytes[1 << 20];
static struct { uint8_t tag; uint8_t padding[3]; handle descriptor; uint8_t rest[24]; } opened;
static struct { uint8_t tag; uint8_t rest[31]; } result;

static uint32_t wait_on(handle waitable) {
  if (waitable != job.joined) {
    if (job.joined) waitable_join(job.joined, 0);
    waitable_join(waitable, job.set);
    job.joined = waitable;
  }
  return WAIT_ON(job.set);
}

static void leave(handle waitable) {
  if (job.joined != waitable) return;
  waitable_join(waitable, 0);
  job.joined = 0;
}

static uint32_t finish(bool failed) {
  if (job.descriptor) drop_descriptor(job.descriptor);
  waitable_set_drop(job.set);
  return_run(failed);
  return CALLBACK_EXIT;
}

/** The stream has ended, the future says how. The end is dropped only now: a future may be settled by that. */
static uint32_t finish_copy(void) {
  leave(job.end);
  job.way->drop(job.end);
  if (job.way->result(job.future, &result) == BLOCKED) return wait_on(job.future);
  return finish(result.tag != 0 || job.left != 0);
}

/** Takes note of what was copied. @returns whether the stream goes on */
static bool count_copied(uint32_t status) {
  uint32_t count = COPY_COUNT(status);
  if (job.way->fill)
    for (uint32_t i = 0; i < count; i += 4096)
      if (bytes[i] != 'x') __builtin_trap();
  job.left -= count;
  return COPY_RESULT(status) == COMPLETED;
}

static uint32_t copy_all(void) {
  // A reader goes on until it is told that nothing more comes.
  while (job.left > 0 || job.way->fill) {
    uint32_t count = job.left < job.block && !job.way->fill ? job.left : job.block;
    int32_t status = job.way->fill ? job.way->fill(job.end, bytes, count) : job.way->empty(job.end, bytes, count);
    if (status == BLOCKED) return wait_on(job.end);
    if (!count_copied(status)) break;
  }
  return finish_copy();
}

static uint32_t start_copy(void) {
  uint64_t ends;
  if (job_kind == 'w' || job_kind == 'o')
    for (uint32_t i = 0; i < job.block; i++) bytes[i] = 'x';
  switch (job_kind) {
    case 'r': {
      handle stream_and_future[2];
      file_read(job.descriptor, 0, stream_and_future);
      job.way = &FROM_FILE, job.end = stream_and_future[0], job.future = stream_and_future[1];
      break;
    }
    case 'w':
      ends = write_new();
      job.way = &TO_FILE, job.end = WRITABLE(ends);
      job.future = file_write(job.descriptor, READABLE(ends), 0);
      break;
    case 'i': {
      handle stream_and_future[2];
      stdin_read_via_stream(stream_and_future);
      job.way = &FROM_STDIN, job.end = stream_and_future[0], job.future = stream_and_future[1];
      break;
    }
    default:
      ends = stdout_stream_new();
      job.way = &TO_STDOUT, job.end = WRITABLE(ends);
      job.future = stdout_write_via_stream(READABLE(ends));
  }
  return copy_all();
}

static uint32_t use_opened(void) {
  if (opened.tag != 0) return finish(true);
  job.descriptor = opened.descriptor;
  return start_copy();
}

static uint32_t open_file(void) {
  text_list directories;
  get_directories(&directories);
  static struct { handle directory; uint32_t follow; text path; uint8_t open_flags, flags; } params;
  params.directory = *(handle *)directories.items;
  params.path = (text){"large", 5};
  // create, truncate; read, write
  params.open_flags = job_kind == 'w' ? 1 | 8 : 0;
  params.flags = job_kind == 'w' ? 1 | 2 : 1;
  uint32_t status = open_at(&params, &opened);
  return SUBTASK_STATE(status) == RETURNED ? use_opened() : wait_on(SUBTASK(status));
}

static uint32_t sleep_all(uint32_t count, uint64_t microseconds) {
  for (uint32_t i = 0; i < count; i++) {
    uint32_t status = wait_for_async(microseconds * 1000);
    if (SUBTASK_STATE(status) == RETURNED) continue;
    waitable_join(SUBTASK(status), job.set);
    job.sleeping++;
  }
  return job.sleeping > 0 ? WAIT_ON(job.set) : finish(false);
}

RUN_CALLBACK {
  text_list words;
  get_arguments(&words);
  // The program's name comes first.
  text *word = words.items + 1;
  const char *name = word[0].start;
  job_kind = name[0] != 's' ? name[0] : name[1] == 'l' ? 'l' : name[3];
  job.set = waitable_set_new();
  if (job_kind == 'l') return sleep_all(number_of(word[1]), number_of(word[2]));
  job.left = number_of(word[1]) << 20;
  job.block = number_of(word[2]) << 10;
  if (job.block > sizeof bytes) __builtin_trap();
  if (job_kind == 'r' || job_kind == 'w') return open_file();
  return start_copy();
}

RUN_ON_EVENT {
  switch (code) {
    case SUBTASK_EVENT:
      if (payload != RETURNED) return WAIT_ON(job.set);
      leave(waitable);
      subtask_drop(waitable);
      if (job.sleeping == 0) return use_opened();
      return --job.sleeping > 0 ? WAIT_ON(job.set) : finish(false);
    case STREAM_READ:
    case STREAM_WRITE:
      return count_copied(payload) ? copy_all() : finish_copy();
    default:
      leave(waitable);
      return finish(result.tag != 0 || job.left != 0);
  }
}
