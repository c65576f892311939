// What hostile.c and holder.c call besides wasi3.h.
#ifndef HOSTILE_H
#define HOSTILE_H

#include "wasi3.h"

#define FILES "wasi:filesystem/types@0.3.0"

/* Those that wait have the name alone, as in wasi3.h. */
STREAM(stream, "wasi:cli/stdout@0.3.0", 0, "write-via-stream");
FUTURE(future, "wasi:cli/stdout@0.3.0", 1, "write-via-stream");
STREAM(file, FILES, 0, "[method]descriptor.read-via-stream");

typedef struct { handle descriptor; text name; } preopen;
typedef struct { preopen *items; size_t length; } preopen_list;
typedef struct { void *start; size_t length; } byte_list;
typedef struct { handle directory; uint32_t follow; text path; uint8_t open, flags; } open_params;
typedef struct { uint8_t tag; uint64_t seconds; uint32_t nanoseconds; } new_timestamp;
typedef struct { handle file; new_timestamp access, modification; } times_params;

IMPORT("wasi:random/random@0.3.0", "get-random-bytes") void get_random_bytes(uint64_t length, byte_list *);
IMPORT("wasi:filesystem/preopens@0.3.0", "get-directories") void get_directories(preopen_list *);
IMPORT(FILES, "[async-lower][method]descriptor.open-at") uint32_t open_at(const open_params *, void *result);
IMPORT(FILES, "[method]descriptor.advise")
void advise(handle file, uint64_t offset, uint64_t length, uint32_t advice, void *result);
IMPORT(FILES, "[async-lower][method]descriptor.set-times") uint32_t set_times(const times_params *, void *result);
IMPORT(FILES, "[method]descriptor.set-size") void set_size(handle file, uint64_t size, void *result);
IMPORT(FILES, "[method]descriptor.stat-at")
void stat_at(handle directory, uint32_t follow, const void *path, size_t length, void *result);
IMPORT(FILES, "[method]descriptor.write-via-stream") handle file_write_via(handle file, handle readable, uint64_t offset);
IMPORT(FILES, "[method]descriptor.read-via-stream") void file_read_via(handle file, uint64_t offset, handle out[2]);
IMPORT(FILES, "[resource-drop]descriptor") void descriptor_drop(handle);

static inline handle first_directory(void) {
  preopen_list directories;
  get_directories(&directories);
  return directories.length > 0 ? directories.items[0].descriptor : 0;
}

static inline uint32_t done(bool right) {
  return_run(!right);
  return CALLBACK_EXIT;
}

#endif
