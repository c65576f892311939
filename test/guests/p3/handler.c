// Answers requests of WASI 0.3 in as many ways as a test wants to see, many of them at once, by the first word of the path: see
// `step`.
//
// Straight on the Canonical ABI, without a libc. Each request is a task that gives control back wherever it would wait: AWAIT
// notes the line, returns, and goes on there when the callback is called.
#include <stdint.h>

#define TYPES "wasi:http/types@0.3.0"
#define EXPORTS "[export]wasi:http/handler@0.3.0"
#define CONSUME "[static]request.consume-body"
#define RESPONSE "[static]response.new"
#define REQUEST "[static]request.new"
#define IMPORT(module, name) __attribute__((import_module(module), import_name(name)))
#define EXPORT(name) __attribute__((export_name(name)))

typedef uint32_t handle;
typedef uint32_t size;
typedef struct { char *start; size length; } text;

IMPORT(TYPES, "[method]request.get-path-with-query") void request_path(handle, void *);
IMPORT(TYPES, "[resource-drop]request") void drop_request(handle);
IMPORT(TYPES, CONSUME) void consume(handle, handle res, handle stream_and_trailers[2]);
IMPORT(TYPES, "[future-new-0]" CONSUME) uint64_t new_res(void);
IMPORT(TYPES, "[async-lower][future-write-0]" CONSUME) size write_res(handle, const void *);
IMPORT(TYPES, "[future-drop-writable-0]" CONSUME) void drop_res(handle);
IMPORT(TYPES, "[async-lower][stream-read-1]" CONSUME) size read_stream(handle, void *, size);
IMPORT(TYPES, "[stream-drop-readable-1]" CONSUME) void drop_stream(handle);
IMPORT(TYPES, "[future-drop-readable-2]" CONSUME) void drop_read_trailers(handle);
IMPORT(TYPES, "[constructor]fields") handle new_fields(void);
IMPORT(TYPES, "[method]fields.append") void append(handle, const char *, size, const char *, size, void *);
IMPORT(TYPES, RESPONSE) void new_response(handle headers, size some, handle body, handle trailers, handle pair[2]);
IMPORT(TYPES, "[method]response.set-status-code") size set_status(handle, size);
IMPORT(TYPES, "[resource-drop]response") void drop_response(handle);
IMPORT(TYPES, "[stream-new-0]" RESPONSE) uint64_t new_body(void);
IMPORT(TYPES, "[async-lower][stream-write-0]" RESPONSE) size write_body(handle, const void *, size);
IMPORT(TYPES, "[stream-drop-writable-0]" RESPONSE) void drop_body(handle);
IMPORT(TYPES, "[future-new-1]" RESPONSE) uint64_t new_trailers(void);
IMPORT(TYPES, "[async-lower][future-write-1]" RESPONSE) size write_trailers(handle, const void *);
IMPORT(TYPES, "[future-drop-writable-1]" RESPONSE) void drop_trailers(handle);
IMPORT(TYPES, "[async-lower][future-read-2]" RESPONSE) size read_sent(handle, void *);
IMPORT(TYPES, "[future-drop-readable-2]" RESPONSE) void drop_sent(handle);
IMPORT(TYPES, REQUEST) void new_request(handle headers, size, handle body, handle trailers, size, handle options, handle pair[2]);
IMPORT(TYPES, "[future-drop-readable-2]" REQUEST) void drop_request_sent(handle);
IMPORT(TYPES, "[method]request.set-scheme") size set_scheme(handle, size some, size scheme, const char *, size);
IMPORT(TYPES, "[method]request.set-authority") size set_authority(handle, size some, const char *, size);
IMPORT(TYPES, "[method]request.set-path-with-query") size set_path(handle, size some, const char *, size);
IMPORT("wasi:http/client@0.3.0", "[async-lower]send") size send(handle request, void *result);
IMPORT("wasi:clocks/monotonic-clock@0.3.0", "[async-lower]wait-for") size wait_for(uint64_t);
IMPORT(EXPORTS, "[task-return]handle") void task_return(size is_err, size, size, uint64_t, size, size, size, size);
IMPORT("[export]$root", "[task-cancel]") void task_cancel(void);
IMPORT("$root", "[context-get-0]") void *get_task(void);
IMPORT("$root", "[context-set-0]") void set_task(void *);
IMPORT("$root", "[waitable-set-new]") handle waitable_set_new(void);
IMPORT("$root", "[waitable-set-drop]") void waitable_set_drop(handle);
IMPORT("$root", "[waitable-join]") void waitable_join(handle waitable, handle set);
IMPORT("$root", "[subtask-drop]") void subtask_drop(handle);

