"""The vendor's own library against every operation there is, blocking and asynchronous.

Whatever is answered its models read whole: nothing they know is missing, dates are dates, and what has a list of values
is one of them.
"""

from __future__ import annotations

import asyncio
import inspect
import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import web
from twilio.http.async_http_client import AsyncTwilioHttpClient
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

from ivr.simulator import Answers, NoAnswer, Number
from ivr.simulator.rest import routes
from tests.ivr.simulator.conftest import ACCOUNT_SID, AUTH_TOKEN, NUMBER, VENDOR_LIBRARY

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from ivr.simulator import Simulator, SteppedTime
    from tests.ivr.simulator.conftest import Application

pytestmark = VENDOR_LIBRARY

CUSTOMER, AGENT = "+12025550150", "+12025550151"
APPLICATION = f"AP{'1' * 32}"
DATES = frozenset({"date_created", "date_updated", "date_sent", "date_enqueued", "start_time", "end_time"})
VENDOR = "https://api.twilio.com"
AUDIO = {"/Recordings/{recording}", "/Recordings/{recording}.wav", "/Recordings/{recording}.mp3"}
"""Fetched as any file is; the library has no word for it."""


@dataclass(slots=True)
class Log:
    """Every request the library made, and the rows it was answered with."""

    base_url: str
    requests: list[tuple[str, str]] = field(default_factory=list)
    rows: dict[str, dict[str, Any]] = field(default_factory=dict)

    def keep(self, method: str, url: str, text: str) -> None:
        self.requests.append((method, url.removeprefix(VENDOR).partition("?")[0]))
        body = json.loads(text) if text else {}
        lists = [value for value in body.values() if isinstance(value, list)]
        for row in lists[0] if lists else [body]:
            self.rows[str(row.get("uri"))] = row


class Blocking(TwilioHttpClient):  # type: ignore[misc]  # the library has no types
    def __init__(self, log: Log) -> None:
        super().__init__()
        self._log = log

    def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> Any:
        response = super().request(method, url.replace(VENDOR, self._log.base_url), *args, **kwargs)
        self._log.keep(method, url, response.text)
        return response


class Asynchronous(AsyncTwilioHttpClient):  # type: ignore[misc]  # the library has no types
    def __init__(self, log: Log) -> None:
        super().__init__()
        self._log = log

    async def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> Any:
        response = await super().request(method, url.replace(VENDOR, self._log.base_url), *args, **kwargs)
        self._log.keep(method, url, response.text)
        return response


class Library:
    """The vendor's library, used in one of its two ways; each answer is checked."""

    def __init__(self, base_url: str, *, blocks: bool) -> None:
        self.log = Log(base_url)
        self._blocks = blocks
        self._http = Blocking(self.log) if blocks else Asynchronous(self.log)
        self.client = Client(ACCOUNT_SID, AUTH_TOKEN, http_client=self._http)

    async def __call__(self, resource: Any, operation: str, **parameters: Any) -> Any:
        if self._blocks:
            answer = await asyncio.to_thread(getattr(resource, operation), **parameters)
        else:
            answer = await getattr(resource, f"{operation}_async")(**parameters)
        for instance in answer if isinstance(answer, list) else [answer] * (operation != "delete"):
            check(instance, self.log.rows)
        return answer

    async def close(self) -> None:
        if isinstance(self._http, Asynchronous):
            await self._http.close()
        elif self._http.session:
            self._http.session.close()


def check(instance: Any, rows: dict[str, dict[str, Any]]) -> None:
    """Everything the model of ``instance`` knows was answered, and is what it should be."""
    known = {name: value for name, value in vars(instance).items() if name == "_from" or not name.startswith("_")}
    row = rows[str(instance.uri)]
    choices = {
        name.lower(): vars(kind).values() for name, kind in vars(type(instance)).items() if inspect.isclass(kind)
    }

    assert {name.strip("_") for name in known} <= row.keys()
    for name, value in known.items():
        assert name not in DATES or value is None or isinstance(value, datetime), f"{name} is {value!r}"
        assert name not in choices or value is None or value in choices[name], f"{name} is {value!r}"


@pytest.fixture(params=["blocking", "asynchronous"])
async def library(request: pytest.FixtureRequest, base_url: str) -> AsyncIterator[Library]:
    library = Library(base_url, blocks=request.param == "blocking")
    yield library
    await library.close()


@pytest.fixture(autouse=True)
def world(application: Application, simulator: Simulator) -> None:
    simulator.applications[APPLICATION] = Number(f"{application.url}/hold")
    simulator.people.put("*", Answers(after_s=1))
    simulator.people.put(AGENT, NoAnswer())
    application["/hold"] = "<Gather timeout='600'/>"
    application["/queue"] = "<Enqueue waitUrl=''>support</Enqueue>"
    application["/told"] = web.Response(status=204)


async def use_calls(library: Library, application: Application, time: SteppedTime) -> None:
    """All of calls, their recordings, transcriptions and streams."""
    calls = library.client.calls
    made = await library(calls, "create", to=CUSTOMER, from_=NUMBER, url=f"{application.url}/hold", record=True)
    assert made.status == "queued"
    await time.advance(3)
    assert (await library(calls(made.sid), "fetch")).status == "in-progress"
    assert [one.sid for one in await library(calls, "list", status="in-progress")] == [made.sid]

    of_call = calls(made.sid)
    recording = await library(of_call.recordings, "create", recording_channels="dual")
    await library(of_call.recordings(recording.sid), "update", status="paused", pause_behavior="skip")
    assert (await library(of_call.recordings(recording.sid), "fetch")).status == "paused"
    assert len(await library(of_call.recordings, "list")) == 2
    transcription = await library(of_call.transcriptions, "create", name="words")
    assert (await library(of_call.transcriptions(transcription.sid), "update", status="stopped")).status == "stopped"
    stream = await library(of_call.streams, "create", url="ws://127.0.0.1:9/nobody", name="sound")
    assert (await library(of_call.streams(stream.sid), "update", status="stopped")).status == "stopped"

    await time.advance(3)
    assert (await library(of_call, "update", status="completed")).sid == made.sid
    await time.advance(3)
    assert await library(of_call.recordings(recording.sid), "delete")
    assert await library(of_call, "delete")


