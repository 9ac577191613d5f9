"""Real-time transcriptions of a call: begin one, stop it by sid or name.

Source: twilio.com/docs/voice/api/realtime-transcription-resource.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from ivr.simulator.parameters import API_VERSION, rfc_2822
from ivr.simulator.records import Callback
from ivr.simulator.rest.calls import find_call
from ivr.simulator.rest.conventions import (
    BASE,
    Refused,
    check_choice,
    check_flag,
    check_method,
    check_url,
    not_found,
    read_form,
)
from ivr.simulator.rest.resource import routes
from ivr.simulator.transcriptions import (
    BOTH,
    ENGINES,
    LANGUAGE,
    SPEECH_MODEL,
    TRACKS,
    Transcription,
    Wishes,
    find_transcription,
    transcribe,
)

if TYPE_CHECKING:
    from aiohttp import web

    from ivr.simulator.parameters import Parameters

CREATE = frozenset(
    {
        "Name", "Track", "StatusCallbackUrl", "StatusCallbackMethod", "InboundTrackLabel", "OutboundTrackLabel",
        "PartialResults", "LanguageCode", "TranscriptionEngine", "ProfanityFilter", "SpeechModel", "Hints",
        "EnableAutomaticPunctuation", "IntelligenceService", "ConversationConfiguration", "ConversationId",
        "ConfigurationId", "EnableProviderData",
    }
)  # fmt: skip
UPDATE = frozenset({"Status"})


async def create_transcription(request: web.Request) -> dict[str, Any]:
    """Only of a call in progress: 21220."""
    call = find_call(request, "call")
    wishes = _check_wishes(await read_form(request, CREATE))
    if call.status != "in-progress":
        raise Refused(400, 21220, "Call is not in-progress. Cannot transcribe.")
    if find_transcription(call, wishes.name):
        raise Refused(400, 20001, f"A transcription named {wishes.name!r} runs already")
    return as_json(transcribe(call, wishes))


def _check_wishes(form: dict[str, str]) -> Wishes:
    language = form.get("LanguageCode", "en-US")
    if not re.fullmatch(LANGUAGE, language):
        raise Refused(400, 20001, f"LanguageCode {language!r} is not a language")
    return Wishes(
        name=form.get("Name", ""),
        track=check_choice(form, "Track", BOTH, TRACKS),
        callback=Callback(check_url(form, "StatusCallbackUrl"), check_method(form, "StatusCallbackMethod")),
        inbound_label=form.get("InboundTrackLabel", ""),
        outbound_label=form.get("OutboundTrackLabel", ""),
        has_partials=check_flag(form, "PartialResults"),
        language=language,
        engine=check_choice(form, "TranscriptionEngine", "google", ENGINES),
        provider=_check_provider(form),
    )


def _check_provider(form: dict[str, str]) -> Parameters:
    model = form.get("SpeechModel", "telephony")
    if not re.fullmatch(SPEECH_MODEL, model):
        raise Refused(400, 20001, f"SpeechModel {model!r} is not the name of a model")
    return (
        ("profanityFilter", str(check_flag(form, "ProfanityFilter", default=True)).lower()),
        ("speechModel", model),
        ("enableAutomaticPunctuation", str(check_flag(form, "EnableAutomaticPunctuation", default=True)).lower()),
        ("hints", form.get("Hints", "")),
    )


async def update_transcription(request: web.Request) -> dict[str, Any]:
    """``stopped`` is all there is; a second time changes nothing."""
    transcription = find_transcription(find_call(request, "call"), request.match_info["transcription"])
    if transcription is None:
        raise not_found(request)
    form = await read_form(request, UPDATE)
    if form.get("Status") != "stopped":
        raise Refused(400, 20001, "Status must be stopped")
    transcription.stop()
    return as_json(transcription)


def as_json(transcription: Transcription) -> dict[str, Any]:
    """The resource as the vendor shows it."""
    call = transcription.call
    folder = f"/{API_VERSION}/Accounts/{call.account_sid}/Calls/{call.sid}/Transcriptions"
    return {
        "sid": transcription.sid,
        "account_sid": call.account_sid,
        "call_sid": call.sid,
        "name": transcription.wishes.name or None,
        "status": transcription.status,
        "date_updated": rfc_2822(transcription.updated_ms),
        "uri": f"{folder}/{transcription.sid}.json",
    }


ROUTES = routes(
    f"{BASE}/Calls/{{call}}/Transcriptions",
    "transcription",
    create=create_transcription,
    update=update_transcription,
    created=200,
)
