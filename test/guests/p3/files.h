/* wasi:filesystem@0.3.0 as the Canonical ABI has it: the functions, and how their results lie in memory. */
#ifndef FILES_H
#define FILES_H

#include "wasi3.h"

#define FILES "wasi:filesystem/types@0.3.0"
#define METHOD(name) "[method]descriptor." name

enum descriptor_type { BLOCK_DEVICE, CHARACTER_DEVICE, DIRECTORY, FIFO, SYMBOLIC_LINK, REGULAR_FILE, SOCKET, OTHER_TYPE };
enum descriptor_flags { READ = 1, WRITE = 2, FILE_SYNC = 4, DATA_SYNC = 8, REQUESTED_SYNC = 16, MUTATE_DIRECTORY = 32 };
enum open_flags { CREATE = 1, OPEN_DIRECTORY = 2, EXCLUSIVE = 4, TRUNCATE = 8 };
enum path_flags { SYMLINK_FOLLOW = 1 };
enum new_timestamp { NO_CHANGE, NOW, TIMESTAMP };

/* The cases of error-code: what C calls them, and what WIT does. */
#define FILE_ERRORS(E) \
  E(ACCES, "access") E(ALREADY, "already") E(BADF, "bad-descriptor") E(BUSY, "busy") E(DEADLK, "deadlock") \
  E(DQUOT, "quota") E(EXIST, "exist") E(FBIG, "file-too-large") E(ILSEQ, "illegal-byte-sequence") \
  E(INPROGRESS, "in-progress") E(INTR, "interrupted") E(INVAL, "invalid") E(IO, "io") E(ISDIR, "is-directory") \
  E(LOOP, "loop") E(MLINK, "too-many-links") E(MSGSIZE, "message-size") E(NAMETOOLONG, "name-too-long") \
  E(NODEV, "no-device") E(NOENT, "no-entry") E(NOLCK, "no-lock") E(NOMEM, "insufficient-memory") \
  E(NOSPC, "insufficient-space") E(NOTDIR, "not-directory") E(NOTEMPTY, "not-empty") \
  E(NOTRECOVERABLE, "not-recoverable") E(NOTSUP, "unsupported") E(NOTTY, "no-tty") E(NXIO, "no-such-device") \
  E(OVERFLOW, "overflow") E(PERM, "not-permitted") E(PIPE, "pipe") E(ROFS, "read-only") E(SPIPE, "invalid-seek") \
  E(TXTBSY, "text-file-busy") E(XDEV, "cross-device")

typedef struct { int64_t seconds; uint32_t nanoseconds; } instant;
typedef struct { uint8_t is_some; instant value; } optional_instant;
typedef struct { uint8_t is_some; text value; } optional_text;
/* A variant whose last case has an optional text: descriptor-type and error-code. */
typedef struct { uint8_t tag; optional_text other; } tagged;
typedef struct {
  tagged type;
  uint64_t link_count, size;
  optional_instant accessed, modified, changed;
} descriptor_stat;
typedef struct { tagged type; text name; } directory_entry;
typedef struct { handle descriptor; text path; } preopen;

typedef struct { uint8_t is_error; tagged error; } file_result;
typedef struct { uint8_t is_error; union { handle value; tagged error; }; } handle_result;
typedef struct { uint8_t is_error; union { uint8_t value; tagged error; }; } flags_result;
typedef struct { uint8_t is_error; union { tagged value; tagged error; }; } type_result;
typedef struct { uint8_t is_error; union { text value; tagged error; }; } text_result;
typedef struct { uint8_t is_error; union { descriptor_stat value; tagged error; }; } stat_result;
typedef struct { uint8_t is_error; union { uint64_t value[2]; tagged error; }; } hash_result;

_Static_assert(sizeof(file_result) == 20 && sizeof(directory_entry) == 24, "variants");
_Static_assert(sizeof(descriptor_stat) == 104 && sizeof(stat_result) == 112, "stat");

