"""Verdicts on what packages report: a table of the combinations, and never downwards."""

import itertools

import pytest

from elearning.packages.verdict import (
    Report,
    Verdict,
    by_score,
    never_down,
    of_all,
    of_part_12,
    of_part_2004,
    per_cent,
)

N, F, C, P = Verdict.NOT_YET, Verdict.FAILED, Verdict.COMPLETED, Verdict.PASSED


@pytest.mark.parametrize(
    ("status", "score", "mark", "verdict"),
    [
        ("passed", None, None, P),
        ("passed", 10, 80, P),
        ("passed", 90, 80, P),
        ("failed", None, None, F),
        ("failed", 90, 80, F),
        ("completed", None, None, C),
        ("completed", None, 80, C),
        ("completed", 79, 80, F),
        ("completed", 80, 80, P),
        ("completed", 0, None, C),
        ("completed", 0, 80, F),
        ("completed", 900, 80, C),
        ("incomplete", 100, 80, N),
        ("browsed", 100, 80, N),
        ("not attempted", None, 80, N),
        ("", None, 80, N),
        ("COMPLETED", 90, 80, N),
    ],
)
def test_scorm_12(status, score, mark, verdict):
    assert of_part_12(Report(status=status, raw=score), mark) is verdict


@pytest.mark.parametrize(
    ("completion", "success", "scaled", "progress", "thresholds", "verdict"),
    [
        ("completed", "passed", None, None, {}, P),
        ("completed", "failed", None, None, {}, F),
        ("completed", "unknown", None, None, {}, C),
        ("completed", "", None, None, {}, C),
        ("incomplete", "passed", None, None, {}, P),
        ("incomplete", "failed", None, None, {}, F),
        ("incomplete", "unknown", None, None, {}, N),
        ("unknown", "unknown", None, None, {}, N),
        ("not attempted", "unknown", None, None, {}, N),
        ("", "", None, None, {}, N),
        ("completed", "passed", 0.5, None, {"least_scaled": 0.6}, F),
        ("completed", "failed", 0.6, None, {"least_scaled": 0.6}, P),
        ("completed", "unknown", 0.7, None, {"least_scaled": 0.6}, P),
        ("completed", "passed", None, None, {"least_scaled": 0.6}, P),
        ("incomplete", "unknown", 0.7, None, {"least_scaled": 0.6}, P),
        ("completed", "unknown", None, 0.7, {"least_progress": 0.8}, N),
        ("incomplete", "unknown", None, 0.8, {"least_progress": 0.8}, C),
        ("completed", "passed", None, 0.7, {"least_progress": 0.8}, N),
        ("completed", "passed", None, None, {"least_progress": 0.8}, P),
        ("incomplete", "unknown", 1.0, 1.0, {"least_progress": 0.8, "least_scaled": 0.6}, P),
        ("completed", "passed", 0.1, 1.0, {"least_progress": 0.8, "least_scaled": 0.6}, F),
        ("completed", "unknown", -1.0, None, {"least_scaled": -0.5}, F),
        ("completed", "unknown", 0.0, None, {"least_scaled": 0.0}, P),
    ],
)
def test_scorm_2004(completion, success, scaled, progress, thresholds, verdict):
    report = Report(completion=completion, success=success, scaled=scaled, progress=progress)
    assert of_part_2004(report, **thresholds) is verdict


def test_a_scaled_score_is_never_worked_out_from_a_raw_one():
    report = Report(completion="completed", success="unknown", raw=100)
    assert of_part_2004(report, least_scaled=0.6) is C


@pytest.mark.parametrize(
    ("report", "score"),
    [
        (Report(raw=80), 80),
        (Report(raw=8, highest=10), 80),
        (Report(raw=15, lowest=10, highest=20), 50),
        (Report(scaled=0.8, raw=1), 80),
        (Report(raw=110), None),
        (Report(raw=5, lowest=10, highest=10), None),
        (Report(), None),
    ],
)
def test_scores_in_per_cent(report, score):
    assert per_cent(report) == score


@pytest.mark.parametrize(
    ("report", "verdict"), [(Report(raw=80), P), (Report(raw=79.9), F), (Report(), N)]
)
def test_the_rule_by_score_asks_nothing_else(report, verdict):
    assert by_score(report, 80) is verdict


@pytest.mark.parametrize(
    ("parts", "verdict"),
    [
        ([], N),
        ([C, C], C),
        ([C, P], P),
        ([P, F], F),
        ([P, N], N),
        ([F, N], N),
    ],
)
def test_a_package_is_done_when_each_part_is(parts, verdict):
    assert of_all(parts) is verdict


def test_a_verdict_never_goes_down():
    for before, now in itertools.product(Verdict, Verdict):
        after = never_down(before, now)
        assert after in (before, now)
        assert not (before.is_done and not after.is_done)
    assert never_down(P, C) is P
