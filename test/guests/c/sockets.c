/*
 * Sockets of WASI 0.2, as a little language: operations with their arguments, separated by `+`, carried out in order.
 *
 *   sockets tcp 4 + connect 127.0.0.1 5432 + send hello + recv 100 + close
 *
 * Each prints `operation=` ok, an error code or what it found. `tcp` and `udp` make the socket that the others work on,
 * `accept` goes on with the connection.
 */
#include "sockets.h"

static int network, listener, tcp, udp, input, output, incoming, outgoing;
static struct outcome outcome;

static void tell(const char *name) { text(name, outcome_name(outcome.failed, outcome.value)); }

static void print_address(const char *name, const struct address_result *result) {
  char host[INET6_ADDRSTRLEN];
  const struct address *address = &result->address;
  if (result->failed) {
    text(name, error_name(result->error));
    return;
  }
  if (address->is_v6) {
    uint16_t groups[8];
    for (int i = 0; i < 8; i++) groups[i] = htons(address->v6.groups[i]);
    inet_ntop(AF_INET6, groups, host, sizeof host);
  } else inet_ntop(AF_INET, address->v4.bytes, host, sizeof host);
  printf("%s=%s %d\n", name, host, address->is_v6 ? address->v6.port : address->v4.port);
}

#if WASI_PATCH >= 12
static const char *network_error(int error) {
  struct outcome code;
  network_error_code(error, &code);
  return code.failed ? error_name(code.value) : "none";
}
#else
/* The function is not stable yet, and the tools have it in the newest packages alone. */
static const char *network_error(int error) {
  static char word[64];
  struct list debug;
  error_text(error, &debug);
  snprintf(word, sizeof word, "%.*s", (int)debug.length, debug.data);
  return word;
}
#endif

/* closed, or failed and the network's word for why */
static void tell_end(const char *name, bool closed, int error) {
  if (closed) {
    text(name, "closed");
    return;
  }
  printf("%s=failed %s\n", name, network_error(error));
  error_drop(error);
}

static int is_six(const char *word) { return *word == '6'; }

static void op_tcp(char **words) {
  struct handle1 made;
  create_tcp_socket(is_six(words[0]), &made);
  text("tcp", outcome_name(made.failed, made.error));
  if (!made.failed) tcp = made.handles[0];
}

static void op_start_bind(char **words) {
  struct address local = parse_address(words[0], words[1]);
  if (udp) udp_start_bind(udp, network, FLATTEN(local), &outcome);
  else tcp_start_bind(tcp, network, FLATTEN(local), &outcome);
  tell("start-bind");
}

static void op_finish_bind(char **words) {
  (void)words;
  if (udp) udp_finish_bind(udp, &outcome);
  else tcp_finish_bind(tcp, &outcome);
  tell("finish-bind");
}

static void op_bind(char **words) {
  struct address local = parse_address(words[0], words[1]);
  if (udp) udp_start_bind(udp, network, FLATTEN(local), &outcome);
  else tcp_start_bind(tcp, network, FLATTEN(local), &outcome);
  while (!outcome.failed) {
    if (udp) udp_finish_bind(udp, &outcome);
    else tcp_finish_bind(tcp, &outcome);
    if (!outcome.failed || outcome.value != WOULD_BLOCK) break;
    wait_for(udp ? udp_subscribe(udp) : tcp_subscribe(tcp));
    outcome.failed = 0;
  }
  tell("bind");
}

static void op_connect(char **words) {
  struct handle2 streams;
  if (tcp_connect(network, tcp, parse_address(words[0], words[1]), &streams) == 0) {
    input = streams.handles[0];
    output = streams.handles[1];
  }
  text("connect", outcome_name(streams.failed, streams.error));
}

static void op_start_connect(char **words) {
  struct address to = parse_address(words[0], words[1]);
  tcp_start_connect(tcp, network, FLATTEN(to), &outcome);
  tell("start-connect");
}

static void op_finish_connect(char **words) {
  (void)words;
  struct handle2 streams;
  tcp_finish_connect(tcp, &streams);
  text("finish-connect", outcome_name(streams.failed, streams.error));
}

static void op_listen(char **words) {
  (void)words;
  tcp_start_listen(tcp, &outcome);
  while (!outcome.failed) {
    tcp_finish_listen(tcp, &outcome);
    if (!outcome.failed || outcome.value != WOULD_BLOCK) break;
    wait_for(tcp_subscribe(tcp));
    outcome.failed = 0;
  }
  if (!outcome.failed) listener = tcp;
  tell("listen");
}

