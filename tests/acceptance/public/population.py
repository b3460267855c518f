"""The folder that the public filesystem suites expect: what their paths name, as an ordinary user finds it."""

import os
import shutil
from pathlib import Path

ROOT = Path("/tmp/mcp-test-sandbox")
USER = 65534  # nobody: as root, some refusals that the suites expect never happen

FILES = {
    "test.txt": "This is a test file.\n",
    "empty.txt": "",
    "unicode.txt": "Hello 世界! 🌍\n",
    "large_test_file.txt": "a line of sixty-three characters, over and over and over again\n" * 16_384,
    "existing.txt": "old content",
    "to_delete.txt": "delete me",
    "old_name.txt": "old name",
    "source.txt": "source",
    "source_overwrite.txt": "new",
    "existing_dest.txt": "old",
    "large_source.txt": "x" * 1_048_576,
    "info_test.txt": "information",
    "extended_info.txt": "more information",
    "dir_with_files/one.txt": "1",
    "dir_with_files/two.txt": "2",
}
FOLDERS = ("empty_dir", "existing_dir", "empty_to_delete", "info_dir", "subdir", "large_dir", "large_delete_dir")
LOCKED = ("restricted/hidden.txt", "readonly/protected.txt", "readonly/source.txt")


def populate(root: Path = ROOT) -> None:
    """Make the folder anew, owned by `USER` when we are root, with places that this user must not touch."""
    clear(root)
    root.mkdir(mode=0o755)
    for name in FOLDERS:
        (root / name).mkdir()
    for name, text in {**FILES, **dict.fromkeys(LOCKED, "secret")}.items():
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).write_text(text)
    for number in range(500):
        (root / "large_dir" / f"file{number:03}.txt").touch()
        (root / "large_delete_dir" / f"file{number:03}.txt").touch()
    (root / "binary.bin").write_bytes(bytes(range(256)))
    (root / "test_symlink").symlink_to(root / "test.txt")
    (root / "restricted.txt").write_text("secret")
    _hand_over(root)
    for name, mode in (("restricted.txt", 0o000), ("restricted", 0o000), ("readonly", 0o555)):
        (root / name).chmod(mode)


def clear(root: Path = ROOT) -> None:
    """Remove the folder, whatever its permissions."""
    for path in root.glob("**/"):
        path.chmod(0o755)
    shutil.rmtree(root, ignore_errors=True)


def _hand_over(root: Path) -> None:
    if os.getuid() == 0:
        for path in (root, *root.glob("**/*")):
            os.chown(path, USER, USER, follow_symlinks=False)
