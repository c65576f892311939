// answers every request with 200 and a line of text, many at once: wasi:http/handler of 0.3, straight on the Canonical ABI.
#include "wasi3.h"

#define TYPES "wasi:http/types@0.3.0"
#define NEW "[static]response.new"

IMPORT(TYPES, "[resource-drop]request") void drop_request(handle);
IMPORT(TYPES, "[constructor]fields") handle new_fields(void);
IMPORT(TYPES, "[method]fields.append")
void append(handle fields, const char *name, size_t name_length, const char *value, size_t value_length, void *result);
IMPORT(TYPES, NEW)
void new_response(handle headers, bool has_body, handle body, handle trailers, handle response_and_sent[2]);
STREAM(body, TYPES, 0, NEW);
FUTURE(trailers, TYPES, 1, NEW);
FUTURE(sent, TYPES, 2, NEW);
IMPORT("[export]wasi:http/handler@0.3.0", "[task-return]handle")
void return_handle(bool is_err, handle response, uint32_t, uint64_t, uint32_t, uint32_t, uint32_t, uint32_t);

static const char BODY[] = "hello, world\n";
/** `ok(none)`. */
static const uint64_t NO_TRAILERS[8];
static uint64_t header_result[4];

/** A request that is being answered. */
typedef struct { handle set, body, trailers; } answer;

static answer answers[1024];

/** @returns the answer that `waitable` belongs to; the free one for 0 */
static answer *answer_of(handle waitable) {
  for (answer *each = answers; each < answers + 1024; each++)
    if (waitable == 0 ? each->set == 0 : each->body == waitable || each->trailers == waitable) return each;
  __builtin_trap();
}

static uint32_t wait_on(answer *it, handle waitable) {
  waitable_join(waitable, it->set);
  return WAIT_ON(it->set);
}

static uint32_t finish(answer *it) {
  waitable_join(it->trailers, 0);
  trailers_drop_writable(it->trailers);
  waitable_set_drop(it->set);
  *it = (answer){0};
  return CALLBACK_EXIT;
}

static uint32_t end_body(answer *it) {
  waitable_join(it->body, 0);
  body_drop_writable(it->body);
  it->body = 0;
  return trailers_write_async(it->trailers, NO_TRAILERS) == BLOCKED ? wait_on(it, it->trailers) : finish(it);
}

EXPORT("[async-lift]wasi:http/handler@0.3.0#handle") uint32_t handle_request(handle request) {
  drop_request(request);
  handle headers = new_fields();
  append(headers, "content-type", 12, "text/plain", 10, header_result);
  append(headers, "content-length", 14, "13", 2, header_result);
  uint64_t body = body_new(), trailers = trailers_new();
  answer *it = answer_of(0);
  *it = (answer){waitable_set_new(), WRITABLE(body), WRITABLE(trailers)};
  handle response_and_sent[2];
  new_response(headers, true, READABLE(body), READABLE(trailers), response_and_sent);
  sent_drop_readable(response_and_sent[1]);
  return_handle(false, response_and_sent[0], 0, 0, 0, 0, 0, 0);
  return body_write_async(it->body, BODY, sizeof BODY - 1) == BLOCKED ? wait_on(it, it->body) : end_body(it);
}

EXPORT("[callback][async-lift]wasi:http/handler@0.3.0#handle")
uint32_t on_event(uint32_t code, handle waitable, uint32_t payload) {
  (void)payload;
  answer *it = answer_of(waitable);
  return code == STREAM_WRITE ? end_body(it) : finish(it);
}
