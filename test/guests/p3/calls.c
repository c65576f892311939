/*
 * What no libc calls, as a little language: operations with their arguments, separated by `+`, carried out in order. Functions
 * that are async in WIT are called with [async-lower], and awaited in a waitable set; `preview1.c` calls them synchronously.
 *
 *   calls open /m/file + stat + same /m/link + cancel-wait 1000
 */
#include "files.h"

#define TERMINAL(name) \
  IMPORT("wasi:cli/terminal-" #name "@0.3.0", "get-terminal-" #name) void get_terminal_##name(int32_t out[2])
TERMINAL(stdin);
TERMINAL(stdout);
TERMINAL(stderr);
IMPORT("wasi:cli/terminal-input@0.3.0", "[resource-drop]terminal-input") void drop_terminal_input(handle);
IMPORT("wasi:cli/terminal-output@0.3.0", "[resource-drop]terminal-output") void drop_terminal_output(handle);
IMPORT("wasi:clocks/system-clock@0.3.0", "now") void system_now(instant *);
IMPORT("wasi:clocks/system-clock@0.3.0", "get-resolution") uint64_t system_resolution(void);
IMPORT("wasi:random/random@0.3.0", "get-random-u64") uint64_t random_u64(void);
IMPORT("wasi:random/random@0.3.0", "get-random-bytes") void random_bytes(uint64_t, text *);
IMPORT("wasi:random/insecure@0.3.0", "get-insecure-random-u64") uint64_t insecure_u64(void);
IMPORT("wasi:random/insecure@0.3.0", "get-insecure-random-bytes") void insecure_bytes(uint64_t, text *);
IMPORT("wasi:random/insecure-seed@0.3.0", "get-insecure-seed") void insecure_seed(uint64_t out[2]);

IMPORT("wasi:clocks/timezone@0.3.0", "iana-id") void timezone_id(void *);
IMPORT("wasi:clocks/timezone@0.3.0", "utc-offset") void timezone_offset(int64_t seconds, uint32_t nanoseconds, void *);
IMPORT("wasi:clocks/timezone@0.3.0", "to-debug-string") void timezone_debug(text *);

#define ASYNC(name) "[async-lower]" METHOD(name)
typedef struct { handle self; uint8_t path_flags; text path; uint8_t open_flags, flags; } open_at_params;
typedef struct { handle self; text old_path; handle to; text new_path; } rename_at_params;
typedef struct { handle self; uint8_t path_flags; text old_path; handle to; text new_path; } link_at_params;
typedef struct { handle self; text old_path, new_path; } symlink_at_params;
typedef struct { uint8_t tag; instant at; } new_time;
typedef struct { handle self; new_time accessed, modified; } set_times_params;
typedef struct { handle self; uint8_t path_flags; text path; new_time accessed, modified; } set_times_at_params;
IMPORT(FILES, ASYNC("open-at")) uint32_t open_at_async(const open_at_params *, handle_result *);
IMPORT(FILES, ASYNC("rename-at")) uint32_t rename_at_async(const rename_at_params *, file_result *);
IMPORT(FILES, ASYNC("link-at")) uint32_t link_at_async(const link_at_params *, file_result *);
IMPORT(FILES, ASYNC("symlink-at")) uint32_t symlink_at_async(const symlink_at_params *, file_result *);
IMPORT(FILES, ASYNC("set-times")) uint32_t set_times_async(const set_times_params *, file_result *);
IMPORT(FILES, ASYNC("set-times-at")) uint32_t set_times_at_async(const set_times_at_params *, file_result *);
IMPORT(FILES, ASYNC("stat")) uint32_t stat_async(handle, stat_result *);
IMPORT(FILES, ASYNC("stat-at")) uint32_t stat_at_async(handle, int, const char *, size_t, stat_result *);
IMPORT(FILES, ASYNC("get-flags")) uint32_t get_flags_async(handle, flags_result *);
IMPORT(FILES, ASYNC("get-type")) uint32_t get_type_async(handle, type_result *);
IMPORT(FILES, ASYNC("set-size")) uint32_t set_size_async(handle, uint64_t, file_result *);
IMPORT(FILES, ASYNC("advise")) uint32_t advise_async(handle, uint64_t, uint64_t, int, file_result *);
IMPORT(FILES, ASYNC("sync")) uint32_t sync_async(handle, file_result *);
IMPORT(FILES, ASYNC("sync-data")) uint32_t sync_data_async(handle, file_result *);
IMPORT(FILES, ASYNC("create-directory-at")) uint32_t mkdir_async(handle, const char *, size_t, file_result *);
IMPORT(FILES, ASYNC("remove-directory-at")) uint32_t rmdir_async(handle, const char *, size_t, file_result *);
IMPORT(FILES, ASYNC("unlink-file-at")) uint32_t unlink_async(handle, const char *, size_t, file_result *);
IMPORT(FILES, ASYNC("readlink-at")) uint32_t readlink_async(handle, const char *, size_t, text_result *);
IMPORT(FILES, ASYNC("is-same-object")) uint32_t is_same_object_async(handle, handle, uint8_t *);
IMPORT(FILES, ASYNC("metadata-hash")) uint32_t metadata_hash_async(handle, hash_result *);
IMPORT(FILES, ASYNC("metadata-hash-at")) uint32_t metadata_hash_at_async(handle, int, const char *, size_t, hash_result *);

static handle root = -1, current = -1;

static const char *error_name(const tagged *error) {
#define NAME(c, wit) wit,
  static const char *const names[] = {FILE_ERRORS(NAME)};
#undef NAME
  return error->tag < sizeof names / sizeof *names ? names[error->tag] : "other";
}

/* Says what became of a call once it has returned. @returns whether it is ok */
static bool said(const char *name, uint32_t packed, bool is_error, const tagged *error) {
  (void)packed;
  say(name, is_error ? error_name(error) : "ok");
  return !is_error;
}
#define CALL(name, result, call) \
  (await_subtask(call) == RETURNED && said(name, RETURNED, (result).is_error, &(result).error))

/* The path inside of the first preopened directory, which is taken when it is needed. */
static text inside(text path) {
  if (root < 0) {
    struct { preopen *items; size_t length; } found;
    get_directories((void *)&found);
    if (found.length == 0) return path;
    root = found.items[0].descriptor;
    /* `/m/file` is `file` where `/m` is preopened. */
  }
  for (size_t i = 1; i < path.length; i++)
    if (path.start[i] == '/') return (text){path.start + i + 1, path.length - i - 1};
  return path;
}

static void op_open(text *a) {
  text path = inside(a[0]);
  handle_result opened;
  open_at_params params = {root, SYMLINK_FOLLOW, path, 0, READ};
  for (size_t i = 0; i < a[1].length; i++) {
    if (a[1].start[i] == 'w') params.flags |= WRITE;
    if (a[1].start[i] == 'c') params.open_flags |= CREATE;
    if (a[1].start[i] == 'd') params.open_flags |= OPEN_DIRECTORY;
  }
  if (CALL("open", opened, open_at_async(&params, &opened))) current = opened.value;
}
static void op_close(text *a) { (void)a, descriptor_drop(current), current = -1; }
static void op_stat(text *a) {
  (void)a;
  stat_result stat;
  if (CALL("stat", stat, stat_async(current, &stat))) say_number("size", stat.value.size);
}
static void op_stat_at(text *a) {
  text path = inside(a[0]);
  stat_result stat;
  if (CALL("stat-at", stat, stat_at_async(root, 0, path.start, path.length, &stat))) say_number("size", stat.value.size);
}
static void op_get_flags(text *a) {
  (void)a;
  flags_result flags;
  if (CALL("get-flags", flags, get_flags_async(current, &flags))) say_number("flags", flags.value);
}
static void op_get_type(text *a) {
  (void)a;
  type_result type;
  if (CALL("get-type", type, get_type_async(current, &type))) say_number("type", type.value.tag);
}
static void op_set_size(text *a) {
  file_result result;
  CALL("set-size", result, set_size_async(current, number_of(a[0]), &result));
}
static void op_advise(text *a) {
  (void)a;
  file_result result;
  CALL("advise", result, advise_async(current, 0, 1, 3, &result));
}
static void op_sync(text *a) {
  (void)a;
  file_result result;
  CALL("sync", result, sync_async(current, &result));
  CALL("sync-data", result, sync_data_async(current, &result));
}
static void op_set_times(text *a) {
  file_result result;
  new_time at = {TIMESTAMP, {(int64_t)number_of(a[0]), 5}};
  set_times_params params = {current, at, at};
  CALL("set-times", result, set_times_async(&params, &result));
}
static void op_set_times_at(text *a) {
  text path = inside(a[0]);
  file_result result;
  set_times_at_params params = {root, 0, path, {NOW, {0, 0}}, {NO_CHANGE, {0, 0}}};
  CALL("set-times-at", result, set_times_at_async(&params, &result));
}
#define PATH_OPERATION(name, wit, call) \
  static void op_##name(text *a) { \
    text path = inside(a[0]); \
    file_result result; \
    CALL(wit, result, call(root, path.start, path.length, &result)); \
  }
