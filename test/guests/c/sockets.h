/*
 * wasi:sockets of 0.2, which no libc of 0.1 has: the functions as the Canonical ABI lowers them, and a little on top.
 *
 * WASI_PATCH is that of the version 0.2.x that the guest is built for.
 */
#ifndef SOCKETS_H
#define SOCKETS_H

#include "error-names.h"
#include "result.h"
#include <arpa/inet.h>
#include <stdbool.h>

#define TEXT_OF(number) #number
#define TEXT(number) TEXT_OF(number)
#define IMPORT(interface, function) \
  __attribute__((import_module("wasi:" interface "@0.2." TEXT(WASI_PATCH)), import_name(function)))

/* result<T, error-code>; where T is depends on its alignment. */
struct outcome { uint8_t failed; uint8_t value; };
struct handle1 { uint8_t failed; union { uint8_t error; int32_t handles[1]; }; };
struct handle2 { uint8_t failed; union { uint8_t error; int32_t handles[2]; }; };
struct handle3 { uint8_t failed; union { uint8_t error; int32_t handles[3]; }; };
struct count32 { uint8_t failed; union { uint8_t error; uint32_t value; }; };
struct count64 { uint8_t failed; union { uint8_t error; uint64_t value; }; };

/* ip-socket-address in memory */
struct address {
  uint8_t is_v6;
  union {
    struct { uint16_t port; uint8_t bytes[4]; } v4;
    struct { uint16_t port; uint32_t flow; uint16_t groups[8]; uint32_t scope; } v6;
  };
};
struct address_result { uint8_t failed; union { uint8_t error; struct address address; }; };

/* ip-socket-address as it is passed */
#define FLAT int is_v6, int f0, int f1, int f2, int f3, int f4, int f5, int f6, int f7, int f8, int f9, int f10

struct list { uint8_t *data; size_t length; };
/* result<list<u8>, stream-error> and its kin: a failed one has its case at 4, and the handle of the error at 8. */
struct read_result { uint8_t failed; union { struct { uint8_t closed; int32_t error; }; struct list list; }; };
struct done_result { uint8_t failed; struct { uint8_t closed; int32_t error; }; };
struct write_count { uint8_t failed; union { struct { uint8_t closed; int32_t error; }; uint64_t value; }; };

struct incoming { struct list data; struct address remote; };
struct outgoing { struct list data; uint8_t has_remote; struct address remote; };
struct received { uint8_t failed; union { uint8_t error; struct { struct incoming *items; size_t count; }; }; };
/* result<option<ip-address>, error-code> */
struct next_address {
  uint8_t failed;
  union {
    uint8_t error;
    struct { uint8_t some; struct { uint8_t is_v6; uint16_t groups[8]; }; } found;
  };
};

