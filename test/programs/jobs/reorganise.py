"""Reorganises the tree WORK/library, packs and unpacks it, and reports what is there then."""

import hashlib
import json
import os
import shutil
import sys
import zipfile

app, work = sys.argv[1:]
library = os.path.join(work, "library")
if not os.path.isdir(library):
    shutil.copytree(os.path.join(app, "library"), library)


def hashes(root):
    found = {}
    for folder, _, names in os.walk(root):
        for name in names:
            path = os.path.join(folder, name)
            with open(path, "rb") as file:
                digest = hashlib.file_digest(file, "sha256")
            found[os.path.relpath(path, root)] = digest.hexdigest()
    return dict(sorted(found.items()))


# Grow a file, change one in its middle, cut one.
with open(os.path.join(library, "readme.txt"), "a") as file:
    file.write("appended\n")
with open(os.path.join(library, "pattern.bin"), "wb") as file:
    file.write(bytes(range(256)) * 1024)
with open(os.path.join(library, "pattern.bin"), "r+b") as file:
    file.seek(100_000)
    file.write(b"in the middle")
    file.truncate(200_000)
    assert file.seek(0, os.SEEK_END) == 200_000

# Move a directory, replace a file, delete one and an emptied directory.
os.rename(os.path.join(library, "poems"), os.path.join(library, "verse"))
os.replace(os.path.join(library, "draft.txt"), os.path.join(library, "final.txt"))
os.remove(os.path.join(library, "old", "notes.txt"))
os.rmdir(os.path.join(library, "old"))
for index in range(50):
    folder = os.path.join(library, "many", str(index % 5))
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, f"{index}.json"), "w") as file:
        json.dump({"index": index, "square": index**2}, file)

# Pack, unpack somewhere else, compare.
archive = shutil.make_archive(os.path.join(work, "library"), "zip", library)
with zipfile.ZipFile(archive) as packed:
    assert packed.testzip() is None
    packed.extractall(os.path.join(work, "unpacked"))
before, after = hashes(library), hashes(os.path.join(work, "unpacked"))
shutil.rmtree(os.path.join(work, "unpacked"))

report = {
    "hashes": before,
    "same": before == after,
    "left": sorted(os.listdir(work)),
    "sizes": sum(entry.stat().st_size for entry in os.scandir(library) if entry.is_file()),
    "version": sys.version.split()[0],
}
with open(os.path.join(work, "report.json"), "w") as file:
    json.dump(report, file)
print(json.dumps(report))
