/*
 * Messages of HTTP of WASI 0.3, as a little language: operations with their arguments, carried out in order.
 *
 *   messages request + set-authority api.test + send + finish + wait + status + consume + read + trailers + done
 *
 * Each prints `operation=` ok, an error or what it found. `fields`, `options`, `request` and what comes of `wait` are what the
 * others work on; `request` and `answer` take the fields and options that are there. `none` stands for no value.
 */
#include "line.h"
#include "messages.h"

static handle fields, options, request, response;
static handle body, trailers, transmission, subtask;
static handle reading, reading_trailers, result;
static struct outcome outcome;
static struct answer answer;
static char buffer[65536];

static void tell(const char *name) { say(name, outcome.failed ? HEADER_ERRORS[outcome.error.code] : "ok"); }

static void tell_ok(const char *name, int failed) { say(name, failed ? "error" : "ok"); }

static void tell_copy(const char *name, uint32_t packed) {
  say(name, COPY_RESULT(packed) == COMPLETED ? "ok" : "dropped");
}

static bool is_some(text word) { return !same(word, "none"); }

static size_t count_of(const text *words) {
  size_t count = 0;
  while (count < MAX_WORDS && words[count].length > 0) count++;
  return count;
}

static void op_fields(text *words) {
  fields = fields_new();
  say("fields", "ok");
}

/* NAME VALUE NAME VALUE */
static void op_from_list(text *words) {
  struct field entries[MAX_WORDS / 2];
  size_t count = count_of(words) / 2;
  for (size_t i = 0; i < count; i++) entries[i] = (struct field){words[i * 2], words[i * 2 + 1]};
  struct fields_result made;
  fields_from_list(entries, count, &made);
  say("from-list", made.failed ? HEADER_ERRORS[made.error.code] : "ok");
  if (!made.failed) fields = made.value;
}

static void op_get(text *words) {
  text_list values;
  fields_get(fields, words[0].start, words[0].length, &values);
  say_values("get", &values);
}

static void op_has(text *words) { say("has", fields_has(fields, words[0].start, words[0].length) ? "yes" : "no"); }

static void op_set(text *words) {
  fields_set(fields, words[0].start, words[0].length, words + 1, count_of(words) - 1, &outcome);
  tell("set");
}

static void op_delete(text *words) {
  fields_delete(fields, words[0].start, words[0].length, &outcome);
  tell("delete");
}

static void op_take(text *words) {
  struct values_result taken;
  fields_get_and_delete(fields, words[0].start, words[0].length, &taken);
  if (taken.failed) say("take", HEADER_ERRORS[taken.error.code]);
  else say_values("take", &taken.values);
}

static void op_append(text *words) {
  fields_append(fields, words[0].start, words[0].length, words[1].start, words[1].length, &outcome);
  tell("append");
}

/* A value of so many bytes. */
static void op_append_long(text *words) {
  size_t length = number_of(words[1]);
  char *value = allocate(1, length);
  memset(value, 'x', length);
  fields_append(fields, words[0].start, words[0].length, value, length, &outcome);
  tell("append-long");
}

static void op_all(text *words) { say_fields("all", fields); }

/* Goes on with the copy. */
static void op_clone(text *words) {
  handle copy = fields_clone(fields);
  fields_drop(fields);
  fields = copy;
  say("clone", "ok");
}

static void op_options(text *words) {
  options = options_new();
  say("options", "ok");
}

static void op_clone_options(text *words) {
  handle copy = options_clone(options);
  options_drop(options);
  options = copy;
  say("clone-options", "ok");
}

/* NAME NANOSECONDS */
static void op_set_timeout(text *words) {
  int some = is_some(words[1]);
  uint64_t duration = number_of(words[1]);
#define SET(NAME, WIT) \
  if (same(words[0], WIT)) options_set_##NAME(options, some, duration, &outcome);
  TIMEOUTS(SET)
  say("set-timeout", outcome.failed ? OPTIONS_ERRORS[outcome.error.code] : "ok");
}

static void op_timeout(text *words) {
  struct optional_duration got = {0};
#define GET(NAME, WIT) \
  if (same(words[0], WIT)) options_get_##NAME(options, &got);
  TIMEOUTS(GET)
  if (got.some) say_number("timeout", got.value);
  else say("timeout", "none");
}

