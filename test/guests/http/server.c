// Answers requests in as many ways as a test wants to see, by the first word of the path: see ROUTES.
//
// Straight on the Canonical ABI, without a libc, so that it is small and every call is where one expects it.
#define TYPES "wasi:http/types@0.2.12"
#define STREAMS "wasi:io/streams@0.2.12"
#define IMPORT(module, name) __attribute__((import_module(module), import_name(name)))

typedef int handle;
typedef unsigned int size;
typedef struct { char *start; size length; } text;
typedef struct { text name, value; } field;

IMPORT(TYPES, "[method]incoming-request.method") void request_method(handle, void *);
IMPORT(TYPES, "[method]incoming-request.path-with-query") void request_path(handle, void *);
IMPORT(TYPES, "[method]incoming-request.scheme") void request_scheme(handle, void *);
IMPORT(TYPES, "[method]incoming-request.authority") void request_authority(handle, void *);
IMPORT(TYPES, "[method]incoming-request.headers") handle request_headers(handle);
IMPORT(TYPES, "[method]incoming-request.consume") void request_consume(handle, void *);
IMPORT(TYPES, "[method]incoming-body.stream") void incoming_stream(handle, void *);
IMPORT(TYPES, "[resource-drop]incoming-request") void drop_request(handle);
IMPORT(TYPES, "[resource-drop]incoming-body") void drop_incoming_body(handle);
IMPORT(TYPES, "[resource-drop]response-outparam") void drop_outparam(handle);
IMPORT(TYPES, "[resource-drop]outgoing-body") void drop_outgoing_body(handle);
IMPORT(TYPES, "[resource-drop]fields") void drop_fields(handle);
IMPORT(TYPES, "[constructor]fields") handle new_fields(void);
IMPORT(TYPES, "[method]fields.append") void fields_append(handle, const char *, size, const char *, size, void *);
IMPORT(TYPES, "[method]fields.entries") void fields_entries(handle, void *);
IMPORT(TYPES, "[constructor]outgoing-response") handle new_response(handle);
IMPORT(TYPES, "[method]outgoing-response.set-status-code") int response_status(handle, int);
IMPORT(TYPES, "[method]outgoing-response.body") void response_body(handle, void *);
IMPORT(TYPES, "[method]outgoing-body.write") void outgoing_stream(handle, void *);
IMPORT(TYPES, "[static]outgoing-body.finish") void finish_body(handle, int, handle, void *);
IMPORT(TYPES, "[static]response-outparam.set") void set_response(handle, int, int, int, long long, int, int, int, int);
IMPORT(STREAMS, "[method]input-stream.blocking-read") void blocking_read(handle, long long, void *);
IMPORT(STREAMS, "[method]output-stream.check-write") void check_write(handle, void *);
IMPORT(STREAMS, "[method]output-stream.write") void stream_write(handle, const char *, size, void *);
IMPORT(STREAMS, "[method]output-stream.subscribe") handle stream_subscribe(handle);
IMPORT(STREAMS, "[resource-drop]input-stream") void drop_input(handle);
IMPORT(STREAMS, "[resource-drop]output-stream") void drop_output(handle);
IMPORT("wasi:io/poll@0.2.12", "[method]pollable.block") void pollable_block(handle);
IMPORT("wasi:io/poll@0.2.12", "[resource-drop]pollable") void drop_pollable(handle);
IMPORT("wasi:clocks/monotonic-clock@0.2.12", "subscribe-duration") handle subscribe_duration(long long);

#define SECOND 1000000000ll

// What the host stores for us lives until the next request.
static char heap[1 << 17] __attribute__((aligned(16)));
static size used;

__attribute__((export_name("cabi_realloc"))) void *cabi_realloc(void *old, size old_size, size align, size new_size) {
  (void)old, (void)old_size;
  used = (used + align - 1) & -align;
  if (used + new_size > sizeof heap) __builtin_trap();
  used += new_size;
  return heap + used - new_size;
}

static struct { _Alignas(8) unsigned char tag; _Alignas(8) long long value; char rest[48]; } area;

// Of a result<handle>, an option<string> and the like: the payload, four bytes behind the tag.
static int *payload(void) { return (int *)((char *)&area + 4); }
/// The case of a variant in there.
static int inner_tag(void) { return ((unsigned char *)&area)[4]; }
static handle ok_handle(void) { return area.tag ? -1 : *payload(); }
static text area_text(void) { return (text){(char *)payload()[0], payload()[1]}; }

