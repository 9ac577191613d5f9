"""The scribe: spoken instructions in, TwiML bytes out, by a table; no IO, no decisions but those the wire asks for.

What is said before a question can be interrupted by its answer (``pressed_ahead``), a text too long for one verb is
said in several, and a value to be spelled is written as well as the voice can read it.

Written by hand because it stands on every turn: twilio's builder costs 29 µs a document, this about one. The tests read
every document back with an XML parser. Elements and attributes: twilio.com/docs/voice/twiml.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from flows.instructions import Dial, Gather, Hangup, Pause, Play, RecordCaller, Say

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from flows.instructions import Spoken
    from flows.instructions.say import Spelled

HEAD = '<?xml version="1.0" encoding="UTF-8"?><Response>'
TAIL = "</Response>"
EMPTY = (HEAD + TAIL).encode()
# Twilio reads at most 64 kB (error 11750).
MOST_BYTES = 64 * 1024
# What XML 1.0 cannot hold in any spelling; a caller's speech or another system's answer may bring it.
IMPOSSIBLE = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# A <Say> holds 3,000 characters with a Polly voice, more with others, and 4,500 after URL encoding, in which a letter
# takes up to 12 (error 13521). A text up to SHORT needs no counting.
MOST_CHARACTERS = 3_000
MOST_QUOTED = 4_500
SHORT = MOST_QUOTED // 12
# Stands in held verbs after what may not be interrupted; no document can hold it, so no text has it.
HEARD_OUT = "\x1e"
SENTENCE_END = re.compile(r"[.!?…。]\s")
BLANKS = re.compile(r"\s+")
# What voices know of SSML. Polly's know <break>; <prosody> fails a whole <Say> with its generative ones
# (docs.aws.amazon.com/polly, Supported SSML tags). Of Google's the Chirp ones know none, nor do the basic ones (13511).
BREAKS = re.compile(r"Polly\.|Google\.(?!.*Chirp)")
NO_PROSODY = re.compile(r"-Generative$")
SILENCE = '<break time="300ms"/>'
# Silence after which the recogniser decides that the caller has finished; whole seconds, since "auto" is refused
# together with the default model (error 13335).
SPEECH_TIMEOUT_S = 1

# Twilio tries twice more on connection failure, read time-out (9 s, within its 15 s in all) and 5xx: a killed process
# of ours costs a retry, not the call. Never sent to us, not part of the signature
# (twilio.com/docs/usage/webhooks/webhooks-connection-overrides).
RETRY = "#rc=2&rp=ct,rt,5xx&rt=9000"


@dataclass(frozen=True, slots=True)
class Scribe:
    """Writes documents.

    ``audio_xml`` is where prompts are served (``…/audio/``), ``recordings_xml`` where it is told that a recording is
    ready, ``conference_xml`` who meets in a conference, empty for nowhere. URLs are given ready for XML.
    """

    audio_xml: str
    recordings_xml: str = ""
    conference_xml: str = ""

    def write(self, spoken: Sequence[Spoken], next_xml: str | None) -> bytes:
        """The document that says ``spoken`` and then goes on at ``next_xml``; None when the call ends here."""
        return self.wrap(self.verbs(spoken, next_xml), next_xml)

    def verbs(self, spoken: Sequence[Spoken], next_xml: str | None, unheard: str = "") -> str:
        """The verbs of ``spoken``, without a document around them, after those that were held back before.

        What is to be held back itself keeps a mark (``HEARD_OUT``) of what may not be interrupted.
        """
        gather = spoken[-1] if spoken else None
        if not isinstance(gather, Gather):
            verbs = [VERBS[type(one)](one, self, next_xml) for one in spoken]
            if any(not one.barge_in for one in spoken if isinstance(one, (Say, Play, Pause))):
                verbs.insert(pressed_ahead(spoken), HEARD_OUT)
            return unheard + "".join(verbs)
        said = (*spoken[:-1], *gather.prompts)
        verbs = [VERBS[type(one)](one, self, None) for one in said]
        begins, question = pressed_ahead(said), _gather(gather, self, next_xml)
        outside, inside = "".join(verbs[:begins]), "".join(verbs[begins:])
        if unheard and begins == 0:
            before, mark, unheard = unheard.rpartition(HEARD_OUT)
            outside, inside, unheard = before + mark, unheard + inside, ""
        return f"{unheard}{outside}{question}{inside}</Gather>"

    def wrap(self, verbs: str, next_xml: str | None) -> bytes:
        """The document around verbs already written."""
        onward = f'<Redirect method="POST">{next_xml}</Redirect>' if next_xml else ""
        return f"{HEAD}{verbs}{onward}{TAIL}".replace(HEARD_OUT, "").encode()


def pressed_ahead(said: Sequence[Spoken]) -> int:
    """How many of what is ``said`` before and with a question have to stand outside its ``<Gather>``.

    Keys pressed outside a ``<Gather>`` are lost, so that a caller who knows the menu would have to wait: all stands
    inside. Only what may not be interrupted does not, nor what comes before it.
    """
    outside = len(said)
    for one in reversed(said):
        if not (isinstance(one, (Say, Play, Pause)) and one.barge_in):
            break
        outside -= 1
    return outside


def escape(text: str) -> str:
    """``text`` as XML character data or attribute value; characters that XML cannot hold become spaces."""
    # Nearly all texts can stay as they are; these looks cost less than one regular expression. Printable excludes all
    # that is impossible.
    if text.isprintable() and not ("&" in text or "<" in text or ">" in text or '"' in text):
        return text
    text = IMPOSSIBLE.sub(" ", text).replace("&", "&amp;")
    return text.replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")


def _say(say: Say, _scribe: Scribe, _next_xml: str | None) -> str:
    voice = f' voice="{escape(say.voice)}"' if say.voice else ""
    opening = f'<Say{voice} language="{escape(say.language)}">'
    if len(say.text) > SHORT:
        return "".join([f"{opening}{escape(part)}</Say>" for part in parts_of(say.text)])
    if say.pieces and say.voice and BREAKS.match(say.voice):
        return f"{opening}{_ssml(say.pieces, say.voice)}</Say>"
    return f"{opening}{escape(say.text)}</Say>"


def _ssml(pieces: Sequence[str | Spelled], voice: str) -> str:
    """The pieces for a voice that knows SSML: what is spelled is slow where it can be, with a silence after a group."""
    slow = not NO_PROSODY.search(voice)
    written = []
    for piece in pieces:
        if isinstance(piece, str):
            written.append(escape(BLANKS.sub(" ", piece)))
            continue
        groups = SILENCE.join([escape(" ".join(group)) for group in piece.groups])
        written.append(f'<prosody rate="slow">{groups}</prosody>' if slow else groups)
    return "".join(written).strip()


def parts_of(text: str) -> list[str]:
    """A long text in parts that one ``<Say>`` may hold, cut after a sentence where there is one, else after a word."""
    parts, rest = [], text
    while len(quote(rest)) > MOST_QUOTED or len(rest) > MOST_CHARACTERS:
        room = rest[:MOST_CHARACTERS]
        while len(quote(room)) > MOST_QUOTED:
            room = room[: len(room) * MOST_QUOTED // len(quote(room)) - 1]
        ends = [match.end() for match in SENTENCE_END.finditer(room)]
        cut = ends[-1] if ends else room.rfind(" ") + 1 or len(room)
        parts.append(rest[:cut].strip())
        rest = rest[cut:].lstrip()
    return [*parts, rest] if rest else parts


def _play(play: Play, scribe: Scribe, _next_xml: str | None) -> str:
    return f"<Play>{scribe.audio_xml}{escape(play.audio)}</Play>"


def _pause(pause: Pause, _scribe: Scribe, _next_xml: str | None) -> str:
    return f'<Pause length="{pause.seconds}"/>'


def _gather(gather: Gather, _scribe: Scribe, next_xml: str | None) -> str:
    """A question's opening tag; ``Scribe.verbs`` puts into it what is said."""
    kinds = ("dtmf speech" if gather.speech else "dtmf") if gather.keys else "speech"
    attributes = f'input="{kinds}" timeout="{gather.timeout_s}"'
    if next_xml:
        attributes += f' action="{next_xml}" method="POST"'
    if gather.keys:
        attributes += f' finishOnKey="{gather.finish_on_key}"'
        if gather.num_digits:
            attributes += f' numDigits="{gather.num_digits}"'
    if gather.speech:
        attributes += f' language="{escape(gather.language)}" speechTimeout="{SPEECH_TIMEOUT_S}"'
        if gather.hints:
            attributes += f' hints="{escape(", ".join(gather.hints))}"'
    return f"<Gather {attributes}>"


