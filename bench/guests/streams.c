// Jobs of WASI 0.3, straight on the Canonical ABI: lifted async with a callback, and every import that may wait lowered async,
// as compilers do it.
//
//   write MIB KIB, read MIB KIB    a file through one stream, so many KiB at a time
//   stdout MIB KIB, stdin MIB KIB  likewise
//   sleep COUNT MICROSECONDS       so many at once
//
// Fails unless all of it was done.
#include "canonical-abi.h"

#define FILES "wasi:filesystem/types@0.3.0"
#define STDIN "wasi:cli/stdin@0.3.0"
#define STDOUT "wasi:cli/stdout@0.3.0"

IMPORT("wasi:cli/environment@0.3.0", "get-arguments") void get_arguments(List *strings);
IMPORT("wasi:clocks/monotonic-clock@0.3.0", "[async-lower]wait-for") uint32_t wait_for(uint64_t nanoseconds);
IMPORT("wasi:filesystem/preopens@0.3.0", "get-directories") void get_directories(List *directories);
IMPORT(FILES, "[async-lower][method]descriptor.open-at") uint32_t open_at(const void *params, void *result);
IMPORT(FILES, "[resource-drop]descriptor") void drop_descriptor(uint32_t descriptor);
IMPORT("[export]wasi:cli/run@0.3.0", "[task-return]run") void task_return(uint32_t is_err);

IMPORT(STDOUT, "write-via-stream") uint32_t stdout_write(uint32_t readable);
IMPORT(STDOUT, "[stream-new-0]write-via-stream") uint64_t stdout_new(void);
IMPORT(STDOUT, "[async-lower][stream-write-0]write-via-stream") uint32_t stdout_copy(uint32_t end, void *bytes, uint32_t count);
IMPORT(STDOUT, "[stream-drop-writable-0]write-via-stream") void stdout_drop(uint32_t end);
IMPORT(STDOUT, "[async-lower][future-read-1]write-via-stream") uint32_t stdout_result(uint32_t future, void *result);

IMPORT(STDIN, "read-via-stream") void stdin_read(uint32_t stream_and_future[2]);
IMPORT(STDIN, "[async-lower][stream-read-0]read-via-stream") uint32_t stdin_copy(uint32_t end, void *bytes, uint32_t count);
IMPORT(STDIN, "[stream-drop-readable-0]read-via-stream") void stdin_drop(uint32_t end);
IMPORT(STDIN, "[async-lower][future-read-1]read-via-stream") uint32_t stdin_result(uint32_t future, void *result);

#define WRITE "[method]descriptor.write-via-stream"
IMPORT(FILES, WRITE) uint32_t file_write(uint32_t descriptor, uint32_t readable, uint64_t offset);
IMPORT(FILES, "[stream-new-0]" WRITE) uint64_t write_new(void);
IMPORT(FILES, "[async-lower][stream-write-0]" WRITE) uint32_t write_copy(uint32_t end, void *bytes, uint32_t count);
IMPORT(FILES, "[stream-drop-writable-0]" WRITE) void write_drop(uint32_t end);
IMPORT(FILES, "[async-lower][future-read-1]" WRITE) uint32_t write_result(uint32_t future, void *result);

#define READ "[method]descriptor.read-via-stream"
IMPORT(FILES, READ) void file_read(uint32_t descriptor, uint64_t offset, uint32_t stream_and_future[2]);
IMPORT(FILES, "[async-lower][stream-read-0]" READ) uint32_t read_copy(uint32_t end, void *bytes, uint32_t count);
IMPORT(FILES, "[stream-drop-readable-0]" READ) void read_drop(uint32_t end);
IMPORT(FILES, "[async-lower][future-read-1]" READ) uint32_t read_result(uint32_t future, void *result);

/** One of the ways in which bytes go through a stream. */
typedef struct {
  uint32_t (*copy)(uint32_t end, void *bytes, uint32_t count);
  void (*drop)(uint32_t end);
  uint32_t (*result)(uint32_t future, void *result);
  bool is_read;
} Way;

static const Way TO_STDOUT = {stdout_copy, stdout_drop, stdout_result, false};
static const Way FROM_STDIN = {stdin_copy, stdin_drop, stdin_result, true};
static const Way TO_FILE = {write_copy, write_drop, write_result, false};
static const Way FROM_FILE = {read_copy, read_drop, read_result, true};

static struct {
  const Way *way;
  uint32_t end, future, descriptor, set, joined, block, sleeping;
  uint64_t left;
} job;

/** The first letter of the file's jobs; of the others: stdOut, stdIn, sLeep. */
static char job_kind;
static uint8_t bytes[1 << 20];
static struct { uint8_t tag; uint8_t padding[3]; uint32_t descriptor; uint8_t rest[24]; } opened;
static struct { uint8_t tag; uint8_t rest[31]; } result;

static uint64_t number(List digits) {
  uint64_t value = 0;
  for (uint32_t i = 0; i < digits.length; i++) value = value * 10 + ((char *)digits.start)[i] - '0';
  return value;
}