STREAM(file_bytes, FILES, 0, METHOD("read-via-stream"));
FUTURE(file_bytes_result, FILES, 1, METHOD("read-via-stream"));
STREAM(file_entries, FILES, 0, METHOD("read-directory"));
FUTURE(file_entries_result, FILES, 1, METHOD("read-directory"));
STREAM(file_data, FILES, 0, METHOD("write-via-stream"));
FUTURE(file_data_result, FILES, 1, METHOD("write-via-stream"));
STREAM(file_append, FILES, 0, METHOD("append-via-stream"));
FUTURE(file_append_result, FILES, 1, METHOD("append-via-stream"));

IMPORT("wasi:filesystem/preopens@0.3.0", "get-directories") void get_directories(struct { preopen *items; size_t length; } *);
IMPORT(FILES, "[resource-drop]descriptor") void descriptor_drop(handle);
IMPORT(FILES, METHOD("read-via-stream")) void read_via_stream(handle, uint64_t offset, handle out[2]);
IMPORT(FILES, METHOD("write-via-stream")) handle write_via_stream(handle, handle readable, uint64_t offset);
IMPORT(FILES, METHOD("append-via-stream")) handle append_via_stream(handle, handle readable);
IMPORT(FILES, METHOD("read-directory")) void read_directory(handle, handle out[2]);
IMPORT(FILES, METHOD("advise")) void file_advise(handle, uint64_t offset, uint64_t length, int advice, file_result *);
IMPORT(FILES, METHOD("sync-data")) void file_sync_data(handle, file_result *);
IMPORT(FILES, METHOD("sync")) void file_sync(handle, file_result *);
IMPORT(FILES, METHOD("get-flags")) void file_get_flags(handle, flags_result *);
IMPORT(FILES, METHOD("get-type")) void file_get_type(handle, type_result *);
IMPORT(FILES, METHOD("set-size")) void file_set_size(handle, uint64_t, file_result *);
IMPORT(FILES, METHOD("set-times"))
void file_set_times(handle, int, int64_t, uint32_t, int, int64_t, uint32_t, file_result *);
IMPORT(FILES, METHOD("stat")) void file_stat(handle, stat_result *);
IMPORT(FILES, METHOD("stat-at")) void file_stat_at(handle, int path_flags, const char *, size_t, stat_result *);
IMPORT(FILES, METHOD("set-times-at"))
void file_set_times_at(handle, int path_flags, const char *, size_t, int, int64_t, uint32_t, int, int64_t, uint32_t, file_result *);
IMPORT(FILES, METHOD("create-directory-at")) void create_directory_at(handle, const char *, size_t, file_result *);
IMPORT(FILES, METHOD("remove-directory-at")) void remove_directory_at(handle, const char *, size_t, file_result *);
IMPORT(FILES, METHOD("unlink-file-at")) void unlink_file_at(handle, const char *, size_t, file_result *);
IMPORT(FILES, METHOD("readlink-at")) void file_readlink_at(handle, const char *, size_t, text_result *);
IMPORT(FILES, METHOD("symlink-at")) void file_symlink_at(handle, const char *, size_t, const char *, size_t, file_result *);
IMPORT(FILES, METHOD("link-at"))
void file_link_at(handle, int path_flags, const char *, size_t, handle to, const char *, size_t, file_result *);
IMPORT(FILES, METHOD("rename-at"))
void file_rename_at(handle, const char *, size_t, handle to, const char *, size_t, file_result *);
IMPORT(FILES, METHOD("open-at"))
void file_open_at(handle, int path_flags, const char *, size_t, int open_flags, int descriptor_flags, handle_result *);
IMPORT(FILES, METHOD("is-same-object")) int32_t is_same_object(handle, handle);
IMPORT(FILES, METHOD("metadata-hash")) void metadata_hash(handle, hash_result *);
IMPORT(FILES, METHOD("metadata-hash-at")) void metadata_hash_at(handle, int path_flags, const char *, size_t, hash_result *);

#endif
