/*
 * Goes out in every way that WASI 0.2 has, through its own imports of wasi:http and wasi:sockets, and says what came of it:
 * one line for each argument. Parts of an argument stand between bars; `~0d` is the byte of that number.
 *
 *   http|METHOD|SCHEME|AUTHORITY|PATH|name=value…|@body   http=200 body, and a line field=name: value for each header;
 *                                                         an AUTHORITY of - is none
 *   dns|NAME                                              dns=ADDRESS,ADDRESS
 *   tcp|ADDRESS|PORT|text                                 tcp=ok ANSWER
 *   udp|ADDRESS|PORT|text                                 udp=sent
 *   many|COUNT                                            many=under way
 *   hostile|NUMBER                                        calls a function as no compiler would: hostile=survived
 *
 * What fails answers `error:` and the name of the case in WIT.
 */
#include <arpa/inet.h>
#include <stdbool.h>
#include "error-names.h"
#include "result.h"

#define IMPORT(from, name) __attribute__((import_module(from), import_name(name)))
#define TYPES "wasi:http/types@0.2.12"
#define STREAMS "wasi:io/streams@0.2.12"
#define LOOKUP "wasi:sockets/ip-name-lookup@0.2.12"
#define TCP "wasi:sockets/tcp@0.2.12"
#define UDP "wasi:sockets/udp@0.2.12"

typedef int32_t handle;

IMPORT(TYPES, "[constructor]fields") handle fields_new(void);
IMPORT(TYPES, "[method]fields.append")
void fields_append(handle, const char *, size_t, const char *, size_t, void *);
IMPORT(TYPES, "[method]fields.entries") void fields_entries(handle, void *);
IMPORT(TYPES, "[constructor]outgoing-request") handle request_new(handle);
IMPORT(TYPES, "[method]outgoing-request.set-method") int set_method(handle, int, const char *, size_t);
IMPORT(TYPES, "[method]outgoing-request.set-scheme") int set_scheme(handle, int, int, const char *, size_t);
IMPORT(TYPES, "[method]outgoing-request.set-authority") int set_authority(handle, int, const char *, size_t);
IMPORT(TYPES, "[method]outgoing-request.set-path-with-query") int set_path(handle, int, const char *, size_t);
IMPORT(TYPES, "[method]outgoing-request.body") void request_body(handle, void *);
IMPORT(TYPES, "[method]outgoing-body.write") void body_write(handle, void *);
IMPORT(TYPES, "[static]outgoing-body.finish") void body_finish(handle, int, int, void *);
IMPORT("wasi:http/outgoing-handler@0.2.12", "handle") void http_handle(handle, int, int, void *);
IMPORT(TYPES, "[method]future-incoming-response.subscribe") handle response_subscribe(handle);
IMPORT(TYPES, "[method]future-incoming-response.get") void response_get(handle, void *);
IMPORT(TYPES, "[method]incoming-response.status") int response_status(handle);
IMPORT(TYPES, "[method]incoming-response.headers") handle response_headers(handle);
IMPORT(TYPES, "[method]incoming-response.consume") void response_consume(handle, void *);
IMPORT(TYPES, "[method]incoming-body.stream") void body_stream(handle, void *);
IMPORT(TYPES, "http-error-code") void http_error_code(handle, void *);
IMPORT(TYPES, "[resource-drop]fields") void fields_drop(handle);
IMPORT(TYPES, "[resource-drop]outgoing-request") void request_drop(handle);
IMPORT(TYPES, "[resource-drop]future-incoming-response") void future_drop(handle);
IMPORT(TYPES, "[resource-drop]incoming-response") void response_drop(handle);
IMPORT(TYPES, "[resource-drop]incoming-body") void body_drop(handle);
IMPORT("wasi:io/poll@0.2.12", "[method]pollable.block") void pollable_block(handle);
IMPORT("wasi:io/poll@0.2.12", "[resource-drop]pollable") void pollable_drop(handle);
IMPORT(STREAMS, "[method]input-stream.blocking-read") void blocking_read(handle, uint64_t, void *);
IMPORT(STREAMS, "[method]output-stream.blocking-write-and-flush")
void blocking_write(handle, const char *, size_t, void *);
IMPORT(STREAMS, "[resource-drop]input-stream") void input_drop(handle);
IMPORT(STREAMS, "[resource-drop]output-stream") void output_drop(handle);
IMPORT("wasi:sockets/instance-network@0.2.12", "instance-network") handle instance_network(void);
IMPORT(LOOKUP, "resolve-addresses") void resolve_addresses(handle, const char *, size_t, void *);
IMPORT(LOOKUP, "[method]resolve-address-stream.resolve-next-address") void resolve_next(handle, void *);
IMPORT(LOOKUP, "[method]resolve-address-stream.subscribe") handle resolve_subscribe(handle);
IMPORT(LOOKUP, "[resource-drop]resolve-address-stream") void resolve_drop(handle);
/* An ip-socket-address takes twelve parameters. */
#define ADDRESS int, int, int, int, int, int, int, int, int, int, int, int
IMPORT("wasi:sockets/tcp-create-socket@0.2.12", "create-tcp-socket") void create_tcp(int, void *);
IMPORT(TCP, "[method]tcp-socket.start-connect") void tcp_start_connect(handle, handle, ADDRESS, void *);
IMPORT(TCP, "[method]tcp-socket.finish-connect") void tcp_finish_connect(handle, void *);
IMPORT(TCP, "[method]tcp-socket.subscribe") handle tcp_subscribe(handle);
IMPORT(TCP, "[resource-drop]tcp-socket") void tcp_drop(handle);
IMPORT("wasi:sockets/udp-create-socket@0.2.12", "create-udp-socket") void create_udp(int, void *);
IMPORT(UDP, "[method]udp-socket.start-bind") void udp_start_bind(handle, handle, ADDRESS, void *);
IMPORT(UDP, "[method]udp-socket.finish-bind") void udp_finish_bind(handle, void *);
IMPORT(UDP, "[method]udp-socket.subscribe") handle udp_subscribe(handle);
IMPORT(UDP, "[method]udp-socket.stream") void udp_stream(handle, int, ADDRESS, void *);
IMPORT(UDP, "[method]outgoing-datagram-stream.check-send") void udp_check_send(handle, void *);
IMPORT(UDP, "[method]outgoing-datagram-stream.send") void udp_send(handle, const void *, size_t, void *);
IMPORT(UDP, "[method]outgoing-datagram-stream.subscribe") handle udp_send_subscribe(handle);

