/*
 * A client of PostgreSQL, as much of its protocol as one query takes, over wasi:sockets:
 * https://www.postgresql.org/docs/current/protocol-flow.html
 *
 *   database 10.0.0.5 5432 SELECT 1
 *
 * Prints `parameter=`, `columns=`, `row=` and `done=` as the server tells them, or `error=`.
 */
#include "sockets.h"

static int input, output;
static uint8_t message[65536];
static size_t length;

static void fail(const char *where, const char *why) {
  printf("%s=%s\n", where, why);
  exit(1);
}

static void send_bytes(const uint8_t *bytes, size_t size) {
  struct done_result done;
  for (size_t sent = 0; sent < size;) {
    size_t part = size - sent < 4096 ? size - sent : 4096;
    output_blocking_write(output, bytes + sent, part, &done);
    if (done.failed) fail("send", done.closed ? "closed" : "failed");
    sent += part;
  }
}

static void receive_bytes(uint8_t *into, size_t size) {
  struct read_result got;
  for (size_t received = 0; received < size; received += got.list.length) {
    input_blocking_read(input, size - received, &got);
    if (got.failed) fail("receive", got.closed ? "closed" : "failed");
    memcpy(into + received, got.list.data, got.list.length);
    if (got.list.length) free(got.list.data);
  }
}

static uint32_t get32(const uint8_t *at) { return (uint32_t)at[0] << 24 | at[1] << 16 | at[2] << 8 | at[3]; }
static uint16_t get16(const uint8_t *at) { return at[0] << 8 | at[1]; }

static uint8_t *put32(uint8_t *at, uint32_t value) {
  for (int i = 0; i < 4; i++) at[i] = value >> (24 - i * 8);
  return at + 4;
}

static uint8_t *put_text(uint8_t *at, const char *word) {
  size_t size = strlen(word) + 1;
  memcpy(at, word, size);
  return at + size;
}

/* @returns the kind of the next message, whose content is in `message` */
static char receive_message(void) {
  uint8_t head[5];
  receive_bytes(head, sizeof head);
  length = get32(head + 1) - 4;
  if (length > sizeof message - 1) fail("message", "too large");
  receive_bytes(message, length);
  message[length] = 0;
  return head[0];
}

static void send_startup(void) {
  uint8_t startup[256], *at = put32(startup + 4, 196608);
  at = put_text(put_text(at, "user"), "guest");
  at = put_text(put_text(at, "database"), "shop");
  *at++ = 0;
  put32(startup, at - startup);
  send_bytes(startup, at - startup);
}

static void send_query(const char *query) {
  static uint8_t bytes[65536];
  bytes[0] = 'Q';
  uint8_t *end = put_text(bytes + 5, query);
  put32(bytes + 1, end - bytes - 1);
  send_bytes(bytes, end - bytes);
}

static void print_columns(void) {
  const uint8_t *at = message + 2;
  printf("columns=");
  for (int i = 0, count = get16(message); i < count; i++) {
    printf("%s%s", i ? "," : "", (const char *)at);
    at += strlen((const char *)at) + 1 + 18;
  }
  putchar('\n');
}

static void print_row(void) {
  const uint8_t *at = message + 2;
  printf("row=");
  for (int i = 0, count = get16(message); i < count; i++) {
    int32_t size = get32(at);
    at += 4;
    if (size < 0) printf("%sNULL", i ? "," : "");
    else printf("%s%.*s", i ? "," : "", (int)size, (const char *)at), at += size;
  }
  putchar('\n');
}

/* Fields of an error: a letter and a text each. */
static void print_error(void) {
  for (const uint8_t *at = message; *at; at += strlen((const char *)at) + 1)
    if (*at++ == 'M') text("error", (const char *)at);
}

/* Until the server is ready for a query. */
static void read_to_ready(void) {
  for (;;) switch (receive_message()) {
      case 'R':
        if (get32(message) != 0) fail("error", "a password is asked for");
        break;
      case 'S': printf("parameter=%s %s\n", message, message + strlen((char *)message) + 1); break;
      case 'T': print_columns(); break;
      case 'D': print_row(); break;
      case 'C': text("done", (char *)message); break;
      case 'E': print_error(); break;
      case 'Z': return;
    }
}

int main(int argc, char **argv) {
  if (argc < 4) return 64;
  struct address server = parse_address(argv[1], argv[2]);
  struct handle1 socket;
  struct handle2 streams;
  create_tcp_socket(server.is_v6, &socket);
  if (socket.failed) fail("connect", error_name(socket.error));
  if (tcp_connect(instance_network(), socket.handles[0], server, &streams) < 0)
    fail("connect", error_name(streams.error));
  input = streams.handles[0];
  output = streams.handles[1];
  send_startup();
  read_to_ready();
  static char query[4096];
  for (int i = 3; i < argc; i++) {
    strncat(query, argv[i], sizeof query - strlen(query) - 2);
    if (i < argc - 1) strcat(query, " ");
  }
  send_query(query);
  read_to_ready();
  send_bytes((const uint8_t *)"X\0\0\0\4", 5);
  input_drop(input);
  output_drop(output);
  tcp_drop(socket.handles[0]);
  return 0;
}
