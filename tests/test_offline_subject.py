"""What a request is about, read from its words."""

import pytest

from vm_webapp.writers.offline.request.subject import find_subject


@pytest.mark.parametrize(
    ("text", "phrase", "source"),
    [
        ("Launch our cold brew subscription in Lisbon", "cold brew subscription", "request"),
        ("The same launch for cyclists and runners, with a smaller budget", "Cold brew", "project"),
    ],
)
def test_the_subject_is_what_is_marketed_not_for_whom(text: str, phrase: str, source: str) -> None:
    """A phrase behind `for` names an audience: then the project's name is the subject."""
    subject = find_subject(text, language="en", project="Cold brew", brand="Aurora")
    assert (subject.phrase, subject.source) == (phrase, source)
