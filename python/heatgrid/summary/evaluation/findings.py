"""Findings: where predictions fail, in words, the worst first."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from heatgrid.analysis.divergence import LEVEL
from heatgrid.core.spec import plural
from heatgrid.summary.evaluation.contrasts import overlap_of
from heatgrid.summary.evaluation.side import STRANGE, STRANGE_IMAGE
from heatgrid.summary.findings import LEVELS, Finding, listed, percent

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from heatgrid.summary.evaluation.contrasts import Contrast, ContrastBy
    from heatgrid.summary.evaluation.matches import Matches
    from heatgrid.summary.findings import Level, Section

_LARGE, _SMALL = 0.1, 0.02  # differences of recall or precision; smaller ones are not worth a sentence
_LISTED = 4  # per measure and kind of part
_SAME = 0.4  # common area from which two places are one finding
_LOW_SCORE = 0.3
_FEWEST_IMAGES = 6  # the p value of a sign-flip test is at least 2 ** (1 - images)
_SECTIONS: dict[ContrastBy, Section] = {"place": "places", "class": "classes", "size": "sizes"}
_ELSEWHERE: dict[ContrastBy, str] = {"place": "elsewhere", "class": "of other classes", "size": "of others"}


def findings(matches: Matches, contrasts: Sequence[Contrast], *, min_score: float | None) -> list[Finding]:
    """Return all findings: by level, then by the errors in excess of those elsewhere."""
    weighed = [*_strangers(matches), *_low_scores(matches, min_score), *_never(matches)]
    images = _images(matches)
    if contrasts and min(images.values()) < _FEWEST_IMAGES:
        weighed.append(_few_images(min(images.values())))
    for measure in ("recall", "precision"):
        own = [one for one in contrasts if one.measure == measure]
        if images[measure] < _FEWEST_IMAGES:
            weighed += _untested(own)
            continue
        for by in ("place", "class", "size"):
            weighed += _worst([one for one in own if one.by == by])
        weighed += _none_by_place([one for one in own if one.by == "place"])
    weighed.sort(key=lambda one: (LEVELS.index(one[1].level), -one[0]))
    return [finding for _, finding in weighed]


def worse(contrasts: Sequence[Contrast]) -> list[Contrast]:
    """Return the parts that are worse than the rest, the clearest first; of places that overlap, one."""
    found: list[Contrast] = []
    for one in sorted(contrasts, key=lambda one: one.statistic):
        is_new = all(one.by != "place" or overlap_of(one.part, other.part) < _SAME for other in found)
        if one.excess > 0 and is_new:
            found.append(one)
    return found


def sentence(one: Contrast) -> str:
    """Return a contrast in words."""
    where = {"place": f"in {one.part}", "class": f"of “{one.part}”", "size": f"of {one.part} objects"}[one.by]
    there = "" if one.p_value is None else f" (p = {one.p_value:.2g})"
    elsewhere = _ELSEWHERE[one.by]
    missed = one.total - one.good
    if one.measure == "recall":
        text = f"Recall is {one.share:.2f} {where}, {one.share_elsewhere:.2f} {elsewhere}: "
        return f"{text}{missed:,} of {plural(one.total, 'object')} missed{there}"
    where = where.replace("objects", "size")
    shares = percent(1 - one.share), percent(1 - one.share_elsewhere)
    text = f"{shares[0]} of predictions {where} are false alarms, {shares[1]} {elsewhere}: "
    return f"{text}{missed:,} of {one.total:,}{there}"


def _worst(contrasts: Sequence[Contrast]) -> Iterator[tuple[float, Finding]]:
    tested = [one for one in contrasts if one.p_value is not None and one.p_value <= LEVEL]
    relevant = [one for one in tested if one.share_elsewhere - one.share >= _SMALL]
    for one in worse(relevant)[:_LISTED]:
        difference = one.share_elsewhere - one.share
        level: Level = "serious" if difference >= _LARGE else "warning"
        yield one.excess, Finding(level, sentence(one), difference, _SECTIONS[one.by])


def _images(matches: Matches) -> dict[str, int]:
    """Return the number of images with objects, for recall, and with predictions, for precision."""
    of_truth = matches.truth.image[matches.found | matches.missed]
    return {
        "recall": len(np.unique(of_truth)),
        "precision": len(np.unique(matches.image[matches.is_true | matches.is_false])),
    }


def _few_images(images: int) -> tuple[float, Finding]:
    text = f"{plural(images, 'image')} {'is' if images == 1 else 'are'} too few to test differences: "
    return 0.0, Finding("note", f"{text}{_FEWEST_IMAGES} are needed", images, "head")


def _untested(contrasts: Sequence[Contrast]) -> Iterator[tuple[float, Finding]]:
    """Yield the place, class and size with most errors in excess, if the difference is large, without p."""
    for by, section in _SECTIONS.items():
        own = [one for one in contrasts if one.by == by and one.share_elsewhere - one.share >= _LARGE]
        for one in sorted(own, key=lambda one: -one.excess)[:1]:
            difference = one.share_elsewhere - one.share
            yield one.excess, Finding("warning", sentence(replace(one, p_value=None)), difference, section)


def _none_by_place(contrasts: Sequence[Contrast]) -> Iterator[tuple[float, Finding]]:
    tested = [one.p_value for one in contrasts if one.p_value is not None]
    if tested and min(tested) > LEVEL:
        measure = {"recall": "Recall", "precision": "The share of false alarms"}[contrasts[0].measure]
        text = f"{measure} does not differ by place more than chance makes it (p = {min(tested):.2g})"
        yield 0.0, Finding("note", text, min(tested), "places")


def _strangers(matches: Matches) -> Iterator[tuple[float, Finding]]:
    report = matches.predictions.report
    if count := report.notes.get(STRANGE_IMAGE, 0):
        lost = report.unreadable.get(STRANGE, 0)
        text = f"{plural(count, 'image')} of the predictions"
        text += f" {'is' if count == 1 else 'are'} not among those of the truth: "
        yield lost, Finding("serious", f"{text}{plural(lost, 'prediction')} left out", count, "head")
    for side, name in ((matches.truth, "annotation"), (matches.predictions, "prediction")):
        for reason, count in side.report.skipped.items():
            if reason != STRANGE:
                yield count, Finding("warning", f"{plural(count, name)} not matched: {reason}", count, "head")


def _low_scores(matches: Matches, min_score: float | None) -> Iterator[tuple[float, Finding]]:
    scores, false = matches.predictions.scores, matches.is_false
    low = false & (scores < _LOW_SCORE)
    if min_score is None and false.any() and low.sum() >= 0.5 * false.sum() and matches.precision < 0.5:
        share = float(low.sum() / false.sum())
        text = f"{percent(share)} of false alarms have a score below {_LOW_SCORE}:"
        text += " a minimum score leaves them out"
        yield float(low.sum()), Finding("warning", text, share, "head")


def _never(matches: Matches) -> Iterator[tuple[float, Finding]]:
    count = len(matches.classes)
    objects = np.bincount(matches.truth.label[matches.found | matches.missed], minlength=count)
    predicted = np.bincount(matches.label, minlength=count)
    never = np.flatnonzero((objects > 0) & (predicted == 0))
    if len(never):
        lost = int(objects[never].sum())
        verb = "is" if len(never) == 1 else "are"
        names = listed([matches.classes[k] for k in never.tolist()])
        text = f"{names} {verb} never predicted: {plural(lost, 'object')} missed"
        share = lost / int(objects.sum())
        yield lost, Finding("serious" if share >= 0.01 else "warning", text, share, "classes")
    known = len(matches.truth.classes)
    strange = [k for k in range(known, count) if predicted[k]]
    if strange:
        lost = int(predicted[strange].sum())
        names = listed([matches.classes[k] for k in strange])
        text = f"The truth has no class {names}: {plural(lost, 'prediction')} can only be false alarms"
        yield lost, Finding("serious", text, lost / len(matches.predictions), "classes")