static size length_of(const char *string) { return __builtin_strlen(string); }

size strlen(const char *string) {
  size length = 0;
  while (string[length]) length++;
  return length;
}

static int served;
static handle request, outparam, body = -1, output = -1;
static text path;

static void add_field(handle fields, const char *name, const char *value) {
  fields_append(fields, name, length_of(name), value, length_of(value), &area);
  if (area.tag) __builtin_trap();
}

/// Answers with `status` and takes the body to write to.
static void respond(int status, handle fields) {
  handle response = new_response(fields);
  if (response_status(response, status)) __builtin_trap();
  response_body(response, &area);
  body = ok_handle();
  outgoing_stream(body, &area);
  output = ok_handle();
  set_response(outparam, 0, response, 0, 0, 0, 0, 0, 0);
}

/// @returns 0 when nobody takes it any more
static int write_all(const char *start, size length) {
  while (length > 0) {
    check_write(output, &area);
    if (area.tag) return 0;
    size now = area.value < length ? (size)area.value : length;
    if (now == 0) {
      handle pollable = stream_subscribe(output);
      pollable_block(pollable);
      drop_pollable(pollable);
      continue;
    }
    stream_write(output, start, now, &area);
    if (area.tag) return 0;
    start += now, length -= now;
  }
  return 1;
}

static void print(const char *string) { write_all(string, length_of(string)); }
static void print_text(text it) { write_all(it.start, it.length); }

static void print_number(unsigned long long number) {
  char digits[20];
  size at = sizeof digits;
  do digits[--at] = '0' + number % 10; while (number /= 10);
  write_all(digits + at, sizeof digits - at);
}

static void finish(void) {
  drop_output(output);
  finish_body(body, 0, 0, &area);
}

/// What stands behind the second slash of the path.
static unsigned long long number(void) {
  size at = 1;
  while (at < path.length && path.start[at] != '/') at++;
  unsigned long long value = 0;
  for (at++; at < path.length && path.start[at] >= '0' && path.start[at] <= '9'; at++)
    value = value * 10 + path.start[at] - '0';
  return value;
}

static void wait_for(long long duration) {
  handle pollable = subscribe_duration(duration);
  pollable_block(pollable);
  drop_pollable(pollable);
}

static handle open_input(handle *incoming) {
  request_consume(request, &area);
  *incoming = ok_handle();
  incoming_stream(*incoming, &area);
  return ok_handle();
}

/// @returns 0 at the end, -1 when the body failed
static int next_chunk(handle input, text *chunk) {
  used = 0;
  blocking_read(input, 65536, &area);
  if (area.tag) return inner_tag() == 1 ? 0 : -1;
  *chunk = area_text();
  return 1;
}

static void hello(void) {
  handle fields = new_fields();
  add_field(fields, "content-type", "text/plain");
  respond(200, fields);
  print("hello, world\n");
  finish();
}

/// The answer begins before the body is read, and both go on together.
static void echo(void) {
  handle incoming, input = open_input(&incoming);
  respond(200, new_fields());
  text chunk;
  int more;
  while ((more = next_chunk(input, &chunk)) > 0 && write_all(chunk.start, chunk.length)) {}
  drop_input(input);
  drop_incoming_body(incoming);
  // A part of the body is not the body: then the answer stays unfinished, too.
  if (more < 0) {
    drop_output(output);
    drop_outgoing_body(body);
  } else finish();
}

static void drain(void) {
  handle incoming, input = open_input(&incoming);
  text chunk;
  unsigned long long sum = 0;
  int more;
  while ((more = next_chunk(input, &chunk)) > 0) sum += chunk.length;
  respond(200, new_fields());
  if (more < 0) print("failed after ");
  print_number(sum);
  finish();
}

static void describe(void) {
  respond(200, new_fields());
  static const char *const methods[] = {"GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"};
  request_method(request, &area);
  if (area.tag < 9) print(methods[area.tag]);
  else print_text(area_text());
  print(" ");
  request_scheme(request, &area);
  print(!area.tag ? "no scheme" : inner_tag() == 0 ? "http" : "https");
  print(" ");
  request_authority(request, &area);
  if (area.tag) print_text(area_text());
  else print("no authority");
  print(" ");
  print_text(path);
  print("\n");
  handle headers = request_headers(request);
  fields_entries(headers, &area);
  field *entries = *(field **)&area;
  size count = ((size *)&area)[1];
  for (size i = 0; i < count; i++) {
    print_text(entries[i].name);
    print(": ");
    print_text(entries[i].value);
    print("\n");
  }
  drop_fields(headers);
  finish();
}

