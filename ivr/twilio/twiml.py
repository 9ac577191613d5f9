"""The scribe: spoken instructions in, TwiML bytes out, by a table; no IO, no decisions.

Written by hand because it stands on every turn: twilio's builder costs 29 µs a document, this about one. The tests read
every document back with an XML parser. Elements and attributes: twilio.com/docs/voice/twiml.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flows.instructions import Gather, Hangup, Pause, Play, Say

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    from flows.instructions import Spoken

HEAD = '<?xml version="1.0" encoding="UTF-8"?><Response>'
TAIL = "</Response>"
EMPTY = (HEAD + TAIL).encode()
# Twilio reads at most 64 kB (error 11750).
MOST_BYTES = 64 * 1024
# What XML 1.0 cannot hold in any spelling; a caller's speech or another system's answer may bring it.
IMPOSSIBLE = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# Silence after which the recogniser decides that the caller has finished; whole seconds, since "auto" is refused
# together with the default model (error 13335).
SPEECH_TIMEOUT_S = 1

# Twilio tries twice more on connection failure, read time-out (9 s, within its 15 s in all) and 5xx: a killed process
# of ours costs a retry, not the call. Never sent to us, not part of the signature
# (twilio.com/docs/usage/webhooks/webhooks-connection-overrides).
RETRY = "#rc=2&rp=ct,rt,5xx&rt=9000"


@dataclass(frozen=True, slots=True)
class Scribe:
    """Writes documents; ``audio_xml`` is where prompts are served (``…/audio/``). URLs are given ready for XML."""

    audio_xml: str

    def write(self, spoken: Iterable[Spoken], next_xml: str | None) -> bytes:
        """The document that says ``spoken`` and then goes on at ``next_xml``; None when the call ends here."""
        return self.wrap(self.verbs(spoken, next_xml), next_xml)

    def verbs(self, spoken: Iterable[Spoken], next_xml: str | None) -> str:
        """The verbs of ``spoken``, without a document around them."""
        return "".join([VERBS[type(one)](one, self, next_xml) for one in spoken])

    def wrap(self, verbs: str, next_xml: str | None) -> bytes:
        """The document around verbs already written."""
        onward = f'<Redirect method="POST">{next_xml}</Redirect>' if next_xml else ""
        return f"{HEAD}{verbs}{onward}{TAIL}".encode()


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
    return f'<Say{voice} language="{escape(say.language)}">{escape(say.text)}</Say>'


def _play(play: Play, scribe: Scribe, _next_xml: str | None) -> str:
    return f"<Play>{scribe.audio_xml}{escape(play.audio)}</Play>"


def _pause(pause: Pause, _scribe: Scribe, _next_xml: str | None) -> str:
    return f'<Pause length="{pause.seconds}"/>'


def _gather(gather: Gather, scribe: Scribe, next_xml: str | None) -> str:
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
    return f"<Gather {attributes}>{scribe.verbs(gather.prompts, None)}</Gather>"


def _hangup(_hangup: Hangup, _scribe: Scribe, _next_xml: str | None) -> str:
    return "<Hangup/>"


VERBS: dict[type[Spoken], Callable[[Any, Scribe, str | None], str]] = {
    Say: _say,
    Play: _play,
    Pause: _pause,
    Gather: _gather,
    Hangup: _hangup,
}
