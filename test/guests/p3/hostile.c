// What no compiler would make of WASI 0.3: see CASES. A case either ends the guest (a trap, a limit), or comes back, and then
// the guest has checked that it was answered as the specification says.
#include "hostile.h"

static uint8_t bytes[1 << 16];
static uint8_t area[128] __attribute__((aligned(8)));
static event happened;

/** Ends the guest in a way that is no trap, so that a test can tell it from what was meant. */
static uint32_t wrong(void) { return done(false); }

/** One that never ends by itself. */
static handle sleeping(void) { return SUBTASK(wait_for_async(1ull << 60)); }

// cancel-spin

static uint32_t cancel_spin_stream(void) {
  handle ends[2];
  stdin_read_via_stream(ends);
  for (uint32_t i = 0; i < 20000; i++) {
    if (stdin_stream_read_async(ends[0], bytes, sizeof bytes) != BLOCKED) return wrong();
    if ((stdin_stream_cancel_read(ends[0]) & 15) != CANCELLED) return wrong();
  }
  return done(true);
}

static uint32_t cancel_spin_future(void) {
  handle ends[2];
  stdin_read_via_stream(ends);
  for (uint32_t i = 0; i < 20000; i++) {
    if (stdin_result_read_async(ends[1], area) != BLOCKED) return wrong();
    if ((stdin_result_cancel_read(ends[1]) & 15) != CANCELLED) return wrong();
  }
  return done(true);
}

static uint32_t cancel_spin_own(void) {
  uint64_t ends = stream_new();
  for (uint32_t i = 0; i < 20000; i++) {
    if (stream_read_async(READABLE(ends), bytes, 1) != BLOCKED || (stream_cancel_read(READABLE(ends)) & 15) != CANCELLED) return wrong();
    if (stream_write_async(WRITABLE(ends), bytes, 1) != BLOCKED || (stream_cancel_write(WRITABLE(ends)) & 15) != CANCELLED) return wrong();
  }
  return done(true);
}

static uint32_t cancel_spin_subtask(void) {
  for (uint32_t i = 0; i < 20000; i++) {
    handle subtask = sleeping();
    if (subtask_cancel(subtask) != CANCELLED_BEFORE_RETURNED) return wrong();
    subtask_drop(subtask);
  }
  return done(true);
}

// handle-flood: until the limit of the policy

static uint32_t flood_streams(void) {
  for (;;) stream_new();
}
static uint32_t flood_futures(void) {
  for (;;) future_new();
}
static uint32_t flood_subtasks(void) {
  for (;;) sleeping();
}
static uint32_t flood_sets(void) {
  for (;;) waitable_set_new();
}
static uint32_t flood_host_streams(void) {
  handle ends[2];
  for (;;) stdin_read_via_stream(ends);
}

// huge-length

static uint32_t length_past_maximum(void) {
  stream_read_async(READABLE(stream_new()), bytes, 1u << 28);
  return wrong();
}
static uint32_t length_past_memory(void) {
  stream_read_async(READABLE(stream_new()), bytes, (1u << 28) - 1);
  return wrong();
}
static uint32_t length_that_wraps(void) {
  stream_write_async(WRITABLE(stream_new()), (void *)0xfffffff0u, 0x20);
  return wrong();
}
static uint32_t length_of_random(void) {
  // "Up to" so many bytes, says the specification: as many as the host finds right.
  byte_list list;
  get_random_bytes(1ull << 63, &list);
  return done(list.length > 0 && list.length <= 1 << 20);
}
static uint32_t length_of_path(void) {
  stat_at(first_directory(), 0, bytes, 0x7fffffff, area);
  return wrong();
}
static uint32_t length_of_path_maximum(void) {
  stat_at(first_directory(), 0, bytes, 0xffffffff, area);
  return wrong();
}
static uint32_t result_past_memory(void) {
  get_arguments((void *)0xfffffff8u);
  return wrong();
}
static uint32_t result_unaligned(void) {
  get_arguments((void *)(area + 1));
  return wrong();
}
static uint32_t event_past_memory(void) {
  handle set = waitable_set_new();
  waitable_join(sleeping(), set);
  waitable_set_poll(set, (void *)0xfffffffcu);
  return wrong();
}

