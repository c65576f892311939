// Takes hold of one of everything, and leaves it at that: `holder ENDING PORT`. A connection to that port of 127.0.0.1, a file, a
// directory being listed, standard input being read, standard output being written, a sleep. Then it ends as ENDING says, or waits
// for the peer.
#include "hostile.h"

#define SOCKETS "wasi:sockets/types@0.3.0"

IMPORT(SOCKETS, "[static]tcp-socket.create") void tcp_create(uint32_t family, void *result);
IMPORT(SOCKETS, "[method]tcp-socket.connect")
void tcp_connect(uint32_t socket, uint32_t is_ipv6, uint32_t port, uint32_t a, uint32_t b, uint32_t c, uint32_t d, uint32_t,
                 uint32_t, uint32_t, uint32_t, uint32_t, uint32_t, void *result);
IMPORT(SOCKETS, "[method]tcp-socket.receive") void tcp_receive(uint32_t socket, uint32_t stream_and_future[2]);
IMPORT(SOCKETS, "[async-lower][stream-read-0][method]tcp-socket.receive")
uint32_t tcp_copy(uint32_t end, void *bytes, uint32_t count);
IMPORT(SOCKETS, "[method]tcp-socket.send") uint32_t tcp_send(uint32_t socket, uint32_t readable);
IMPORT(FILES, "[method]descriptor.read-directory") void read_directory(uint32_t directory, uint32_t stream_and_future[2]);

static uint8_t heap[1 << 12] __attribute__((aligned(16)));
static uint32_t heap_used;
static uint8_t bytes[1 << 16];
static uint8_t area[64] __attribute__((aligned(8)));
static uint32_t waiting;

EXPORT("cabi_realloc") void *cabi_realloc(void *old, uint32_t old_size, uint32_t align, uint32_t size) {
  (void)old, (void)old_size;
  heap_used = (heap_used + align - 1) & -align;
  if (heap_used + size > sizeof heap) __builtin_trap();
  heap_used += size;
  return heap + heap_used - size;
}

static uint32_t done(bool right) {
  task_return(!right);
  return EXIT;
}

static void hold_standard_streams(void) {
  uint32_t input[2];
  stdin_read(input);
  stdin_copy(input[0], bytes, sizeof bytes);
  stdin_result(input[1], area + 32);
  uint64_t output = stream_new();
  stdout_write((uint32_t)output);
  stream_write(output >> 32, bytes, sizeof bytes);
}

static bool hold_files(void) {
  List directories;
  get_directories(&directories);
  uint32_t entries[2];
  read_directory(*(uint32_t *)directories.start, entries);
  static struct { uint32_t directory, follow; List path; uint8_t open, flags; } params;
  params.directory = *(uint32_t *)directories.start;
  params.path = (List){"file", 4};
  params.open = 1, params.flags = 3;
  if (open_at(&params, area) != RETURNED || area[0] != 0) return false;
  uint32_t file = *(uint32_t *)(area + 4);
  uint32_t content[2];
  file_read(file, 0, content);
  uint64_t data = stream_new();
  file_write(file, (uint32_t)data, 0);
  stream_write(data >> 32, bytes, 1000);
  return true;
}

/** @returns the stream of what comes */
static uint32_t hold_connection(uint32_t port) {
  tcp_create(0, area);
  if (area[0] != 0) return 0;
  uint32_t socket = *(uint32_t *)(area + 4);
  tcp_connect(socket, 0, port, 127, 0, 0, 1, 0, 0, 0, 0, 0, 0, area);
  if (area[0] != 0) return 0;
  uint64_t data = stream_new();
  tcp_send(socket, (uint32_t)data);
  stream_write(data >> 32, "held", 4);
  uint32_t received[2];
  tcp_receive(socket, received);
  return tcp_copy(received[0], bytes, sizeof bytes) == BLOCKED ? received[0] : 0;
}

EXPORT("[async-lift]" RUN "#run") uint32_t run(void) {
  List words;
  get_arguments(&words);
  List *last = (List *)words.start + words.length - 2;
  uint32_t port = 0;
  for (uint32_t i = 0; i < last[1].length; i++) port = port * 10 + ((char *)last[1].start)[i] - '0';
  hold_standard_streams();
  if (!hold_files()) return done(false);
  uint32_t received = hold_connection(port);
  if (received == 0) return done(false);
  uint32_t sleep = wait_for_async(1ull << 60) >> 4;
  waiting = waitable_set_new();
  waitable_join(received, waiting);
  waitable_join(sleep, waiting);
  switch (*(char *)last[0].start) {
    case 'e': return done(true);
    case 't': __builtin_trap();
    case 'l': for (;;) __asm__ volatile("");
    default: return WAIT | waiting << 4;
  }
}

EXPORT("[callback][async-lift]" RUN "#run") uint32_t callback(uint32_t code, uint32_t waitable, uint32_t payload) {
  (void)code, (void)waitable, (void)payload;
  return done(true);
}
