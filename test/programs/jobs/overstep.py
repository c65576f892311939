"""Oversteps its grants, one after the other, and says how each attempt ended."""

import errno
import os


def attempt(name, work):
    try:
        print(name, work())
    except OSError as error:
        print(name, errno.errorcode[error.errno])


attempt("open", lambda: open("/app/library/readme.txt", "w"))
attempt("remove", lambda: os.remove("/app/library/draft.txt"))
attempt("mkdir", lambda: os.mkdir("/app/new"))
attempt("outside", lambda: open("/app/../etc/passwd"))
attempt("read", lambda: open("/app/library/readme.txt").read().strip())

big = open("/job/big", "wb", buffering=0)
attempt("write", lambda: [big.write(b"x" * 10_000) for _ in range(20)])
attempt("fits", lambda: os.fstat(big.fileno()).st_size <= 65_536)
attempt("truncate", lambda: big.truncate(10_000))
attempt("again", lambda: open("/job/small", "w").write("fits"))
