"""Whoever sees that a photo is not in the library is told what that means and what to do."""

import pytest

from safelight.errors import AccessDenied, BadInput, leaves
from safelight.outcomes import outcome_of

UNKNOWN = outcome_of("REJECTED", "Infected")


@pytest.mark.parametrize("error", leaves(BadInput), ids=lambda error: error.__name__)
def test_every_reason_for_a_rejection_has_words_of_its_own(error: type[Exception]) -> None:
    assert outcome_of("REJECTED", error.__name__) != UNKNOWN


def test_a_failure_is_told_by_its_error_where_that_says_more() -> None:
    assert "permission" in outcome_of("FAILED", AccessDenied.__name__).remedy
    assert outcome_of("FAILED", "Lambda.Unknown") == outcome_of("FAILED") != UNKNOWN


def test_what_is_held_is_no_rejection() -> None:
    assert outcome_of("HELD", "Held") == outcome_of("HELD") != UNKNOWN


@pytest.mark.parametrize("status", ["REJECTED", "HELD", "FAILED"])
def test_what_is_wrong_is_no_sentence_and_the_remedy_is(status: str) -> None:
    assert not outcome_of(status).wrong.endswith(".")
    assert outcome_of(status).remedy.endswith(".")
