/*
 * Sends HTTP requests as its arguments say: operations with their words, and a `+` between two of them.
 *
 *   header NAME VALUE      for the next request           timeout WHICH NANOSECONDS   connect, first or between
 *   request METHOD URL     makes one                      own                         what its headers say
 *   send                   hands it over                  body                        takes its body
 *   write TEXT             to the body, and waits         flood BYTES                 as fast as the body takes them
 *   finish                 ends the body                  trailer NAME VALUE          ends it with a trailer
 *   abort                  drops the body unfinished      wait                        for the response, and shows it
 *   read                   all of it, as text             count                       all of it, as a number
 *   part                   what is there                  trailers                    those of the response
 *   drop                   the response                   sleep MILLISECONDS          say TEXT
 */
#include "http.h"

static int headers = -1, options, has_options, request, body, output = -1, future, response, incoming, input = -1;

static int new_headers(void) { return headers < 0 ? headers = fields_new() : headers; }

static void print(const char *name, const char *value) {
  printf("%s=%s\n", name, value);
  fflush(stdout);
}

static void print_fields(const char *prefix, int fields) {
  struct list list;
  fields_entries(fields, &list);
  for (size_t i = 0; i < list.length; i++) {
    struct field *each = &list.items[i];
    printf("%s.%.*s=%.*s\n", prefix, (int)each->name.length, each->name.data, (int)each->value.length, each->value.data);
  }
  fflush(stdout);
  fields_drop(fields);
}

/* Why a stream ended. */
static const char *end_of(struct stream_error error) {
  if (error.closed) return "closed";
  struct option_error cause;
  http_error_code(error.error, &cause);
  error_drop(error.error);
  return cause.some ? HTTP_ERRORS[cause.error.code] : "failed";
}

static void op_header(char **words) {
  struct header_result made;
  fields_append(new_headers(), words[0], strlen(words[0]), words[1], strlen(words[1]), &made);
  if (made.failed) print("header", made.error == 0 ? "invalid-syntax" : made.error == 1 ? "forbidden" : "immutable");
}

static void op_timeout(char **words) {
  if (!has_options) options = options_new();
  has_options = 1;
  uint64_t time = strtoull(words[1], NULL, 10);
  if (words[0][0] == 'c') options_set_connect(options, 1, time);
  else if (words[0][0] == 'f') options_set_first(options, 1, time);
  else options_set_between(options, 1, time);
}

static bool set_method(const char *method) {
  for (int i = 0; i < 9; i++) if (!strcmp(METHODS[i], method)) return request_set_method(request, i, NULL, 0);
  return request_set_method(request, 9, method, strlen(method));
}

static void op_request(char **words) {
  request = request_new(new_headers());
  headers = -1;
  char *url = words[1];
  char *authority = strstr(url, "://") + 3;
  size_t length = strcspn(authority, "/?");
  bool failed = set_method(words[0]);
  if (!strncmp(url, "http:", 5)) failed |= request_set_scheme(request, 1, 0, NULL, 0);
  else if (!strncmp(url, "https:", 6)) failed |= request_set_scheme(request, 1, 1, NULL, 0);
  else failed |= request_set_scheme(request, 1, 2, url, authority - 3 - url);
  failed |= request_set_authority(request, length > 0, authority, length);
  failed |= request_set_path(request, authority[length] != 0, authority + length, strlen(authority + length));
  if (failed) print("request", "invalid");
}

static void op_own(char **words) {
  (void)words;
  print_fields("own", request_headers(request));
}

static void op_body(char **words) {
  (void)words;
  struct handle_result made;
  request_body(request, &made);
  if (made.failed) return print("body", "none");
  body = made.handle;
  body_write(body, &made);
  output = made.handle;
}

static void op_write(char **words) {
  struct done_result done;
  output_blocking_write(output, words[0], strlen(words[0]), &done);
  if (done.failed) print("write", end_of(done.error));
}

static char block[65536];

static void op_flood(char **words) {
  uint64_t left = strtoull(words[0], NULL, 10), waits = 0;
  memset(block, 'x', sizeof block);
  while (left > 0) {
    struct count_result room;
    output_check_write(output, &room);
    if (room.failed) return print("flood", end_of(room.error));
    if (room.count == 0) {
      int ready = output_subscribe(output);
      pollable_block(ready);
      pollable_drop(ready);
      waits++;
      continue;
    }
    uint64_t part = room.count < left ? room.count : left;
    if (part > sizeof block) part = sizeof block;
    struct done_result done;
    output_write(output, block, part, &done);
    if (done.failed) return print("flood", end_of(done.error));
    left -= part;
  }
  print("flood", waits > 0 ? "waited" : "at once");
}

