/*
 * Sockets of WASI 0.3, as a little language: operations with their arguments, separated by `+`, carried out in order.
 *
 *   sockets tcp 4 + connect 127.0.0.1 5432 + send hello + recv 100 + end + received
 *
 * Each prints `operation=` ok, an error code or what it found. `tcp` and `udp` make the socket that the others work on,
 * `accept` goes on with the connection. Calls wait, except those named `cancel-…`, which begin, wait a moment, and give up.
 */
#include "line.h"
#include "socket-options.h"
#include "sockets.h"

static handle tcp, udp, accepting, writing, writing_result, reading, reading_result;
static struct outcome outcome;
static char buffer[65536];

static void tell(const char *name) { say(name, outcome_of(outcome.failed, &outcome.error)); }

static void op_tcp(text *words) {
  struct handle_result made;
  tcp_create(same(words[0], "6"), &made);
  say("tcp", outcome_of(made.failed, &made.error));
  if (!made.failed) tcp = made.value;
}

static void op_udp(text *words) {
  struct handle_result made;
  udp_create(same(words[0], "6"), &made);
  say("udp", outcome_of(made.failed, &made.error));
  if (!made.failed) udp = made.value;
}

static void op_bind(text *words) {
  struct address local = parse_address(words[0], words[1]);
  if (udp) udp_bind(udp, FLATTEN(local), &outcome);
  else tcp_bind(tcp, FLATTEN(local), &outcome);
  tell("bind");
}

static void op_connect(text *words) {
  struct address remote = parse_address(words[0], words[1]);
  if (udp) udp_connect(udp, FLATTEN(remote), &outcome);
  else tcp_connect(tcp, FLATTEN(remote), &outcome);
  tell("connect");
}

static void op_disconnect(text *words) {
  udp_disconnect(udp, &outcome);
  tell("disconnect");
}

static void op_listen(text *words) {
  struct handle_result listening;
  tcp_listen(tcp, &listening);
  say("listen", outcome_of(listening.failed, &listening.error));
  if (!listening.failed) accepting = listening.value;
}

/* The async form alone: a component that imports both forms of one built-in gets only one of them (wit-component). */
static uint32_t receive_some(void *to, size_t length) {
  return await_copy(reading, receiving_read_async(reading, to, length));
}

static uint32_t accept_one(handle *next) {
  return await_copy(accepting, accepted_read_async(accepting, next, 1));
}

static void op_accept(text *words) {
  handle next;
  uint32_t packed = accept_one(&next);
  if (COPY_COUNT(packed) == 1) tcp = next;
  say("accept", COPY_COUNT(packed) == 1 ? "ok" : "closed");
}

static void open_output(void) {
  if (writing) return;
  uint64_t pair = sending_new();
  writing = WRITABLE(pair);
  writing_result = tcp_send(tcp, READABLE(pair));
}

/* @returns how many of `length` bytes were taken before the other end was dropped */
static size_t write_all(const char *start, size_t length) {
  open_output();
  for (size_t at = 0; at < length;) {
    uint32_t packed = sending_write(writing, start + at, length - at);
    at += COPY_COUNT(packed);
    if (COPY_RESULT(packed) == DROPPED) return at;
  }
  return length;
}

static void op_send(text *words) {
  say("send", write_all(words[0].start, words[0].length) == words[0].length ? "ok" : "dropped");
}

/* Ends what is sent; tells what became of it. */
static void op_end(text *words) {
  open_output();
  sending_drop_writable(writing);
  sent_read(writing_result, &outcome);
  sent_drop_readable(writing_result);
  writing = 0;
  tell("end");
}

static void open_input(void) {
  if (reading) return;
  handle pair[2];
  tcp_receive(tcp, pair);
  reading = pair[0];
  reading_result = pair[1];
}

static void op_recv(text *words) {
  size_t most = number_of(words[0]);
  open_input();
  uint32_t packed = receive_some(buffer, most < sizeof buffer ? most : sizeof buffer);
  if (COPY_COUNT(packed) > 0) say_text("recv", (text){buffer, COPY_COUNT(packed)});
  else say("recv", "closed");
}

static void op_received(text *words) {
  received_read(reading_result, &outcome);
  received_drop_readable(reading_result);
  tell("received");
}

/* No more is wanted of the peer. */
static void op_shut(text *words) {
  open_input();
  receiving_drop_readable(reading);
  say("shut", "ok");
}

static void op_echo(text *words) {
  uint64_t count = 0;
  open_input();
  for (uint32_t packed = 0; COPY_RESULT(packed) != DROPPED;) {
    packed = receive_some(buffer, sizeof buffer);
    count += write_all(buffer, COPY_COUNT(packed));
  }
  say_number("echo", count);
}

/* Writes so many kilobytes, unless nobody takes them. */
static void op_flood(text *words) {
  uint64_t count = 0;
  for (uint64_t left = number_of(words[0]); left > 0; left--) {
    size_t taken = write_all(buffer, 1024);
    count += taken;
    if (taken < 1024) break;
  }
  say_number("flood", count);
}

static void say_result(const char *name, const struct address_result *result) {
  if (result->failed) say(name, ERRORS[result->error.code]);
  else say_address(name, &result->value);
}

static void op_local(text *words) {
  struct address_result result;
  if (udp) udp_local_address(udp, &result);
  else tcp_local_address(tcp, &result);
  say_result("local", &result);
}

static void op_remote(text *words) {
  struct address_result result;
  if (udp) udp_remote_address(udp, &result);
  else tcp_remote_address(tcp, &result);
  say_result("remote", &result);
}

