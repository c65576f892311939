/* Reading, writing and waiting: streams are opened for one call of a file, and for good for the standard ones. */

struct output {
  handle writable, result;
  int32_t error;
};
static struct output outputs[2];

static int32_t cli_errno(uint8_t code) {
  return code == 1 ? __WASI_ERRNO_ILSEQ : code == 2 ? __WASI_ERRNO_PIPE : __WASI_ERRNO_IO;
}

/* What became of what was written, once the stream is closed by one side. */
static int32_t end_output(int which) {
  struct output *output = &outputs[which];
  if (!output->writable) return output->error;
  uint8_t result[2];
  if (which == 0) {
    stdout_stream_drop_writable(output->writable);
    stdout_result_read(output->result, result);
    stdout_result_drop_readable(output->result);
  } else {
    stderr_stream_drop_writable(output->writable);
    stderr_result_read(output->result, result);
    stderr_result_drop_readable(output->result);
  }
  output->writable = 0;
  return output->error = result[0] ? cli_errno(result[1]) : __WASI_ERRNO_PIPE;
}

static void end_outputs(void) {
  end_output(0);
  end_output(1);
}

static int32_t write_output(int which, const char *start, size_t length) {
  struct output *output = &outputs[which];
  if (output->error) return output->error;
  if (!output->writable) {
    uint64_t pair = which == 0 ? stdout_stream_new() : stderr_stream_new();
    output->writable = WRITABLE(pair);
    output->result =
        which == 0 ? stdout_write_via_stream(READABLE(pair)) : stderr_write_via_stream(READABLE(pair));
  }
  while (length > 0) {
    uint32_t packed = which == 0 ? stdout_stream_write(output->writable, start, length)
                                 : stderr_stream_write(output->writable, start, length);
    start += COPY_COUNT(packed), length -= COPY_COUNT(packed);
    if (COPY_RESULT(packed) != COMPLETED) return length > 0 ? end_output(which) : 0;
  }
  return 0;
}

/* One piece of standard input is read ahead, so that one can wait for it. */
static struct {
  handle readable, result;
  bool is_reading, has_ended;
  int32_t error;
  size_t start, end;
  char bytes[65536];
} input;

static void input_came(uint32_t packed) {
  input.is_reading = false;
  input.start = 0, input.end = COPY_COUNT(packed);
  if (COPY_RESULT(packed) != DROPPED) return;
  input.has_ended = true;
  uint8_t result[2];
  stdin_result_read(input.result, result);
  if (result[0]) input.error = cli_errno(result[1]);
}

static bool input_is_there(void) { return input.start < input.end || input.has_ended; }

/* Starts reading, where nothing is there. */
static void begin_input(void) {
  if (input_is_there() || input.is_reading) return;
  if (!input.readable) {
    handle pair[2];
    stdin_read_via_stream(pair);
    input.readable = pair[0], input.result = pair[1];
  }
  int32_t packed = stdin_stream_read_async(input.readable, input.bytes, sizeof input.bytes);
  if (packed == BLOCKED) input.is_reading = true;
  else input_came((uint32_t)packed);
}

static int32_t read_input(char *to, size_t length, size_t *got) {
  begin_input();
  if (input.is_reading) input_came(await_one(input.readable));
  size_t there = input.end - input.start;
  *got = there < length ? there : length;
  memcpy(to, input.bytes + input.start, *got);
  input.start += *got;
  return *got == 0 && length > 0 ? input.error : 0;
}

/* Up to `length` bytes, fewer at the end of the file. */
static int32_t read_file(handle descriptor, uint64_t offset, char *to, size_t length, size_t *got) {
  handle pair[2];
  *got = 0;
  read_via_stream(descriptor, offset, pair);
  bool dropped = false;
  while (*got < length && !dropped) {
    uint32_t packed = file_bytes_read(pair[0], to + *got, length - *got);
    *got += COPY_COUNT(packed);
    dropped = COPY_RESULT(packed) == DROPPED;
  }
  file_bytes_drop_readable(pair[0]);
  file_result result;
  file_bytes_result_read(pair[1], &result);
  file_bytes_result_drop_readable(pair[1]);
  return dropped && *got == 0 ? outcome(&result) : 0;
}

