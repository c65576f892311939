// The three ways to lift `run`, chosen by -DLIFT_…: prints a greeting after a wait of a millisecond.
#include "wasi3.h"

static void greet(const char *how) {
  say("hello", how);
  end_printing();
}

#if defined(LIFT_CALLBACK)
static handle set;

RUN_CALLBACK {
  uint32_t packed = wait_for_async(MILLISECOND);
  set = waitable_set_new();
  if (SUBTASK_STATE(packed) == RETURNED) __builtin_trap();
  waitable_join(SUBTASK(packed), set);
  return WAIT_ON(set);
}

RUN_ON_EVENT {
  if (code != SUBTASK_EVENT || payload != RETURNED) __builtin_trap();
  subtask_drop(waitable);
  waitable_set_drop(set);
  greet("callback");
  return_run(0);
  return CALLBACK_EXIT;
}
#elif defined(LIFT_STACKFUL)
RUN_STACKFUL {
  if (await_subtask(wait_for_async(MILLISECOND)) != RETURNED) __builtin_trap();
  greet("stackful");
  return_run(0);
}
#else
RUN_SYNC {
  wait_for(MILLISECOND);
  greet("sync");
  return 0;
}
#endif