static void finish(int trailers) {
  if (output >= 0) output_drop(output);
  output = -1;
  struct answer done;
  body_finish(body, trailers >= 0, trailers >= 0 ? trailers : 0, &done);
  if (done.failed) print("finish", HTTP_ERRORS[done.error.code]);
}

static void op_finish(char **words) {
  (void)words;
  finish(-1);
}

static void op_trailer(char **words) {
  op_header(words);
  int trailers = headers;
  headers = -1;
  finish(trailers);
}

static void op_abort(char **words) {
  (void)words;
  output_drop(output);
  output = -1;
  body_drop(body);
}

static void op_send(char **words) {
  (void)words;
  struct answer sent;
  outgoing_handle(request, has_options, options, &sent);
  has_options = 0;
  if (sent.failed) print("send", HTTP_ERRORS[sent.error.code]);
  else future = sent.handle;
}

static void op_wait(char **words) {
  (void)words;
  int ready = response_subscribe(future);
  pollable_block(ready);
  pollable_drop(ready);
  struct future got, again;
  response_get(future, &got);
  response_get(future, &again);
  if (!got.some || got.taken || !again.some || !again.taken) print("wait", "not once");
  if (got.answer.failed) print("wait", HTTP_ERRORS[got.answer.error.code]);
  else {
    response = got.answer.handle;
    number("status", response_status(response));
    print_fields("header", response_headers(response));
    struct handle_result made;
    response_consume(response, &made);
    incoming = made.handle;
    incoming_stream(incoming, &made);
    input = made.handle;
  }
  future_drop(future);
}

static void op_read(char **words) {
  (void)words;
  printf("read=");
  for (;;) {
    struct read_result got;
    input_blocking_read(input, 4096, &got);
    if (got.failed) {
      printf("\n");
      return print("end", end_of(got.error));
    }
    fwrite(got.bytes.data, 1, got.bytes.length, stdout);
    free(got.bytes.data);
  }
}

static void op_count(char **words) {
  (void)words;
  uint64_t count = 0;
  for (;;) {
    struct read_result got;
    input_blocking_read(input, 65536, &got);
    if (got.failed) {
      number("count", count);
      return print("end", end_of(got.error));
    }
    count += got.bytes.length;
    free(got.bytes.data);
  }
}

static void op_part(char **words) {
  (void)words;
  struct read_result got;
  input_blocking_read(input, 65536, &got);
  if (got.failed) return print("part", end_of(got.error));
  printf("part=%.*s\n", (int)got.bytes.length, got.bytes.data);
  fflush(stdout);
}

static void op_trailers(char **words) {
  (void)words;
  input_drop(input);
  int trailers = incoming_finish(incoming);
  int ready = trailers_subscribe(trailers);
  pollable_block(ready);
  pollable_drop(ready);
  struct future got;
  trailers_get(trailers, &got);
  if (got.answer.failed) print("trailers", HTTP_ERRORS[got.answer.error.code]);
  else if (!got.answer.some) print("trailers", "none");
  else print_fields("trailer", got.answer.trailers);
  trailers_drop(trailers);
}

static void op_drop(char **words) {
  (void)words;
  input_drop(input);
  incoming_drop(incoming);
  response_drop(response);
}

static void op_sleep(char **words) {
  int timer = subscribe_duration(strtoull(words[0], NULL, 10) * 1000000);
  pollable_block(timer);
  pollable_drop(timer);
}

static void op_say(char **words) { print("say", words[0]); }

static const struct operation operations[] = {
    {"header", 2, op_header}, {"timeout", 2, op_timeout}, {"request", 2, op_request}, {"own", 0, op_own},
    {"send", 0, op_send},     {"body", 0, op_body},       {"write", 1, op_write},     {"flood", 1, op_flood},
    {"finish", 0, op_finish}, {"trailer", 2, op_trailer}, {"abort", 0, op_abort},     {"wait", 0, op_wait},
    {"read", 0, op_read},     {"count", 0, op_count},     {"part", 0, op_part},       {"trailers", 0, op_trailers},
    {"drop", 0, op_drop},     {"sleep", 1, op_sleep},     {"say", 1, op_say},
    {0},
};

int main(int argc, char **argv) {
  return run_operations(operations, argc, argv);
}
