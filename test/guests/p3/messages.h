/* wasi:http/types and client of 0.3 as the Canonical ABI lowers them. */
#ifndef MESSAGES_H
#define MESSAGES_H

#include "wasi3.h"

#define TYPES "wasi:http/types@0.3.0"
#define REQUEST_NEW "[static]request.new"
#define RESPONSE_NEW "[static]response.new"
#define CONSUME "[static]response.consume-body"

/* The cases of method, header-error, request-options-error and error-code, in the order of WIT. */
static const char *const METHODS[] = {"get", "head", "post", "put", "delete", "connect", "options", "trace", "patch", "other"};
static const char *const SCHEMES[] = {"HTTP", "HTTPS", "other"};
static const char *const HEADER_ERRORS[] = {"invalid-syntax", "forbidden", "immutable", "size-exceeded", "other"};
static const char *const OPTIONS_ERRORS[] = {"not-supported", "immutable", "other"};
static const char *const ERRORS[] = {
  "DNS-timeout", "DNS-error", "destination-not-found", "destination-unavailable",
  "destination-IP-prohibited", "destination-IP-unroutable", "connection-refused", "connection-terminated",
  "connection-timeout", "connection-read-timeout", "connection-write-timeout", "connection-limit-reached",
  "TLS-protocol-error", "TLS-certificate-error", "TLS-alert-received", "HTTP-request-denied",
  "HTTP-request-length-required", "HTTP-request-body-size", "HTTP-request-method-invalid", "HTTP-request-URI-invalid",
  "HTTP-request-URI-too-long", "HTTP-request-header-section-size", "HTTP-request-header-size",
  "HTTP-request-trailer-section-size", "HTTP-request-trailer-size", "HTTP-response-incomplete",
  "HTTP-response-header-section-size", "HTTP-response-header-size", "HTTP-response-body-size",
  "HTTP-response-trailer-section-size", "HTTP-response-trailer-size", "HTTP-response-transfer-coding",
  "HTTP-response-content-coding", "HTTP-response-timeout", "HTTP-upgrade-failed", "HTTP-protocol-error",
  "loop-detected", "configuration-error", "internal-error",
};

enum { OTHER_METHOD = 9, OTHER_SCHEME = 2, CONNECTION_TERMINATED = 7 };

struct field { text name, value; };
struct field_list { struct field *items; size_t length; };

/* method and scheme; `other` has a string. */
struct word { uint8_t code; text other; };

struct optional_word { uint8_t some; struct word value; };
struct optional_text { uint8_t some; text value; };
struct optional_handle { uint8_t some; handle value; };
struct optional_duration { uint8_t some; uint64_t value; };

/* header-error and request-options-error; `other` has an option<string>. */
struct error { uint8_t code; struct optional_text other; };

/* error-code; the widest of its payloads is an option<field-size-payload>. */
struct error_code { uint8_t code; uint64_t payload[3]; };

/* result<T, header-error>: T is at 4, as is the error. */
struct outcome { uint8_t failed; struct error error; };
struct fields_result { uint8_t failed; union { struct error error; handle value; }; };
struct values_result { uint8_t failed; union { struct error error; text_list values; }; };

/* result<T, error-code>: both are at 8. */
struct transmission { uint8_t failed; struct error_code error; };
struct answer { uint8_t failed; union { struct error_code error; handle response; }; };
struct trailers_result { uint8_t failed; union { struct error_code error; struct optional_handle trailers; }; };

_Static_assert(sizeof(struct outcome) == 20, "result<_, header-error>");
_Static_assert(sizeof(struct optional_word) == 16, "option<scheme>");
_Static_assert(sizeof(struct error_code) == 32, "error-code");
_Static_assert(sizeof(struct trailers_result) == 40, "result<option<trailers>, error-code>");

#define FIELDS(name) IMPORT(TYPES, "[method]fields." name)
IMPORT(TYPES, "[constructor]fields") handle fields_new(void);
IMPORT(TYPES, "[static]fields.from-list") void fields_from_list(const struct field *, size_t, struct fields_result *);
IMPORT(TYPES, "[resource-drop]fields") void fields_drop(handle);
FIELDS("get") void fields_get(handle, const char *, size_t, text_list *);
FIELDS("has") int fields_has(handle, const char *, size_t);
FIELDS("set") void fields_set(handle, const char *, size_t, const text *, size_t, struct outcome *);
FIELDS("delete") void fields_delete(handle, const char *, size_t, struct outcome *);
FIELDS("get-and-delete") void fields_get_and_delete(handle, const char *, size_t, struct values_result *);
FIELDS("append") void fields_append(handle, const char *, size_t, const char *, size_t, struct outcome *);
FIELDS("copy-all") void fields_copy_all(handle, struct field_list *);
FIELDS("clone") handle fields_clone(handle);

