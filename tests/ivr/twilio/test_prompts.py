"""What is spoken, as the provider takes it: spelled values, long texts, and keys pressed ahead of a question.

Say (twilio.com/docs/voice/twiml/say): SSML only in Polly and Google voices (13511 otherwise), 4,096 characters for a
basic voice, 3,000 for Polly, 5,000 for Google, 4,500 after URL encoding. Gather holds Say, Play and Pause (13320).
Every document here is read by the simulator, which refuses what the provider would.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.engine import advance, begin
from flows.events import CallStarted
from flows.instructions import Gather, Hangup, Pause, Play, Say
from flows.instructions.say import Spelled
from ivr.simulator.documents import Vocabulary, read_document
from ivr.simulator.verbs import VERBS
from ivr.twilio.links import Links
from ivr.twilio.twiml import MOST_CHARACTERS, MOST_QUOTED, Scribe, parts_of
from tests.flows.playing import CENTER, MONDAY_MORNING, compiled, steps

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flows.instructions import Spoken
    from tests.support.house import House

LINKS = Links("https://a.example")
SCRIBE = Scribe(LINKS.audio_xml)
PHONE = ("Call ", Spelled(("202", "555", "0143")), ", please.")
PLAIN = "Call 2 0 2, 5 5 5, 0 1 4 3, please."
SILENCE = '<break time="300ms"/>'
BROKEN = f"2 0 2{SILENCE}5 5 5{SILENCE}0 1 4 3"


def written(spoken: Sequence[Spoken]) -> str:
    """The verbs of a document that the simulator has read without a complaint."""
    next_xml = LINKS.turn_xml("CA1", 1)
    read_document(SCRIBE.write(spoken, next_xml), "https://a.example/", Vocabulary(VERBS))
    return SCRIBE.verbs(spoken, None)


@pytest.mark.parametrize(
    ("voice", "said"),
    [
        (None, PLAIN),
        ("woman", PLAIN),
        ("Polly.Joanna", f'Call <prosody rate="slow">{BROKEN}</prosody>, please.'),
        ("Polly.Joanna-Neural", f'Call <prosody rate="slow">{BROKEN}</prosody>, please.'),
        ("Polly.Joanna-Generative", f"Call {BROKEN}, please."),
        ("Google.en-US-Neural2-A", f'Call <prosody rate="slow">{BROKEN}</prosody>, please.'),
        ("Google.en-US-Chirp3-HD-Aoede", PLAIN),
    ],
)
def test_a_spelled_value_is_as_good_as_its_voice(voice: str | None, said: str) -> None:
    """A voice that knows SSML reads in groups and slowly; the others get commas."""
    verbs = written([Say(PLAIN, "en-US", voice, PHONE)])

    assert verbs.partition(">")[2] == f"{said}</Say>"


def test_nobodys_text_is_ssml() -> None:
    """What an author writes or another system answers is read out, tags and all."""
    say = Say("", "en-US", "Polly.Joanna", ('<break time="9s"/> & ', Spelled(("<", "a&b"))))

    assert "&lt;break time=&quot;9s&quot;/&gt; &amp; " in SCRIBE.verbs([say], None)
    assert f"&lt;{SILENCE}a &amp; b" in SCRIBE.verbs([say], None)


@pytest.mark.parametrize("voice", [None, "Polly.Joanna-Neural"])
def test_a_flows_spelled_value_reaches_the_voice(voice: str | None) -> None:
    """From ``{{ phone(caller) }}`` to the document, for the voice the centre has."""
    center = CENTER.replace(b"en-US: Polly.Joanna", f"en-US: {voice or 'woman'}".encode())
    program = compiled(steps("start: {hangup: 'You called from {{ phone(caller) }}.'}"), center=center)
    session = begin(program, call_sid="CA1", caller="+12025550143", called="+12025550100", now=MONDAY_MORNING)

    spoken = advance(program, session, CallStarted(), MONDAY_MORNING).instructions
    said = written([one for one in spoken if isinstance(one, (Say, Hangup))])

    assert (BROKEN in said) is (voice is not None)
    assert ("from 2 0 2, 5 5 5, 0 1 4 3." in said) is (voice is None)


@given(st.text(max_size=9_000))
def test_a_long_text_is_said_in_parts(text: str) -> None:
    """Every part is short enough for every voice, and no letter is lost."""
    text = " ".join(text.encode("utf-8", "replace").decode().split())

    parts = parts_of(text)

    assert all(len(part) <= MOST_CHARACTERS and len(quote(part)) <= MOST_QUOTED for part in parts)
    assert "".join("".join(parts).split()) == "".join(text.split())


def test_a_long_text_is_cut_after_a_sentence() -> None:
    """Nobody hears a breath in the middle of one, where it can be helped."""
    sentence = "This sentence is said again and again. "
    parts = parts_of((sentence * 200).strip())

    assert all(part.endswith("again.") for part in parts)
    assert written([Say((sentence * 200).strip(), "en-US")]).count("<Say") == len(parts) == 3
    assert max(map(len, parts_of("ñ" * 5_000))) <= MOST_QUOTED // 6


HELLO = Say("Hello.", "en-US")
NOTICE = Say("This call is recorded.", "en-US", barge_in=False)
CHIME, LAW = Play("ab"), Play("cd", barge_in=False)


@pytest.mark.parametrize(
    ("before", "prompts", "outside", "inside"),
    [
        ([], [HELLO], 0, 1),
        ([HELLO], [HELLO], 0, 2),
        ([HELLO, Pause(1), CHIME], [HELLO], 0, 4),
        ([HELLO, NOTICE], [HELLO], 2, 1),
        ([NOTICE, HELLO], [HELLO], 1, 2),
        ([Pause(1, barge_in=False), HELLO], [HELLO], 1, 2),
        ([HELLO], [HELLO, LAW, HELLO], 3, 1),
        ([], [NOTICE], 1, 0),
        ([], [], 0, 0),
    ],
)
def test_what_is_said_before_a_question_may_be_interrupted(
    before: list[Spoken], prompts: list[Say | Play | Pause], outside: int, inside: int
) -> None:
    """Keys outside a Gather are lost; so all stands inside, save what has to be heard and what comes before that."""
    verbs = written([*before, Gather(tuple(prompts), "en-US")])
    first, _, rest = verbs.partition("<Gather")

    assert (first.count("<Say") + first.count("<Play") + first.count("<Pause")) == outside
    assert (rest.count("<Say") + rest.count("<Play") + rest.count("<Pause")) == inside


@pytest.mark.parametrize(
    ("held", "then", "outside", "inside"),
    [
        ([HELLO], [CHIME], 0, 2),
        ([NOTICE, HELLO], [CHIME], 1, 2),
        ([HELLO, NOTICE], [CHIME], 2, 1),
        ([HELLO], [LAW, CHIME], 2, 1),
        ([Pause(1, barge_in=False)], [CHIME], 1, 1),
    ],
)
def test_what_was_held_back_for_an_act_may_be_interrupted_too(
    held: list[Spoken], then: list[Say | Play | Pause], outside: int, inside: int
) -> None:
    """Said with the answer of the act, it is as much before the question as anything else."""
    unheard = SCRIBE.verbs(held, None)
    verbs = SCRIBE.verbs([*then[:-1], Gather((then[-1],), "en-US")], None, unheard)
    document = SCRIBE.wrap(verbs, None).decode()
    read_document(document.encode(), "https://a.example/", Vocabulary(VERBS))
    first, _, rest = document.partition("<Gather")

    assert sum(first.count(f"<{verb}") for verb in ("Say", "Play", "Pause")) == outside
    assert sum(rest.count(f"<{verb}") for verb in ("Say", "Play", "Pause")) == inside


@pytest.mark.parametrize(
    ("greeting", "menu", "inside"),
    [
        ("Hello.", "", ["Hello.", "Press 1."]),
        ("[Hello., {text: Law., barge_in: no}, News.]", "", ["News.", "Press 1."]),
        ("Hello.\n  barge_in: no", "", ["Press 1."]),
        ("Hello.", "\n  barge_in: no", []),
    ],
)
def test_an_author_says_what_must_be_heard(greeting: str, menu: str, inside: list[str]) -> None:
    """``barge_in: no`` on a part, on a step before the question, or on the question itself."""
    flow = f"""\