static uint32_t wait_on(uint32_t waitable) {
  if (waitable != job.joined) {
    if (job.joined) waitable_join(job.joined, 0);
    waitable_join(waitable, job.set);
    job.joined = waitable;
  }
  return WAIT | job.set << 4;
}

static void leave(uint32_t waitable) {
  if (job.joined != waitable) return;
  waitable_join(waitable, 0);
  job.joined = 0;
}

static uint32_t finish(bool failed) {
  if (job.descriptor) drop_descriptor(job.descriptor);
  waitable_set_drop(job.set);
  task_return(failed);
  return EXIT;
}

/** The stream has ended, the future says how. The end is dropped only now: a future may be settled by that. */
static uint32_t finish_copy(void) {
  leave(job.end);
  job.way->drop(job.end);
  uint32_t status = job.way->result(job.future, &result);
  if (status == BLOCKED) return wait_on(job.future);
  return finish(result.tag != 0 || job.left != 0);
}

/** Takes note of what was copied. @returns whether the stream goes on */
static bool count_copied(uint32_t status) {
  uint32_t count = status >> 4;
  if (job.way->is_read)
    for (uint32_t i = 0; i < count; i += 4096)
      if (bytes[i] != 'x') __builtin_trap();
  job.left -= count;
  return (status & 15) == COMPLETED;
}

static uint32_t copy_all(void) {
  // A reader goes on until it is told that nothing more comes.
  while (job.left > 0 || job.way->is_read) {
    uint32_t count = job.left < job.block && !job.way->is_read ? job.left : job.block;
    uint32_t status = job.way->copy(job.end, bytes, count);
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
      uint32_t stream_and_future[2];
      file_read(job.descriptor, 0, stream_and_future);
      job.way = &FROM_FILE, job.end = stream_and_future[0], job.future = stream_and_future[1];
      break;
    }
    case 'w':
      ends = write_new();
      job.way = &TO_FILE, job.end = ends >> 32;
      job.future = file_write(job.descriptor, (uint32_t)ends, 0);
      break;
    case 'i': {
      uint32_t stream_and_future[2];
      stdin_read(stream_and_future);
      job.way = &FROM_STDIN, job.end = stream_and_future[0], job.future = stream_and_future[1];
      break;
    }
    default:
      ends = stdout_new();
      job.way = &TO_STDOUT, job.end = ends >> 32;
      job.future = stdout_write((uint32_t)ends);
  }
  return copy_all();
}

static uint32_t use_opened(void) {
  if (opened.tag != 0) return finish(true);
  job.descriptor = opened.descriptor;
  return start_copy();
}

static uint32_t open_file(void) {
  List directories;
  get_directories(&directories);
  static struct { uint32_t directory, follow; List path; uint32_t open_flags, flags; } params;
  params.directory = *(uint32_t *)directories.start;
  params.path = (List){"large", 5};
  // create, truncate; read, write
  *(uint8_t *)&params.open_flags = job_kind == 'w' ? 1 | 8 : 0;
  ((uint8_t *)&params.open_flags)[1] = job_kind == 'w' ? 1 | 2 : 1;
  uint32_t status = open_at(&params, &opened);
  return (status & 15) == RETURNED ? use_opened() : wait_on(status >> 4);
}

static uint32_t sleep_all(uint32_t count, uint64_t microseconds) {
  for (uint32_t i = 0; i < count; i++) {
    uint32_t status = wait_for(microseconds * 1000);
    if ((status & 15) == RETURNED) continue;
    waitable_join(status >> 4, job.set);
    job.sleeping++;
  }
  return job.sleeping > 0 ? WAIT | job.set << 4 : finish(false);
}

EXPORT("[async-lift]wasi:cli/run@0.3.0#run") uint32_t run(void) {
  List words;
  get_arguments(&words);
  // The program's name comes first.
  List *word = (List *)words.start + 1;
  const char *name = word[0].start;
  job_kind = name[0] != 's' ? name[0] : name[1] == 'l' ? 'l' : name[3];
  job.set = waitable_set_new();
  if (job_kind == 'l') return sleep_all(number(word[1]), number(word[2]));
  job.left = number(word[1]) << 20;
  job.block = number(word[2]) << 10;
  if (job.block > sizeof bytes) __builtin_trap();
  if (job_kind == 'r' || job_kind == 'w') return open_file();
  return start_copy();
}

EXPORT("[callback][async-lift]wasi:cli/run@0.3.0#run") uint32_t callback(uint32_t event, uint32_t waitable, uint32_t status) {
  switch (event) {
    case EVENT_SUBTASK:
      if (status != RETURNED) return WAIT | job.set << 4;
      leave(waitable);
      subtask_drop(waitable);
      if (job.sleeping == 0) return use_opened();
      return --job.sleeping > 0 ? WAIT | job.set << 4 : finish(false);
    case EVENT_STREAM_READ:
    case EVENT_STREAM_WRITE:
      return count_copied(status) ? copy_all() : finish_copy();
    default:
      leave(waitable);
      return finish(result.tag != 0 || job.left != 0);
  }
}