/* From the socket that listens, which stays open. */
static void op_accept(char **words) {
  (void)words;
  struct handle3 accepted;
  for (;;) {
    tcp_accept(listener, &accepted);
    if (!accepted.failed || accepted.error != WOULD_BLOCK) break;
    wait_for(tcp_subscribe(listener));
  }
  text("accept", outcome_name(accepted.failed, accepted.error));
  if (accepted.failed) return;
  tcp = accepted.handles[0];
  input = accepted.handles[1];
  output = accepted.handles[2];
}

/* One accept, without waiting. */
static void op_accept_now(char **words) {
  (void)words;
  struct handle3 accepted;
  tcp_accept(listener ? listener : tcp, &accepted);
  text("accept-now", outcome_name(accepted.failed, accepted.error));
}

static void op_send(char **words) {
  struct done_result done;
  output_blocking_write(output, words[0], strlen(words[0]), &done);
  if (done.failed) tell_end("send", done.closed, done.error);
  else text("send", "ok");
}

/* Sends words[0] bytes as fast as they are taken; prints how many were, and what ended it. */
static void op_flood(char **words) {
  static char chunk[65536];
  uint64_t left = strtoull(words[0], NULL, 10), sent = 0;
  struct write_count room;
  struct done_result done;
  while (left > 0) {
    output_check_write(output, &room);
    if (room.failed) {
      tell_end("flood-end", room.closed, room.error);
      break;
    }
    if (room.value == 0) {
      wait_for(output_subscribe(output));
      continue;
    }
    size_t size = room.value < left ? room.value : left;
    if (size > sizeof chunk) size = sizeof chunk;
    output_write(output, chunk, size, &done);
    if (done.failed) {
      tell_end("flood-end", done.closed, done.error);
      break;
    }
    sent += size;
    left -= size;
  }
  if (left == 0) {
    output_blocking_flush(output, &done);
    if (done.failed) tell_end("flood-end", done.closed, done.error);
  }
  number("flood", sent);
}

static void op_recv(char **words) {
  struct read_result got;
  input_blocking_read(input, strtoull(words[0], NULL, 10), &got);
  if (got.failed) tell_end("recv", got.closed, got.error);
  else printf("recv=%.*s\n", (int)got.list.length, got.list.data);
  if (!got.failed && got.list.length) free(got.list.data);
}

/* Receives until the end; prints how many bytes came, and what ended it. */
static void op_drain(char **words) {
  (void)words;
  struct read_result got;
  uint64_t received = 0;
  for (;;) {
    input_blocking_read(input, 65536, &got);
    if (got.failed) break;
    received += got.list.length;
    if (got.list.length) free(got.list.data);
  }
  number("drain", received);
  tell_end("drain-end", got.closed, got.error);
}

/* Writes all of it, waiting for room; what is on its way is not waited for. @returns false when the stream ended */
static bool write_all(const uint8_t *bytes, size_t size) {
  struct write_count room;
  struct done_result done;
  for (size_t sent = 0; sent < size;) {
    output_check_write(output, &room);
    if (room.failed) return false;
    if (room.value == 0) {
      wait_for(output_subscribe(output));
      continue;
    }
    size_t part = size - sent < room.value ? size - sent : room.value;
    output_write(output, bytes + sent, part, &done);
    if (done.failed) return false;
    sent += part;
  }
  return true;
}

/* Sends back what comes, until the end. */
static void op_echo(char **words) {
  (void)words;
  struct read_result got;
  uint64_t echoed = 0;
  for (;;) {
    input_blocking_read(input, 65536, &got);
    if (got.failed || !write_all(got.list.data, got.list.length)) break;
    echoed += got.list.length;
    if (got.list.length) free(got.list.data);
  }
  number("echo", echoed);
}

static void op_shutdown(char **words) {
  int which = *words[0] == 'r' ? 0 : *words[0] == 's' ? 1 : 2;
  tcp_shutdown(tcp, which, &outcome);
  tell("shutdown");
}

static void op_local(char **words) {
  (void)words;
  struct address_result result;
  if (udp) udp_local_address(udp, &result);
  else tcp_local_address(tcp, &result);
  print_address("local", &result);
}

static void op_remote(char **words) {
  (void)words;
  struct address_result result;
  if (udp) udp_remote_address(udp, &result);
  else tcp_remote_address(tcp, &result);
  print_address("remote", &result);
}

static void op_state(char **words) {
  (void)words;
  int six = udp ? udp_address_family(udp) : tcp_address_family(tcp);
  printf("state=ipv%d%s\n", six ? 6 : 4, !udp && tcp_is_listening(tcp) ? " listening" : "");
}

static void op_backlog(char **words) {
  tcp_set_backlog(tcp, strtoull(words[0], NULL, 10), &outcome);
  tell("backlog");
}

static void print64(const char *name, struct count64 value) {
  if (value.failed) printf("%s:%s ", name, error_name(value.error));
  else printf("%s:%" PRIu64 " ", name, value.value);
}

