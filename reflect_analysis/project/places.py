"""Folders in which a project file is in danger, and the way round them.

A program that synchronises a folder copies a file while it is being written, and puts a "conflicted
copy" beside it when two people change it. On a network drive the locks that keep two writers
apart may be missing. Both are noticed here by the path and by what the system says of it; a file
is never opened for that.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from pathlib import Path, PurePath

__all__ = ["note_on_place"]

# A part of the path that such a program makes: exactly so, or with a name behind it, such as
# "OneDrive - University", "GoogleDrive-me", "Dropbox (Team)".
_SYNCED = {
    "onedrive": "OneDrive",
    "dropbox": "Dropbox",
    "google drive": "Google Drive",
    "googledrive": "Google Drive",
    "my drive": "Google Drive",
    "icloud drive": "iCloud",
    "iclouddrive": "iCloud",
    "mobile documents": "iCloud",
    "box": "Box",
    "box sync": "Box",
    "nextcloud": "Nextcloud",
    "owncloud": "ownCloud",
    "seafile": "Seafile",
    "syncthing": "Syncthing",
    "pcloud": "pCloud",
    "pclouddrive": "pCloud",
    "cloudstorage": "a cloud service",  # ~/Library/CloudStorage of macOS
}
# A hidden entry that such a program keeps in the folder that it synchronises.
_MARKERS = {
    ".dropbox": "Dropbox",
    ".dropbox.cache": "Dropbox",
    ".nextcloudsync.log": "Nextcloud",
    ".owncloudsync.log": "ownCloud",
    ".sync_journal.db": "Nextcloud",
    ".stfolder": "Syncthing",
    ".tmp.drivedownload": "Google Drive",
    ".849c9593-d756-4e56-8d6e-42412f2a707b": "OneDrive",
}
_NETWORK = {
    *("nfs", "nfs4", "cifs", "smb", "smb2", "smb3", "smbfs", "afpfs", "afs", "webdav", "davfs"),
    *("9p", "ceph", "glusterfs", "lustre", "ncpfs", "beegfs", "gpfs"),
    *("fuse.sshfs", "fuse.rclone", "fuse.davfs2", "fuse.glusterfs", "fuse.ceph"),
    *("fuse.google-drive-ocamlfuse", "fuse.s3fs", "fuse.onedriver", "osxfuse_sshfs", "macfuse"),
}
_REMOTE_DRIVE = 4  # GetDriveTypeW: DRIVE_REMOTE


def note_on_place(path: Path) -> str | None:
    """What to say where a project lies in a synced or network folder; `None` elsewhere.

    Parameters
    ----------
    path : Path
        Of the project file.
    """
    folder = _real(path).parent
    if (name := synced_by(folder)) is not None:
        where = f"a folder that {name} synchronises: it may copy the file while it is being written"
    elif (kind := network_kind(folder)) is not None:
        where = f"a network folder ({kind}): two people who write at once are not safe there"
    else:
        return None
    return (
        f"{path.name} lies in {where}. Keep the project in a folder of this computer; to work "
        "with a partner, send a copy and join the copies afterwards: reflect-analysis merge "
        f'"{path}" THEIR-COPY --by NAME. A team that codes at the same time uses PostgreSQL by URL'
    )


def synced_by(folder: PurePath) -> str | None:
    """The program that synchronises a folder, by the parts of its path or a marker in it."""
    for part in folder.parts:
        if (name := _known(part.casefold())) is not None:
            return name
    for each in (folder, *folder.parents):
        found = next(
            (n for mark, n in _MARKERS.items() if os.path.lexists(Path(each) / mark)), None
        )
        if found is not None and Path(each) != Path.home():  # Dropbox keeps settings there
            return found
    return None


def _known(part: str) -> str | None:
    for start, name in _SYNCED.items():
        rest = part.removeprefix(start)
        if part.startswith(start) and (not rest or rest.startswith((" - ", " (", "-"))):
            return name if start != "box" or not rest.startswith("-") else None  # "box-office"
    return None


def network_kind(folder: Path) -> str | None:
    """What kind of network folder it is; `None` for a folder of this computer, or if unknown."""
    if sys.platform == "win32":
        return _windows_kind(folder)
    try:
        mounts = _mounts()
    except (OSError, ValueError):
        return None
    return kind_of(folder, mounts)


def kind_of(folder: PurePath, mounts: Iterable[tuple[str, str]]) -> str | None:
    """The network file system of a folder, from pairs of a mount's place and its type.

    Examples
    --------
    >>> from pathlib import PurePosixPath
    >>> mounts = [("/", "ext4"), ("/home/share", "nfs4")]
    >>> kind_of(PurePosixPath("/home/share/study"), mounts)
    'nfs4'
    >>> kind_of(PurePosixPath("/home/shared"), mounts) is None
    True
    """
    kinds = {place: kind.lower() for place, kind in mounts}  # of two on one place the later counts
    for each in (folder, *folder.parents):
        if (kind := kinds.get(str(each))) is not None:
            return kind if kind in _NETWORK else None
    return None


def _mounts() -> list[tuple[str, str]]:
    if sys.platform == "darwin":
        return _told_by_mount()
    lines = Path("/proc/mounts").read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    parts = (line.split(" ") for line in lines)
    return [(_unescaped(part[1]), part[2]) for part in parts if len(part) > 2]  # noqa: PLR2004  # device, place, type


def _unescaped(text: str) -> str:
    """The place of a mount, in which a space is written by its octal number."""
    for code, letter in (("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")):
        text = text.replace(code, letter)
    return text


def _told_by_mount() -> list[tuple[str, str]]:
    """What ``mount`` says on macOS: ``//server/share on /Volumes/share (smbfs, nodev)``."""
    import subprocess

    told = subprocess.run(
        ["/sbin/mount"], capture_output=True, text=True, check=False, timeout=5
    ).stdout
    return list(mounts_told(told))


def mounts_told(told: str) -> Iterable[tuple[str, str]]:
    """The places and types in the words of macOS's ``mount``.

    Examples
    --------
    >>> list(mounts_told("//me@server/share on /Volumes/our share (smbfs, nodev, nosuid)"))
    [('/Volumes/our share', 'smbfs')]
    """
    for line in told.splitlines():
        before, sign, about = line.rpartition(" (")
        place = before.partition(" on ")[2]
        if sign and place:
            yield place, about.rstrip(")").partition(",")[0].strip()


def _windows_kind(folder: Path) -> str | None:
    """A UNC path, or a letter that stands for a network drive."""
    if folder.drive.startswith("\\\\"):
        return folder.drive
    import ctypes

    windll = getattr(ctypes, "windll", None)  # there on Windows alone
    if windll is None or not folder.drive:
        return None
    found = windll.kernel32.GetDriveTypeW(f"{folder.drive}\\")
    return f"drive {folder.drive}" if found == _REMOTE_DRIVE else None


def _real(path: Path) -> Path:
    """The path with links followed: a folder of the desktop is often a link into OneDrive."""
    try:
        return path.resolve()
    except (OSError, RuntimeError):
        return path
