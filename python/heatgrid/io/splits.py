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
_CONTENTS = {
    *(
        "image",
        "images",
        "img",
        "imgs",
        "label",
        "labels",
        "annotation",
        "annotations",
        "annots",
        "ann",
        "anns",
    ),
    *("data", "dataset", "set", "split", "gt", "txt", "xml", "xmls", "json", "jsons", "csv"),
}

SYNONYMS: dict[str, tuple[str, ...]] = {
    name: tuple(word for word, meaning in _WORDS.items() if meaning == name)
    for name in ("train", "val", "test")
}
"""The folder names under which a split is found."""


def canonical_split(name: str) -> str:
    """Return the one name of a split: ``"valid"`` and ``"Validation"`` are ``"val"``."""
    return _WORDS.get(name.lower(), name)


def split_in(name: str) -> str | None:
    """Return the split that a file's name speaks of, if it does: ``instances_train2017`` → train."""
    for word in _WORD.findall(name.lower()):
        if word in _WORDS:
            return _WORDS[word]
    return None


def split_of(folders: Iterable[str], stem: str = "") -> str | None:
    """Return the split that a file's name speaks of, or else the first of its folders that speaks of one.

    A folder does so by its last word, be it followed by what is in it: ``train2017``, ``books-training`` and
    ``val_images`` do, and ``test_project`` does not.
    """
    named = split_in(stem)
    return named or next((split for name in folders if (split := _split_of_folder(name)) is not None), None)


def _split_of_folder(name: str) -> str | None:
    words = _WORD.findall(name.lower())
    while words and words[-1] in _CONTENTS:
        words.pop()
    return _WORDS.get(words[-1]) if words else None
