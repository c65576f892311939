/* Arguments, environment, clocks, randomness and the way out. */

static int32_t copy_texts(const text *texts, size_t count, char **pointers, char *bytes) {
  for (size_t i = 0; i < count; i++) {
    pointers[i] = bytes;
    memcpy(bytes, texts[i].start, texts[i].length);
    bytes[texts[i].length] = 0;
    bytes += texts[i].length + 1;
  }
  return 0;
}

static int32_t measure_texts(const text *texts, size_t count, size_t *count_out, size_t *bytes) {
  *count_out = count;
  *bytes = 0;
  for (size_t i = 0; i < count; i++) *bytes += texts[i].length + 1;
  return 0;
}

static text_list arguments3(void) {
  static text_list list;
  if (!list.items) get_arguments(&list);
  return list;
}

/* NAME=VALUE, as 0.1 has them. */
static text_list environment3(void) {
  static text_list list;
  if (list.items) return list;
  get_environment(&list);
  text *pairs = list.items;
  list.items = malloc((list.length + 1) * sizeof(text));
  for (size_t i = 0; i < list.length; i++) {
    text name = pairs[2 * i], value = pairs[2 * i + 1];
    char *entry = malloc(name.length + value.length + 1);
    memcpy(entry, name.start, name.length);
    entry[name.length] = '=';
    memcpy(entry + name.length + 1, value.start, value.length);
    list.items[i] = (text){entry, name.length + 1 + value.length};
  }
  return list;
}

SNAPSHOT1(args_sizes_get)(size_t *count, size_t *bytes) {
  text_list list = arguments3();
  return measure_texts(list.items, list.length, count, bytes);
}
SNAPSHOT1(args_get)(char **pointers, char *bytes) {
  text_list list = arguments3();
  return copy_texts(list.items, list.length, pointers, bytes);
}
SNAPSHOT1(environ_sizes_get)(size_t *count, size_t *bytes) {
  text_list list = environment3();
  return measure_texts(list.items, list.length, count, bytes);
}
SNAPSHOT1(environ_get)(char **pointers, char *bytes) {
  text_list list = environment3();
  return copy_texts(list.items, list.length, pointers, bytes);
}

IMPORT("wasi:clocks/system-clock@0.3.0", "now") void system_now(instant *);
IMPORT("wasi:clocks/system-clock@0.3.0", "get-resolution") uint64_t system_resolution(void);
IMPORT("wasi:random/random@0.3.0", "get-random-bytes") void get_random_bytes(uint64_t, text *);

SNAPSHOT1(clock_res_get)(int32_t clock, uint64_t *out) {
  if (clock != 0 && clock != 1) return __WASI_ERRNO_BADF;
  *out = clock == 0 ? system_resolution() : monotonic_resolution();
  return 0;
}

static uint64_t clock_now(int32_t clock) {
  if (clock == 1) return monotonic_now();
  instant now;
  system_now(&now);
  return (uint64_t)now.seconds * SECOND + now.nanoseconds;
}

SNAPSHOT1(clock_time_get)(int32_t clock, int64_t precision, uint64_t *out) {
  (void)precision;
  if (clock != 0 && clock != 1) return __WASI_ERRNO_BADF;
  *out = clock_now(clock);
  return 0;
}

SNAPSHOT1(random_get)(char *to, size_t length) {
  text bytes;
  get_random_bytes(length, &bytes);
  memcpy(to, bytes.start, length);
  if (length) free((void *)bytes.start);
  return 0;
}

SNAPSHOT1(sched_yield)(void) {
  thread_yield();
  return 0;
}

static void end_outputs(void);

_Noreturn void __imported_wasi_snapshot_preview1_proc_exit(int32_t code) {
  end_outputs();
  cli_exit_with_code(code);
  __builtin_trap();
}
