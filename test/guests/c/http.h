/*
 * The client side of wasi:http of 0.2, which no libc of 0.1 has: the functions as the Canonical ABI lowers them.
 *
 * WASI_PATCH is that of the version 0.2.x that the guest is built for.
 */
#ifndef HTTP_H
#define HTTP_H

#include "error-names.h"
#include "result.h"
#include <stdbool.h>

#define TEXT_OF(number) #number
#define TEXT(number) TEXT_OF(number)
#define IMPORT(interface, function) \
  __attribute__((import_module("wasi:" interface "@0.2." TEXT(WASI_PATCH)), import_name(function)))
#define TYPES(function) IMPORT("http/types", function)

struct string { char *data; size_t length; };
struct field { struct string name, value; };
struct list { struct field *items; size_t length; };
struct handle_result { uint8_t failed; int32_t handle; };
struct header_result { uint8_t failed; uint8_t error; };
struct option_string { uint8_t some; struct string value; };

/* error-code: its case, and a payload whose largest form has an option<u64>. */
struct error_code { _Alignas(8) uint8_t code; _Alignas(8) uint8_t some; union { uint64_t size; struct string text; }; char rest[8]; };
_Static_assert(sizeof(struct error_code) == 32, "error-code");
struct option_error { uint8_t some; struct error_code error; };
/* result<T, error-code> where T is a handle, an option of one, or nothing */
struct answer { uint8_t failed; union { _Alignas(8) int32_t handle; struct { uint8_t some; int32_t trailers; }; struct error_code error; }; };
/* option<result<T>> of that */
struct future { uint8_t some; _Alignas(8) uint8_t taken; struct answer answer; };
_Static_assert(sizeof(struct future) == 56, "future");

struct stream_error { uint8_t closed; int32_t error; };
struct read_result { uint8_t failed; union { struct stream_error error; struct string bytes; }; };
struct done_result { uint8_t failed; struct stream_error error; };
struct count_result { uint8_t failed; union { _Alignas(8) uint64_t count; struct stream_error error; }; };
struct option_duration { uint8_t some; uint64_t value; };

IMPORT("clocks/monotonic-clock", "subscribe-duration") int subscribe_duration(uint64_t);
IMPORT("io/poll", "[method]pollable.block") void pollable_block(int);
IMPORT("io/poll", "[resource-drop]pollable") void pollable_drop(int);
IMPORT("io/error", "[resource-drop]error") void error_drop(int);
IMPORT("io/streams", "[method]input-stream.blocking-read") void input_blocking_read(int, uint64_t, struct read_result *);
IMPORT("io/streams", "[resource-drop]input-stream") void input_drop(int);
IMPORT("io/streams", "[method]output-stream.check-write") void output_check_write(int, struct count_result *);
IMPORT("io/streams", "[method]output-stream.write") void output_write(int, const void *, size_t, struct done_result *);
IMPORT("io/streams", "[method]output-stream.blocking-write-and-flush")
void output_blocking_write(int, const void *, size_t, struct done_result *);
IMPORT("io/streams", "[method]output-stream.subscribe") int output_subscribe(int);
IMPORT("io/streams", "[resource-drop]output-stream") void output_drop(int);
IMPORT("http/outgoing-handler", "handle") void outgoing_handle(int, int, int, struct answer *);
TYPES("http-error-code") void http_error_code(int, struct option_error *);
TYPES("[constructor]fields") int fields_new(void);
TYPES("[static]fields.from-list") void fields_from_list(const struct field *, size_t, struct handle_result *);
TYPES("[method]fields.append") void fields_append(int, const char *, size_t, const char *, size_t, struct header_result *);
TYPES("[method]fields.set") void fields_set(int, const char *, size_t, const struct string *, size_t, struct header_result *);
TYPES("[method]fields.delete") void fields_delete(int, const char *, size_t, struct header_result *);
TYPES("[method]fields.has") int fields_has(int, const char *, size_t);
TYPES("[method]fields.get") void fields_get(int, const char *, size_t, struct { struct string *items; size_t length; } *);
TYPES("[method]fields.clone") int fields_clone(int);
TYPES("[method]fields.entries") void fields_entries(int, struct list *);
TYPES("[resource-drop]fields") void fields_drop(int);
TYPES("[constructor]request-options") int options_new(void);
TYPES("[method]request-options.connect-timeout") void options_connect(int, struct option_duration *);
TYPES("[method]request-options.set-connect-timeout") int options_set_connect(int, int, uint64_t);
TYPES("[method]request-options.set-first-byte-timeout") int options_set_first(int, int, uint64_t);
TYPES("[method]request-options.set-between-bytes-timeout") int options_set_between(int, int, uint64_t);
TYPES("[constructor]outgoing-request") int request_new(int);
TYPES("[method]outgoing-request.body") void request_body(int, struct handle_result *);
TYPES("[method]outgoing-request.method") void request_method(int, struct { uint8_t method; struct string other; } *);
TYPES("[method]outgoing-request.set-method") int request_set_method(int, int, const char *, size_t);
TYPES("[method]outgoing-request.scheme") void request_scheme(int, struct { uint8_t some; uint8_t scheme; struct string other; } *);
TYPES("[method]outgoing-request.set-scheme") int request_set_scheme(int, int, int, const char *, size_t);
TYPES("[method]outgoing-request.authority") void request_authority(int, struct option_string *);
TYPES("[method]outgoing-request.set-authority") int request_set_authority(int, int, const char *, size_t);
TYPES("[method]outgoing-request.path-with-query") void request_path(int, struct option_string *);
TYPES("[method]outgoing-request.set-path-with-query") int request_set_path(int, int, const char *, size_t);
TYPES("[method]outgoing-request.headers") int request_headers(int);
TYPES("[resource-drop]outgoing-request") void request_drop(int);
TYPES("[method]outgoing-body.write") void body_write(int, struct handle_result *);
TYPES("[static]outgoing-body.finish") void body_finish(int, int, int, struct answer *);
TYPES("[resource-drop]outgoing-body") void body_drop(int);
TYPES("[method]future-incoming-response.subscribe") int response_subscribe(int);
TYPES("[method]future-incoming-response.get") void response_get(int, struct future *);
TYPES("[resource-drop]future-incoming-response") void future_drop(int);
TYPES("[method]incoming-response.status") int response_status(int);
TYPES("[method]incoming-response.headers") int response_headers(int);
TYPES("[method]incoming-response.consume") void response_consume(int, struct handle_result *);
TYPES("[resource-drop]incoming-response") void response_drop(int);
TYPES("[method]incoming-body.stream") void incoming_stream(int, struct handle_result *);
TYPES("[static]incoming-body.finish") int incoming_finish(int);
TYPES("[resource-drop]incoming-body") void incoming_drop(int);
TYPES("[method]future-trailers.subscribe") int trailers_subscribe(int);
TYPES("[method]future-trailers.get") void trailers_get(int, struct future *);
TYPES("[resource-drop]future-trailers") void trailers_drop(int);

__attribute__((export_name("cabi_realloc"))) void *cabi_realloc(void *old, size_t old_size, size_t alignment, size_t size) {
  (void)old_size;
  return size == 0 ? (void *)alignment : realloc(old, size);
}

static const char *const METHODS[] = {"GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"};

#endif