// double-drop, and everything of the wrong kind

static uint32_t drop_stream_twice(void) {
  uint64_t ends = stream_new();
  stream_drop_readable(READABLE(ends));
  stream_drop_readable(READABLE(ends));
  return wrong();
}
static uint32_t drop_wrong_end(void) {
  stream_drop_writable(READABLE(stream_new()));
  return wrong();
}
static uint32_t drop_future_unwritten(void) {
  future_drop_writable(WRITABLE(future_new()));
  return wrong();
}
static uint32_t drop_future_twice(void) {
  uint64_t ends = future_new();
  future_drop_readable(READABLE(ends));
  future_drop_readable(READABLE(ends));
  return wrong();
}
static uint32_t drop_set_twice(void) {
  handle set = waitable_set_new();
  waitable_set_drop(set);
  waitable_set_drop(set);
  return wrong();
}
static uint32_t drop_set_in_use(void) {
  handle set = waitable_set_new();
  waitable_join(sleeping(), set);
  waitable_set_drop(set);
  return wrong();
}
static uint32_t drop_descriptor_twice(void) {
  handle descriptor = first_directory();
  descriptor_drop(descriptor);
  descriptor_drop(descriptor);
  return wrong();
}
static uint32_t drop_stream_as_descriptor(void) {
  descriptor_drop(READABLE(stream_new()));
  return wrong();
}
static uint32_t drop_descriptor_as_stream(void) {
  stream_drop_readable(first_directory());
  return wrong();
}
static uint32_t drop_stdin_as_stdout(void) {
  // The same type: it is right to drop it.
  handle ends[2];
  stdin_read_via_stream(ends);
  stream_drop_readable(ends[0]);
  return done(true);
}
static uint32_t drop_index_zero(void) {
  stream_drop_readable(0);
  return wrong();
}
static uint32_t drop_index_maximum(void) {
  subtask_drop(0xffffffffu);
  return wrong();
}
static uint32_t use_after_transfer(void) {
  uint64_t ends = stream_new();
  stdout_write_via_stream(READABLE(ends));
  stdout_write_via_stream(READABLE(ends));
  return wrong();
}
static uint32_t transfer_in_set(void) {
  uint64_t ends = stream_new();
  waitable_join(READABLE(ends), waitable_set_new());
  stdout_write_via_stream(READABLE(ends));
  return wrong();
}

// drop-while-copying, and copies that do not go together

static uint32_t drop_while_reading(void) {
  handle ends[2];
  stdin_read_via_stream(ends);
  stdin_stream_read_async(ends[0], bytes, 1);
  stdin_stream_drop_readable(ends[0]);
  return wrong();
}
static uint32_t drop_while_writing(void) {
  uint64_t ends = stream_new();
  stream_write_async(WRITABLE(ends), bytes, 1);
  stream_drop_writable(WRITABLE(ends));
  return wrong();
}
static uint32_t transfer_while_reading(void) {
  uint64_t ends = stream_new();
  stream_read_async(READABLE(ends), bytes, 1);
  stdout_write_via_stream(READABLE(ends));
  return wrong();
}
static uint32_t read_twice(void) {
  uint64_t ends = stream_new();
  stream_read_async(READABLE(ends), bytes, 1);
  stream_read_async(READABLE(ends), bytes, 1);
  return wrong();
}
static uint32_t read_future_twice(void) {
  uint64_t ends = future_new();
  future_read_async(READABLE(ends), area);
  future_read_async(READABLE(ends), area);
  return wrong();
}
static uint32_t cancel_nothing(void) {
  stream_cancel_read(READABLE(stream_new()));
  return wrong();
}
static uint32_t read_after_end(void) {
  uint64_t ends = stream_new();
  stream_drop_writable(WRITABLE(ends));
  if (stream_read_async(READABLE(ends), bytes, 1) != DROPPED) return wrong();
  stream_read_async(READABLE(ends), bytes, 1);
  return wrong();
}
static uint32_t write_future_after_drop(void) {
  uint64_t ends = future_new();
  future_drop_readable(READABLE(ends));
  if (future_write_async(WRITABLE(ends), area) != DROPPED) return wrong();
  future_write_async(WRITABLE(ends), area);
  return wrong();
}