enum { EXIT, YIELD, WAIT };
enum { COMPLETED, DROPPED, CANCELLED };
#define BLOCKED 0xffffffffu
#define RETURNED 2
#define TASK_CANCELLED 6
#define MILLISECOND 1000000ull

// Only paths and texts of errors come here, each of which is done with before the next one comes.
static char heap[1 << 16] __attribute__((aligned(16)));

EXPORT("cabi_realloc") void *cabi_realloc(void *old, size old_size, size align, size new_size) {
  (void)old, (void)old_size, (void)align;
  if (new_size > sizeof heap) __builtin_trap();
  return heap;
}

// A request, and where its task stands.
typedef struct {
  size line;
  handle set;
  // Of the last event.
  size event, code;
  handle stream, read_trailers, body, trailers, sent, response, subtask, res;
  size result, left, total;
  char path[120];
  size length;
  _Alignas(8) char area[64];
  char buffer[4096];
} task;

static task tasks[1100];
static size inside, served;

// `ok(none)`, and what a `result` without payloads is where it is ok.
static const uint64_t OK[8];

static task *free_task(void) {
  for (task *t = tasks; t < tasks + 1100; t++)
    if (t->set == 0) return t;
  __builtin_trap();
}

static size length_of(const char *string) {
  size length = 0;
  while (string[length] != 0) length++;
  return length;
}

static int is(task *t, const char *word) {
  size length = length_of(word);
  for (size i = 0; i < length; i++)
    if (t->path[i + 1] != word[i]) return 0;
  return t->path[length + 1] == 0 || t->path[length + 1] == '/';
}

// The number behind the first word.
static size number(task *t) {
  size i = 1, value = 0;
  while (t->path[i] != '/' && t->path[i] != 0) i++;
  for (i++; t->path[i] >= '0' && t->path[i] <= '9'; i++) value = value * 10 + (size)(t->path[i] - '0');
  return value;
}

static size digits(char *out, size value) {
  size length = 1;
  for (size rest = value; rest >= 10; rest /= 10) length++;
  for (size i = length; i-- > 0; value /= 10) out[i] = (char)('0' + value % 10);
  return length;
}

static void header(handle fields, const char *name, const char *value, size length) {
  static uint64_t result[8];
  append(fields, name, length_of(name), value, length, result);
}

static handle headers(task *t, const char *length) {
  (void)t;
  handle fields = new_fields();
  header(fields, "content-type", "text/plain", 10);
  if (length != 0) header(fields, "content-length", length, length_of(length));
  return fields;
}

// Makes the response of a body that is written, and its trailers.
static void respond(task *t, handle fields, size status) {
  uint64_t body = new_body(), trailers = new_trailers();
  handle pair[2];
  t->body = body >> 32;
  t->trailers = trailers >> 32;
  new_response(fields, 1, (handle)body, (handle)trailers, pair);
  t->response = pair[0];
  t->sent = pair[1];
  set_status(t->response, status);
  task_return(0, t->response, 0, 0, 0, 0, 0, 0);
}

static void take(task *t, handle request) {
  uint64_t res = new_res();
  handle pair[2];
  consume(request, (handle)res, pair);
  t->stream = pair[0];
  t->read_trailers = pair[1];
  t->res = res >> 32;
}

static handle outgoing(task *t) {
  uint64_t trailers = new_trailers();
  handle pair[2];
  new_request(new_fields(), 0, 0, (handle)trailers, 0, 0, pair);
  t->trailers = trailers >> 32;
  drop_request_sent(pair[1]);
  size start = 7, end = 7;
  while (t->path[end] != '/') end++;
  set_scheme(pair[0], 1, 0, 0, 0);
  set_authority(pair[0], 1, t->path + start, end - start);
  set_path(pair[0], 1, t->path + end, t->length - end);
  return pair[0];
}