PATH_OPERATION(mkdir, "mkdir", mkdir_async)
PATH_OPERATION(rmdir, "rmdir", rmdir_async)
PATH_OPERATION(unlink, "unlink", unlink_async)
static void op_readlink(text *a) {
  text path = inside(a[0]);
  text_result result;
  if (CALL("readlink", result, readlink_async(root, path.start, path.length, &result))) say_text("target", result.value);
}
static void op_symlink(text *a) {
  text path = inside(a[1]);
  file_result result;
  symlink_at_params params = {root, a[0], path};
  CALL("symlink", result, symlink_at_async(&params, &result));
}
static void op_link(text *a) {
  text from = inside(a[0]), to = inside(a[1]);
  file_result result;
  link_at_params params = {root, 0, from, root, to};
  CALL("link", result, link_at_async(&params, &result));
}
static void op_rename(text *a) {
  text from = inside(a[0]), to = inside(a[1]);
  file_result result;
  rename_at_params params = {root, from, root, to};
  CALL("rename", result, rename_at_async(&params, &result));
}
static void op_same(text *a) {
  handle first = current;
  op_open((text[]){a[0], text_of("r")});
  if (current == first) return;
  uint8_t same = 2;
  await_subtask(is_same_object_async(first, current, &same));
  say_number("same", same);
  say_number("same-sync", is_same_object(first, current));
  op_close(a);
  current = first;
}
static void op_hash(text *a) {
  text path = inside(a[0]);
  hash_result one, other;
  bool both = CALL("hash", one, metadata_hash_async(current, &one));
  both = CALL("hash-at", other, metadata_hash_at_async(root, 0, path.start, path.length, &other)) && both;
  if (both) say_number("equal", one.value[0] == other.value[0] && one.value[1] == other.value[1]);
}
/* Begins to read the directory, and drops both ends without a look at them. */
static void op_leave_directory(text *a) {
  (void)a;
  handle pair[2];
  read_directory(current, pair);
  file_entries_drop_readable(pair[0]);
  file_entries_result_drop_readable(pair[1]);
  say("leave-directory", "ok");
}
/* Appends, asynchronously all the way. */
static void op_append(text *a) {
  uint64_t pair = file_append_new();
  handle future = append_via_stream(current, READABLE(pair));
  uint32_t packed = await_copy(WRITABLE(pair), file_append_write_async(WRITABLE(pair), a[0].start, a[0].length));
  file_append_drop_writable(WRITABLE(pair));
  file_result result;
  await_copy(future, file_append_result_read_async(future, &result));
  file_append_result_drop_readable(future);
  if (said("append", packed, result.is_error, &result.error)) say_number("taken", COPY_COUNT(packed));
}

