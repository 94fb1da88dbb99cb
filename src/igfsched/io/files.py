"""Text in and out of files: what cannot be read is an InputError, and no file is ever half written.

- `read_text`: the text of a path, an open file, or standard input.
- `write_text`, `write_bytes`: the whole content or nothing, under the name it had before.
"""

from __future__ import annotations

import os
import secrets
import shutil
import stat
import sys
from pathlib import Path
from typing import IO

from igfsched.errors import InputError, Problem

Source = str | os.PathLike[str] | IO[str] | IO[bytes]


def read_text(source: Source) -> tuple[str, str]:
    """Return the text of a path, of an open file or of standard input (`-`), and the name to tell it by.

    Raises InputError if there is no such file, if it is a folder, or if it is not UTF-8. A byte order
    mark is skipped.
    """
    name = name_of(source)
    try:
        raw = _raw(source)
        return (raw if isinstance(raw, str) else raw.decode("utf-8")).removeprefix("\ufeff"), name
    except FileNotFoundError:
        problem = Problem(path=name, message="there is no such file")
    except IsADirectoryError:
        problem = Problem(path=name, message="this is a folder, not a file")
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        problem = Problem(path=f"{name}, line {line}", message="this is not UTF-8 text")
    except OSError as error:
        problem = Problem(path=name, message=f"this cannot be read: {error.strerror or error}")
    except ValueError as error:  # a path with a NUL character
        problem = Problem(path=repr(name), message=f"this is not a path: {error}")
    raise InputError([problem], name) from None


def name_of(source: Source) -> str:
    """Return the name by which messages speak of a source."""
    if source == "-":
        return "standard input"
    if isinstance(source, str | os.PathLike):
        return os.fspath(source)
    name = getattr(source, "name", None)
    return name if isinstance(name, str) else "input"


def write_text(path: str | os.PathLike[str], text: str) -> None:
    """Write a text as UTF-8: afterwards the file holds all of it, or on failure what it held before.

    `-` is standard output. Raises InputError for text that UTF-8 cannot hold, OSError if the folder
    cannot be written.
    """
    try:
        content = text.encode("utf-8")
    except UnicodeEncodeError as error:
        around = text[max(0, error.start - 20): error.end + 20]
        message = "half a surrogate pair cannot be written as UTF-8"
        raise InputError([Problem(path=os.fspath(path), message=message, found=around)], os.fspath(path)) from None
    if path == "-":
        sys.stdout.write(text)
        return
    write_bytes(path, content)


def write_bytes(path: str | os.PathLike[str], content: bytes) -> None:
    """Write a file: afterwards it holds all of the content, or on failure what it held before."""
    target = Path(os.path.realpath(path))
    if target.exists() and not target.is_file():
        # A pipe or a device cannot be replaced (and a folder refuses to be opened).
        target.write_bytes(content)
        return
    temporary = target.with_name(f".igfsched-{secrets.token_hex(8)}.tmp")
    # Not tempfile: its files are private, while a new file should have the rights that the umask leaves.
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        if target.exists():
            shutil.copymode(target, temporary)
        os.replace(temporary, target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def is_folder(path: str | os.PathLike[str]) -> bool:
    """Say whether a path is an existing folder; also for a path that no file system takes."""
    try:
        return stat.S_ISDIR(os.stat(path).st_mode)
    except (OSError, ValueError):
        return False


def _raw(source: Source) -> str | bytes:
    if source == "-":
        # Bytes where there are any, so that the encoding does not depend on the terminal.
        return getattr(sys.stdin, "buffer", sys.stdin).read()
    if isinstance(source, str | os.PathLike):
        return Path(source).read_bytes()
    return source.read()