async def use_conferences(library: Library, simulator: Simulator, time: SteppedTime) -> None:
    """All of conferences, participants and their recordings."""
    conferences = library.client.conferences
    called = {"from_": NUMBER, "to": CUSTOMER, "conference_record": "true"}
    await library(conferences("room").participants, "create", label="ana", **called)
    made = await library(conferences("room").participants, "create", label="luis", **called)
    assert (made.status, made.label) == ("queued", "luis")
    await time.advance(3)
    ringing = await library(conferences("room").participants, "create", from_=NUMBER, to=AGENT, label="agent")
    await time.advance(1)
    room = conferences(made.conference_sid)
    assert (await library(room.participants(ringing.call_sid), "fetch")).status == "ringing"
    assert {one.status for one in await library(room.participants, "list")} == {"connected", "ringing"}
    assert (await library(room.participants("ana"), "update", muted=True)).muted
    assert await library(room.participants("luis"), "delete")

    (recording,) = await library(room.recordings, "list")
    await library(room.recordings(recording.sid), "update", status="paused")
    await library(room.recordings(recording.sid), "fetch")
    assert [one.status for one in await library(conferences, "list")] == ["in-progress"]
    assert (await library(room, "update", status="completed")).status == "completed"
    assert (await library(room, "fetch")).reason_conference_ended == "conference-ended-via-api"
    await time.advance(3)
    assert await library(room.recordings(recording.sid), "delete")
    assert len(simulator.rooms.conferences) == 1


async def use_queues(library: Library, application: Application, time: SteppedTime) -> None:
    """All of queues and their members."""
    queues = library.client.queues
    made = await library(queues, "create", friendly_name="support", max_size=20)
    assert (await library(queues(made.sid), "update", max_size=30)).max_size == 30
    call = await library(library.client.calls, "create", to=CUSTOMER, from_=NUMBER, url=f"{application.url}/queue")
    await time.advance(3)
    assert (await library(queues(made.sid), "fetch")).current_size == 1
    members = queues(made.sid).members
    assert [one.call_sid for one in await library(members, "list")] == [call.sid]
    assert (await library(members("Front"), "fetch")).position == 1
    assert (await library(members(call.sid), "update", url=f"{application.url}/hold")).call_sid == call.sid
    await time.settle()
    assert [one.sid for one in await library(queues, "list")] == [made.sid]
    assert await library(queues(made.sid), "delete")


async def use_the_rest(library: Library, application: Application, time: SteppedTime) -> None:
    """Recordings by themselves and their transcripts, messages, the account."""
    client = library.client
    call = await library(
        client.calls, "create", to=CUSTOMER, from_=NUMBER, application_sid=APPLICATION, record=True, trim="do-not-trim"
    )
    await time.advance(5)
    await library(client.calls(call.sid), "update", status="completed")
    await time.advance(3)
    (recording,) = await library(client.recordings, "list", call_sid=call.sid)
    assert (await library(client.recordings(recording.sid), "fetch")).source == "OutboundAPI"
    assert await library(client.recordings(recording.sid), "delete")

    twiml = f'<Response><Record timeout="3" transcribe="true" action="{application.url}/hold"/></Response>'
    call = await library(client.calls, "create", to=CUSTOMER, from_=NUMBER, twiml=twiml)
    await time.advance(20)
    (recording,) = await library(client.recordings, "list", call_sid=call.sid)
    (transcript,) = await library(client.recordings(recording.sid).transcriptions, "list")
    of_recording = client.recordings(recording.sid).transcriptions(transcript.sid)
    assert (await library(of_recording, "fetch")).status == "completed"
    assert await library(of_recording, "delete")

    message = await library(client.messages, "create", to=CUSTOMER, from_=NUMBER, body="Hello")
    await time.settle()
    assert (await library(client.messages(message.sid), "fetch")).status == "delivered"
    assert [one.sid for one in await library(client.messages, "list")] == [message.sid]
    assert (await library(client.api.accounts(ACCOUNT_SID), "fetch")).status == "active"


async def test_the_library_reads_every_answer(
    library: Library, application: Application, simulator: Simulator, time: SteppedTime
) -> None:
    """And there is no operation it was not tried on."""
    simulator.dispatch = type(simulator.dispatch)(time, 0)
    await use_calls(library, application, time)
    await use_conferences(library, simulator, time)
    await use_queues(library, application, time)
    await use_the_rest(library, application, time)

    app = web.Application()
    app.add_routes(routes())
    offered = {
        (route.method, route.resource.canonical.removeprefix("/2010-04-01/Accounts/{account_sid}"))
        for route in app.router.routes()
        if route.resource and route.method != "HEAD"
    }
    tried = {(method, canonical(app, method, path)) for method, path in library.log.requests}
    assert offered - {("GET", path) for path in AUDIO} == tried


def canonical(app: web.Application, method: str, path: str) -> str:
    """The route that answers ``path``, below the account's."""
    for route in app.router.routes():
        if route.method == method and route.resource and route.resource.get_info().get("pattern"):
            pattern = route.resource.get_info()["pattern"]
            if pattern.fullmatch(path):
                return route.resource.canonical.removeprefix("/2010-04-01/Accounts/{account_sid}")
    return path
