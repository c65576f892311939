/* Descriptors and paths. */

static uint8_t filetype_of(uint8_t type) {
  static const uint8_t types[] = {
      __WASI_FILETYPE_BLOCK_DEVICE,  __WASI_FILETYPE_CHARACTER_DEVICE, __WASI_FILETYPE_DIRECTORY, __WASI_FILETYPE_UNKNOWN,
      __WASI_FILETYPE_SYMBOLIC_LINK, __WASI_FILETYPE_REGULAR_FILE,     __WASI_FILETYPE_UNKNOWN,   __WASI_FILETYPE_UNKNOWN};
  return type < sizeof types ? types[type] : __WASI_FILETYPE_UNKNOWN;
}

static uint64_t nanoseconds_of(const optional_instant *time) {
  return time->is_some ? (uint64_t)time->value.seconds * SECOND + time->value.nanoseconds : 0;
}

static int32_t stat_outcome(const stat_result *result) { return result->is_error ? file_errno(&result->error) : 0; }

static int32_t write_filestat(const stat_result *result, const hash_result *hash, __wasi_filestat_t *out) {
  if (result->is_error) return file_errno(&result->error);
  if (hash->is_error) return file_errno(&hash->error);
  const descriptor_stat *stat = &result->value;
  *out = (__wasi_filestat_t){
      .dev = 1,
      .ino = hash->value[0],
      .filetype = filetype_of(stat->type.tag),
      .nlink = stat->link_count,
      .size = stat->size,
      .atim = nanoseconds_of(&stat->accessed),
      .mtim = nanoseconds_of(&stat->modified),
      .ctim = nanoseconds_of(&stat->changed),
  };
  return 0;
}

SNAPSHOT1(fd_close)(int32_t number) {
  FD(fd, number);
  if (fd->kind == FILE_OR_DIRECTORY) descriptor_drop(fd->descriptor);
  *fd = (struct fd){FREE};
  return 0;
}

SNAPSHOT1(fd_renumber)(int32_t from, int32_t to) {
  FD(source, from);
  FD(target, to);
  if (source == target) return 0;
  if (target->kind == FILE_OR_DIRECTORY) descriptor_drop(target->descriptor);
  *target = *source;
  *source = (struct fd){FREE};
  return 0;
}

SNAPSHOT1(fd_prestat_get)(int32_t number, __wasi_prestat_t *out) {
  FD(fd, number);
  if (!fd->name.start) return __WASI_ERRNO_BADF;
  out->tag = __WASI_PREOPENTYPE_DIR;
  out->u.dir.pr_name_len = fd->name.length;
  return 0;
}

SNAPSHOT1(fd_prestat_dir_name)(int32_t number, char *to, size_t length) {
  FD(fd, number);
  if (!fd->name.start) return __WASI_ERRNO_NOTDIR;
  if (length < fd->name.length) return __WASI_ERRNO_NAMETOOLONG;
  memcpy(to, fd->name.start, fd->name.length);
  return 0;
}

SNAPSHOT1(fd_fdstat_get)(int32_t number, __wasi_fdstat_t *out) {
  FD(fd, number);
  *out = (__wasi_fdstat_t){.fs_filetype = __WASI_FILETYPE_UNKNOWN};
  if (fd->kind != FILE_OR_DIRECTORY) {
    out->fs_rights_base = fd->kind == STDIN ? __WASI_RIGHTS_FD_READ : __WASI_RIGHTS_FD_WRITE;
    return 0;
  }
  type_result type;
  file_get_type(fd->descriptor, &type);
  if (type.is_error) return file_errno(&type.error);
  flags_result flags;
  file_get_flags(fd->descriptor, &flags);
  if (flags.is_error) return file_errno(&flags.error);
  out->fs_filetype = filetype_of(type.value.tag);
  out->fs_rights_base = ~0ull;
  if (!(flags.value & READ)) out->fs_rights_base &= ~__WASI_RIGHTS_FD_READ;
  if (!(flags.value & WRITE)) out->fs_rights_base &= ~__WASI_RIGHTS_FD_WRITE;
  /* What has no position cannot be sought in: libc takes it for a terminal otherwise. */
  if (fd->is_directory) out->fs_rights_base &= ~(__WASI_RIGHTS_FD_SEEK | __WASI_RIGHTS_FD_TELL);
  out->fs_rights_inheriting = out->fs_rights_base;
  if (fd->appends) out->fs_flags |= __WASI_FDFLAGS_APPEND;
  if (flags.value & FILE_SYNC) out->fs_flags |= __WASI_FDFLAGS_SYNC;
  if (flags.value & DATA_SYNC) out->fs_flags |= __WASI_FDFLAGS_DSYNC;
  if (flags.value & REQUESTED_SYNC) out->fs_flags |= __WASI_FDFLAGS_RSYNC;
  return 0;
}