__attribute__((export_name("cabi_realloc"))) void *cabi_realloc(void *old, size_t old_size, size_t align, size_t size) {
  void *memory = realloc(old, size);
  if (memory == NULL && size > 0) abort();
  return memory;
}

static const char *const METHODS[] = {"GET",     "HEAD",    "POST",  "PUT",  "DELETE",
                                      "CONNECT", "OPTIONS", "TRACE", "PATCH"};

static const char *const HEADER_ERRORS[] = {
    "invalid-syntax", "forbidden", "immutable"};

/* What an import writes its result to. */
static _Alignas(8) uint8_t out[256];

static uint32_t word(size_t at) {
  uint32_t value;
  memcpy(&value, out + at, sizeof value);
  return value;
}

enum { MAX_PARTS = 600, MAX_DATAGRAMS = 64 };

struct part {
  char *bytes;
  size_t length;
};

/* Bytes of one argument, cut at its bars. */
static size_t split(char *argument, struct part *parts) {
  size_t count = 0;
  for (char *rest = argument; rest != NULL && count < MAX_PARTS;) {
    struct part *part = &parts[count++];
    part->bytes = strsep(&rest, "|");
    char *to = part->bytes;
    for (char *from = part->bytes; *from != '\0';) {
      unsigned byte;
      if (from[0] == '~' && sscanf(from + 1, "%2x", &byte) == 1) {
        *to++ = (char)byte;
        from += 3;
      } else *to++ = *from++;
    }
    part->length = (size_t)(to - part->bytes);
  }
  return count;
}

static bool is(const struct part *part, const char *value) {
  return part->length == strlen(value) && memcmp(part->bytes, value, part->length) == 0;
}

static void failed(const char *name, const char *error) { printf("%s=error:%s\n", name, error); }

static void wait_for(handle pollable) {
  pollable_block(pollable);
  pollable_drop(pollable);
}

/* Reads to the end, or to the first error, and prints it. */
static void print_rest(handle stream) {
  for (;;) {
    blocking_read(stream, 4096, out);
    if (out[0] == 0) {
      fwrite((void *)word(4), 1, word(8), stdout);
      free((void *)word(4));
      continue;
    }
    if (out[4] == 0) {
      http_error_code((handle)word(8), out);
      printf(" error:%s", out[0] == 0 ? "stream" : HTTP_ERRORS[out[8]]);
    }
    break;
  }
  putchar('\n');
}