static void op_state(text *words) {
  put_text(text_of(udp ? "state=udp" : tcp_is_listening(tcp) ? "state=listening" : "state=tcp"));
  put_text(text_of((udp ? udp_address_family(udp) : tcp_address_family(tcp)) ? " ipv6" : " ipv4"));
  end_line();
}

static void op_send_to(text *words) {
  struct address remote = parse_address(words[1], words[2]);
  udp_send(udp, words[0].start, words[0].length, 1, FLATTEN(remote), &outcome);
  tell("send-to");
}

static void op_send_on(text *words) {
  udp_send(udp, words[0].start, words[0].length, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, &outcome);
  tell("send-on");
}

static void say_datagram(const char *name, const struct datagram_result *result) {
  if (result->failed) {
    say(name, ERRORS[result->error.code]);
    return;
  }
  say_text(name, result->value.data);
  say_address("from", &result->value.from);
}

static void op_recv_from(text *words) {
  struct datagram_result result;
  udp_receive(udp, &result);
  say_datagram("recv-from", &result);
}

static void op_lookup(text *words) {
  struct lookup_result result;
  resolve_addresses(words[0].start, words[0].length, &result);
  if (result.failed) {
    say("lookup", LOOKUP_ERRORS[result.error.code]);
    return;
  }
  put_text(text_of("lookup="));
  for (size_t i = 0; i < result.value.length; i++) {
    const struct ip_address *address = &result.value.items[i];
    if (i > 0) put(' ');
    if (address->is_v6) put_groups(address->v6);
    else put_bytes(address->v4);
  }
  end_line();
}

/* Gives a call up that waits. */
static void cancel(const char *name, uint32_t packed) {
  if (SUBTASK_STATE(packed) == RETURNED) {
    say(name, "returned");
    return;
  }
  wait_for(10 * MILLISECOND);
  uint32_t state = subtask_cancel(SUBTASK(packed));
  subtask_drop(SUBTASK(packed));
  say(name, state == CANCELLED_BEFORE_RETURNED ? "cancelled" : state == RETURNED ? "returned" : "?");
}

static void op_cancel_connect(text *words) {
  struct connect_params params = {tcp, parse_address(words[0], words[1])};
  cancel("cancel-connect", tcp_connect_async(&params, &outcome));
}

static void op_cancel_recv_from(text *words) {
  struct datagram_result result;
  cancel("cancel-recv-from", udp_receive_async(udp, &result));
}

static void op_cancel_lookup(text *words) {
  struct lookup_result result;
  cancel("cancel-lookup", resolve_addresses_async(words[0].start, words[0].length, &result));
}

static void op_cancel_accept(text *words) {
  handle next;
  int32_t packed = accepted_read_async(accepting, &next, 1);
  say("cancel-accept", packed != BLOCKED ? "ready" : COPY_RESULT(accepted_cancel_read(accepting)) == CANCELLED ? "cancelled" : "?");
}

static void op_cancel_recv(text *words) {
  open_input();
  int32_t packed = receiving_read_async(reading, buffer, sizeof buffer);
  say("cancel-recv", packed != BLOCKED ? "ready" : COPY_RESULT(receiving_cancel_read(reading)) == CANCELLED ? "cancelled" : "?");
}

static void op_drop(text *words) {
  if (udp) udp_drop(udp);
  else tcp_drop(tcp);
  tcp = udp = 0;
  say("drop", "ok");
}

/* Makes so many sockets, which nobody drops. */
static void op_hoard(text *words) {
  struct handle_result made = {0};
  uint64_t count = 0;
  for (uint64_t left = number_of(words[0]); left > 0 && !made.failed; left--) {
    tcp_create(0, &made);
    if (!made.failed) count++;
  }
  say_number("hoard", count);
  say("hoard-end", outcome_of(made.failed, &made.error));
}

static void op_get(text *words) {
  if (!get_option(tcp, udp, words[0])) say_text("unknown", words[0]);
}

static void op_set(text *words) {
  if (set_option(tcp, udp, words[0], number_of(words[1]), &outcome)) tell("set");
  else say_text("unknown", words[0]);
}

static void op_say(text *words) { say_text("say", words[0]); }

static void op_sleep(text *words) { wait_for(number_of(words[0]) * MILLISECOND); }

static const struct operation OPERATIONS[] = {
  {"tcp", op_tcp}, {"udp", op_udp}, {"bind", op_bind}, {"connect", op_connect},
  {"disconnect", op_disconnect}, {"listen", op_listen}, {"accept", op_accept}, {"send", op_send},
  {"end", op_end}, {"recv", op_recv}, {"received", op_received}, {"shut", op_shut},
  {"echo", op_echo}, {"flood", op_flood}, {"local", op_local}, {"remote", op_remote},
  {"state", op_state}, {"send-to", op_send_to}, {"send-on", op_send_on}, {"recv-from", op_recv_from},
  {"lookup", op_lookup}, {"cancel-connect", op_cancel_connect}, {"cancel-recv-from", op_cancel_recv_from},
  {"cancel-lookup", op_cancel_lookup}, {"cancel-accept", op_cancel_accept}, {"cancel-recv", op_cancel_recv},
  {"drop", op_drop}, {"hoard", op_hoard}, {"get", op_get}, {"set", op_set}, {"say", op_say}, {"sleep", op_sleep},
};

RUN_SYNC {
  carry_out_line(OPERATIONS, sizeof OPERATIONS / sizeof *OPERATIONS);
  end_printing();
  return 0;
}