#define AWAIT(waitable)                   \
  do {                                    \
    waitable_join(waitable, t->set);      \
    t->line = __LINE__;                   \
    return WAIT | t->set << 4;            \
    case __LINE__: waitable_join(waitable, 0); \
  } while (0)

// A copy: its count and status are in t->result afterwards.
#define COPY(waitable, call)                   \
  do {                                         \
    t->result = call;                          \
    if (t->result == BLOCKED) {                \
      AWAIT(waitable);                         \
      t->result = t->code;                     \
    }                                          \
  } while (0)

// An async call.
#define CALL(call)                                               \
  do {                                                           \
    t->result = call;                                            \
    t->subtask = t->result >> 4;                                 \
    t->code = t->result & 15;                                    \
    while (t->code < RETURNED) {                                 \
      AWAIT(t->subtask);                                         \
      if (t->event == TASK_CANCELLED && is(t, "cancellable")) return give_up(t); \
    }                                                            \
    if (t->subtask != 0) subtask_drop(t->subtask);               \
  } while (0)

#define SLEEP(time) CALL(wait_for((time) * MILLISECOND))

// All of t->total bytes of the buffer, over and over.
#define WRITE(count)                                                              \
  do {                                                                            \
    for (t->left = (count); t->left > 0; t->left -= t->result >> 4) {             \
      COPY(t->body, write_body(t->body, t->buffer, t->left < 4096 ? t->left : 4096)); \
      if ((t->result & 15) == DROPPED) break;                                     \
    }                                                                             \
  } while (0)

#define FINISH                                      \
  do {                                              \
    drop_body(t->body);                             \
    COPY(t->trailers, write_trailers(t->trailers, OK)); \
    drop_trailers(t->trailers);                     \
  } while (0)

static size end(task *t) {
  waitable_set_drop(t->set);
  inside--;
  *t = (task){0};
  return EXIT;
}

// Only once the host asked for it; what was being waited for stays behind.
static size give_up(task *t) {
  task_cancel();
  t->set = 0;
  inside--;
  return EXIT;
}

static void put(task *t, const char *string) {
  t->total = length_of(string);
  for (size i = 0; i < t->total; i++) t->buffer[i] = string[i];
}