static handle make_fields(const struct part *parts, size_t count, const struct part **body) {
  handle fields = fields_new();
  for (size_t i = 0; i < count; i++) {
    const struct part *part = &parts[i];
    if (part->length > 0 && part->bytes[0] == '@') {
      *body = part;
      continue;
    }
    const char *value = memchr(part->bytes, '=', part->length);
    size_t name = value == NULL ? part->length : (size_t)(value - part->bytes);
    size_t length = value == NULL ? 0 : part->length - name - 1;
    fields_append(fields, part->bytes, name, value == NULL ? "" : value + 1, length, out);
    if (out[0] == 0) continue;
    failed("http", HEADER_ERRORS[out[1]]);
    fields_drop(fields);
    return -1;
  }
  return fields;
}

static const char *set_target(handle request, const struct part *parts) {
  int method = 0;
  while (method < 9 && !is(&parts[0], METHODS[method])) method++;
  bool other = method == 9;
  if (set_method(request, method, other ? parts[0].bytes : NULL, other ? parts[0].length : 0) != 0) return "set-method";
  int scheme = is(&parts[1], "http") ? 0 : is(&parts[1], "https") ? 1 : 2;
  other = scheme == 2;
  if (set_scheme(request, 1, scheme, other ? parts[1].bytes : NULL, other ? parts[1].length : 0) != 0)
    return "set-scheme";
  bool none = is(&parts[2], "-");
  if (!none && set_authority(request, 1, parts[2].bytes, parts[2].length) != 0) return "set-authority";
  if (set_path(request, 1, parts[3].bytes, parts[3].length) != 0) return "set-path";
  return NULL;
}

static const char *send_body(handle body, const struct part *content) {
  if (content != NULL) {
    body_write(body, out);
    handle stream = (handle)word(4);
    blocking_write(stream, content->bytes + 1, content->length - 1, out);
    if (out[0] != 0) return "body";
    output_drop(stream);
  }
  body_finish(body, 0, 0, out);
  return out[0] == 0 ? NULL : HTTP_ERRORS[out[8]];
}

static void print_response(handle response) {
  handle fields = response_headers(response);
  fields_entries(fields, out);
  struct entry {
    char *name;
    size_t name_length;
    char *value;
    size_t value_length;
  } *entries = (struct entry *)word(0);
  for (size_t i = 0, count = word(4); i < count; i++)
    printf("field=%.*s: %.*s\n", (int)entries[i].name_length, entries[i].name, (int)entries[i].value_length,
           entries[i].value);
  fields_drop(fields);
  printf("http=%d ", response_status(response));
  response_consume(response, out);
  handle body = (handle)word(4);
  body_stream(body, out);
  handle stream = (handle)word(4);
  print_rest(stream);
  input_drop(stream);
  body_drop(body);
  response_drop(response);
}

static void http(struct part *parts, size_t count) {
  const struct part *content = NULL;
  handle fields = make_fields(parts + 4, count - 4, &content);
  if (fields < 0) return;
  handle request = request_new(fields);
  const char *fault = set_target(request, parts);
  if (fault != NULL) {
    request_drop(request);
    failed("http", fault);
    return;
  }
  request_body(request, out);
  if (out[0] != 0) {
    request_drop(request);
    failed("http", "body");
    return;
  }
  handle body = (handle)word(4);
  http_handle(request, 0, 0, out);
  if (out[0] != 0) {
    failed("http", HTTP_ERRORS[out[8]]);
    return;
  }
  handle future = (handle)word(8);
  fault = send_body(body, content);
  wait_for(response_subscribe(future));
  response_get(future, out);
  if (out[16] == 0) print_response((handle)word(24));
  else failed("http", HTTP_ERRORS[out[24]]);
  if (fault != NULL) failed("sent", fault);
  future_drop(future);
}

static void print_address(const uint8_t *address) {
  char shown[INET6_ADDRSTRLEN];
  if (address[0] == 0) {
    inet_ntop(AF_INET, address + 2, shown, sizeof shown);
  } else {
    uint8_t bytes[16];
    for (size_t i = 0; i < 16; i += 2) {
      bytes[i] = address[2 + i + 1];
      bytes[i + 1] = address[2 + i];
    }
    inet_ntop(AF_INET6, bytes, shown, sizeof shown);
  }
  fputs(shown, stdout);
}

static void dns(const struct part *name) {
  resolve_addresses(instance_network(), name->bytes, name->length, out);
  if (out[0] != 0) {
    failed("dns", NETWORK_ERRORS[out[4]]);
    return;
  }
  handle stream = (handle)word(4);
  for (bool first = true;;) {
    resolve_next(stream, out);
    if (out[0] != 0 && strcmp(NETWORK_ERRORS[out[2]], "would-block") == 0) {
      wait_for(resolve_subscribe(stream));
      continue;
    }
    if (out[0] != 0) failed("dns", NETWORK_ERRORS[out[2]]);
    else if (out[2] != 0) {
      fputs(first ? "dns=" : ",", stdout);
      first = false;
      print_address(out + 4);
      continue;
    } else putchar('\n');
    break;
  }
  resolve_drop(stream);
}

