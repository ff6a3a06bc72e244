"""Files that are written whole or not at all, as on the command line."""

import contextlib
import os
import secrets
import shutil
from pathlib import Path


def write_whole(path: Path, text: str) -> None:
    """Replaces a file by this text. If that fails, the file is as before, and nothing is left beside it."""
    if path.exists() and not path.is_file():
        # A device or a pipe, such as /dev/stdout, cannot be replaced.
        path.write_text(text, "utf-8")
        return
    # A link stays a link: its target is replaced.
    place = path.resolve()
    # With the usual permissions: `tempfile` makes private files.
    temporary = place.with_name(f".serfiq-{secrets.token_hex(8)}")
    try:
        with temporary.open("xb") as file:
            file.write(text.encode())
            file.flush()
            os.fsync(file.fileno())
        # There is no file to replace, or its file system has no permissions.
        with contextlib.suppress(OSError):
            shutil.copymode(place, temporary)
        os.replace(temporary, place)
    finally:
        temporary.unlink(missing_ok=True)
