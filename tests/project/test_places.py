"""Folders that synchronise or lie on a network: noticed, with the way round them."""

from pathlib import PurePosixPath, PureWindowsPath

import pytest

from reflect_analysis.project import Project, places


@pytest.mark.parametrize(
    ("folder", "name"),
    [
        (PureWindowsPath(r"C:\Users\ann\OneDrive - University of X\study"), "OneDrive"),
        (PureWindowsPath(r"C:\Users\ann\OneDrive"), "OneDrive"),
        (PureWindowsPath(r"C:\Users\ann\Dropbox (Team)\a"), "Dropbox"),
        (PureWindowsPath(r"G:\My Drive\thesis"), "Google Drive"),
        (PureWindowsPath(r"C:\Users\ann\iCloudDrive"), "iCloud"),
        (PurePosixPath("/Users/ann/Library/Mobile Documents/com~apple~CloudDocs"), "iCloud"),
        (PurePosixPath("/Users/ann/Library/CloudStorage/Box-Box/x"), "a cloud service"),
        (PurePosixPath("/home/ann/Nextcloud/x"), "Nextcloud"),
        (PurePosixPath("/home/ann/Box/x"), "Box"),
        (PurePosixPath("/home/ann/box-office/x"), None),
        (PurePosixPath("/home/ann/dropboxes/x"), None),
        (PureWindowsPath(r"C:\Users\ann\Documents"), None),
    ],
)
def test_a_synced_folder_is_known_by_its_name(folder, name):
    assert places.synced_by(folder) == name


def test_a_synced_folder_is_known_by_what_lies_in_it(tmp_path):
    (tmp_path / ".stfolder").mkdir()
    (tmp_path / "study").mkdir()
    assert places.synced_by(tmp_path / "study") == "Syncthing"


@pytest.mark.parametrize(
    ("folder", "kind"),
    [
        ("/home/ann/study", None),
        ("/mnt/share/study", "cifs"),
        ("/mnt/share", "cifs"),
        ("/mnt/shares", None),
        ("/mnt/our share/x", "nfs4"),
        ("/remote/x", "fuse.sshfs"),
    ],
)
def test_a_network_folder_is_known_by_its_mount(folder, kind, monkeypatch):
    lines = (
        "/dev/sda1 / ext4 rw 0 0\n//srv/s /mnt/share cifs rw 0 0\n"
        "srv:/x /mnt/our\\040share nfs4 rw 0 0\nann@srv: /remote fuse.sshfs rw 0 0\n"
    )
    monkeypatch.setattr(places.sys, "platform", "linux")
    monkeypatch.setattr(places.Path, "read_text", lambda *_, **__: lines)
    assert places.kind_of(PurePosixPath(folder), places._mounts()) == kind


def test_a_share_of_windows_is_known_by_its_path_and_its_letter(monkeypatch):
    import ctypes
    from types import SimpleNamespace

    asked = []
    kinds = {"Z:\\": 4, "C:\\": 3}
    kernel = SimpleNamespace(GetDriveTypeW=lambda drive: asked.append(drive) or kinds[drive])
    monkeypatch.setattr(ctypes, "windll", SimpleNamespace(kernel32=kernel), raising=False)
    assert places._windows_kind(PureWindowsPath(r"\\server\share\x")) == r"\\server\share"
    assert places._windows_kind(PureWindowsPath(r"Z:\x")) == "drive Z:"
    assert places._windows_kind(PureWindowsPath(r"C:\x")) is None
    assert asked == ["Z:\\", "C:\\"]


def test_a_project_in_a_synced_folder_says_so_and_shows_the_way(tmp_path, corpus):
    folder = tmp_path / "OneDrive - School"
    folder.mkdir()
    with Project.create(folder / "study.reflect") as project:
        (note,) = project.notes
    assert "OneDrive" in note
    assert "send a copy" in note
    assert f'reflect-analysis merge "{folder / "study.reflect"}" THEIR-COPY --by NAME' in note


def test_a_project_in_a_folder_of_this_computer_says_nothing(tmp_path):
    with Project.create(tmp_path / "study.reflect") as project:
        assert project.notes == ()
