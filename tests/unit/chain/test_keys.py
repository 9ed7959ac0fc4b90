"""Key files: for their owner alone, and never overwritten."""

import json
from pathlib import Path

import pytest
from solders.keypair import Keypair

from amalgam.chain.keys import KeyFileError, read_keypair, write_keypair


def test_what_is_written_is_read_and_private(tmp_path: Path) -> None:
    keypair, path = Keypair(), tmp_path / "new" / "id.json"
    write_keypair(path, keypair)
    assert read_keypair(path) == keypair
    assert path.stat().st_mode & 0o777 == 0o600
    assert Keypair.from_json(path.read_text()) == keypair  # as Solana's tools read it


def test_a_key_is_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "id.json"
    write_keypair(path, Keypair())
    before = path.read_bytes()
    with pytest.raises(KeyFileError, match=rf"^{path}: there is a file already; move it away"):
        write_keypair(path, Keypair())
    assert path.read_bytes() == before


def test_a_key_that_others_may_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "id.json"
    write_keypair(path, Keypair())
    for mode in (0o604, 0o640, 0o660, 0o644):
        path.chmod(mode)
        with pytest.raises(KeyFileError, match=rf"^{path}: others may read this keypair; run: chmod 600 "):
            read_keypair(path)
    path.chmod(0o400)
    read_keypair(path)


@pytest.mark.parametrize(
    "content",
    [
        *("", "{}", "[1, 2]", "[300]", "secret", "64", "9" * 20, "\0\x1b[31m"),
        *("[" * 4_000, "[" * 10**6),  # deeper than Python's stack, and larger than any keypair file
        *(json.dumps([0] * 64), json.dumps([1] * 64)),
    ],
    ids=range(12),
)
def test_what_is_no_keypair_is_refused_and_not_shown(tmp_path: Path, content: str) -> None:
    path = tmp_path / "id.json"
    path.write_text(content)
    path.chmod(0o600)
    with pytest.raises(KeyFileError) as refused:
        read_keypair(path)
    assert str(refused.value) == f"{path}: not a keypair file; it holds a JSON list of 64 numbers"


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    path = tmp_path / "id.json"
    with pytest.raises(KeyFileError, match=rf"^{path}: there is no such keypair file; name another"):
        read_keypair(path)