static size step(task *t) {
  switch (t->line) {
  case 0:
    if (is(t, "echo")) {
      // Through our memory, in pieces; the trailers go past us.
      {
        uint64_t body = new_body();
        handle pair[2];
        t->body = body >> 32;
        new_response(headers(t, 0), 1, (handle)body, t->read_trailers, pair);
        t->sent = pair[1];
        t->read_trailers = 0;
        task_return(0, pair[0], 0, 0, 0, 0, 0, 0);
      }
      for (;;) {
        COPY(t->stream, read_stream(t->stream, t->buffer, 4096));
        t->total = t->result >> 4;
        if (t->total == 0) break;
        WRITE(t->total);
        if (t->left > 0) break;
      }
      drop_body(t->body);
    } else if (is(t, "forward")) {
      {
        handle pair[2];
        new_response(headers(t, 0), 1, t->stream, t->read_trailers, pair);
        t->sent = pair[1];
        t->stream = t->read_trailers = 0;
        task_return(0, pair[0], 0, 0, 0, 0, 0, 0);
      }
    } else if (is(t, "drain")) {
      do {
        COPY(t->stream, read_stream(t->stream, t->buffer, 4096));
        t->total += t->result >> 4;
      } while ((t->result & 15) == COMPLETED);
      t->total = digits(t->buffer, t->total);
      respond(t, headers(t, 0), 200);
      WRITE(t->total);
      FINISH;
    } else if (is(t, "big")) {
      for (size i = 0; i < 4096; i++) t->buffer[i] = 'x';
      respond(t, headers(t, 0), 200);
      WRITE(number(t));
      FINISH;
    } else if (is(t, "sleep")) {
      SLEEP(number(t));
      put(t, "slept");
      respond(t, headers(t, "5"), 200);
      WRITE(t->total);
      FINISH;
    } else if (is(t, "gather")) {
      // Until so many are here at one time.
      while (inside < number(t)) SLEEP(1);
      t->total = digits(t->buffer, inside);
      respond(t, headers(t, 0), 200);
      // Nobody leaves before all have seen it.
      SLEEP(20);
      WRITE(t->total);
      FINISH;
    } else if (is(t, "count")) {
      t->total = digits(t->buffer, served);
      respond(t, headers(t, 0), 200);
      WRITE(t->total);
      FINISH;
    } else if (is(t, "later")) {
      put(t, "first ");
      respond(t, headers(t, 0), 200);
      WRITE(t->total);
      SLEEP(number(t));
      put(t, "last");
      WRITE(t->total);
      FINISH;
    } else if (is(t, "trailers")) {
      put(t, "text");
      respond(t, headers(t, 0), 200);
      WRITE(t->total);
      drop_body(t->body);
      {
        handle fields = new_fields();
        header(fields, "x-sum", "7", 1);
        *(uint64_t *)t->area = 0;
        *(uint64_t *)(t->area + 8) = 1 | (uint64_t)fields << 32;
      }
      COPY(t->trailers, write_trailers(t->trailers, t->area));
      drop_trailers(t->trailers);
    } else if (is(t, "sent")) {
      // Waits for the transmission: what came of it shows in /count of the next request.
      put(t, "text");
      respond(t, headers(t, 0), 200);
      WRITE(t->total);
      FINISH;
      COPY(t->sent, read_sent(t->sent, t->area));
      served += t->area[0] == 0 ? 1000 : 2000;
    } else if (is(t, "trap")) {
      SLEEP(number(t));
      __builtin_trap();
    } else if (is(t, "trap-later")) {
      put(t, "first");
      respond(t, headers(t, 0), 200);
      WRITE(t->total);
      SLEEP(50);
      __builtin_trap();
    } else if (is(t, "refuse")) {
      task_return(1, 38, 1, (uint64_t)(uintptr_t) "no", 2, 0, 0, 0);
    } else if (is(t, "leak")) {
      put(t, "first");
      respond(t, headers(t, 0), 200);
      WRITE(t->total);
    } else if (is(t, "never") || is(t, "cancellable")) {
      SLEEP(3600000);
      __builtin_trap();
    } else if (is(t, "never-later")) {
      put(t, "first");
      respond(t, headers(t, 0), 200);
      WRITE(t->total);
      SLEEP(3600000);
      __builtin_trap();
    } else if (is(t, "spin")) {
      for (volatile size i = 0;; i++) {
      }
    } else if (is(t, "proxy")) {
      t->result = send(outgoing(t), t->area);
      t->subtask = t->result >> 4;
      t->left = t->result & 15;
      // The request goes out once it is known that there are no trailers.
      COPY(t->trailers, write_trailers(t->trailers, OK));
      drop_trailers(t->trailers);
      while (t->left < RETURNED) {
        AWAIT(t->subtask);
        t->left = t->code;
      }
      if (t->subtask != 0) subtask_drop(t->subtask);
      if (t->area[0] == 0) task_return(0, *(handle *)(t->area + 8), 0, 0, 0, 0, 0, 0);
      else task_return(1, (unsigned char)t->area[8], 0, 0, 0, 0, 0, 0);
    } else {
      put(t, "hello, world\n");
      respond(t, headers(t, "13"), is(t, "status") ? number(t) : 200);
      WRITE(t->total);
      FINISH;
    }
    if (t->stream != 0) drop_stream(t->stream);
    if (t->read_trailers != 0) drop_read_trailers(t->read_trailers);
    if (t->sent != 0) drop_sent(t->sent);
    COPY(t->res, write_res(t->res, OK));
    drop_res(t->res);
  }
  return end(t);
}

EXPORT("[async-lift]wasi:http/handler@0.3.0#handle") size handle_request(handle request) {
  task *t = free_task();
  *t = (task){0};
  t->set = waitable_set_new();
  set_task(t);
  inside++;
  served++;
  request_path(request, t->area);
  text path = *(text *)(t->area + 4);
  if (t->area[0] != 0)
    for (; t->length < path.length && t->length < sizeof t->path - 1; t->length++)
      t->path[t->length] = path.start[t->length];
  take(t, request);
  return step(t);
}

EXPORT("[callback][async-lift]wasi:http/handler@0.3.0#handle")
size callback(size event, handle waitable, size code) {
  (void)waitable;
  task *t = get_task();
  // Most of us go on.
  if (event == TASK_CANCELLED && !is(t, "cancellable")) return WAIT | t->set << 4;
  t->event = event;
  t->code = code;
  return step(t);
}
