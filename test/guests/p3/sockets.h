/* wasi:sockets of 0.3 as the Canonical ABI lowers it. */
#ifndef SOCKETS_H
#define SOCKETS_H

#include "wasi3.h"

#define TYPES "wasi:sockets/types@0.3.0"
#define LOOKUP "wasi:sockets/ip-name-lookup@0.3.0"

/* The cases of error-code, in the order of WIT. */
static const char *const ERRORS[] = {
  "access-denied", "not-supported", "invalid-argument", "out-of-memory", "timeout",
  "invalid-state", "address-not-bindable", "address-in-use", "remote-unreachable", "connection-refused",
  "connection-broken", "connection-reset", "connection-aborted", "datagram-too-large", "other",
};

/* Those of ip-name-lookup. */
static const char *const LOOKUP_ERRORS[] = {
  "access-denied", "invalid-argument", "name-unresolvable", "temporary-resolver-failure", "permanent-resolver-failure",
  "other",
};

/* error-code; `other` has an option<string>. */
struct error { uint8_t code; struct { uint8_t some; text value; } other; };

/* ip-socket-address */
struct address {
  uint8_t is_v6;
  union {
    struct { uint16_t port; uint8_t bytes[4]; } v4;
    struct { uint16_t port; uint32_t flow; uint16_t groups[8]; uint32_t scope; } v6;
  };
};

struct ip_address { uint8_t is_v6; union { uint8_t v4[4]; uint16_t v6[8]; } __attribute__((aligned(2))); };

/* result<T, error-code>: T is at 4, as is the error. */
struct outcome { uint8_t failed; struct error error; };
struct handle_result { uint8_t failed; union { struct error error; handle value; }; };
struct address_result { uint8_t failed; union { struct error error; struct address value; }; };
struct datagram_result {
  uint8_t failed;
  union { struct error error; struct { text data; struct address from; } value; };
};
struct lookup_result {
  uint8_t failed;
  union { struct error error; struct { struct ip_address *items; size_t length; } value; };
};

_Static_assert(sizeof(struct outcome) == 20, "result<_, error-code>");
_Static_assert(sizeof(struct address_result) == 36, "result<ip-socket-address, error-code>");
_Static_assert(sizeof(struct datagram_result) == 44, "result<tuple<list<u8>, ip-socket-address>, error-code>");
_Static_assert(sizeof(struct ip_address) == 18, "ip-address");

/* ip-socket-address as it is passed */
#define FLAT int is_v6, int f0, int f1, int f2, int f3, int f4, int f5, int f6, int f7, int f8, int f9, int f10
#define FLATTEN(a)                                                                                                   \
  (a).is_v6, (a).is_v6 ? (a).v6.port : (a).v4.port, (a).is_v6 ? (int)(a).v6.flow : (a).v4.bytes[0],                  \
      (a).is_v6 ? (a).v6.groups[0] : (a).v4.bytes[1], (a).is_v6 ? (a).v6.groups[1] : (a).v4.bytes[2],                \
      (a).is_v6 ? (a).v6.groups[2] : (a).v4.bytes[3], (a).v6.groups[3], (a).v6.groups[4], (a).v6.groups[5],          \
      (a).v6.groups[6], (a).v6.groups[7], (int)(a).v6.scope

/* Parameters of functions that are lowered with [async-lower] and have more than four. */
struct connect_params { handle socket; struct address remote; };

#define TCP(name) IMPORT(TYPES, "[method]tcp-socket." name)
IMPORT(TYPES, "[static]tcp-socket.create") void tcp_create(int family, struct handle_result *);
IMPORT(TYPES, "[resource-drop]tcp-socket") void tcp_drop(handle);
TCP("bind") void tcp_bind(handle, FLAT, struct outcome *);
TCP("connect") void tcp_connect(handle, FLAT, struct outcome *);
TCP("listen") void tcp_listen(handle, struct handle_result *);
TCP("send") handle tcp_send(handle, handle readable);
TCP("receive") void tcp_receive(handle, handle out[2]);
TCP("get-local-address") void tcp_local_address(handle, struct address_result *);
TCP("get-remote-address") void tcp_remote_address(handle, struct address_result *);
TCP("get-is-listening") int tcp_is_listening(handle);
TCP("get-address-family") int tcp_address_family(handle);
IMPORT(TYPES, "[async-lower][method]tcp-socket.connect")
uint32_t tcp_connect_async(const struct connect_params *, struct outcome *);

STREAM(accepted, TYPES, 0, "[method]tcp-socket.listen");
STREAM(sending, TYPES, 0, "[method]tcp-socket.send");
FUTURE(sent, TYPES, 1, "[method]tcp-socket.send");
STREAM(receiving, TYPES, 0, "[method]tcp-socket.receive");
FUTURE(received, TYPES, 1, "[method]tcp-socket.receive");

#define UDP(name) IMPORT(TYPES, "[method]udp-socket." name)
IMPORT(TYPES, "[static]udp-socket.create") void udp_create(int family, struct handle_result *);
IMPORT(TYPES, "[resource-drop]udp-socket") void udp_drop(handle);
UDP("bind") void udp_bind(handle, FLAT, struct outcome *);
UDP("connect") void udp_connect(handle, FLAT, struct outcome *);
UDP("disconnect") void udp_disconnect(handle, struct outcome *);
UDP("send") void udp_send(handle, const char *, size_t, int has_remote, FLAT, struct outcome *);
UDP("receive") void udp_receive(handle, struct datagram_result *);
UDP("get-local-address") void udp_local_address(handle, struct address_result *);
UDP("get-remote-address") void udp_remote_address(handle, struct address_result *);
UDP("get-address-family") int udp_address_family(handle);
IMPORT(TYPES, "[async-lower][method]udp-socket.receive") uint32_t udp_receive_async(handle, struct datagram_result *);

IMPORT(LOOKUP, "resolve-addresses") void resolve_addresses(const char *, size_t, struct lookup_result *);
IMPORT(LOOKUP, "[async-lower]resolve-addresses")
uint32_t resolve_addresses_async(const char *, size_t, struct lookup_result *);

static inline const char *outcome_of(uint8_t failed, const struct error *error) { return failed ? ERRORS[error->code] : "ok"; }

/* 127.0.0.1, :: or ::1 */
static inline struct address parse_address(text host, text port) {
  struct address address;
  memset(&address, 0, sizeof address);
  address.is_v6 = host.start[0] == ':';
  if (address.is_v6) {
    address.v6.port = (uint16_t)number_of(port);
    address.v6.groups[7] = host.length > 2;
    return address;
  }
  address.v4.port = (uint16_t)number_of(port);
  for (size_t i = 0, byte = 0; i < host.length; i++) {
    if (host.start[i] == '.') byte++;
    else address.v4.bytes[byte & 3] = (uint8_t)(address.v4.bytes[byte & 3] * 10 + host.start[i] - '0');
  }
  return address;
}

static inline void put_bytes(const uint8_t bytes[4]) {
  for (int i = 0; i < 4; i++) {
    if (i > 0) put('.');
    put_number(bytes[i]);
  }
}

/* `::1`, as the tests use no others; else its last group. */
static inline void put_groups(const uint16_t groups[8]) {
  put_text(text_of("::"));
  if (groups[7] > 0) put_number(groups[7]);
}

static inline void say_address(const char *name, const struct address *address) {
  put_text(text_of(name)), put('=');
  if (address->is_v6) put_groups(address->v6.groups);
  else put_bytes(address->v4.bytes);
  put(' '), put_number(address->is_v6 ? address->v6.port : address->v4.port), end_line();
}

#endif