SNAPSHOT1(fd_fdstat_set_flags)(int32_t number, int32_t flags) {
  FILE_FD(fd, number);
  if (flags & ~(__WASI_FDFLAGS_APPEND | __WASI_FDFLAGS_NONBLOCK)) return __WASI_ERRNO_INVAL;
  fd->appends = (flags & __WASI_FDFLAGS_APPEND) != 0;
  return 0;
}

SNAPSHOT1(fd_fdstat_set_rights)(int32_t number, int64_t base, int64_t inheriting) {
  (void)base, (void)inheriting;
  FD(fd, number);
  return __WASI_ERRNO_NOTSUP;
}

SNAPSHOT1(fd_advise)(int32_t number, uint64_t offset, uint64_t length, int32_t advice) {
  FILE_FD(fd, number);
  /* normal, sequential, random, willneed, dontneed, noreuse: the same order in both. */
  if (advice < 0 || advice > 5) return __WASI_ERRNO_INVAL;
  file_result result;
  file_advise(fd->descriptor, offset, length, advice, &result);
  return outcome(&result);
}

SNAPSHOT1(fd_allocate)(int32_t number, uint64_t offset, uint64_t length) {
  (void)offset, (void)length;
  FILE_FD(fd, number);
  return __WASI_ERRNO_NOTSUP;
}

#define ON_DESCRIPTOR(name, call) \
  SNAPSHOT1(name)(int32_t number) { \
    FILE_FD(fd, number); \
    file_result result; \
    call(fd->descriptor, &result); \
    return outcome(&result); \
  }
ON_DESCRIPTOR(fd_sync, file_sync)
ON_DESCRIPTOR(fd_datasync, file_sync_data)
#undef ON_DESCRIPTOR

SNAPSHOT1(fd_filestat_get)(int32_t number, __wasi_filestat_t *out) {
  FD(fd, number);
  if (fd->kind != FILE_OR_DIRECTORY) {
    *out = (__wasi_filestat_t){.filetype = __WASI_FILETYPE_UNKNOWN};
    return 0;
  }
  stat_result stat;
  hash_result hash;
  file_stat(fd->descriptor, &stat);
  if (!stat.is_error) metadata_hash(fd->descriptor, &hash);
  return write_filestat(&stat, &hash, out);
}

SNAPSHOT1(fd_filestat_set_size)(int32_t number, uint64_t size) {
  FILE_FD(fd, number);
  file_result result;
  file_set_size(fd->descriptor, size, &result);
  return outcome(&result);
}

struct new_time { int tag; instant at; };

/* @returns whether the flags make sense: not both a time and now */
static bool new_times(uint64_t accessed, uint64_t modified, int32_t flags, struct new_time out[2]) {
  const uint64_t times[] = {accessed, modified};
  for (int i = 0; i < 2; i++) {
    int own = flags >> (2 * i) & 3;
    if (own == 3) return false;
    out[i].tag = own == 1 ? TIMESTAMP : own == 2 ? NOW : NO_CHANGE;
    out[i].at = (instant){(int64_t)(times[i] / SECOND), (uint32_t)(times[i] % SECOND)};
  }
  return true;
}

SNAPSHOT1(fd_filestat_set_times)(int32_t number, uint64_t accessed, uint64_t modified, int32_t flags) {
  FILE_FD(fd, number);
  struct new_time t[2];
  if (!new_times(accessed, modified, flags, t)) return __WASI_ERRNO_INVAL;
  file_result result;
  file_set_times(fd->descriptor, t[0].tag, t[0].at.seconds, t[0].at.nanoseconds, t[1].tag, t[1].at.seconds,
                 t[1].at.nanoseconds, &result);
  return outcome(&result);
}

