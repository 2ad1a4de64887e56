"""Names of splits: one word each for training, validation and test data."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_WORDS = {
    "train": "train",
    "training": "train",
    "val": "val",
    "valid": "val",
    "validate": "val",
    "validation": "val",
    "test": "test",
    "testing": "test",
    "trainval": "trainval",
    "minival": "minival",
}
_WORD = re.compile(r"[a-z]+")

SYNONYMS: dict[str, tuple[str, ...]] = {
    name: tuple(word for word, meaning in _WORDS.items() if meaning == name)
    for name in ("train", "val", "test")
}
"""The folder names under which a split is found."""


def canonical_split(name: str) -> str:
    """Return the one name of a split: ``"valid"`` and ``"Validation"`` are ``"val"``."""
    return _WORDS.get(name.lower(), name)


def split_in(name: str) -> str | None:
    """Return the split that a file or folder name speaks of, if it does: ``instances_train2017`` → train."""
    for word in _WORD.findall(name.lower()):
        if word in _WORDS:
            return _WORDS[word]
    return None


def split_of(names: Iterable[str]) -> str | None:
    """Return the split of the first name that speaks of one."""
    return next((split for name in names if (split := split_in(name)) is not None), None)
