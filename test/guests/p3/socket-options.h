/* The options of sockets, each with its function that gets and its function that sets. */
#ifndef SOCKET_OPTIONS_H
#define SOCKET_OPTIONS_H

#include "sockets.h"

/* result<T, error-code>, for T up to 32 bits and of 64. */
struct word_result { uint8_t failed; union { struct error error; uint8_t byte; uint32_t word; }; };
struct long_result { uint8_t failed; union { struct error error; uint64_t value; }; };

/* SOCKET, NAME in C, NAME in WIT, TYPE as it is passed, RESULT, FIELD of the result */
#define SOCKET_OPTIONS(OPTION)                                                                        \
  OPTION(tcp, keep_alive_enabled, "keep-alive-enabled", int32_t, word_result, byte)                   \
  OPTION(tcp, keep_alive_idle_time, "keep-alive-idle-time", uint64_t, long_result, value)             \
  OPTION(tcp, keep_alive_interval, "keep-alive-interval", uint64_t, long_result, value)               \
  OPTION(tcp, keep_alive_count, "keep-alive-count", uint32_t, word_result, word)                      \
  OPTION(tcp, hop_limit, "hop-limit", uint32_t, word_result, byte)                                    \
  OPTION(tcp, receive_buffer_size, "receive-buffer-size", uint64_t, long_result, value)               \
  OPTION(tcp, send_buffer_size, "send-buffer-size", uint64_t, long_result, value)                     \
  OPTION(udp, unicast_hop_limit, "unicast-hop-limit", uint32_t, word_result, byte)                    \
  OPTION(udp, receive_buffer_size, "receive-buffer-size", uint64_t, long_result, value)               \
  OPTION(udp, send_buffer_size, "send-buffer-size", uint64_t, long_result, value)

#define DECLARE(SOCKET, NAME, WIT, TYPE, RESULT, FIELD)                                               \
  IMPORT(TYPES, "[method]" #SOCKET "-socket.get-" WIT) void SOCKET##_get_##NAME(handle, struct RESULT *); \
  IMPORT(TYPES, "[method]" #SOCKET "-socket.set-" WIT) void SOCKET##_set_##NAME(handle, TYPE, struct outcome *);
SOCKET_OPTIONS(DECLARE)

IMPORT(TYPES, "[method]tcp-socket.set-listen-backlog-size")
void tcp_set_listen_backlog_size(handle, uint64_t, struct outcome *);

/* @returns whether `socket` has such an option; prints what it is */
static inline bool get_option(handle tcp, handle udp, text name) {
#define GET(SOCKET, NAME, WIT, TYPE, RESULT, FIELD)                                                   \
  if (SOCKET && same(name, WIT)) {                                                                    \
    struct RESULT got;                                                                                \
    SOCKET##_get_##NAME(SOCKET, &got);                                                                \
    if (got.failed) say("get", ERRORS[got.error.code]);                                               \
    else say_number("get", got.FIELD);                                                                \
    return true;                                                                                      \
  }
  SOCKET_OPTIONS(GET)
  return false;
}

static inline bool set_option(handle tcp, handle udp, text name, uint64_t value, struct outcome *outcome) {
#define SET(SOCKET, NAME, WIT, TYPE, RESULT, FIELD)                                                   \
  if (SOCKET && same(name, WIT)) {                                                                    \
    SOCKET##_set_##NAME(SOCKET, (TYPE)value, outcome);                                                \
    return true;                                                                                      \
  }
  SOCKET_OPTIONS(SET)
  if (!tcp || !same(name, "listen-backlog-size")) return false;
  tcp_set_listen_backlog_size(tcp, value, outcome);
  return true;
}

#endif