// malformed: what is handed to the host

static uint32_t malformed_utf8(void) {
  stat_at(first_directory(), 0, "\xff\xfe", 2, area);
  return wrong();
}
static uint32_t malformed_surrogate(void) {
  stat_at(first_directory(), 0, "\xed\xa0\x80", 3, area);
  return wrong();
}
static uint32_t malformed_enum(void) {
  advise(first_directory(), 0, 0, 6, area);
  return wrong();
}
static uint32_t malformed_variant(void) {
  static times_params params;
  params.file = first_directory();
  params.access.tag = 3;
  set_times(&params, area);
  return wrong();
}
static uint32_t malformed_result(void) {
  // A future's value is read only when somebody takes it: here the guest itself.
  uint64_t ends = future_new();
  future_read_async(READABLE(ends), area);
  bytes[0] = 2;
  future_write_async(WRITABLE(ends), bytes);
  return wrong();
}
static uint32_t malformed_flags(void) {
  // Bits that no flag has are no error; they mean nothing.
  static open_params params;
  params.directory = first_directory();
  params.follow = 0xfffffffe;
  params.path = (text){"absent", 6};
  params.open = 0xf0, params.flags = 0xc0;
  uint32_t status = open_at(&params, area);
  return done(status == RETURNED && area[0] == 1);
}
static uint32_t malformed_exit_code(void) { return 3; }
static uint32_t malformed_wait_set(void) { return WAIT_ON(77); }
static uint32_t malformed_wait_subtask(void) { return WAIT_ON(sleeping()); }

// subtasks

static uint32_t subtask_cancel_twice(void) {
  handle subtask = sleeping();
  subtask_cancel(subtask);
  subtask_cancel(subtask);
  return wrong();
}
static uint32_t subtask_drop_early(void) {
  subtask_drop(sleeping());
  return wrong();
}
static uint32_t subtask_drop_twice(void) {
  handle subtask = sleeping();
  subtask_cancel(subtask);
  subtask_drop(subtask);
  subtask_drop(subtask);
  return wrong();
}
static uint32_t subtask_cancel_stream(void) {
  subtask_cancel(READABLE(stream_new()));
  return wrong();
}

// task-return

static uint32_t return_twice(void) {
  return_run(0);
  return_run(0);
  return CALLBACK_EXIT;
}
static uint32_t return_never(void) { return CALLBACK_EXIT; }
static uint32_t cancel_unasked(void) {
  task_cancel();
  return CALLBACK_EXIT;
}
static uint32_t backpressure_below_zero(void) {
  backpressure_dec();
  return wrong();
}
static uint32_t backpressure_overflow(void) {
  for (uint32_t i = 0; i <= 1 << 16; i++) backpressure_inc();
  return wrong();
}

// loops: each until the deadline

static uint32_t loop_forever(void) {
  for (;;) __asm__ volatile("");
}
static uint32_t yield_forever(void) { return CALLBACK_YIELD; }
static uint32_t yield_in_a_loop(void) {
  for (;;) thread_yield();
}
static uint32_t busy_poll(void) {
  handle set = waitable_set_new();
  waitable_join(sleeping(), set);
  for (;;)
    if (waitable_set_poll(set, &happened) != 0) return wrong();
}
static uint32_t busy_clock(void) {
  for (;;) monotonic_now();
}
static uint32_t wait_forever(void) {
  handle set = waitable_set_new();
  waitable_join(sleeping(), set);
  return WAIT_ON(set);
}
static uint32_t wait_on_nothing(void) { return WAIT_ON(waitable_set_new()); }
static uint32_t read_own_stream(void) {
  // Nobody will ever write to it.
  stderr_stream_read(READABLE(stderr_stream_new()), bytes, 1);
  return wrong();
}
static uint32_t wait_in_a_row(void) {
  for (;;) wait_for(1);
}