static void print8(const char *name, struct outcome value) {
  if (value.failed) printf("%s:%s ", name, error_name(value.value));
  else printf("%s:%d ", name, value.value);
}

/* Every option of the socket. */
static void op_options(char **words) {
  (void)words;
  struct count64 size;
  struct count32 count;
  printf("options=");
  if (udp) {
    udp_hop_limit(udp, &outcome), print8("hops", outcome);
    udp_receive_buffer(udp, &size), print64("receive", size);
    udp_send_buffer(udp, &size), print64("send", size);
  } else {
    tcp_keep_alive(tcp, &outcome), print8("keep-alive", outcome);
    tcp_keep_alive_idle(tcp, &size), print64("idle", size);
    tcp_keep_alive_interval(tcp, &size), print64("interval", size);
    tcp_keep_alive_count(tcp, &count), printf("count:%u ", count.failed ? 0 : count.value);
    tcp_hop_limit(tcp, &outcome), print8("hops", outcome);
    tcp_receive_buffer(tcp, &size), print64("receive", size);
    tcp_send_buffer(tcp, &size), print64("send", size);
  }
  putchar('\n');
}

static void op_set(char **words) {
  uint64_t value = strtoull(words[1], NULL, 10);
  if (udp) {
    if (!strcmp(words[0], "hops")) udp_set_hop_limit(udp, value, &outcome);
    else if (!strcmp(words[0], "receive")) udp_set_receive_buffer(udp, value, &outcome);
    else udp_set_send_buffer(udp, value, &outcome);
  } else if (!strcmp(words[0], "keep-alive")) tcp_set_keep_alive(tcp, value, &outcome);
  else if (!strcmp(words[0], "idle")) tcp_set_keep_alive_idle(tcp, value, &outcome);
  else if (!strcmp(words[0], "interval")) tcp_set_keep_alive_interval(tcp, value, &outcome);
  else if (!strcmp(words[0], "count")) tcp_set_keep_alive_count(tcp, value, &outcome);
  else if (!strcmp(words[0], "hops")) tcp_set_hop_limit(tcp, value, &outcome);
  else if (!strcmp(words[0], "receive")) tcp_set_receive_buffer(tcp, value, &outcome);
  else tcp_set_send_buffer(tcp, value, &outcome);
  tell("set");
}

static void op_udp(char **words) {
  struct handle1 made;
  create_udp_socket(is_six(words[0]), &made);
  text("udp", outcome_name(made.failed, made.error));
  if (!made.failed) udp = made.handles[0];
}

static void take_streams(const char *name, struct handle2 streams) {
  text(name, outcome_name(streams.failed, streams.error));
  if (streams.failed) return;
  incoming = streams.handles[0];
  outgoing = streams.handles[1];
}

static void op_stream(char **words) {
  (void)words;
  struct handle2 streams;
  udp_stream(udp, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, &streams);
  take_streams("stream", streams);
}

static void op_stream_to(char **words) {
  struct handle2 streams;
  struct address to = parse_address(words[0], words[1]);
  udp_stream(udp, 1, FLATTEN(to), &streams);
  take_streams("stream-to", streams);
}

static void send_datagram(const char *name, const struct outgoing *datagram) {
  struct count64 count;
  for (;;) {
    outgoing_check_send(outgoing, &count);
    if (count.failed || count.value > 0) break;
    wait_for(outgoing_subscribe(outgoing));
  }
  if (!count.failed) outgoing_send(outgoing, datagram, 1, &count);
  if (count.failed) text(name, error_name(count.error));
  else number(name, count.value);
}

static void op_send_to(char **words) {
  struct outgoing datagram = {{(uint8_t *)words[0], strlen(words[0])}, 1, parse_address(words[1], words[2])};
  send_datagram("send-to", &datagram);
}

static void op_send_on(char **words) {
  struct outgoing datagram = {{(uint8_t *)words[0], strlen(words[0])}, 0, {0}};
  send_datagram("send-on", &datagram);
}

/* A datagram of words[0] bytes. */
static void op_send_large(char **words) {
  size_t size = atol(words[0]);
  struct outgoing datagram = {{calloc(size, 1), size}, 1, parse_address(words[1], words[2])};
  send_datagram("send-large", &datagram);
}

/* Sends without asking how many it may send, which traps. */
static void op_send_unasked(char **words) {
  struct outgoing datagram = {{(uint8_t *)words[0], strlen(words[0])}, 0, {0}};
  struct count64 count;
  outgoing_send(outgoing, &datagram, 1, &count);
}