static int32_t write_file(const struct fd *fd, uint64_t offset, const char *start, size_t length, size_t *put) {
  uint64_t pair = file_data_new();
  handle future = fd->appends ? append_via_stream(fd->descriptor, READABLE(pair))
                              : write_via_stream(fd->descriptor, READABLE(pair), offset);
  *put = 0;
  while (*put < length) {
    uint32_t packed = file_data_write(WRITABLE(pair), start + *put, length - *put);
    *put += COPY_COUNT(packed);
    if (COPY_RESULT(packed) != COMPLETED) break;
  }
  file_data_drop_writable(WRITABLE(pair));
  file_result result;
  file_data_result_read(future, &result);
  file_data_result_drop_readable(future);
  return outcome(&result);
}

static int32_t read_at(struct fd *fd, uint64_t offset, const __wasi_iovec_t *vectors, size_t count, size_t *total) {
  *total = 0;
  for (size_t i = 0; i < count; i++) {
    if (vectors[i].buf_len == 0) continue;
    size_t got;
    int32_t error = fd->kind == STDIN
                        ? read_input((char *)vectors[i].buf, vectors[i].buf_len, &got)
                        : read_file(fd->descriptor, offset + *total, (char *)vectors[i].buf, vectors[i].buf_len, &got);
    if (error) return *total ? 0 : error;
    *total += got;
    if (got < vectors[i].buf_len) return 0;
  }
  return 0;
}

static int32_t write_at(struct fd *fd, uint64_t offset, const __wasi_ciovec_t *vectors, size_t count, size_t *total) {
  *total = 0;
  for (size_t i = 0; i < count; i++) {
    if (vectors[i].buf_len == 0) continue;
    size_t put = vectors[i].buf_len;
    int32_t error = fd->kind == FILE_OR_DIRECTORY
                        ? write_file(fd, offset + *total, (const char *)vectors[i].buf, put, &put)
                        : write_output(fd->kind == STDERR, (const char *)vectors[i].buf, put);
    if (error) return *total ? 0 : error;
    *total += put;
  }
  return 0;
}

SNAPSHOT1(fd_read)(int32_t number, const __wasi_iovec_t *vectors, size_t count, size_t *total) {
  FD(fd, number);
  if (fd->kind == STDOUT || fd->kind == STDERR) return __WASI_ERRNO_BADF;
  if (fd->is_directory) return __WASI_ERRNO_ISDIR;
  int32_t error = read_at(fd, fd->position, vectors, count, total);
  if (!error) fd->position += *total;
  return error;
}

SNAPSHOT1(fd_pread)(int32_t number, const __wasi_iovec_t *vectors, size_t count, uint64_t offset, size_t *total) {
  FILE_FD(fd, number);
  if (fd->is_directory) return __WASI_ERRNO_ISDIR;
  return read_at(fd, offset, vectors, count, total);
}

SNAPSHOT1(fd_write)(int32_t number, const __wasi_ciovec_t *vectors, size_t count, size_t *total) {
  FD(fd, number);
  if (fd->kind == STDIN) return __WASI_ERRNO_BADF;
  if (fd->is_directory) return __WASI_ERRNO_BADF;
  int32_t error = write_at(fd, fd->position, vectors, count, total);
  if (error || fd->kind != FILE_OR_DIRECTORY) return error;
  fd->position += *total;
  if (!fd->appends) return 0;
  stat_result stat;
  file_stat(fd->descriptor, &stat);
  if (!stat.is_error) fd->position = stat.value.size;
  return 0;
}

SNAPSHOT1(fd_pwrite)(int32_t number, const __wasi_ciovec_t *vectors, size_t count, uint64_t offset, size_t *total) {
  FILE_FD(fd, number);
  if (fd->is_directory) return __WASI_ERRNO_BADF;
  struct fd at = *fd;
  at.appends = false;
  return write_at(&at, offset, vectors, count, total);
}