static void op_cwd(text *a) {
  (void)a;
  optional_text cwd;
  get_initial_cwd(&cwd);
  say_text("cwd", cwd.is_some ? cwd.value : text_of("none"));
}
static void op_environment(text *a) {
  (void)a;
  text_list pairs;
  get_environment(&pairs);
  for (size_t i = 0; i < pairs.length; i++) {
    put_text(pairs.items[2 * i]), put('='), put_text(pairs.items[2 * i + 1]), end_line();
  }
  say_number("variables", pairs.length);
}
static void op_terminals(text *a) {
  (void)a;
  int32_t found[2];
  get_terminal_stdin(found);
  say_number("stdin", (uint8_t)found[0]);
  if ((uint8_t)found[0]) drop_terminal_input(found[1]);
  get_terminal_stdout(found);
  say_number("stdout", (uint8_t)found[0]);
  if ((uint8_t)found[0]) drop_terminal_output(found[1]);
  get_terminal_stderr(found);
  say_number("stderr", (uint8_t)found[0]);
  if ((uint8_t)found[0]) drop_terminal_output(found[1]);
}
static void op_clocks(text *a) {
  (void)a;
  instant now;
  system_now(&now);
  say_number("seconds", (uint64_t)now.seconds);
  say_number("nanoseconds", now.nanoseconds);
  say_number("system-resolution", system_resolution());
  say_number("monotonic-resolution", monotonic_resolution());
  say_number("monotonic", monotonic_now());
}
static void op_timezone(text *a) {
  (void)a;
  optional_text id;
  struct { uint8_t is_some; int64_t value; } offset;
  text debug;
  timezone_id(&id);
  say_text("id", id.is_some ? id.value : text_of("none"));
  timezone_offset(0, 0, &offset);
  say_number("offset", offset.is_some ? (uint64_t)offset.value : 99);
  timezone_debug(&debug);
  say_text("debug", debug);
}
static void op_random(text *a) {
  text bytes;
  uint64_t seed[2];
  random_bytes(number_of(a[0]), &bytes);
  say_number("bytes", bytes.length);
  insecure_bytes(number_of(a[0]), &bytes);
  say_number("insecure-bytes", bytes.length);
  say_number("u64", random_u64());
  say_number("insecure-u64", insecure_u64());
  insecure_seed(seed);
  say_number("seed", seed[0]);
}
/* Waits by both functions, in both lowerings. */
static void op_wait(text *a) {
  uint64_t duration = number_of(a[0]) * MILLISECOND, start = monotonic_now();
  wait_for(duration);
  wait_until(monotonic_now() + duration);
  await_subtask(wait_for_async(duration));
  await_subtask(wait_until_async(monotonic_now() + duration));
  say_number("waited", (monotonic_now() - start) / MILLISECOND >= 4 * number_of(a[0]));
}
/* Gives up a wait that has begun; the other way of cancelling, too. */
static void op_cancel_wait(text *a) {
  uint64_t start = monotonic_now(), duration = number_of(a[0]) * MILLISECOND;
  uint32_t packed = wait_for_async(duration);
  say_number("cancelled", subtask_cancel(SUBTASK(packed)));
  subtask_drop(SUBTASK(packed));
  packed = wait_until_async(start + duration);
  say_number("cancelled-async", subtask_cancel_async(SUBTASK(packed)));
  subtask_drop(SUBTASK(packed));
  say_number("early", monotonic_now() - start < duration);
}
/* Gives up a read of standard input that nothing answers, and drops the stream. */
static void op_cancel_read(text *a) {
  (void)a;
  static char byte;
  handle pair[2];
  stdin_read_via_stream(pair);
  say_number("blocked", stdin_stream_read_async(pair[0], &byte, 1) == BLOCKED);
  say_number("cancelled", COPY_RESULT(stdin_stream_cancel_read(pair[0])));
  stdin_stream_drop_readable(pair[0]);
  uint8_t result[2];
  say_number("ended", stdin_result_read(pair[1], result));
  say_number("error", result[0]);
  stdin_result_drop_readable(pair[1]);
}
/* What a waitable set says when nothing has happened, and when something has. */
static void op_poll(text *a) {
  (void)a;
  handle set = waitable_set_new();
  event happened;
  say_number("empty", waitable_set_poll(set, &happened));
  handle timer = SUBTASK(wait_for_async(MILLISECOND));
  waitable_join(timer, set);
  uint32_t code;
  do {
    thread_yield();
    code = waitable_set_poll(set, &happened);
  } while (code == NONE);
  say_number("event", code);
  say_number("state", happened.payload);
  waitable_join(timer, 0);
  subtask_drop(timer);
  waitable_set_drop(set);
}
/* What belongs to the task alone. */
static void op_task(text *a) {
  (void)a;
  context_set_0(17), context_set_1(18);
  thread_yield();
  say_number("context", context_get_0() * 100 + context_get_1());
  backpressure_inc(), backpressure_dec();
}
static void op_exit(text *a) { end_printing(), cli_exit_with_code((int32_t)number_of(a[0])); }
static void op_fail(text *a) { (void)a, end_printing(), cli_exit(1); }
static void op_succeed(text *a) { (void)a, end_printing(), cli_exit(0); }

