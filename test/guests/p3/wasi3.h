/*
 * WASI 0.3 for C by hand: the names of the Canonical ABI's built-ins, and what guests without a libc need.
 *
 * A guest defines `run` with one of the RUN_… macros, or exports of its own; see hello.c for the three ways. Imports that a
 * guest does not call are not in its component.
 */
#ifndef WASI3_H
#define WASI3_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define IMPORT(module, name) __attribute__((import_module(module), import_name(name))) extern
#define EXPORT(name) __attribute__((export_name(name)))

typedef int32_t handle;
typedef struct { const char *start; size_t length; } text;
typedef struct { text *items; size_t length; } text_list;

/* What an asynchronous built-in says when it has not ended yet. */
#define BLOCKED (-1)

/* How a copy ended: the low 4 bits of what reads and writes give; above them, the count. */
enum copy_result { COMPLETED, DROPPED, CANCELLED };
#define COPY_RESULT(packed) ((packed) & 15)
#define COPY_COUNT(packed) ((uint32_t)(packed) >> 4)

/* The low 4 bits of what a function gives that is lowered with [async-lower]; above them, the subtask. */
enum subtask_state { STARTING, STARTED, RETURNED, CANCELLED_BEFORE_STARTED, CANCELLED_BEFORE_RETURNED };
#define SUBTASK_STATE(packed) ((packed) & 15)
#define SUBTASK(packed) ((handle)((uint32_t)(packed) >> 4))

enum event_code { NONE, SUBTASK_EVENT, STREAM_READ, STREAM_WRITE, FUTURE_READ, FUTURE_WRITE, TASK_CANCELLED };
typedef struct { handle waitable; uint32_t payload; } event;

/* What a callback and the export that it belongs to give. */
enum callback_code { CALLBACK_EXIT, CALLBACK_YIELD, CALLBACK_WAIT };
#define WAIT_ON(set) (CALLBACK_WAIT | (set) << 4)

IMPORT("$root", "[waitable-set-new]") handle waitable_set_new(void);
IMPORT("$root", "[waitable-set-wait]") uint32_t waitable_set_wait(handle set, event *);
IMPORT("$root", "[waitable-set-poll]") uint32_t waitable_set_poll(handle set, event *);
IMPORT("$root", "[waitable-set-drop]") void waitable_set_drop(handle set);
IMPORT("$root", "[waitable-join]") void waitable_join(handle waitable, handle set);
IMPORT("$root", "[subtask-drop]") void subtask_drop(handle);
IMPORT("$root", "[subtask-cancel]") uint32_t subtask_cancel(handle);
IMPORT("$root", "[async-lower][subtask-cancel]") uint32_t subtask_cancel_async(handle);
IMPORT("$root", "[thread-yield]") uint32_t thread_yield(void);
IMPORT("$root", "[context-get-0]") uint32_t context_get_0(void);
IMPORT("$root", "[context-set-0]") void context_set_0(uint32_t);
IMPORT("$root", "[context-get-1]") uint32_t context_get_1(void);
IMPORT("$root", "[context-set-1]") void context_set_1(uint32_t);
IMPORT("$root", "[backpressure-inc]") void backpressure_inc(void);
IMPORT("$root", "[backpressure-dec]") void backpressure_dec(void);
IMPORT("[export]$root", "[task-cancel]") void task_cancel(void);

/*
 * The built-ins of the stream that is the INDEX-th stream or future in the type of FUNCTION: PREFIX_new, PREFIX_read (waits),
 * PREFIX_read_async (may give BLOCKED), and so on. `new` gives the readable end in the low 32 bits, the writable one above.
 */