/* What a message is made of, and no other gets. */
static handle taken_fields(void) {
  handle taken = fields ? fields : fields_new();
  fields = 0;
  return taken;
}

/* `request body` has one, which is written. */
static void op_request(text *words) {
  uint64_t contents = same(words[0], "body") ? sending_new() : 0, end = sending_trailers_new();
  handle made[2];
  request_new(taken_fields(), contents != 0, READABLE(contents), READABLE(end), options != 0, options, made);
  body = WRITABLE(contents);
  trailers = WRITABLE(end);
  options = 0;
  request = made[0];
  transmission = made[1];
  say("request", "ok");
}

static void op_method(text *words) {
  struct word method;
  request_get_method(request, &method);
  say_word("method", &method, METHODS, OTHER_METHOD);
}

static void op_set_method(text *words) {
  int method = case_of(words[0], METHODS, OTHER_METHOD);
  tell_ok("set-method", request_set_method(request, method, words[0].start, words[0].length));
}

static void op_scheme(text *words) {
  struct optional_word scheme;
  request_get_scheme(request, &scheme);
  if (scheme.some) say_word("scheme", &scheme.value, SCHEMES, OTHER_SCHEME);
  else say("scheme", "none");
}

static void op_set_scheme(text *words) {
  int scheme = case_of(words[0], SCHEMES, OTHER_SCHEME);
  tell_ok("set-scheme", request_set_scheme(request, is_some(words[0]), scheme, words[0].start, words[0].length));
}

static void op_authority(text *words) {
  struct optional_text authority;
  request_get_authority(request, &authority);
  say_optional("authority", &authority);
}

static void op_set_authority(text *words) {
  tell_ok("set-authority", request_set_authority(request, is_some(words[0]), words[0].start, words[0].length));
}

static void op_path(text *words) {
  struct optional_text path;
  request_get_path(request, &path);
  say_optional("path", &path);
}

static void op_set_path(text *words) {
  tell_ok("set-path", request_set_path(request, is_some(words[0]), words[0].start, words[0].length));
}

/* Goes on with those of the request. */
static void op_get_options(text *words) {
  struct optional_handle got;
  request_get_options(request, &got);
  options = got.some ? got.value : 0;
  say("get-options", got.some ? "some" : "none");
}

/* Goes on with those of the response, or else of the request. */
static void op_headers(text *words) {
  fields = response ? response_get_headers(response) : request_get_headers(request);
  say("headers", "ok");
}

static void op_send(text *words) {
  uint32_t packed = send_async(request, &answer);
  request = 0;
  subtask = SUBTASK(packed);
  say("send", SUBTASK_STATE(packed) == RETURNED ? "returned" : "started");
}

static void op_write(text *words) {
  size_t at = 0;
  for (uint32_t packed = 0; at < words[0].length && COPY_RESULT(packed) == COMPLETED; at += COPY_COUNT(packed))
    packed = sending_write(body, words[0].start + at, words[0].length - at);
  say("write", at == words[0].length ? "ok" : "dropped");
}

static void end_body(const char *name, const struct trailers_result *last) {
  if (body) sending_drop_writable(body);
  body = 0;
  tell_copy(name, sending_trailers_write(trailers, last));
  sending_trailers_drop_writable(trailers);
  trailers = 0;
}

/* With the fields that are there, if any, as trailers. */
static void op_finish(text *words) {
  struct trailers_result last = {.trailers = {fields != 0, fields}};
  fields = 0;
  end_body("finish", &last);
}

static void op_abort(text *words) {
  struct trailers_result last = {.failed = 1, .error = {.code = CONNECTION_TERMINATED}};
  end_body("abort", &last);
}

static void op_wait(text *words) {
  if (subtask) await_subtask((uint32_t)subtask << 4);
  subtask = 0;
  response = answer.failed ? 0 : answer.response;
  say("wait", answer.failed ? ERRORS[answer.error.code] : "ok");
}

/* Gives the call up after so many milliseconds. */
static void op_cancel(text *words) {
  wait_for(number_of(words[0]) * MILLISECOND);
  uint32_t state = subtask_cancel(subtask);
  subtask_drop(subtask);
  say("cancel", state == CANCELLED_BEFORE_RETURNED ? "cancelled" : "returned");
}