SNAPSHOT1(fd_seek)(int32_t number, int64_t offset, int32_t whence, uint64_t *position) {
  FD(fd, number);
  if (fd->kind != FILE_OR_DIRECTORY) return __WASI_ERRNO_SPIPE;
  if (fd->is_directory) return __WASI_ERRNO_BADF;
  int64_t base = whence == __WASI_WHENCE_CUR ? (int64_t)fd->position : 0;
  if (whence == __WASI_WHENCE_END) {
    stat_result stat;
    file_stat(fd->descriptor, &stat);
    if (stat.is_error) return stat_outcome(&stat);
    base = (int64_t)stat.value.size;
  } else if (whence != __WASI_WHENCE_CUR && whence != __WASI_WHENCE_SET) return __WASI_ERRNO_INVAL;
  int64_t to;
  if (__builtin_add_overflow(base, offset, &to) || to < 0) return __WASI_ERRNO_INVAL;
  *position = fd->position = (uint64_t)to;
  return 0;
}

SNAPSHOT1(fd_tell)(int32_t number, uint64_t *position) {
  FD(fd, number);
  if (fd->kind != FILE_OR_DIRECTORY) return __WASI_ERRNO_SPIPE;
  *position = fd->position;
  return 0;
}

/* Entries from `cookie` on, the last one cut off where the buffer ends. `.` and `..` are 0.1's alone. */
struct listing {
  char *at, *end;
  uint64_t cookie, next;
};

static void list_entry(struct listing *listing, uint64_t inode, uint8_t type, const char *name, size_t length) {
  if (listing->next++ < listing->cookie || listing->at == listing->end) return;
  __wasi_dirent_t entry = {.d_next = listing->next, .d_ino = inode, .d_namlen = length, .d_type = type};
  size_t space = (size_t)(listing->end - listing->at), header = sizeof entry < space ? sizeof entry : space;
  memcpy(listing->at, &entry, header);
  listing->at += header;
  space -= header;
  if (length > space) length = space;
  memcpy(listing->at, name, length);
  listing->at += length;
}

static uint64_t inode_at(handle descriptor, text name) {
  hash_result hash;
  metadata_hash_at(descriptor, 0, name.start, name.length, &hash);
  return hash.is_error ? 0 : hash.value[0];
}

SNAPSHOT1(fd_readdir)(int32_t number, char *to, size_t length, uint64_t cookie, size_t *used) {
  AT(fd, number);
  struct listing listing = {to, to + length, cookie, 0};
  hash_result own;
  metadata_hash(fd->descriptor, &own);
  if (own.is_error) return file_errno(&own.error);
  handle pair[2];
  read_directory(fd->descriptor, pair);
  list_entry(&listing, own.value[0], __WASI_FILETYPE_DIRECTORY, ".", 1);
  list_entry(&listing, own.value[0], __WASI_FILETYPE_DIRECTORY, "..", 2);
  bool dropped = false;
  while (!dropped && listing.at < listing.end) {
    directory_entry entry;
    uint32_t packed = file_entries_read(pair[0], &entry, 1);
    dropped = COPY_RESULT(packed) == DROPPED;
    if (COPY_COUNT(packed) == 0) continue;
    uint64_t inode = listing.next >= cookie ? inode_at(fd->descriptor, entry.name) : 0;
    list_entry(&listing, inode, filetype_of(entry.type.tag), entry.name.start, entry.name.length);
    free((void *)entry.name.start);
  }
  file_entries_drop_readable(pair[0]);
  file_result result;
  file_entries_result_read(pair[1], &result);
  file_entries_result_drop_readable(pair[1]);
  *used = (size_t)(listing.at - to);
  return dropped ? outcome(&result) : 0;
}

#define PATH_RIGHTS \
  (__WASI_RIGHTS_PATH_CREATE_DIRECTORY | __WASI_RIGHTS_PATH_CREATE_FILE | __WASI_RIGHTS_PATH_UNLINK_FILE | \
   __WASI_RIGHTS_PATH_REMOVE_DIRECTORY | __WASI_RIGHTS_PATH_RENAME_SOURCE | __WASI_RIGHTS_PATH_RENAME_TARGET)