static uint32_t deeper(uint32_t depth) { return depth == 0xffffffff ? 0 : deeper(depth + 1) * 31 + bytes[depth & 0xffff]; }
static uint32_t (*volatile deeper_again)(uint32_t) = deeper;
static uint32_t recursion(void) {
  bytes[0] = deeper_again(0);
  return wrong();
}

// timers and times

static uint32_t timer_overflow(void) {
  static const uint64_t DURATIONS[] = {1ull << 31, 2147483647ull * 200000, 2147483648ull * 200000, 1ull << 53, 1ull << 63, ~0ull};
  handle set = waitable_set_new();
  for (uint32_t i = 0; i < sizeof DURATIONS / sizeof *DURATIONS; i++) {
    uint32_t status = wait_for_async(DURATIONS[i]);
    if ((status & 15) == RETURNED) return wrong();
    waitable_join(status >> 4, set);
  }
  uint32_t status = wait_until_async(~0ull);
  if ((status & 15) == RETURNED) return wrong();
  wait_for(300000000);
  return done(waitable_set_poll(set, &happened) == 0);
}

static uint32_t extreme_times(void) {
  static open_params opening;
  opening.directory = first_directory();
  opening.path = (text){"times", 5};
  opening.open = 1, opening.flags = 2;
  if (open_at(&opening, area) != RETURNED || area[0] != 0) return wrong();
  static times_params params;
  params.file = *(handle *)(area + 4);
  static const uint64_t SECONDS[] = {0, 1ull << 32, 1ull << 53, (1ull << 63) - 1, 1ull << 63, ~0ull};
  static const uint32_t NANOSECONDS[] = {0, 999999999, 200000000, 0xffffffff};
  for (uint32_t i = 0; i < 6; i++)
    for (uint32_t j = 0; j < 4; j++) {
      params.access.tag = params.modification.tag = 2;
      params.access.seconds = params.modification.seconds = SECONDS[i];
      params.access.nanoseconds = params.modification.nanoseconds = NANOSECONDS[j];
      uint32_t status = set_times(&params, area);
      if ((status & 15) != RETURNED) return wrong();
      stat_at(opening.directory, 0, "times", 5, area);
      if (area[0] != 0) return wrong();
    }
  return done(true);
}

static uint32_t offset_overflow(void) {
  static open_params opening;
  opening.directory = first_directory();
  opening.path = (text){"far", 3};
  opening.open = 1, opening.flags = 3;
  if (open_at(&opening, area) != RETURNED || area[0] != 0) return wrong();
  handle file = *(handle *)(area + 4);
  set_size(file, ~0ull, area);
  if (area[0] != 1) return wrong();
  handle ends[2];
  file_read_via(file, ~0ull, ends);
  if (file_read_async(ends[0], bytes, 16) == BLOCKED) return done(true);
  uint64_t stream = stream_new();
  handle future = file_write_via(file, READABLE(stream), ~0ull - 1);
  stream_write_async(WRITABLE(stream), bytes, 16);
  return done(future != 0);
}

static uint32_t memory_grow(void) {
  while (__builtin_wasm_memory_grow(0, 1) != (__SIZE_TYPE__)-1) {}
  return done(__builtin_wasm_memory_size(0) <= 256);
}

// stdout-flood, terminal-escapes

/** To standard error, whose calls wait: tools make one of the two ways to call a built-in, not both. */
static uint32_t stdout_flood(void) {
  uint64_t ends = stderr_stream_new();
  stderr_write_via_stream(READABLE(ends));
  for (;;)
    if (COPY_RESULT(stderr_stream_write(WRITABLE(ends), bytes, sizeof bytes)) == DROPPED) return done(true);
}

static uint32_t terminal_escapes(void) {
  static const char PATH[] = "\x1b[2J\x1b]0;owned\x07\r\nmallory";
  stat_at(first_directory(), 0, PATH, sizeof PATH - 1, area);
  return done(area[0] == 1);
}

