// Takes hold of one of everything, and leaves it at that: `holder ENDING PORT`. A connection to that port of 127.0.0.1, a file, a
// directory being listed, standard input being read, standard output being written, a sleep. Then it ends as ENDING says, or waits
// for the peer.
#include "hostile.h"

#define SOCKETS "wasi:sockets/types@0.3.0"

IMPORT(SOCKETS, "[static]tcp-socket.create") void tcp_create(uint32_t family, void *result);
IMPORT(SOCKETS, "[method]tcp-socket.connect")
void tcp_connect(handle socket, uint32_t is_ipv6, uint32_t port, uint32_t a, uint32_t b, uint32_t c, uint32_t d, uint32_t,
                 uint32_t, uint32_t, uint32_t, uint32_t, uint32_t, void *result);
IMPORT(SOCKETS, "[method]tcp-socket.receive") void tcp_receive(handle socket, handle stream_and_future[2]);
STREAM(tcp, SOCKETS, 0, "[method]tcp-socket.receive");
IMPORT(SOCKETS, "[method]tcp-socket.send") handle tcp_send(handle socket, handle readable);
IMPORT(FILES, "[method]descriptor.read-directory") void read_directory(handle directory, handle stream_and_future[2]);

static uint8_t bytes[1 << 16];
static uint8_t area[64] __attribute__((aligned(8)));
static handle waiting;

static void hold_standard_streams(void) {
  handle input[2];
  stdin_read_via_stream(input);
  stdin_stream_read_async(input[0], bytes, sizeof bytes);
  stdin_result_read_async(input[1], area + 32);
  uint64_t output = stream_new();
  stdout_write_via_stream(READABLE(output));
  stream_write_async(WRITABLE(output), bytes, sizeof bytes);
}

static bool hold_files(void) {
  handle directory = first_directory(), entries[2], content[2];
  read_directory(directory, entries);
  open_params params = {directory, 0, {"file", 4}, 1, 3};
  if (open_at(&params, area) != RETURNED || area[0] != 0) return false;
  handle file = *(handle *)(area + 4);
  file_read_via(file, 0, content);
  uint64_t data = stream_new();
  file_write_via(file, READABLE(data), 0);
  stream_write_async(WRITABLE(data), bytes, 1000);
  return true;
}

/** @returns the stream of what comes */
static handle hold_connection(uint32_t port) {
  tcp_create(0, area);
  if (area[0] != 0) return 0;
  handle socket = *(handle *)(area + 4);
  tcp_connect(socket, 0, port, 127, 0, 0, 1, 0, 0, 0, 0, 0, 0, area);
  if (area[0] != 0) return 0;
  uint64_t data = stream_new();
  tcp_send(socket, READABLE(data));
  stream_write_async(WRITABLE(data), "held", 4);
  handle received[2];
  tcp_receive(socket, received);
  return tcp_read_async(received[0], bytes, sizeof bytes) == BLOCKED ? received[0] : 0;
}

RUN_CALLBACK {
  text_list words;
  get_arguments(&words);
  text *last = words.items + words.length - 2;
  hold_standard_streams();
  if (!hold_files()) return done(false);
  handle received = hold_connection(number_of(last[1]));
  if (received == 0) return done(false);
  waiting = waitable_set_new();
  waitable_join(received, waiting);
  waitable_join(SUBTASK(wait_for_async(1ull << 60)), waiting);
  switch (*last[0].start) {
    case 'e': return done(true);
    case 't': __builtin_trap();
    case 'l': for (;;) __asm__ volatile("");
    default: return WAIT_ON(waiting);
  }
}

RUN_ON_EVENT {
  (void)code, (void)waitable, (void)payload;
  return done(true);
}
