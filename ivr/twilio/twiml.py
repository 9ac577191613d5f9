"""The scribe: spoken instructions in, TwiML bytes out, by a table; no IO, no decisions.

Written by hand because it stands on every turn: twilio's builder costs 29 µs a document, this about one. The tests read
every document back with an XML parser. Elements and attributes: twilio.com/docs/voice/twiml.
"""

from __future__ import annotations

import re
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


def write_document(spoken: Iterable[Spoken], *, audio_url: str, next_url: str | None) -> bytes:
    """The TwiML document that says ``spoken`` and then goes on at ``next_url``; None when the call ends here.

    ``audio_url`` is where prompts are served (``…/audio/``).
    """
    return wrap(write_verbs(spoken, audio_url=audio_url, next_url=next_url), next_url=next_url)


def wrap(verbs: str, *, next_url: str | None) -> bytes:
    """The document around verbs already written, going on at ``next_url`` where there is one."""
    onward = f'<Redirect method="POST">{escape(next_url)}</Redirect>' if next_url else ""
    return f"{HEAD}{verbs}{onward}{TAIL}".encode()


def write_verbs(spoken: Iterable[Spoken], *, audio_url: str, next_url: str | None = None) -> str:
    """The verbs of ``spoken``, without a document around them."""
    return "".join([VERBS[type(one)](one, audio_url, next_url) for one in spoken])


def escape(text: str) -> str:
    """``text`` as XML character data or attribute value; characters that XML cannot hold become spaces."""
    # Nearly all texts can stay as they are; these looks cost less than one regular expression. Printable excludes all
    # that is impossible.
    if text.isprintable() and not ("&" in text or "<" in text or ">" in text or '"' in text):
        return text
    text = IMPOSSIBLE.sub(" ", text).replace("&", "&amp;")
    return text.replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")


def _say(say: Say, _audio_url: str, _next_url: str | None) -> str:
    voice = f' voice="{escape(say.voice)}"' if say.voice else ""
    return f'<Say{voice} language="{escape(say.language)}">{escape(say.text)}</Say>'


def _play(play: Play, audio_url: str, _next_url: str | None) -> str:
    return f"<Play>{escape(audio_url + play.audio)}</Play>"


def _pause(pause: Pause, _audio_url: str, _next_url: str | None) -> str:
    return f'<Pause length="{pause.seconds}"/>'


def _gather(gather: Gather, audio_url: str, next_url: str | None) -> str:
    kinds = " ".join(kind for kind, wanted in (("dtmf", gather.keys), ("speech", gather.speech)) if wanted)
    attributes = [f'input="{kinds}" timeout="{gather.timeout_s}"']
    if next_url:
        attributes.append(f'action="{escape(next_url)}" method="POST"')
    if gather.keys:
        attributes.append(f'finishOnKey="{gather.finish_on_key}"')
        if gather.num_digits:
            attributes.append(f'numDigits="{gather.num_digits}"')
    if gather.speech:
        attributes.append(f'language="{escape(gather.language)}" speechTimeout="{SPEECH_TIMEOUT_S}"')
        if gather.hints:
            attributes.append(f'hints="{escape(", ".join(gather.hints))}"')
    prompts = write_verbs(gather.prompts, audio_url=audio_url)
    return f"<Gather {' '.join(attributes)}>{prompts}</Gather>"


def _hangup(_hangup: Hangup, _audio_url: str, _next_url: str | None) -> str:
    return "<Hangup/>"


VERBS: dict[type[Spoken], Callable[[Any, str, str | None], str]] = {
    Say: _say,
    Play: _play,
    Pause: _pause,
    Gather: _gather,
    Hangup: _hangup,
}