static const struct { const char *name; uint32_t (*run)(void); } CASES[] = {
  {"cancel-spin-stream", cancel_spin_stream},
  {"cancel-spin-future", cancel_spin_future},
  {"cancel-spin-own", cancel_spin_own},
  {"cancel-spin-subtask", cancel_spin_subtask},
  {"flood-streams", flood_streams},
  {"flood-futures", flood_futures},
  {"flood-subtasks", flood_subtasks},
  {"flood-sets", flood_sets},
  {"flood-host-streams", flood_host_streams},
  {"length-past-maximum", length_past_maximum},
  {"length-past-memory", length_past_memory},
  {"length-that-wraps", length_that_wraps},
  {"length-of-random", length_of_random},
  {"length-of-path", length_of_path},
  {"length-of-path-maximum", length_of_path_maximum},
  {"result-past-memory", result_past_memory},
  {"result-unaligned", result_unaligned},
  {"event-past-memory", event_past_memory},
  {"drop-stream-twice", drop_stream_twice},
  {"drop-wrong-end", drop_wrong_end},
  {"drop-future-unwritten", drop_future_unwritten},
  {"drop-future-twice", drop_future_twice},
  {"drop-set-twice", drop_set_twice},
  {"drop-set-in-use", drop_set_in_use},
  {"drop-descriptor-twice", drop_descriptor_twice},
  {"drop-stream-as-descriptor", drop_stream_as_descriptor},
  {"drop-descriptor-as-stream", drop_descriptor_as_stream},
  {"drop-stdin-as-stdout", drop_stdin_as_stdout},
  {"drop-index-zero", drop_index_zero},
  {"drop-index-maximum", drop_index_maximum},
  {"use-after-transfer", use_after_transfer},
  {"transfer-in-set", transfer_in_set},
  {"drop-while-reading", drop_while_reading},
  {"drop-while-writing", drop_while_writing},
  {"transfer-while-reading", transfer_while_reading},
  {"read-twice", read_twice},
  {"read-future-twice", read_future_twice},
  {"cancel-nothing", cancel_nothing},
  {"read-after-end", read_after_end},
  {"write-future-after-drop", write_future_after_drop},
  {"malformed-utf8", malformed_utf8},
  {"malformed-surrogate", malformed_surrogate},
  {"malformed-enum", malformed_enum},
  {"malformed-variant", malformed_variant},
  {"malformed-result", malformed_result},
  {"malformed-flags", malformed_flags},
  {"malformed-exit-code", malformed_exit_code},
  {"malformed-wait-set", malformed_wait_set},
  {"malformed-wait-subtask", malformed_wait_subtask},
  {"subtask-cancel-twice", subtask_cancel_twice},
  {"subtask-drop-early", subtask_drop_early},
  {"subtask-drop-twice", subtask_drop_twice},
  {"subtask-cancel-stream", subtask_cancel_stream},
  {"return-twice", return_twice},
  {"return-never", return_never},
  {"cancel-unasked", cancel_unasked},
  {"backpressure-below-zero", backpressure_below_zero},
  {"backpressure-overflow", backpressure_overflow},
  {"loop-forever", loop_forever},
  {"yield-forever", yield_forever},
  {"yield-in-a-loop", yield_in_a_loop},
  {"busy-poll", busy_poll},
  {"busy-clock", busy_clock},
  {"wait-forever", wait_forever},
  {"wait-on-nothing", wait_on_nothing},
  {"read-own-stream", read_own_stream},
  {"wait-in-a-row", wait_in_a_row},
  {"recursion", recursion},
  {"timer-overflow", timer_overflow},
  {"extreme-times", extreme_times},
  {"offset-overflow", offset_overflow},
  {"memory-grow", memory_grow},
  {"stdout-flood", stdout_flood},
  {"terminal-escapes", terminal_escapes},
};

RUN_CALLBACK {
  text_list words;
  get_arguments(&words);
  for (uint32_t i = 0; i < sizeof CASES / sizeof *CASES; i++)
    if (same(words.items[words.length - 1], CASES[i].name)) return CASES[i].run();
  return wrong();
}

/** Only those who yield or wait come here, and they go on with it. */
RUN_ON_EVENT {
  (void)waitable, (void)payload;
  return code == NONE ? CALLBACK_YIELD : wrong();
}
