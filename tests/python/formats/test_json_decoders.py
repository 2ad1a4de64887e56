"""JSON files read by msgspec, if it is installed: values and errors are those of the standard library."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heatgrid import FormatError
from heatgrid.io import parse
from samples import DATA

if TYPE_CHECKING:
    from collections.abc import Iterator

pytest.importorskip("msgspec")

FILES = sorted(path for path in DATA.rglob("*.json") if path.is_file())
TEXTS = [
    *(b"1e400", b"-1e400", b"NaN", b"-Infinity", b"-0", b"-0.0", b"1E5", b"0.1e-400", b"01", b"1.", b"+1"),
    *(b"18446744073709551616", b"-9223372036854775809", b"9" * 400, b"9" * 5000, b"1" * 25 + b".5"),
    *(b'"\\ud800"', b'"\\udc00x"', b'"\\u0000"', b'"\x01"', b'"\xff"', b'"\xed\xa0\x80"', b'"\x7f"'),
    *(b"", b" ", b"[1,]", b"[1]x", b"{'a': 1}", b'{"a": 1, "a": 2}', b"\xef\xbb\xbf[1]", b"\x00", b"[1]\x0c"),
    *(b"[" * 900 + b"]" * 900, b"[" * 5000 + b"]" * 5000, '["Größe"]'.encode("utf-16"), b"// x\n1"),
]
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@pytest.fixture(autouse=True)
def decoders() -> Iterator[None]:
    parse._fast_decoder.cache_clear()
    assert parse._fast_decoder() is not None
    yield
    parse._fast_decoder.cache_clear()


def result_of(content: bytes, path: Path) -> str:
    """Return the value with the types of all numbers, or the text of the error."""
    try:
        return repr(parse.parse_json(content, path))
    except FormatError as error:
        return f"{type(error).__name__}: {error}"


def check(content: bytes, path: Path = Path("a.json")) -> None:
    own = result_of(content, path)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parse, "_fast_decoder", lambda: None)
        assert own == result_of(content, path)


@pytest.mark.parametrize("content", TEXTS, ids=lambda text: repr(text[:20]))
def test_odd_texts(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(content)
    check(content, path)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(DATA)))
def test_files(path: Path) -> None:
    check(path.read_bytes(), path)


@given(VALUES)
def test_any_value(value: Any) -> None:
    check(json.dumps(value).encode())
    check(json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass"))


@given(st.floats(allow_nan=False, allow_infinity=False), st.integers(0, 25))
def test_numbers_of_many_digits(value: float, digits: int) -> None:
    text = f"{math.fmod(value, 1e6):.{digits}f}"
    check(text.encode())
    check(f"{value:.{digits}e}".encode())