/* Nanoseconds until a subscription of a clock is due. */
static uint64_t delay_of(const __wasi_subscription_clock_t *clock) {
  if (!(clock->flags & __WASI_SUBCLOCKFLAGS_SUBSCRIPTION_CLOCK_ABSTIME)) return clock->timeout;
  uint64_t now = clock_now((int32_t)clock->id);
  return clock->timeout > now ? clock->timeout - now : 0;
}

/* Waits until standard input is there, or `delay` has passed. */
static void wait_for_input(uint64_t delay, bool is_timed) {
  begin_input();
  if (input_is_there()) return;
  handle set = waitable_set_new();
  waitable_join(input.readable, set);
  uint32_t timer = is_timed ? wait_for_async(delay) : 0;
  if (is_timed && SUBTASK_STATE(timer) != RETURNED) waitable_join(SUBTASK(timer), set);
  event happened;
  if (!is_timed || SUBTASK_STATE(timer) != RETURNED) {
    uint32_t code;
    do code = waitable_set_wait(set, &happened);
    while (code == SUBTASK_EVENT && happened.payload < RETURNED);
    if (code == STREAM_READ) input_came(happened.payload);
    if (is_timed) {
      waitable_join(SUBTASK(timer), 0);
      if (code == STREAM_READ) subtask_cancel(SUBTASK(timer));
      subtask_drop(SUBTASK(timer));
    }
  }
  waitable_join(input.readable, 0);
  waitable_set_drop(set);
}

static bool is_ready(const __wasi_subscription_t *in) {
  if (in->u.tag != __WASI_EVENTTYPE_FD_READ) return true;
  const struct fd *fd = fd_of((int32_t)in->u.u.fd_read.file_descriptor);
  return !fd || fd->kind != STDIN || input_is_there();
}

static __wasi_event_t event_of(const __wasi_subscription_t *in) {
  __wasi_event_t event = {.userdata = in->userdata, .type = in->u.tag};
  if (in->u.tag == __WASI_EVENTTYPE_CLOCK) return event;
  const struct fd *fd = fd_of((int32_t)in->u.u.fd_read.file_descriptor);
  if (!fd) event.error = __WASI_ERRNO_BADF;
  else if (in->u.tag == __WASI_EVENTTYPE_FD_READ && fd->kind == STDIN) {
    event.fd_readwrite.nbytes = input.end - input.start;
    if (input.start == input.end) event.fd_readwrite.flags = __WASI_EVENTRWFLAGS_FD_READWRITE_HANGUP;
  } else event.fd_readwrite.nbytes = 1;
  return event;
}

SNAPSHOT1(poll_oneoff)(const __wasi_subscription_t *in, __wasi_event_t *out, size_t count, size_t *used) {
  if (count == 0) return __WASI_ERRNO_INVAL;
  uint64_t delay = UINT64_MAX;
  bool is_timed = false, waits_for_input = false, any_ready = false;
  for (size_t i = 0; i < count; i++) {
    if (in[i].u.tag == __WASI_EVENTTYPE_CLOCK) {
      if (in[i].u.u.clock.id > 1) return __WASI_ERRNO_INVAL;
      uint64_t own = delay_of(&in[i].u.u.clock);
      is_timed = true;
      if (own < delay) delay = own;
    } else if (!is_ready(&in[i])) {
      begin_input();
      if (is_ready(&in[i])) any_ready = true;
      else waits_for_input = true;
    } else any_ready = true;
  }
  uint64_t start = monotonic_now();
  if (!any_ready && waits_for_input) wait_for_input(delay, is_timed);
  else if (!any_ready && is_timed) wait_for(delay);
  *used = 0;
  bool waited = !any_ready && is_timed && (!waits_for_input || !input_is_there());
  for (size_t i = 0; i < count; i++) {
    bool ready = in[i].u.tag == __WASI_EVENTTYPE_CLOCK
                     ? (waited ? delay_of(&in[i].u.u.clock) <= delay : delay_of(&in[i].u.u.clock) <= monotonic_now() - start)
                     : is_ready(&in[i]);
    if (ready) out[(*used)++] = event_of(&in[i]);
  }
  return 0;
}