IMPORT("io/poll", "[method]pollable.block") void pollable_block(int);
IMPORT("io/poll", "[method]pollable.ready") int pollable_ready(int);
IMPORT("io/poll", "[resource-drop]pollable") void pollable_drop(int);
IMPORT("io/error", "[resource-drop]error") void error_drop(int);
IMPORT("io/error", "[method]error.to-debug-string") void error_text(int, struct list *);
IMPORT("io/streams", "[method]input-stream.read") void input_read(int, uint64_t, struct read_result *);
IMPORT("io/streams", "[method]input-stream.blocking-read") void input_blocking_read(int, uint64_t, struct read_result *);
IMPORT("io/streams", "[method]input-stream.subscribe") int input_subscribe(int);
IMPORT("io/streams", "[resource-drop]input-stream") void input_drop(int);
IMPORT("io/streams", "[method]output-stream.check-write") void output_check_write(int, struct write_count *);
IMPORT("io/streams", "[method]output-stream.write") void output_write(int, const void *, size_t, struct done_result *);
IMPORT("io/streams", "[method]output-stream.blocking-write-and-flush")
void output_blocking_write(int, const void *, size_t, struct done_result *);
IMPORT("io/streams", "[method]output-stream.blocking-flush") void output_blocking_flush(int, struct done_result *);
IMPORT("io/streams", "[method]output-stream.subscribe") int output_subscribe(int);
IMPORT("io/streams", "[resource-drop]output-stream") void output_drop(int);
IMPORT("sockets/instance-network", "instance-network") int instance_network(void);
IMPORT("sockets/ip-name-lookup", "resolve-addresses") void resolve_addresses(int, const char *, size_t, struct handle1 *);
IMPORT("sockets/ip-name-lookup", "[method]resolve-address-stream.resolve-next-address")
void resolve_next(int, struct next_address *);
IMPORT("sockets/ip-name-lookup", "[method]resolve-address-stream.subscribe") int resolve_subscribe(int);
IMPORT("sockets/ip-name-lookup", "[resource-drop]resolve-address-stream") void resolve_drop(int);
#if WASI_PATCH >= 12
IMPORT("sockets/network", "network-error-code") void network_error_code(int, struct outcome *);
#endif
IMPORT("sockets/tcp-create-socket", "create-tcp-socket") void create_tcp_socket(int, struct handle1 *);
#define TCP(name) IMPORT("sockets/tcp", "[method]tcp-socket." name)
TCP("start-bind") void tcp_start_bind(int, int, FLAT, struct outcome *);
TCP("finish-bind") void tcp_finish_bind(int, struct outcome *);
TCP("start-connect") void tcp_start_connect(int, int, FLAT, struct outcome *);
TCP("finish-connect") void tcp_finish_connect(int, struct handle2 *);
TCP("start-listen") void tcp_start_listen(int, struct outcome *);
TCP("finish-listen") void tcp_finish_listen(int, struct outcome *);
TCP("accept") void tcp_accept(int, struct handle3 *);
TCP("local-address") void tcp_local_address(int, struct address_result *);
TCP("remote-address") void tcp_remote_address(int, struct address_result *);
TCP("is-listening") int tcp_is_listening(int);
TCP("address-family") int tcp_address_family(int);
TCP("set-listen-backlog-size") void tcp_set_backlog(int, uint64_t, struct outcome *);
TCP("keep-alive-enabled") void tcp_keep_alive(int, struct outcome *);
TCP("set-keep-alive-enabled") void tcp_set_keep_alive(int, int, struct outcome *);
TCP("keep-alive-idle-time") void tcp_keep_alive_idle(int, struct count64 *);
TCP("set-keep-alive-idle-time") void tcp_set_keep_alive_idle(int, uint64_t, struct outcome *);
TCP("keep-alive-interval") void tcp_keep_alive_interval(int, struct count64 *);
TCP("set-keep-alive-interval") void tcp_set_keep_alive_interval(int, uint64_t, struct outcome *);
TCP("keep-alive-count") void tcp_keep_alive_count(int, struct count32 *);
TCP("set-keep-alive-count") void tcp_set_keep_alive_count(int, int, struct outcome *);
TCP("hop-limit") void tcp_hop_limit(int, struct outcome *);
TCP("set-hop-limit") void tcp_set_hop_limit(int, int, struct outcome *);
TCP("receive-buffer-size") void tcp_receive_buffer(int, struct count64 *);
TCP("set-receive-buffer-size") void tcp_set_receive_buffer(int, uint64_t, struct outcome *);
TCP("send-buffer-size") void tcp_send_buffer(int, struct count64 *);
TCP("set-send-buffer-size") void tcp_set_send_buffer(int, uint64_t, struct outcome *);
TCP("subscribe") int tcp_subscribe(int);
TCP("shutdown") void tcp_shutdown(int, int, struct outcome *);
IMPORT("sockets/tcp", "[resource-drop]tcp-socket") void tcp_drop(int);
IMPORT("sockets/udp-create-socket", "create-udp-socket") void create_udp_socket(int, struct handle1 *);
#define UDP(name) IMPORT("sockets/udp", "[method]udp-socket." name)
UDP("start-bind") void udp_start_bind(int, int, FLAT, struct outcome *);
UDP("finish-bind") void udp_finish_bind(int, struct outcome *);
UDP("stream") void udp_stream(int, int, FLAT, struct handle2 *);
UDP("local-address") void udp_local_address(int, struct address_result *);
UDP("remote-address") void udp_remote_address(int, struct address_result *);
UDP("address-family") int udp_address_family(int);
UDP("unicast-hop-limit") void udp_hop_limit(int, struct outcome *);
UDP("set-unicast-hop-limit") void udp_set_hop_limit(int, int, struct outcome *);
UDP("receive-buffer-size") void udp_receive_buffer(int, struct count64 *);
UDP("set-receive-buffer-size") void udp_set_receive_buffer(int, uint64_t, struct outcome *);
UDP("send-buffer-size") void udp_send_buffer(int, struct count64 *);
UDP("set-send-buffer-size") void udp_set_send_buffer(int, uint64_t, struct outcome *);
UDP("subscribe") int udp_subscribe(int);
IMPORT("sockets/udp", "[resource-drop]udp-socket") void udp_drop(int);
IMPORT("sockets/udp", "[method]incoming-datagram-stream.receive") void incoming_receive(int, uint64_t, struct received *);
IMPORT("sockets/udp", "[method]incoming-datagram-stream.subscribe") int incoming_subscribe(int);
IMPORT("sockets/udp", "[resource-drop]incoming-datagram-stream") void incoming_drop(int);
IMPORT("sockets/udp", "[method]outgoing-datagram-stream.check-send") void outgoing_check_send(int, struct count64 *);
IMPORT("sockets/udp", "[method]outgoing-datagram-stream.send")
void outgoing_send(int, const struct outgoing *, size_t, struct count64 *);
IMPORT("sockets/udp", "[method]outgoing-datagram-stream.subscribe") int outgoing_subscribe(int);
IMPORT("sockets/udp", "[resource-drop]outgoing-datagram-stream") void outgoing_drop(int);