def _record(record: RecordCaller, scribe: Scribe, next_xml: str | None) -> str:
    # Not trimmed: a length without the silence that ended it would not tell a short answer from none.
    attributes = f'timeout="{record.silence_s}" maxLength="{record.longest_s}" finishOnKey="{record.finish_on_key}"'
    attributes += ' trim="do-not-trim"'
    if not record.beep:
        attributes += ' playBeep="false"'
    if next_xml:
        attributes += f' action="{next_xml}" method="POST"'
    if scribe.recordings_xml:
        events = "completed absent"
        attributes += f' recordingStatusCallback="{scribe.recordings_xml}" recordingStatusCallbackEvent="{events}"'
    return f"<Record {attributes}/>"


def _dial(dial: Dial, scribe: Scribe, next_xml: str | None) -> str:
    attributes = f'timeout="{dial.ring_s}" timeLimit="{dial.longest_s}"'
    if dial.caller_id:
        attributes += f' callerId="{escape(dial.caller_id)}"'
    if next_xml:
        attributes += f' action="{next_xml}" method="POST"'
    return f"<Dial {attributes}>{NOUNS[dial.sort].format(escape(dial.to), _told(scribe))}</Dial>"


def _told(scribe: Scribe) -> str:
    """Where a conference's events are told; whoever enters first says so for all, so everybody does."""
    if not scribe.conference_xml:
        return ""
    return f' statusCallback="{scribe.conference_xml}" statusCallbackEvent="start end join"'


def _hangup(_hangup: Hangup, _scribe: Scribe, _next_xml: str | None) -> str:
    return "<Hangup/>"


# What <Dial> connects with. The caller meets an agent in a conference that ends with either of them, and hears no music
# there: they wait before it, not in it (twilio.com, <Conference>).
NOUNS = {
    "number": "<Number>{0}</Number>",
    "sip": "<Sip>{0}</Sip>",
    "conference": '<Conference beep="false" waitUrl="" endConferenceOnExit="true"{1}>{0}</Conference>',
}
VERBS: dict[type[Spoken], Callable[[Any, Scribe, str | None], str]] = {
    Say: _say,
    Play: _play,
    Pause: _pause,
    Gather: _gather,
    RecordCaller: _record,
    Dial: _dial,
    Hangup: _hangup,
}
