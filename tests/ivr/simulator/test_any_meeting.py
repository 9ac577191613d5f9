"""Whoever dials, waits, meets and leaves in whatever order: every call ends, and it ends once."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

import aiohttp
from aiohttp import web
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ivr.simulator import (
    Answers,
    Busy,
    Declines,
    Misuse,
    NoAnswer,
    Number,
    Simulator,
    SteppedTime,
    Telephone,
    Voicemail,
)
from ivr.simulator.call import FINAL
from ivr.simulator.steps import Goto, HangUp

if TYPE_CHECKING:
    from ivr.simulator.people import Line

NUMBERS = ("+12025550100", "+12025550101")
CALLERS = 3
ANA = "client:ana"
PEOPLE: dict[str, Line] = {
    "+12025550160": Answers(after_s=1, stays_s=4),
    "+12025550161": Answers(after_s=2, script=("1",)),
    "+12025550162": Busy(),
    "+12025550163": NoAnswer(),
    "+12025550164": Declines(),
    "+12025550165": Voicemail(after_s=3),
}

parties = st.lists(
    st.sampled_from([*PEOPLE, "+12025550169", ANA, NUMBERS[1]]), min_size=1, max_size=3, unique=True
).map(
    lambda numbers: "".join(
        f"<Client>{number[7:]}</Client>" if number == ANA else f'<Number url="/screen">{number}</Number>'
        for number in numbers
    )
)
dials = st.builds(
    '<Dial timeout="5" {} {} {}>{}</Dial>'.format,
    st.sampled_from(["", 'action="/0"', 'action="/1"']),
    st.sampled_from(["", 'sequential="true"', 'answerOnBridge="true"', 'hangupOnStar="true"', 'timeLimit="3"']),
    st.sampled_from(["", 'record="true"']),
    parties,
)
rooms = st.builds(
    '<Dial timeLimit="30" {}><Conference {} {} {}>room</Conference></Dial>'.format,
    st.sampled_from(["", 'action="/1"']),
    st.sampled_from(["", 'waitUrl=""', 'waitUrl="/wait"', 'waitUrl="/none"']),
    st.sampled_from(["", 'startConferenceOnEnter="false"', 'muted="true"', 'record="record-from-start"']),
    st.sampled_from(["", 'endConferenceOnExit="true"', 'participantLabel="ana"', 'maxParticipants="2"']),
)
queues = st.builds(
    "<Enqueue {} {}>support</Enqueue>".format,
    st.sampled_from(["", 'action="/0"', 'action="/1"']),
    st.sampled_from(["", 'waitUrl=""', 'waitUrl="/wait"', 'waitUrl="/leave"', 'waitUrl="/none"']),
)
takers = st.builds(
    '<Dial timeout="5" {}><Queue {}>support</Queue></Dial>'.format,
    st.sampled_from(["", 'action="/1"', 'hangupOnStar="true"']),
    st.sampled_from(["", 'url="/screen"', 'url="/none"']),
)
records = st.sampled_from(
    ['<Record action="/1"/>', '<Record maxLength="3"/>', '<Record timeout="0" playBeep="false"/>']
)
others = st.sampled_from(["<Say>Hello</Say>", '<Pause length="3"/>', "<Hangup/>", "<Redirect>/1</Redirect>"])
documents = st.lists(st.one_of(dials, rooms, queues, takers, records, others), min_size=1, max_size=3).map("".join)
REQUESTS: tuple[tuple[str, str, dict[str, str]], ...] = (
    ("POST", "Calls.json", {"To": NUMBERS[1], "From": NUMBERS[0], "Url": "{url}/1"}),
    ("POST", "Calls.json", {"To": "+12025550160", "From": NUMBERS[0], "Twiml": "<Response><Say>Hi</Say></Response>"}),
    ("POST", "Calls/{call}.json", {"Status": "completed"}),
    ("POST", "Calls/{call}.json", {"Url": "{url}/0"}),
    ("POST", "Calls/{call}/Recordings.json", {"RecordingChannels": "dual"}),
    ("POST", "Calls/{call}/Recordings/Twilio.CURRENT.json", {"Status": "paused", "PauseBehavior": "skip"}),
    ("POST", "Calls/{call}/Transcriptions.json", {"Name": "words", "StatusCallbackUrl": "{url}/told"}),
    ("POST", "Calls/{call}/Transcriptions/words.json", {"Status": "stopped"}),
    ("POST", "Conferences/room/Participants.json", {"From": NUMBERS[0], "To": "+12025550160", "Label": "luis"}),
    ("POST", "Conferences/room/Participants.json", {"From": NUMBERS[0], "To": NUMBERS[1], "ConferenceRecord": "true"}),
    ("POST", "Conferences/room/Participants/{call}.json", {"Hold": "true"}),
    ("POST", "Conferences/room/Participants/ana.json", {"Muted": "true", "AnnounceUrl": "{url}/accepted"}),
    ("POST", "Conferences/room/Participants/luis.json", {"Hold": "true", "EndConferenceOnExit": "true"}),
    ("DELETE", "Conferences/room/Participants/{call}.json", {}),
    ("POST", "Conferences/room.json", {"Status": "completed"}),
    ("POST", "Queues/{queue}/Members/Front.json", {"Url": "{url}/1"}),
    ("DELETE", "Queues/{queue}.json", {}),
    ("GET", "Conferences/room/Participants.json", {}),
)
"""What REST may be asked at any moment; it may refuse, but not break."""

requests = st.integers(0, len(REQUESTS) - 1).map(lambda index: f"request {index}")
deeds = st.one_of(
    st.sampled_from(["1", "*", "speak", "wait", "wait", "long wait", "dial", "move", "end", "hang up", "answer"]),
    requests,
)
scripts = st.lists(st.tuples(st.integers(0, CALLERS - 1), deeds), min_size=3, max_size=12)

ASIDE = {
    "wait": "<Say>Please wait</Say><Pause/>",
    "leave": '<Pause length="4"/><Leave/>',
    "screen": '<Gather numDigits="1" timeout="2" action="/accepted"/><Hangup/>',
    "accepted": "<Say>Connecting</Say>",
}


@example(  # nobody gets into the room, and no time passes: a circle
    ["<Redirect>/1</Redirect>", '<Dial action="/1"><Conference waitUrl="/none">room</Conference></Dial>'],
    [(0, "wait"), (0, "long wait"), (1, "long wait")],
)
@settings(max_examples=60, deadline=None)
@given(st.lists(documents, min_size=2, max_size=2), scripts)
def test_every_call_that_meets_another_ends_exactly_once(answers: list[str], script: list[tuple[int, str]]) -> None:
    """Legs, waiting and talking callers, all with one final status, told once; nobody is left in a room or queue."""
    asyncio.run(run_calls(answers, script))


@settings(max_examples=30, deadline=None)
@given(st.lists(documents, min_size=2, max_size=2), scripts, st.integers(0, 1000))
def test_in_trouble_too_every_call_ends_once(answers: list[str], script: list[tuple[int, str]], seed: int) -> None:
    """Whatever befalls deliveries and requests; only what is told of it may be lost or repeated."""
    asyncio.run(run_calls(answers, script, seed=seed))


async def run_calls(answers: list[str], script: list[tuple[int, str]], *, seed: int | None = None) -> None:
    ended = list[tuple[str, str]]()

    async def answer(request: web.Request) -> web.Response:
        form = await request.post()
        page = request.match_info["page"]
        if page == "status":
            ended.append((str(form["CallSid"]), str(form["CallStatus"])))
        if page in {"status", "told"}:
            return web.Response(status=204)
        body = ASIDE.get(page, answers[int(page)] if page.isdecimal() else "")
        status = 200 if body else 500
        return web.Response(status=status, text=f"<Response>{body}</Response>", content_type="text/xml")

    app = web.Application()
    app.router.add_route("*", "/{page}", answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    numbers = {to: Number(f"{url}/{i}", status_callback=f"{url}/status") for i, to in enumerate(NUMBERS)}
    time = SteppedTime()
    simulator = Simulator(account_sid="AC1", auth_token="12345", numbers=numbers, time=time)
    await simulator.start()
    if seed is not None:
        simulator.faults.at_random("*", seed, chance=0.3)
    try:
        async with asyncio.timeout(30):
            await act_out(simulator, time, url, script)
    finally:
        await simulator.stop()
        await runner.cleanup()

    inbound = {call.sid: call.status for call in simulator.calls.values() if call.direction == "inbound"}
    for call in simulator.calls.values():
        assert call.status in FINAL
        assert call.place is None
        assert [heard.text for heard in call.heard if heard.kind == "ended"] == [call.status]
    assert sorted(ended) == sorted(inbound.items()) or seed is not None
    assert set(ended) <= set(inbound.items())
    rooms = simulator.rooms.conferences.values()
    assert all(not room.participants and not room.coming() for room in rooms)
    assert all(room.is_over for room in rooms)
    assert all(not queue.members for queue in simulator.queues.queues.values())
    assert all(recording.is_over for recording in simulator.recordings.values())
    assert all(error.code for error in simulator.errors), simulator.errors


async def act_out(simulator: Simulator, time: SteppedTime, url: str, script: list[tuple[int, str]]) -> None:
    for number, line in PEOPLE.items():
        simulator.people.put(number, line)
    ana = simulator.telephone(ANA)
    ana.register()
    callers = [simulator.telephone(f"+1202555014{i}") for i in range(CALLERS)]
    for i, caller in enumerate(callers):
        await caller.dial(NUMBERS[i % 2])
    asked = list[asyncio.Task[None]]()
    for who, deed in script:
        await time.settle()
        if deed.startswith("request"):
            asked.append(asyncio.create_task(ask(simulator, callers[who], int(deed.split()[1]), url)))
            continue
        with suppress(Misuse):
            await do(callers[who], ana, deed, url, time)
    await time.advance(10)
    await asyncio.gather(*asked)
    for caller in callers:
        await caller.hang_up()
    await time.settle()
    await ana.hang_up()
    for call in list(simulator.calls.values()):
        call.order(HangUp(by="api"))
    await time.advance(60)


async def ask(simulator: Simulator, caller: Telephone, index: int, url: str) -> None:
    """One request of the API; a refusal is as good as an answer, a failure only as ordered."""
    method, path, form = REQUESTS[index]
    queue = simulator.queues.find("support")
    names = {"call": caller.call.sid if caller.call else "CA0", "queue": queue.sid if queue else "QU0"}
    address = f"{simulator.base_url}/2010-04-01/Accounts/AC1/{path.format(**names)}"
    data = {name: value.format(url=url) for name, value in form.items()}
    credentials = {"Authorization": aiohttp.encode_basic_auth("AC1", "12345")}
    async with (
        aiohttp.ClientSession(headers=credentials) as session,
        session.request(method, address, data=data or None) as response,
    ):
        body = await response.text()
    assert response.status < 500 or '"code": 20500' in body


async def do(caller: Telephone, ana: Telephone, deed: str, url: str, time: SteppedTime) -> None:
    match deed:
        case "1" | "*":
            await caller.press(deed)
        case "speak":
            await caller.speak("hello")
        case "wait" | "long wait":
            await time.advance(2 if deed == "wait" else 13)
        case "dial":
            await caller.dial(NUMBERS[0])
        case "move" | "end":
            assert caller.call is not None
            caller.call.order(Goto(f"{url}/1") if deed == "move" else HangUp(by="api"))
        case "answer":
            await ana.answer()
        case _:
            await caller.hang_up()