/* How the message went. */
static void op_sent(text *words) {
  struct transmission got;
  sent_read(transmission, &got);
  sent_drop_readable(transmission);
  say("sent", got.failed ? ERRORS[got.error.code] : "ok");
}

/* A response of our own. */
static void op_answer(text *words) {
  uint64_t end = sending_trailers_new();
  handle made[2];
  response_new(taken_fields(), 0, 0, READABLE(end), made);
  trailers = WRITABLE(end);
  response = made[0];
  transmission = made[1];
  say("answer", "ok");
}

static void op_status(text *words) { say_number("status", (uint64_t)response_get_status_code(response)); }

static void op_set_status(text *words) {
  tell_ok("set-status", response_set_status_code(response, (int)number_of(words[0])));
}

static void op_consume(text *words) {
  uint64_t pair = res_new();
  handle ends[2];
  response_consume_body(response, READABLE(pair), ends);
  response = 0;
  result = WRITABLE(pair);
  reading = ends[0];
  reading_trailers = ends[1];
  say("consume", "ok");
}

/* To the end, or to the end of the buffer. */
static void op_read(text *words) {
  size_t length = 0;
  for (uint32_t packed = 0; COPY_RESULT(packed) == COMPLETED && length < sizeof buffer; length += COPY_COUNT(packed))
    packed = receiving_read(reading, buffer + length, sizeof buffer - length);
  say_text("read", (text){buffer, length});
}

static void op_part(text *words) {
  uint32_t packed = receiving_read(reading, buffer, sizeof buffer);
  if (COPY_COUNT(packed) > 0) say_text("part", (text){buffer, COPY_COUNT(packed)});
  else say("part", "closed");
}

/* No more is wanted of the body. */
static void op_shut(text *words) {
  receiving_drop_readable(reading);
  say("shut", "ok");
}

static void op_trailers(text *words) {
  struct trailers_result got;
  receiving_trailers_read(reading_trailers, &got);
  receiving_trailers_drop_readable(reading_trailers);
  if (got.failed) say("trailers", ERRORS[got.error.code]);
  else if (got.trailers.some) say_fields("trailers", fields = got.trailers.value);
  else say("trailers", "none");
}

/* Tells what we made of the body: `done`, or `done error`. */
static void op_done(text *words) {
  struct transmission told = {.failed = same(words[0], "error"), .error = {.code = CONNECTION_TERMINATED}};
  tell_copy("done", res_write(result, &told));
  res_drop_writable(result);
}

static void op_drop(text *words) {
  if (same(words[0], "fields")) fields_drop(fields), fields = 0;
  else if (same(words[0], "options")) options_drop(options), options = 0;
  else if (same(words[0], "request")) request_drop(request), request = 0;
  else response_drop(response), response = 0;
  say("drop", "ok");
}

static void op_say(text *words) { say_text("say", words[0]); }

static const struct operation OPERATIONS[] = {
  {"fields", op_fields}, {"from-list", op_from_list}, {"get", op_get}, {"has", op_has},
  {"set", op_set}, {"delete", op_delete}, {"take", op_take}, {"append", op_append},
  {"append-long", op_append_long}, {"all", op_all}, {"clone", op_clone}, {"options", op_options},
  {"clone-options", op_clone_options}, {"set-timeout", op_set_timeout}, {"timeout", op_timeout}, {"request", op_request},
  {"method", op_method}, {"set-method", op_set_method}, {"scheme", op_scheme}, {"set-scheme", op_set_scheme},
  {"authority", op_authority}, {"set-authority", op_set_authority}, {"path", op_path}, {"set-path", op_set_path},
  {"get-options", op_get_options}, {"headers", op_headers}, {"send", op_send}, {"write", op_write},
  {"finish", op_finish}, {"abort", op_abort}, {"wait", op_wait}, {"cancel", op_cancel},
  {"sent", op_sent}, {"answer", op_answer}, {"status", op_status}, {"set-status", op_set_status},
  {"consume", op_consume}, {"read", op_read}, {"part", op_part}, {"shut", op_shut},
  {"trailers", op_trailers}, {"done", op_done}, {"drop", op_drop}, {"say", op_say},
};

RUN_SYNC {
  carry_out_line(OPERATIONS, sizeof OPERATIONS / sizeof *OPERATIONS);
  end_printing();
  return 0;
}