start:
  say: {greeting}
  next: ask
ask:
  menu: Press 1.{menu}
  options: {{1: end}}
  failed: end
end: {{hangup: Goodbye.}}"""
    program = compiled(steps(flow), center=CENTER)
    session = begin(program, call_sid="CA1", caller="", called="+12025550100", now=MONDAY_MORNING)

    turn = advance(program, session, CallStarted(), MONDAY_MORNING)
    verbs = written([one for one in turn.instructions if isinstance(one, (Say, Gather))])

    assert [said for said in ("Hello.", "Law.", "News.", "Press 1.") if said in verbs.partition("<Gather")[2]] == inside


def test_without_a_question_nothing_moves() -> None:
    """Last words stay where they are."""
    assert written([HELLO, Hangup()]) == '<Say language="en-US">Hello.</Say><Hangup/>'


async def test_a_caller_who_knows_the_menu_presses_ahead(center: House) -> None:
    """A key pressed while something is said before a menu is the answer to the menu, which need not be heard."""
    ana = center.caller()

    await ana.dials("+12025550100")
    await ana.presses("1")  # while the chime before the first menu is played
    await ana.presses("1")  # while the opening hours before the second are told
    await ana.hears("You find us at 200 Market Street")

    assert "For English, press 1" not in ana.conversation
    assert "For our opening hours and address" not in ana.conversation