#define OPTIONS(name) IMPORT(TYPES, "[method]request-options." name)
IMPORT(TYPES, "[constructor]request-options") handle options_new(void);
IMPORT(TYPES, "[resource-drop]request-options") void options_drop(handle);
OPTIONS("clone") handle options_clone(handle);

/* NAME in C, NAME in WIT */
#define TIMEOUTS(TIMEOUT)          \
  TIMEOUT(connect, "connect")      \
  TIMEOUT(first_byte, "first-byte") \
  TIMEOUT(between_bytes, "between-bytes")

#define DECLARE(NAME, WIT)                                                                   \
  OPTIONS("get-" WIT "-timeout") void options_get_##NAME(handle, struct optional_duration *); \
  OPTIONS("set-" WIT "-timeout") void options_set_##NAME(handle, int some, uint64_t, struct outcome *);
TIMEOUTS(DECLARE)

#define REQUEST(name) IMPORT(TYPES, "[method]request." name)
IMPORT(TYPES, REQUEST_NEW)
void request_new(handle headers, int has_body, handle body, handle trailers, int has_options, handle options, handle out[2]);
IMPORT(TYPES, "[resource-drop]request") void request_drop(handle);
REQUEST("get-method") void request_get_method(handle, struct word *);
REQUEST("set-method") int request_set_method(handle, int method, const char *, size_t);
REQUEST("get-path-with-query") void request_get_path(handle, struct optional_text *);
REQUEST("set-path-with-query") int request_set_path(handle, int some, const char *, size_t);
REQUEST("get-scheme") void request_get_scheme(handle, struct optional_word *);
REQUEST("set-scheme") int request_set_scheme(handle, int some, int scheme, const char *, size_t);
REQUEST("get-authority") void request_get_authority(handle, struct optional_text *);
REQUEST("set-authority") int request_set_authority(handle, int some, const char *, size_t);
REQUEST("get-options") void request_get_options(handle, struct optional_handle *);
REQUEST("get-headers") handle request_get_headers(handle);
STREAM(sending, TYPES, 0, REQUEST_NEW);
FUTURE(sending_trailers, TYPES, 1, REQUEST_NEW);
FUTURE(sent, TYPES, 2, REQUEST_NEW);

#define RESPONSE(name) IMPORT(TYPES, "[method]response." name)
IMPORT(TYPES, RESPONSE_NEW) void response_new(handle headers, int has_body, handle body, handle trailers, handle out[2]);
IMPORT(TYPES, "[resource-drop]response") void response_drop(handle);
IMPORT(TYPES, CONSUME) void response_consume_body(handle, handle res, handle out[2]);
RESPONSE("get-status-code") int response_get_status_code(handle);
RESPONSE("set-status-code") int response_set_status_code(handle, int);
RESPONSE("get-headers") handle response_get_headers(handle);
FUTURE(res, TYPES, 0, CONSUME);
STREAM(receiving, TYPES, 1, CONSUME);
FUTURE(receiving_trailers, TYPES, 2, CONSUME);

IMPORT("wasi:http/client@0.3.0", "[async-lower]send") uint32_t send_async(handle request, struct answer *);

/* @returns the case that `name` is, or else the last one, which is `other` */
static inline int case_of(text name, const char *const *cases, int last) {
  for (int i = 0; i < last; i++)
    if (same(name, cases[i])) return i;
  return last;
}

static inline void say_word(const char *name, const struct word *word, const char *const *cases, int last) {
  put_text(text_of(name)), put('='), put_text(text_of(cases[word->code]));
  if (word->code == last) put('('), put_text(word->other), put(')');
  end_line();
}

static inline void say_optional(const char *name, const struct optional_text *value) {
  say_text(name, value->some ? value->value : text_of("none"));
}

/* `[one] [other]` */
static inline void say_values(const char *name, const text_list *values) {
  put_text(text_of(name)), put('=');
  for (size_t i = 0; i < values->length; i++) {
    if (i > 0) put(' ');
    put('['), put_text(values->items[i]), put(']');
  }
  end_line();
}

/* `name: value; other: value` */
static inline void say_fields(const char *name, handle fields) {
  struct field_list all;
  fields_copy_all(fields, &all);
  put_text(text_of(name)), put('=');
  for (size_t i = 0; i < all.length; i++) {
    if (i > 0) put(';'), put(' ');
    put_text(all.items[i].name), put(':'), put(' '), put_text(all.items[i].value);
  }
  end_line();
}

#endif