/* The flat form of an ip-socket-address. */
static bool parse_address(const struct part *parts, int flat[12]) {
  char host[64];
  snprintf(host, sizeof host, "%.*s", (int)parts[0].length, parts[0].bytes);
  uint8_t bytes[16];
  memset(flat, 0, 12 * sizeof *flat);
  flat[0] = strchr(host, ':') != NULL;
  flat[1] = atoi(parts[1].bytes);
  if (inet_pton(flat[0] ? AF_INET6 : AF_INET, host, bytes) != 1) return false;
  if (flat[0] == 0)
    for (int i = 0; i < 4; i++) flat[2 + i] = bytes[i];
  else
    for (int i = 0; i < 8; i++) flat[3 + i] = bytes[2 * i] << 8 | bytes[2 * i + 1];
  return true;
}

#define FLAT(a) a[0], a[1], a[2], a[3], a[4], a[5], a[6], a[7], a[8], a[9], a[10], a[11]

static void tcp(const struct part *parts) {
  int remote[12];
  if (!parse_address(parts, remote)) return failed("tcp", "no address");
  create_tcp(remote[0], out);
  if (out[0] != 0) return failed("tcp", NETWORK_ERRORS[out[4]]);
  handle socket = (handle)word(4);
  tcp_start_connect(socket, instance_network(), FLAT(remote), out);
  if (out[0] != 0) {
    failed("tcp", NETWORK_ERRORS[out[1]]);
    tcp_drop(socket);
    return;
  }
  wait_for(tcp_subscribe(socket));
  tcp_finish_connect(socket, out);
  if (out[0] != 0) {
    failed("tcp", NETWORK_ERRORS[out[4]]);
    tcp_drop(socket);
    return;
  }
  handle input = (handle)word(4), output = (handle)word(8);
  blocking_write(output, parts[2].bytes, parts[2].length, out);
  printf("tcp=%s ", out[0] == 0 ? "ok" : "error:write");
  print_rest(input);
  input_drop(input);
  output_drop(output);
  tcp_drop(socket);
}

static void udp(const struct part *parts) {
  int remote[12], local[12] = {0};
  if (!parse_address(parts, remote)) return failed("udp", "no address");
  local[0] = remote[0];
  create_udp(remote[0], out);
  if (out[0] != 0) return failed("udp", NETWORK_ERRORS[out[4]]);
  handle socket = (handle)word(4);
  udp_start_bind(socket, instance_network(), FLAT(local), out);
  if (out[0] != 0) return failed("udp", NETWORK_ERRORS[out[1]]);
  wait_for(udp_subscribe(socket));
  udp_finish_bind(socket, out);
  if (out[0] != 0) return failed("udp", NETWORK_ERRORS[out[1]]);
  udp_stream(socket, 1, FLAT(remote), out);
  if (out[0] != 0) return failed("udp", NETWORK_ERRORS[out[4]]);
  handle outgoing = (handle)word(8);
  udp_check_send(outgoing, out);
  if (out[0] != 0) return failed("udp", NETWORK_ERRORS[out[8]]);
  /* As many as are taken, so that there is something to wait for; a refusal that needs a resolver is told after that. */
  uint32_t datagrams[MAX_DATAGRAMS][11] = {0};
  size_t count = word(8) < MAX_DATAGRAMS ? word(8) : MAX_DATAGRAMS;
  for (size_t i = 0; i < count; i++) {
    datagrams[i][0] = (uint32_t)parts[2].bytes;
    datagrams[i][1] = parts[2].length;
  }
  udp_send(outgoing, datagrams, count, out);
  if (out[0] != 0) return failed("udp", NETWORK_ERRORS[out[8]]);
  wait_for(udp_send_subscribe(outgoing));
  udp_check_send(outgoing, out);
  if (out[0] != 0) return failed("udp", NETWORK_ERRORS[out[8]]);
  text("udp", "sent");
}

