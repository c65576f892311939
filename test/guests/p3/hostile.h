// The Canonical ABI as hostile.c misuses it: every builtin by the name that tools give it, nothing checked.
#ifndef HOSTILE_H
#define HOSTILE_H

#include <stdbool.h>
#include <stdint.h>

#define IMPORT(module, name) __attribute__((import_module(module), import_name(name)))
#define EXPORT(name) __attribute__((export_name(name)))
#define RUN "wasi:cli/run@0.3.0"
#define ROOT "$root"
#define STDIN "wasi:cli/stdin@0.3.0"
#define STDOUT "wasi:cli/stdout@0.3.0"
#define CLOCK "wasi:clocks/monotonic-clock@0.3.0"
#define FILES "wasi:filesystem/types@0.3.0"

typedef struct { void *start; uint32_t length; } List;

#define BLOCKED 0xffffffffu
enum { COMPLETED, DROPPED, CANCELLED };
enum { EXIT, YIELD, WAIT };
enum { STARTING, STARTED, RETURNED, CANCELLED_BEFORE_STARTED, CANCELLED_BEFORE_RETURNED };

IMPORT("[export]" RUN, "[task-return]run") void task_return(uint32_t is_err);
IMPORT("[export]$root", "[task-cancel]") void task_cancel(void);
IMPORT(ROOT, "[waitable-set-new]") uint32_t waitable_set_new(void);
IMPORT(ROOT, "[waitable-set-poll]") uint32_t waitable_set_poll(uint32_t set, uint32_t *event);
IMPORT(ROOT, "[waitable-set-wait]") uint32_t waitable_set_wait(uint32_t set, uint32_t *event);
IMPORT(ROOT, "[waitable-set-drop]") void waitable_set_drop(uint32_t set);
IMPORT(ROOT, "[waitable-join]") void waitable_join(uint32_t waitable, uint32_t set);
IMPORT(ROOT, "[subtask-drop]") void subtask_drop(uint32_t subtask);
IMPORT(ROOT, "[subtask-cancel]") uint32_t subtask_cancel(uint32_t subtask);
IMPORT(ROOT, "[thread-yield]") uint32_t thread_yield(void);
IMPORT(ROOT, "[backpressure-inc]") void backpressure_inc(void);
IMPORT(ROOT, "[backpressure-dec]") void backpressure_dec(void);

IMPORT("wasi:cli/environment@0.3.0", "get-arguments") void get_arguments(List *strings);
IMPORT("wasi:random/random@0.3.0", "get-random-bytes") void get_random_bytes(uint64_t length, List *bytes);

IMPORT(CLOCK, "now") uint64_t now(void);
IMPORT(CLOCK, "wait-for") void wait_for(uint64_t nanoseconds);
IMPORT(CLOCK, "[async-lower]wait-for") uint32_t wait_for_async(uint64_t nanoseconds);
IMPORT(CLOCK, "[async-lower]wait-until") uint32_t wait_until_async(uint64_t when);

IMPORT(STDIN, "read-via-stream") void stdin_read(uint32_t stream_and_future[2]);
IMPORT(STDIN, "[async-lower][stream-read-0]read-via-stream") uint32_t stdin_copy(uint32_t end, void *bytes, uint32_t count);
IMPORT(STDIN, "[stream-cancel-read-0]read-via-stream") uint32_t stdin_cancel(uint32_t end);
IMPORT(STDIN, "[stream-drop-readable-0]read-via-stream") void stdin_drop(uint32_t end);
IMPORT(STDIN, "[async-lower][future-read-1]read-via-stream") uint32_t stdin_result(uint32_t future, void *result);
IMPORT(STDIN, "[future-cancel-read-1]read-via-stream") uint32_t stdin_cancel_result(uint32_t future);
IMPORT(STDIN, "[future-drop-readable-1]read-via-stream") void stdin_drop_result(uint32_t future);

IMPORT(STDOUT, "write-via-stream") uint32_t stdout_write(uint32_t readable);
IMPORT(STDOUT, "[stream-new-0]write-via-stream") uint64_t stream_new(void);
IMPORT(STDOUT, "[stream-read-0]write-via-stream") uint32_t stream_read_sync(uint32_t end, void *bytes, uint32_t count);
IMPORT(STDOUT, "[async-lower][stream-read-0]write-via-stream") uint32_t stream_read(uint32_t end, void *bytes, uint32_t count);
IMPORT(STDOUT, "[async-lower][stream-write-0]write-via-stream")
uint32_t stream_write(uint32_t end, const void *bytes, uint32_t count);
IMPORT(STDOUT, "[stream-write-0]write-via-stream") uint32_t stream_write_sync(uint32_t end, const void *bytes, uint32_t count);
IMPORT(STDOUT, "[stream-cancel-read-0]write-via-stream") uint32_t stream_cancel_read(uint32_t end);
IMPORT(STDOUT, "[stream-cancel-write-0]write-via-stream") uint32_t stream_cancel_write(uint32_t end);
IMPORT(STDOUT, "[stream-drop-readable-0]write-via-stream") void stream_drop_readable(uint32_t end);
IMPORT(STDOUT, "[stream-drop-writable-0]write-via-stream") void stream_drop_writable(uint32_t end);
IMPORT(STDOUT, "[future-new-1]write-via-stream") uint64_t future_new(void);
IMPORT(STDOUT, "[async-lower][future-read-1]write-via-stream") uint32_t future_read(uint32_t end, void *result);
IMPORT(STDOUT, "[async-lower][future-write-1]write-via-stream") uint32_t future_write(uint32_t end, const void *result);
IMPORT(STDOUT, "[future-cancel-read-1]write-via-stream") uint32_t future_cancel_read(uint32_t end);
IMPORT(STDOUT, "[future-drop-readable-1]write-via-stream") void future_drop_readable(uint32_t end);
IMPORT(STDOUT, "[future-drop-writable-1]write-via-stream") void future_drop_writable(uint32_t end);

IMPORT("wasi:filesystem/preopens@0.3.0", "get-directories") void get_directories(List *directories);
IMPORT(FILES, "[async-lower][method]descriptor.open-at") uint32_t open_at(const void *params, void *result);
IMPORT(FILES, "[method]descriptor.advise")
void advise(uint32_t file, uint64_t offset, uint64_t length, uint32_t advice, void *result);
IMPORT(FILES, "[async-lower][method]descriptor.set-times") uint32_t set_times(const void *params, void *result);
IMPORT(FILES, "[method]descriptor.set-size") void set_size(uint32_t file, uint64_t size, void *result);
IMPORT(FILES, "[method]descriptor.stat-at")
void stat_at(uint32_t directory, uint32_t follow, const void *path, uint32_t length, void *result);
IMPORT(FILES, "[method]descriptor.is-same-object") uint32_t is_same_object(uint32_t one, uint32_t other);
IMPORT(FILES, "[method]descriptor.write-via-stream")
uint32_t file_write(uint32_t file, uint32_t readable, uint64_t offset);
IMPORT(FILES, "[method]descriptor.read-via-stream")
void file_read(uint32_t file, uint64_t offset, uint32_t stream_and_future[2]);
IMPORT(FILES, "[async-lower][stream-read-0][method]descriptor.read-via-stream")
uint32_t file_copy(uint32_t end, void *bytes, uint32_t count);
IMPORT(FILES, "[resource-drop]descriptor") void descriptor_drop(uint32_t descriptor);

#endif