__attribute__((export_name("cabi_realloc"))) void *cabi_realloc(void *old, size_t old_size, size_t alignment, size_t size) {
  (void)old_size;
  return size == 0 ? (void *)alignment : realloc(old, size);
}

enum { WOULD_BLOCK = 8 };

static inline const char *error_name(int code) {
  return (size_t)code < sizeof NETWORK_ERRORS / sizeof *NETWORK_ERRORS ? NETWORK_ERRORS[code] : "?";
}

static inline const char *outcome_name(int failed, int error) { return failed ? error_name(error) : "ok"; }

/* Waits for a pollable and drops it. */
static inline void wait_for(int pollable) {
  pollable_block(pollable);
  pollable_drop(pollable);
}

/* 10.0.0.1, ::1 or fe80::1%2 */
static inline struct address parse_address(const char *text, const char *port) {
  struct address address = {0};
  char host[64];
  snprintf(host, sizeof host, "%s", text);
  char *scope = strchr(host, '%');
  if (scope) *scope++ = 0;
  address.is_v6 = strchr(host, ':') != NULL;
  if (address.is_v6) {
    address.v6.port = atoi(port);
    inet_pton(AF_INET6, host, address.v6.groups);
    for (int i = 0; i < 8; i++) address.v6.groups[i] = ntohs(address.v6.groups[i]);
    if (scope) address.v6.scope = atoi(scope);
  } else {
    address.v4.port = atoi(port);
    inet_pton(AF_INET, host, address.v4.bytes);
  }
  return address;
}

#define FLATTEN(a)                                                                                                   \
  (a).is_v6, (a).is_v6 ? (a).v6.port : (a).v4.port, (a).is_v6 ? (int)(a).v6.flow : (a).v4.bytes[0],                  \
      (a).is_v6 ? (a).v6.groups[0] : (a).v4.bytes[1], (a).is_v6 ? (a).v6.groups[1] : (a).v4.bytes[2],                \
      (a).is_v6 ? (a).v6.groups[2] : (a).v4.bytes[3], (a).v6.groups[3], (a).v6.groups[4], (a).v6.groups[5],          \
      (a).v6.groups[6], (a).v6.groups[7], (int)(a).v6.scope

static inline int tcp_connect(int network, int socket, struct address to, struct handle2 *streams) {
  struct outcome outcome;
  tcp_start_connect(socket, network, FLATTEN(to), &outcome);
  if (outcome.failed) {
    *streams = (struct handle2){.failed = 1, .error = outcome.value};
    return -1;
  }
  for (;;) {
    tcp_finish_connect(socket, streams);
    if (!streams->failed) return 0;
    if (streams->error != WOULD_BLOCK) return -1;
    wait_for(tcp_subscribe(socket));
  }
}

#endif