/* As many requests at one time as the host lets be, each with a hundred kilobytes of fields. */
static void many(int count) {
  static char value[1000];
  memset(value, 'x', sizeof value);
  for (int i = 0; i < count; i++) {
    handle fields = fields_new();
    for (int j = 0; j < 100; j++) fields_append(fields, "x", 1, value, sizeof value, out);
    handle request = request_new(fields);
    set_scheme(request, 1, 0, NULL, 0);
    set_authority(request, 1, "a.test", 6);
    http_handle(request, 0, 0, out);
    if (out[0] != 0) return failed("many", HTTP_ERRORS[out[8]]);
  }
  text("many", "under way");
}

/* Pointers, lengths, cases and handles that are none. */
static void hostile(int number) {
  uint8_t *const nowhere = (uint8_t *)0xfffffff0;
  const char *const text = "abc";
  static uint32_t list[2] = {0, 0xffffffff};
  switch (number) {
    case 0: resolve_addresses(instance_network(), text, 0xffffffff, out); break;
    case 1: resolve_addresses(instance_network(), (char *)nowhere, 100, out); break;
    case 2: resolve_addresses(instance_network(), "\xff\xfe", 2, out); break;
    case 3: resolve_addresses(instance_network(), text, 3, nowhere); break;
    case 4: resolve_addresses(instance_network(), text, 3, out + 1); break;
    case 5: resolve_addresses(12345, text, 3, out); break;
    case 6: fields_append(fields_new(), text, 0xfffffff0, text, 3, out); break;
    case 7: fields_append(fields_new(), text, 3, text, 0xfffffff0, out); break;
    case 8: fields_entries(fields_new(), nowhere); break;
    case 9: set_authority(request_new(fields_new()), 1, text, 0x7fffffff); break;
    case 10: set_authority(request_new(fields_new()), 2, text, 3); break;
    case 11: set_method(request_new(fields_new()), 77, text, 3); break;
    case 12: set_method(request_new(fields_new()), -1, text, 3); break;
    case 13: set_scheme(request_new(fields_new()), 1, 3, text, 3); break;
    case 14: create_tcp(9, out); break;
    case 15: create_tcp(0, nowhere); break;
    case 16: tcp_start_connect(77, 78, 0, 1, 2, 3, 4, 5, 0, 0, 0, 0, 0, 0, out); break;
    case 17: http_handle(77, 0, 0, out); break;
    case 18: {
      handle request = request_new(fields_new());
      http_handle(request, 1, request, out);
      break;
    }
    case 19: {
      handle fields = fields_new();
      request_new(fields);
      request_new(fields);
      break;
    }
    case 20: request_drop(0); break;
    case 21: response_get(-1, out); break;
    case 22: udp_send(77, list, 0xffffffff, out); break;
    case 23: body_finish(77, 1, 78, out); break;
    case 24: pollable_block(response_subscribe(77)); break;
    default: {
      create_udp(0, out);
      if (out[0] != 0) abort();
      handle socket = (handle)word(4);
      if (number == 25) {
        udp_start_bind(socket, instance_network(), 5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, out);
        break;
      }
      udp_start_bind(socket, instance_network(), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, out);
      wait_for(udp_subscribe(socket));
      udp_finish_bind(socket, out);
      udp_stream(socket, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, out);
      handle outgoing = (handle)word(8);
      udp_check_send(outgoing, out);
      if (number == 26) udp_send(outgoing, list, 0xffffffff, out);
      if (number == 27) udp_send(outgoing, nowhere, 1, out);
      if (number == 28) udp_send(outgoing, list, 1 << 20, out);
      /* Eight datagrams of a gigabyte each, which are one and the same bytes of a memory that is smaller. */
      static uint32_t datagrams[8][11];
      for (int i = 0; i < 8; i++) datagrams[i][1] = 1 << 30;
      if (number == 29) udp_send(outgoing, datagrams, 8, out);
      /* More than check-send allows. */
      static uint32_t empty[64][11];
      if (number == 30) udp_send(outgoing, empty, 64, out);
    }
  }
  printf("hostile=survived\n");
}

int main(int argc, char **argv) {
  static struct part parts[MAX_PARTS];
  for (int i = 1; i < argc; i++) {
    size_t count = split(argv[i], parts);
    if (is(&parts[0], "http") && count >= 5) http(parts + 1, count - 1);
    else if (is(&parts[0], "dns") && count == 2) dns(parts + 1);
    else if (is(&parts[0], "tcp") && count == 4) tcp(parts + 1);
    else if (is(&parts[0], "udp") && count == 4) udp(parts + 1);
    else if (is(&parts[0], "many") && count == 2) many(atoi(parts[1].bytes));
    else if (is(&parts[0], "hostile") && count == 2) hostile(atoi(parts[1].bytes));
    else text("usage", argv[i]);
    fflush(stdout);
  }
  return 0;
}
