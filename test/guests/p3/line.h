/* A little language: the words of the command line are operations with their arguments, separated by `+`. */
#ifndef LINE_H
#define LINE_H

#include "wasi3.h"

#define MAX_WORDS 4

struct operation { const char *name; void (*run)(text *words); };

/* @param words of an operation, of which there are `MAX_WORDS`; those that were not given are empty */
static inline void carry_out(const struct operation *operations, size_t count, text name, text *words) {
  for (size_t i = 0; i < count; i++) {
    if (!same(name, operations[i].name)) continue;
    operations[i].run(words);
    return;
  }
  say_text("unknown", name);
}

/* Carries all of them out, in order. */
static inline void carry_out_line(const struct operation *operations, size_t count) {
  text_list args;
  get_arguments(&args);
  for (size_t at = 1; at < args.length;) {
    text words[MAX_WORDS + 1] = {{0}};
    size_t given = 0;
    for (; at < args.length && !same(args.items[at], "+"); at++)
      if (given <= MAX_WORDS) words[given++] = args.items[at];
    at++;
    carry_out(operations, count, words[0], words + 1);
  }
}

#endif
