"""People and misfortunes in words, as the command line and the inspector have them."""

from __future__ import annotations

import pytest

from ivr.simulator import Answers, Busy, Chance, Declines, Fax, NoAnswer, NotInService, Voicemail
from ivr.simulator.directory import introduce, introduce_all, read_line
from ivr.simulator.faults import Fault, Faults
from ivr.simulator.misfortunes import KINDS, order
from ivr.simulator.people import People


@pytest.mark.parametrize(
    ("sentence", "line"),
    [
        ("answers", Answers()),
        (
            "answers after 3s, presses 1, says my bill, stays 60s",
            Answers(after_s=3, script=("1", "my bill"), stays_s=60),
        ),
        ("answers after 0.5s", Answers(after_s=0.5)),
        ("declines after 2s", Declines(after_s=2)),
        (" no answer ", NoAnswer()),
        ("busy", Busy()),
        ("not in service", NotInService()),
        ("voicemail after 5s, greeting 2s, records 30s", Voicemail(after_s=5, greeting_s=2, records_s=30)),
        ("fax, stays 7s", Fax(stays_s=7)),
    ],
)
def test_a_sentence_is_a_person(sentence: str, line: object) -> None:
    """What is not said is as it usually is."""
    assert read_line(sentence) == line


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("+1202555*", "write NUMBER = SENTENCE"),
        (" = answers", "write NUMBER = SENTENCE"),
        ("+1 = sings", "'sings' is nobody"),
        ("+1 = answersafter", "is nobody"),
        ("+1 = busy stays 3s", "'stays 3s' is not understood after 'busy': after 3s"),
        ("+1 = answers after 3", "'after 3' is not understood"),
        ("+1 = no answer after 3s", "nothing follows it"),
        ("+1 = voicemail, presses 1", "'presses 1' is not understood"),
        ("+1 = 0x busy | answers", "a weight is above zero"),
    ],
)
def test_who_is_not_understood_is_said(text: str, says: str) -> None:
    """With the words, and nobody is put anywhere."""
    people = People()
    with pytest.raises(ValueError, match=says.replace("(", r"\(")):
        introduce(people, text)

    assert people.find("+1") == NotInService()


def test_a_file_of_people_is_a_line_a_number() -> None:
    """Remarks and empty lines are not read, the last who fits wins, a mistake names its line."""
    people = People()
    introduce_all(people, "# agents\n\n+1202555* = answers\n+12025550150 = 3x busy | 1x no answer\n", seed=7)

    assert people.find("+12025550111") == Answers()
    assert isinstance(people.find("+12025550150"), Chance)
    with pytest.raises(ValueError, match="line 2: 'x' is nobody"):
        introduce_all(people, "+1 = busy\n+2 = x\n")


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("cut off */voice", Fault("cut off", "*/voice", 1)),
        ("3x delay 2.5s */turns/*", Fault("delayed", "*/turns/*", 3, seconds=2.5)),
        ("repeat at once *", Fault("repeated at once", "*", 1)),
        ("repeat *", Fault("repeated", "*", 1)),
        ("lose */status", Fault("lost", "*/status", 1)),
        ("answer late */voice", Fault("answered late", "*/voice", 1)),
        ("hold back */status", Fault("held back", "*/status", 1)),
        ("refuse 503 POST */Calls.json", Fault("refused", "POST */Calls.json", 1, status=503)),
        ("refuse when done POST */Calls.json", Fault("refused when done", "POST */Calls.json", 1, status=429)),
        ("slow 3s GET *", Fault("slow", "GET *", 1, seconds=3)),
        ("reorder */status", Fault("overtaken", "*/status", 1)),
        ("2x skew -30s */status", Fault("skewed", "*/status", 2, seconds=-30)),
        ("skew 90.5s *", Fault("skewed", "*", 1, seconds=90.5)),
        ("answer with 404 */voice", Fault("answered", "*/voice", 1, status=404)),
        ("answer with */voice", Fault("answered", "*/voice", 1, status=500)),
        ("fail transcription */words", Fault("transcription failed", "*/words", 1)),
        ("refuse stream ws://*", Fault("stream refused", "ws://*", 1)),
        ("cut stream 2s *", Fault("stream cut", "*", 1, seconds=2)),
        ("cut stream *", Fault("stream cut", "*", 1, seconds=1)),
    ],
)
def test_a_misfortune_is_ordered_in_words(text: str, fault: Fault) -> None:
    """Each kind has its words."""
    faults = Faults()
    order(faults, text)

    assert list(faults.open) == [fault]
    faults.clear()
    assert len(faults.open) == 0


def test_chance_is_ordered_in_words() -> None:
    """It stands until all orders are forgotten, and begins with the seed."""
    faults = Faults()
    order(faults, "at random 5% */turns/*", seed=7)
    (standing,) = faults.standing
    faults.clear()

    assert (standing.pattern, standing.chance, faults.standing) == ("*/turns/*", 0.05, ())


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "is no misfortune"),
        ("cut off", "is no misfortune"),
        ("explode *", "kinds: repeat, "),
        ("0x lose *", "at least once"),
        ("1001x lose *", "at most 1000 times"),
        ("delay *", "takes seconds"),
        ("delay -1s *", "below zero"),
        ("delay 503 *", "takes seconds"),
        ("delay 9999s *", "at most 1000 times and 3600 seconds"),
        ("lose 3s *", "takes no figure"),
        ("refuse 3s *", "takes a status"),
        ("at random 3s *", "takes a chance"),
        ("at random 101% *", "a chance is from 0 to 1"),
        ("2x at random *", "standing order"),
    ],
)
def test_what_is_no_misfortune_is_refused(text: str, says: str) -> None:
    """With a sentence, and nothing is ordered."""
    faults = Faults()
    with pytest.raises(ValueError, match=says):
        order(faults, text)

    assert (faults.open, faults.standing) == ((), ())


def test_every_kind_has_words() -> None:
    """A new misfortune gets its words, so that people can order it: the names are those of the methods."""
    others = {"open", "standing", "clear", "draw", "settle", "take", "find"}
    methods = {name.replace("_", " ") for name in vars(Faults) if not name.startswith("_")} - others

    assert methods | {"repeat at once", "refuse when done"} == set(KINDS)
