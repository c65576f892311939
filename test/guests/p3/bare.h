/* In place of a libc: memory, strings, and lines on standard output. */
#ifndef BARE_H
#define BARE_H

#include "wasi3.h"

extern unsigned char __heap_base;
static uintptr_t heap_end;

/* Nothing is given back, except by `heap_release`. */
static void *allocate(size_t align, size_t length) {
  uintptr_t start = ((heap_end ? heap_end : (uintptr_t)&__heap_base) + align - 1) & -(uintptr_t)align;
  uintptr_t there = (uintptr_t)__builtin_wasm_memory_size(0) << 16;
  if (start + length < start) __builtin_trap();
  if (start + length > there && __builtin_wasm_memory_grow(0, (start + length - there + 65535) >> 16) == (size_t)-1)
    __builtin_trap();
  heap_end = start + length;
  return (void *)start;
}

static inline void heap_release(uintptr_t mark) { heap_end = mark; }

void *memcpy(void *restrict to, const void *restrict from, size_t length) {
  for (size_t i = 0; i < length; i++) ((volatile char *)to)[i] = ((const char *)from)[i];
  return to;
}

void *memset(void *to, int byte, size_t length) {
  for (size_t i = 0; i < length; i++) ((volatile char *)to)[i] = (char)byte;
  return to;
}

int memcmp(const void *one, const void *other, size_t length) {
  for (size_t i = 0; i < length; i++)
    if (((const unsigned char *)one)[i] != ((const unsigned char *)other)[i])
      return ((const unsigned char *)one)[i] - ((const unsigned char *)other)[i];
  return 0;
}

size_t strlen(const char *string) {
  size_t length = 0;
  while (((const volatile char *)string)[length]) length++;
  return length;
}

EXPORT("cabi_realloc") void *cabi_realloc(void *old, size_t old_length, size_t align, size_t length) {
  void *start = allocate(align, length);
  if (old_length) memcpy(start, old, old_length < length ? old_length : length);
  return start;
}

static inline text text_of(const char *string) { return (text){string, strlen(string)}; }

static inline bool same(text one, const char *other) {
  return one.length == strlen(other) && !memcmp(one.start, other, one.length);
}

/* @returns the number that `digits` starts with */
static inline uint64_t number_of(text digits) {
  uint64_t number = 0;
  for (size_t i = 0; i < digits.length && digits.start[i] >= '0' && digits.start[i] <= '9'; i++)
    number = number * 10 + (uint64_t)(digits.start[i] - '0');
  return number;
}

static handle printing, printed;

/* Waits until standard output has taken all of it; what it does not take is lost, as the result of the stream says. */
static void print_bytes(const void *start, size_t length) {
  if (!printing) {
    uint64_t pair = stdout_stream_new();
    printing = WRITABLE(pair);
    printed = stdout_write_via_stream(READABLE(pair));
  }
  for (size_t at = 0; at < length;) {
    uint32_t packed = stdout_stream_write(printing, (const char *)start + at, length - at);
    at += COPY_COUNT(packed);
    if (COPY_RESULT(packed) == DROPPED) return;
  }
}

static char line[4096];
static size_t line_length;

static inline void put(char byte) {
  if (line_length == sizeof line) print_bytes(line, sizeof line), line_length = 0;
  line[line_length++] = byte;
}

static inline void put_text(text string) {
  for (size_t i = 0; i < string.length; i++) put(string.start[i]);
}

static inline void put_number(uint64_t number) {
  if (number >= 10) put_number(number / 10);
  put((char)('0' + number % 10));
}

static inline void end_line(void) {
  put('\n');
  print_bytes(line, line_length);
  line_length = 0;
}

/* The lines that tests read: `name=value`. */
static inline void say_text(const char *name, text value) {
  put_text(text_of(name)), put('='), put_text(value), end_line();
}

static inline void say(const char *name, const char *value) { say_text(name, text_of(value)); }

static inline void say_number(const char *name, uint64_t value) {
  put_text(text_of(name)), put('='), put_number(value), end_line();
}

/* Closes standard output and waits for what became of it: before a guest ends, or what it printed may be cut off. */
static inline void end_printing(void) {
  if (!printing) return;
  stdout_stream_drop_writable(printing);
  uint8_t result[2];
  stdout_result_read(printed, result);
  stdout_result_drop_readable(printed);
  printing = 0;
}

#endif