static void headers(void) {
  handle fields = new_fields();
  add_field(fields, "X-Name", "caf\xc3\xa9");
  add_field(fields, "set-cookie", "a=1");
  add_field(fields, "Set-Cookie", "b=2; Path=/");
  add_field(fields, "content-length", "2");
  respond(200, fields);
  print("ok");
  finish();
}

/// Tries a field that is the connection's.
static void forbidden(void) {
  handle fields = new_fields();
  static const char *const names[] = {"connection", "Transfer-Encoding", "keep-alive", "upgrade", "proxy-authenticate"};
  int refused = 0;
  for (size i = 0; i < 5; i++) {
    fields_append(fields, names[i], length_of(names[i]), "x", 1, &area);
    refused += area.tag;
  }
  respond(200, fields);
  print_number(refused);
  finish();
}

static void status(void) {
  respond((int)number(), new_fields());
  finish();
}

static void count(void) {
  respond(200, new_fields());
  print_number(served);
  finish();
}

static char block[65536];

static void big(void) {
  unsigned long long left = number();
  respond(200, new_fields());
  for (size i = 0; i < sizeof block; i++) block[i] = 'a' + i % 26;
  while (left > 0) {
    size now = left < sizeof block ? (size)left : sizeof block;
    if (!write_all(block, now)) break;
    left -= now;
  }
  finish();
}

static void flood(void) {
  respond(200, new_fields());
  while (write_all(block, sizeof block)) {}
  finish();
}

static void half(void) {
  respond(200, new_fields());
  print("half");
}

static void trap_now(void) { __builtin_trap(); }
static void trap_later(void) { half(); wait_for(1000000), __builtin_trap(); }
static void unfinished(void) { half(); drop_output(output), drop_outgoing_body(body); }
static void spin(void) { for (;;) __asm__ volatile(""); }
static void spin_later(void) { half(); wait_for(1000000), spin(); }
static void silent(void) { drop_outparam(outparam); }
static void forget(void) {}
static void refuse(void) { set_response(outparam, 1, 38, 0, 0, 0, 0, 0, 0); }
static void never(void) { wait_for(1000000 * SECOND); }
static void never_later(void) { half(); never(); }
static void sleep_ms(void) { wait_for(number() * 1000000ll), hello(); }
/// Goes on after its answer is whole.
static void linger(void) { hello(), wait_for(number() * 1000000ll); }

static const struct { const char *name; void (*answer)(void); } ROUTES[] = {
  {"hello", hello}, {"echo", echo}, {"drain", drain}, {"describe", describe}, {"headers", headers},
  {"forbidden", forbidden}, {"status", status}, {"count", count}, {"big", big}, {"flood", flood}, {"trap", trap_now},
  {"trap-later", trap_later}, {"unfinished", unfinished}, {"spin", spin}, {"spin-later", spin_later}, {"silent", silent},
  {"forget", forget}, {"refuse", refuse}, {"never", never}, {"never-later", never_later}, {"sleep", sleep_ms},
  {"linger", linger},
};

static int matches(const char *name) {
  size length = length_of(name);
  if (path.length < length + 1) return 0;
  for (size i = 0; i < length; i++)
    if (path.start[i + 1] != name[i]) return 0;
  char next = path.length == length + 1 ? '/' : path.start[length + 1];
  return next == '/' || next == '?';
}

__attribute__((export_name("wasi:http/incoming-handler@0.2.12#handle"))) void handle_request(handle incoming, handle out) {
  used = 0;
  served++;
  request = incoming, outparam = out;
  request_path(request, &area);
  path = area.tag ? area_text() : (text){"/", 1};
  // The heap is used anew for every chunk of a body.
  static char kept[8192];
  for (size i = 0; i < path.length && i < sizeof kept; i++) kept[i] = path.start[i];
  path.start = kept;
  size i = 0;
  while (i < sizeof ROUTES / sizeof *ROUTES && !matches(ROUTES[i].name)) i++;
  if (i < sizeof ROUTES / sizeof *ROUTES) ROUTES[i].answer();
  else respond(404, new_fields()), finish();
  drop_request(request);
}