static int descriptor_flags_of(int32_t oflags, uint64_t rights, int32_t fdflags) {
  int flags = 0;
  if (rights & (__WASI_RIGHTS_FD_READ | __WASI_RIGHTS_FD_READDIR)) flags |= READ;
  if (rights & __WASI_RIGHTS_FD_WRITE) flags |= WRITE;
  if ((oflags & OPEN_DIRECTORY) && (rights & PATH_RIGHTS)) flags |= MUTATE_DIRECTORY;
  if (fdflags & __WASI_FDFLAGS_SYNC) flags |= FILE_SYNC;
  if (fdflags & __WASI_FDFLAGS_DSYNC) flags |= DATA_SYNC;
  if (fdflags & __WASI_FDFLAGS_RSYNC) flags |= REQUESTED_SYNC;
  return flags;
}

SNAPSHOT1(path_open)(int32_t number, int32_t lookup, const char *path, size_t length, int32_t oflags, uint64_t rights,
                     uint64_t inheriting, int32_t fdflags, int32_t *out) {
  (void)inheriting;
  AT(fd, number);
  int32_t next = 3;
  while (next < MAX_FDS && fds[next].kind != FREE) next++;
  if (next == MAX_FDS) return __WASI_ERRNO_NFILE;
  handle_result opened;
  file_open_at(fd->descriptor, lookup, path, length, oflags, descriptor_flags_of(oflags, rights, fdflags), &opened);
  if (opened.is_error) return file_errno(&opened.error);
  type_result type;
  file_get_type(opened.value, &type);
  bool is_directory = !type.is_error && type.value.tag == DIRECTORY;
  fds[next] = (struct fd){FILE_OR_DIRECTORY, opened.value, is_directory, (fdflags & __WASI_FDFLAGS_APPEND) != 0, 0, {0, 0}};
  *out = next;
  return 0;
}

SNAPSHOT1(path_filestat_get)(int32_t number, int32_t lookup, const char *path, size_t length, __wasi_filestat_t *out) {
  AT(fd, number);
  stat_result stat;
  hash_result hash;
  file_stat_at(fd->descriptor, lookup, path, length, &stat);
  if (!stat.is_error) metadata_hash_at(fd->descriptor, lookup, path, length, &hash);
  return write_filestat(&stat, &hash, out);
}

SNAPSHOT1(path_filestat_set_times)(int32_t number, int32_t lookup, const char *path, size_t length, uint64_t accessed,
                                   uint64_t modified, int32_t flags) {
  AT(fd, number);
  struct new_time t[2];
  if (!new_times(accessed, modified, flags, t)) return __WASI_ERRNO_INVAL;
  file_result result;
  file_set_times_at(fd->descriptor, lookup, path, length, t[0].tag, t[0].at.seconds, t[0].at.nanoseconds, t[1].tag,
                    t[1].at.seconds, t[1].at.nanoseconds, &result);
  return outcome(&result);
}

#define ON_PATH(name, call) \
  SNAPSHOT1(name)(int32_t number, const char *path, size_t length) { \
    AT(fd, number); \
    file_result result; \
    call(fd->descriptor, path, length, &result); \
    return outcome(&result); \
  }
ON_PATH(path_create_directory, create_directory_at)
ON_PATH(path_remove_directory, remove_directory_at)
ON_PATH(path_unlink_file, unlink_file_at)
#undef ON_PATH

SNAPSHOT1(path_link)(int32_t from, int32_t lookup, const char *path, size_t length, int32_t to, const char *new_path,
                     size_t new_length) {
  AT(source, from);
  AT(target, to);
  file_result result;
  file_link_at(source->descriptor, lookup, path, length, target->descriptor, new_path, new_length, &result);
  return outcome(&result);
}

SNAPSHOT1(path_rename)(int32_t from, const char *path, size_t length, int32_t to, const char *new_path, size_t new_length) {
  AT(source, from);
  AT(target, to);
  file_result result;
  file_rename_at(source->descriptor, path, length, target->descriptor, new_path, new_length, &result);
  return outcome(&result);
}

SNAPSHOT1(path_symlink)(const char *target, size_t target_length, int32_t number, const char *path, size_t length) {
  AT(fd, number);
  file_result result;
  file_symlink_at(fd->descriptor, target, target_length, path, length, &result);
  return outcome(&result);
}

SNAPSHOT1(path_readlink)(int32_t number, const char *path, size_t length, char *to, size_t size, size_t *used) {
  AT(fd, number);
  text_result result;
  file_readlink_at(fd->descriptor, path, length, &result);
  if (result.is_error) return file_errno(&result.error);
  *used = result.value.length < size ? result.value.length : size;
  memcpy(to, result.value.start, *used);
  if (result.value.length) free((void *)result.value.start);
  return 0;
}