static const struct { const char *name; size_t arguments; void (*run)(text *); } operations[] = {
  {"open", 2, op_open}, {"close", 0, op_close}, {"stat", 0, op_stat}, {"stat-at", 1, op_stat_at},
  {"get-flags", 0, op_get_flags}, {"get-type", 0, op_get_type}, {"set-size", 1, op_set_size}, {"advise", 0, op_advise},
  {"sync", 0, op_sync}, {"set-times", 1, op_set_times}, {"set-times-at", 1, op_set_times_at}, {"mkdir", 1, op_mkdir},
  {"rmdir", 1, op_rmdir}, {"unlink", 1, op_unlink}, {"readlink", 1, op_readlink}, {"symlink", 2, op_symlink},
  {"link", 2, op_link}, {"rename", 2, op_rename}, {"same", 1, op_same}, {"hash", 1, op_hash},
  {"leave-directory", 0, op_leave_directory}, {"append", 1, op_append}, {"cwd", 0, op_cwd},
  {"environment", 0, op_environment}, {"terminals", 0, op_terminals}, {"clocks", 0, op_clocks}, {"timezone", 0, op_timezone}, {"random", 1, op_random},
  {"wait", 1, op_wait}, {"cancel-wait", 1, op_cancel_wait}, {"cancel-read", 0, op_cancel_read}, {"poll", 0, op_poll},
  {"task", 0, op_task}, {"exit", 1, op_exit}, {"fail", 0, op_fail}, {"succeed", 0, op_succeed},
};

static int carry_out(void) {
  text_list words;
  get_arguments(&words);
  for (size_t at = 1; at < words.length; at++) {
    size_t i = 0, count = sizeof operations / sizeof *operations;
    while (i < count && !same(words.items[at], operations[i].name)) i++;
    if (i == count || at + operations[i].arguments >= words.length) return 1;
    operations[i].run(words.items + at + 1);
    /* The `+` between two. */
    at += operations[i].arguments + 1;
  }
  return 0;
}

#ifdef LIFT_STACKFUL
RUN_STACKFUL {
  int failed = carry_out();
  end_printing();
  return_run(failed);
}
#else
RUN_SYNC {
  int failed = carry_out();
  end_printing();
  return failed;
}
#endif
