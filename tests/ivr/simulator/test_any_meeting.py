"""Whoever dials, waits, meets and leaves in whatever order: every call ends, and it ends once."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

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

parties = st.lists(st.sampled_from([*PEOPLE, "+12025550169", ANA]), min_size=1, max_size=3).map(
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
deeds = st.sampled_from(["1", "*", "speak", "wait", "wait", "long wait", "dial", "move", "end", "hang up", "answer"])
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


async def run_calls(answers: list[str], script: list[tuple[int, str]]) -> None:
    ended = list[tuple[str, str]]()

    async def answer(request: web.Request) -> web.Response:
        form = await request.post()
        page = request.match_info["page"]
        if page == "status":
            ended.append((str(form["CallSid"]), str(form["CallStatus"])))
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
    assert sorted(ended) == sorted(inbound.items())
    assert all(room.is_over and not room.participants for room in simulator.rooms.conferences.values())
    assert all(not queue.members for queue in simulator.queues.queues.values())
    assert all(recording.status == "completed" for recording in simulator.recordings.values())
    assert all(error.code for error in simulator.errors), simulator.errors


async def act_out(simulator: Simulator, time: SteppedTime, url: str, script: list[tuple[int, str]]) -> None:
    for number, line in PEOPLE.items():
        simulator.people.put(number, line)
    ana = simulator.telephone(ANA)
    ana.register()
    callers = [simulator.telephone(f"+1202555014{i}") for i in range(CALLERS)]
    for i, caller in enumerate(callers):
        await caller.dial(NUMBERS[i % 2])
    for who, deed in script:
        await time.settle()
        with suppress(Misuse):
            await do(callers[who], ana, deed, url, time)
    for caller in callers:
        await caller.hang_up()
    await time.settle()
    await ana.hang_up()
    await time.advance(30)


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