#define STREAM(prefix, module, index, function) \
  IMPORT(module, "[stream-new-" #index "]" function) uint64_t prefix##_new(void); \
  IMPORT(module, "[stream-read-" #index "]" function) uint32_t prefix##_read(handle, void *, size_t); \
  IMPORT(module, "[stream-write-" #index "]" function) uint32_t prefix##_write(handle, const void *, size_t); \
  IMPORT(module, "[async-lower][stream-read-" #index "]" function) int32_t prefix##_read_async(handle, void *, size_t); \
  IMPORT(module, "[async-lower][stream-write-" #index "]" function) int32_t prefix##_write_async(handle, const void *, size_t); \
  IMPORT(module, "[stream-cancel-read-" #index "]" function) uint32_t prefix##_cancel_read(handle); \
  IMPORT(module, "[stream-cancel-write-" #index "]" function) uint32_t prefix##_cancel_write(handle); \
  IMPORT(module, "[async-lower][stream-cancel-read-" #index "]" function) int32_t prefix##_cancel_read_async(handle); \
  IMPORT(module, "[async-lower][stream-cancel-write-" #index "]" function) int32_t prefix##_cancel_write_async(handle); \
  IMPORT(module, "[stream-drop-readable-" #index "]" function) void prefix##_drop_readable(handle); \
  IMPORT(module, "[stream-drop-writable-" #index "]" function) void prefix##_drop_writable(handle)

/* Likewise for a future. */
#define FUTURE(prefix, module, index, function) \
  IMPORT(module, "[future-new-" #index "]" function) uint64_t prefix##_new(void); \
  IMPORT(module, "[future-read-" #index "]" function) uint32_t prefix##_read(handle, void *); \
  IMPORT(module, "[future-write-" #index "]" function) uint32_t prefix##_write(handle, const void *); \
  IMPORT(module, "[async-lower][future-read-" #index "]" function) int32_t prefix##_read_async(handle, void *); \
  IMPORT(module, "[async-lower][future-write-" #index "]" function) int32_t prefix##_write_async(handle, const void *); \
  IMPORT(module, "[future-cancel-read-" #index "]" function) uint32_t prefix##_cancel_read(handle); \
  IMPORT(module, "[future-cancel-write-" #index "]" function) uint32_t prefix##_cancel_write(handle); \
  IMPORT(module, "[future-drop-readable-" #index "]" function) void prefix##_drop_readable(handle); \
  IMPORT(module, "[future-drop-writable-" #index "]" function) void prefix##_drop_writable(handle)

#define READABLE(pair) ((handle)(pair))
#define WRITABLE(pair) ((handle)((pair) >> 32))

STREAM(stdin_stream, "wasi:cli/stdin@0.3.0", 0, "read-via-stream");
FUTURE(stdin_result, "wasi:cli/stdin@0.3.0", 1, "read-via-stream");
STREAM(stdout_stream, "wasi:cli/stdout@0.3.0", 0, "write-via-stream");
FUTURE(stdout_result, "wasi:cli/stdout@0.3.0", 1, "write-via-stream");
STREAM(stderr_stream, "wasi:cli/stderr@0.3.0", 0, "write-via-stream");
FUTURE(stderr_result, "wasi:cli/stderr@0.3.0", 1, "write-via-stream");
IMPORT("wasi:cli/stdin@0.3.0", "read-via-stream") void stdin_read_via_stream(handle out[2]);
IMPORT("wasi:cli/stdout@0.3.0", "write-via-stream") handle stdout_write_via_stream(handle readable);
IMPORT("wasi:cli/stderr@0.3.0", "write-via-stream") handle stderr_write_via_stream(handle readable);
IMPORT("wasi:cli/environment@0.3.0", "get-arguments") void get_arguments(text_list *);
IMPORT("wasi:cli/environment@0.3.0", "get-environment") void get_environment(text_list *);
IMPORT("wasi:cli/environment@0.3.0", "get-initial-cwd") void get_initial_cwd(void *);
IMPORT("wasi:cli/exit@0.3.0", "exit") void cli_exit(int32_t is_error);
IMPORT("wasi:cli/exit@0.3.0", "exit-with-code") void cli_exit_with_code(int32_t code);
IMPORT("wasi:clocks/monotonic-clock@0.3.0", "now") uint64_t monotonic_now(void);
IMPORT("wasi:clocks/monotonic-clock@0.3.0", "get-resolution") uint64_t monotonic_resolution(void);
IMPORT("wasi:clocks/monotonic-clock@0.3.0", "wait-for") void wait_for(uint64_t nanoseconds);
IMPORT("wasi:clocks/monotonic-clock@0.3.0", "wait-until") void wait_until(uint64_t when);
IMPORT("wasi:clocks/monotonic-clock@0.3.0", "[async-lower]wait-for") uint32_t wait_for_async(uint64_t nanoseconds);
IMPORT("wasi:clocks/monotonic-clock@0.3.0", "[async-lower]wait-until") uint32_t wait_until_async(uint64_t when);

IMPORT("[export]wasi:cli/run@0.3.0", "[task-return]run") void return_run(int32_t is_error);

/* `run` lifted without async: it waits in synchronous calls, and gives 0 for ok or 1 for an error. */
#define RUN_SYNC EXPORT("wasi:cli/run@0.3.0#run") int32_t run(void)
/* `run` lifted with async, on a stack of its own: calls return_run. */
#define RUN_STACKFUL EXPORT("[async-lift-stackful]wasi:cli/run@0.3.0#run") void run(void)
/* `run` lifted with async and a callback: both give a callback_code; one of them calls return_run. */
#define RUN_CALLBACK EXPORT("[async-lift]wasi:cli/run@0.3.0#run") uint32_t run(void)
#define RUN_ON_EVENT \
  EXPORT("[callback][async-lift]wasi:cli/run@0.3.0#run") \
  uint32_t run_on_event(uint32_t code, handle waitable, uint32_t payload)

#define MILLISECOND 1000000ull
#define SECOND 1000000000ull

/* Waits for the next event of any waitable of `set`. */
static inline uint32_t next_event(handle set, event *out) { return waitable_set_wait(set, out); }

/* Waits for one waitable alone, and takes it out of any set. @returns the event's payload */
static inline uint32_t await_one(handle waitable) {
  handle set = waitable_set_new();
  waitable_join(waitable, set);
  event happened;
  waitable_set_wait(set, &happened);
  waitable_join(waitable, 0);
  waitable_set_drop(set);
  return happened.payload;
}

/* Waits until a function that was called with [async-lower] has returned. @returns its last state */
static inline uint32_t await_subtask(uint32_t packed) {
  if (SUBTASK_STATE(packed) == RETURNED) return RETURNED;
  uint32_t state;
  do state = await_one(SUBTASK(packed));
  while (state < RETURNED);
  subtask_drop(SUBTASK(packed));
  return state;
}

/* For PREFIX_read_async and PREFIX_write_async: the packed result, waiting for it when it has not come yet. */
static inline uint32_t await_copy(handle end, int32_t packed) {
  return packed == BLOCKED ? await_one(end) : (uint32_t)packed;
}

#ifndef WASI3_LIBC
#include "bare.h"
#endif
#endif
