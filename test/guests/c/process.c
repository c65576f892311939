/* Arguments, environment, exit codes. */
#include "result.h"
#include <unistd.h>

extern char **environ;

static int arguments(int argc, char **argv) {
  for (int i = 0; i < argc; i++) printf("arg.%d=%s\n", i, argv[i]);
  return 0;
}

static int environment(int argc, char **argv) {
  for (char **entry = environ; *entry; entry++) printf("env.%s\n", *entry);
  return 0;
}

static int variable(int argc, char **argv) {
  const char *value = argc > 0 ? getenv(argv[0]) : NULL;
  text("value", value ? value : "(unset)");
  return 0;
}

/* The ways out: return from main, exit() with buffered output, _Exit() without, abort(). */
static int leave(int argc, char **argv) {
  int code = argc > 1 ? atoi(argv[1]) : 0;
  text("leaving", "now");
  if (argc > 0 && !strcmp(argv[0], "exit")) exit(code);
  if (argc > 0 && !strcmp(argv[0], "_Exit")) {
    fflush(stdout);
    _Exit(code);
  }
  if (argc > 0 && !strcmp(argv[0], "abort")) {
    fflush(stdout);
    abort();
  }
  return code;
}

int main(int argc, char **argv) {
  /* Where the policy grants no arguments there is no argv[0] either, and so no subtest to name. */
  if (argc < 2) {
    number("argc", argc);
    return environment(0, NULL);
  }
  static const struct subtest subtests[] = {
      {"arguments", arguments}, {"environment", environment}, {"variable", variable}, {"leave", leave}, {0}};
  return run_subtest(subtests, argc, argv);
}
