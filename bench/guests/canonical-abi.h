// What guests of WASI 0.3 need of the Canonical ABI, by hand and without a libc.
#ifndef CANONICAL_ABI_H
#define CANONICAL_ABI_H

#include <stdbool.h>
#include <stdint.h>

#define IMPORT(module, name) __attribute__((import_module(module), import_name(name)))
#define EXPORT(name) __attribute__((export_name(name)))

/** `list<T>` and `string`. */
typedef struct { void *start; uint32_t length; } List;

/** What a copy or an async call answers that is not done yet. */
#define BLOCKED 0xffffffffu

/** How a copy ended: the low four bits of what it answers; the rest is the count. */
enum { COMPLETED, DROPPED, CANCELLED };

/** Of the first core value of an event. */
enum { EVENT_NONE, EVENT_SUBTASK, EVENT_STREAM_READ, EVENT_STREAM_WRITE, EVENT_FUTURE_READ, EVENT_FUTURE_WRITE };

/** What a callback answers; for WAIT, the waitable set stands above the low four bits. */
enum { EXIT, YIELD, WAIT };

/** States of a subtask: the low four bits of what an async call answers; the rest is the subtask. */
enum { STARTING, STARTED, RETURNED };

IMPORT("$root", "[waitable-set-new]") uint32_t waitable_set_new(void);
IMPORT("$root", "[waitable-set-drop]") void waitable_set_drop(uint32_t set);
IMPORT("$root", "[waitable-join]") void waitable_join(uint32_t waitable, uint32_t set);
IMPORT("$root", "[subtask-drop]") void subtask_drop(uint32_t subtask);

/** What the host stores for the guest; nothing is given back. */
static uint8_t heap[1 << 16] __attribute__((aligned(16)));
static uint32_t heap_used;

EXPORT("cabi_realloc") void *cabi_realloc(void *old, uint32_t old_size, uint32_t align, uint32_t size) {
  (void)old, (void)old_size;
  heap_used = (heap_used + align - 1) & -align;
  if (heap_used + size > sizeof heap) __builtin_trap();
  heap_used += size;
  return heap + heap_used - size;
}

#endif
