// Answers every request with 200 and a line of text, many at once: wasi:http/handler of 0.3, straight on the Canonical ABI.
#include "canonical-abi.h"

#define TYPES "wasi:http/types@0.3.0"
#define NEW "[static]response.new"

IMPORT(TYPES, "[resource-drop]request") void drop_request(uint32_t request);
IMPORT(TYPES, "[constructor]fields") uint32_t new_fields(void);
IMPORT(TYPES, "[method]fields.append")
void append(uint32_t fields, const char *name, uint32_t name_length, const char *value, uint32_t value_length, void *result);
IMPORT(TYPES, NEW)
void new_response(uint32_t headers, uint32_t has_body, uint32_t body, uint32_t trailers, uint32_t response_and_sent[2]);
IMPORT(TYPES, "[stream-new-0]" NEW) uint64_t new_body(void);
IMPORT(TYPES, "[async-lower][stream-write-0]" NEW) uint32_t write_body(uint32_t end, const void *bytes, uint32_t count);
IMPORT(TYPES, "[stream-drop-writable-0]" NEW) void drop_body(uint32_t end);
IMPORT(TYPES, "[future-new-1]" NEW) uint64_t new_trailers(void);
IMPORT(TYPES, "[async-lower][future-write-1]" NEW) uint32_t write_trailers(uint32_t end, const void *trailers);
IMPORT(TYPES, "[future-drop-writable-1]" NEW) void drop_trailers(uint32_t end);
IMPORT(TYPES, "[future-drop-readable-2]" NEW) void drop_sent(uint32_t future);
IMPORT("[export]wasi:http/handler@0.3.0", "[task-return]handle")
void task_return(uint32_t is_err, uint32_t response, uint32_t, uint64_t, uint32_t, uint32_t, uint32_t, uint32_t);

static const char BODY[] = "hello, world\n";
/** `ok(none)`. */
static const uint64_t NO_TRAILERS[8];
static uint64_t header_result[4];

/** A request that is being answered. */
typedef struct { uint32_t set, body, trailers; } Answer;

static Answer answers[1024];

/** @returns the answer that `waitable` belongs to; the free one for 0 */
static Answer *answer_of(uint32_t waitable) {
  for (Answer *answer = answers; answer < answers + 1024; answer++)
    if (waitable == 0 ? answer->set == 0 : answer->body == waitable || answer->trailers == waitable) return answer;
  __builtin_trap();
}

static uint32_t wait_on(Answer *answer, uint32_t waitable) {
  waitable_join(waitable, answer->set);
  return WAIT | answer->set << 4;
}

static uint32_t finish(Answer *answer) {
  waitable_join(answer->trailers, 0);
  drop_trailers(answer->trailers);
  waitable_set_drop(answer->set);
  *answer = (Answer){0};
  return EXIT;
}

static uint32_t end_body(Answer *answer) {
  waitable_join(answer->body, 0);
  drop_body(answer->body);
  answer->body = 0;
  uint32_t status = write_trailers(answer->trailers, NO_TRAILERS);
  return status == BLOCKED ? wait_on(answer, answer->trailers) : finish(answer);
}

EXPORT("[async-lift]wasi:http/handler@0.3.0#handle") uint32_t handle(uint32_t request) {
  drop_request(request);
  uint32_t headers = new_fields();
  append(headers, "content-type", 12, "text/plain", 10, header_result);
  append(headers, "content-length", 14, "13", 2, header_result);
  uint64_t body = new_body(), trailers = new_trailers();
  Answer *answer = answer_of(0);
  *answer = (Answer){waitable_set_new(), body >> 32, trailers >> 32};
  uint32_t response_and_sent[2];
  new_response(headers, 1, (uint32_t)body, (uint32_t)trailers, response_and_sent);
  drop_sent(response_and_sent[1]);
  task_return(0, response_and_sent[0], 0, 0, 0, 0, 0, 0);
  uint32_t status = write_body(answer->body, BODY, sizeof BODY - 1);
  return status == BLOCKED ? wait_on(answer, answer->body) : end_body(answer);
}

EXPORT("[callback][async-lift]wasi:http/handler@0.3.0#handle")
uint32_t callback(uint32_t event, uint32_t waitable, uint32_t status) {
  (void)status;
  Answer *answer = answer_of(waitable);
  return event == EVENT_STREAM_WRITE ? end_body(answer) : finish(answer);
}