static void op_recv_from(char **words) {
  (void)words;
  struct received got;
  for (;;) {
    incoming_receive(incoming, 1, &got);
    if (got.failed || got.count > 0) break;
    wait_for(incoming_subscribe(incoming));
  }
  if (got.failed) {
    text("recv-from", error_name(got.error));
    return;
  }
  printf("recv-from=%.*s\n", (int)got.items->data.length, got.items->data.data);
  struct address_result from = {0, {.address = got.items->remote}};
  print_address("from", &from);
}

/* What is there now. */
static void op_recv_now(char **words) {
  struct received got;
  incoming_receive(incoming, strtoull(words[0], NULL, 10), &got);
  if (got.failed) text("recv-now", error_name(got.error));
  else number("recv-now", got.count);
}

static void op_lookup(char **words) {
  struct handle1 made;
  struct next_address next;
  resolve_addresses(network, words[0], strlen(words[0]), &made);
  if (made.failed) {
    text("lookup", error_name(made.error));
    return;
  }
  for (int lookup = made.handles[0];;) {
    resolve_next(lookup, &next);
    if (next.failed && next.error == WOULD_BLOCK) {
      wait_for(resolve_subscribe(lookup));
      continue;
    }
    if (next.failed || !next.found.some) {
      text("lookup", outcome_name(next.failed, next.error));
      resolve_drop(lookup);
      return;
    }
    char host[INET6_ADDRSTRLEN];
    uint8_t bytes[16];
    memcpy(bytes, next.found.groups, 16);
    for (int i = 0; next.found.is_v6 && i < 16; i += 2) {
      uint8_t low = bytes[i];
      bytes[i] = bytes[i + 1];
      bytes[i + 1] = low;
    }
    text("address", inet_ntop(next.found.is_v6 ? AF_INET6 : AF_INET, bytes, host, sizeof host));
  }
}

/* Drops the socket, a stream, or all of them. */
static void op_drop(char **words) {
  bool all = !strcmp(words[0], "all");
  if (tcp && (all || !strcmp(words[0], "tcp"))) tcp_drop(tcp), tcp = 0;
  if (udp && (all || !strcmp(words[0], "udp"))) udp_drop(udp), udp = 0;
  if (input && (all || !strcmp(words[0], "input"))) input_drop(input), input = 0;
  if (output && (all || !strcmp(words[0], "output"))) output_drop(output), output = 0;
  if (incoming && (all || !strcmp(words[0], "incoming"))) incoming_drop(incoming), incoming = 0;
  if (outgoing && (all || !strcmp(words[0], "outgoing"))) outgoing_drop(outgoing), outgoing = 0;
}

/* Waits until the socket has come on. */
static void op_wait(char **words) {
  (void)words;
  wait_for(udp ? udp_subscribe(udp) : tcp_subscribe(tcp));
  text("wait", "ok");
}

/* Says where it is, for whoever waits for that. */
static void op_say(char **words) {
  text("say", words[0]);
  fflush(stdout);
}

/* Makes sockets until there are no more; prints how many there were, and what ended it. */
static void op_many(char **words) {
  struct handle1 made;
  uint64_t count = 0;
  for (;; count++) {
    create_tcp_socket(is_six(words[0]), &made);
    if (made.failed) break;
  }
  number("many", count);
  text("many-end", error_name(made.error));
}

static const struct operation operations[] = {
    {"tcp", 1, op_tcp},           {"start-bind", 2, op_start_bind},       {"finish-bind", 0, op_finish_bind},
    {"bind", 2, op_bind},         {"connect", 2, op_connect},             {"start-connect", 2, op_start_connect},
    {"listen", 0, op_listen},     {"finish-connect", 0, op_finish_connect},
    {"accept", 0, op_accept},     {"accept-now", 0, op_accept_now},       {"send", 1, op_send},
    {"flood", 1, op_flood},       {"recv", 1, op_recv},                   {"drain", 0, op_drain},
    {"echo", 0, op_echo},         {"shutdown", 1, op_shutdown},           {"local", 0, op_local},
    {"remote", 0, op_remote},     {"state", 0, op_state},                 {"backlog", 1, op_backlog},
    {"options", 0, op_options},   {"set", 2, op_set},                     {"udp", 1, op_udp},
    {"stream", 0, op_stream},     {"stream-to", 2, op_stream_to},         {"send-to", 3, op_send_to},
    {"send-on", 1, op_send_on},   {"send-large", 3, op_send_large},       {"send-unasked", 1, op_send_unasked},
    {"recv-from", 0, op_recv_from}, {"recv-now", 1, op_recv_now},         {"lookup", 1, op_lookup},
    {"drop", 1, op_drop},         {"wait", 0, op_wait},                 {"say", 1, op_say},
    {"many", 1, op_many},
    {0},
};

int main(int argc, char **argv) {
  network = instance_network();
  return run_operations(operations, argc, argv);
}
