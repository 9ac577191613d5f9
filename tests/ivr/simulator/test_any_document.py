"""Whatever an application answers and whatever a caller does, a call ends, and it ends once."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from aiohttp import web
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.simulator import Answers, Busy, Misuse, Number, Simulator, SteppedTime
from ivr.simulator.call import FINAL
from ivr.simulator.steps import Goto, HangUp, Inline
from tests.ivr.simulator.media_server import MediaServer

if TYPE_CHECKING:
    from tests.ivr.simulator.media_server import Connection

NUMBER = "+12025550100"
CALLERS = ("+12025550143", "sip:ana@example.com")
"""Who calls by SIP may be handed back with Refer."""

PAGES = 3
SOCKETS = "ws://SOCKETS"
"""Stands for where the application takes streams, which is known when it runs."""

prompts = st.one_of(
    st.text("ab &<", max_size=40).map(lambda text: f"<Say>{text}</Say>"),
    st.sampled_from(
        ["<Say>Hello</Say>", "<Pause/>", '<Pause length="3"/>', "<Play>/none</Play>", '<Play digits="1w"/>']
    ),
)
pages = st.integers(0, PAGES).map(lambda page: f"/{page}")
gathers = st.builds(
    "<Gather {} {} {} action='{}'>{}</Gather>".format,
    st.sampled_from(["", "input='speech'", "input='dtmf speech'", "input='voice'"]),
    st.sampled_from(["", "numDigits='1'", "numDigits='3'", "finishOnKey=''", "finishOnKey='*'"]),
    st.sampled_from(["", "timeout='2'", "actionOnEmptyResult='true'", "bargeIn='false'", "speechTimeout='auto'"]),
    pages,
    st.lists(prompts, max_size=2).map("".join),
)
others = st.one_of(
    st.builds("<Redirect>{}</Redirect>".format, pages),
    st.sampled_from(["<Hangup/>", "<Reject/>", "<Reject reason='busy'/>", "<Unknown/>", "<Redirect/>"]),
)
sockets = st.sampled_from(["listen", "close", "talk", "nonsense", "refused"]).map(lambda way: f"{SOCKETS}/{way}")
names = st.sampled_from(["", "a", "b"])
starts = st.one_of(
    st.builds(
        "<Start><Stream url='{}' name='{}' {}/></Start>".format,
        sockets,
        names,
        st.sampled_from(["", "track='both_tracks'", "track='outbound_track'"]),
    ),
    st.builds("<Start><Recording name='{}'/></Start>".format, names),
    st.builds("<Start><Transcription name='{}'/></Start>".format, names),
    st.just("<Start><Unknown/></Start>"),
)
stops = st.builds(
    "<Stop><{} name='{}'/></Stop>".format, st.sampled_from(["Stream", "Recording", "Transcription"]), names
)
connects = st.builds(
    "<Connect {}><Stream url='{}' name='{}'/></Connect>".format,
    st.one_of(st.just(""), pages.map(lambda page: f"action='{page}'")),
    sockets,
    names,
)
refers = st.builds(
    "<Refer {}><Sip>{}</Sip></Refer>".format,
    st.one_of(st.just(""), pages.map(lambda page: f"action='{page}'")),
    st.sampled_from(["sip:luis@example.com", "sip:busy@example.com", "sip:nobody@example.com", "sip:late@example.com"]),
)
documents = st.lists(st.one_of(prompts, gathers, gathers, others, starts, stops, connects, refers), max_size=4).map(
    lambda verbs: f"<Response>{''.join(verbs)}</Response>"
)
actions = st.one_of(
    st.sampled_from(["1", "12#", "*", "#"]).map(lambda keys: ("press", keys)),
    st.sampled_from(["my bill", "hello"]).map(lambda words: ("speak", words)),
    st.sampled_from(["0.1", "1", "7", "31"]).map(lambda seconds: ("wait", seconds)),
    st.sampled_from(["/0", "/1"]).map(lambda page: ("move", page)),
    st.just(("inline", "<Response><Say>moved</Say></Response>")),
    st.just(("end", "")),
    st.just(("hang up", "")),
)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(documents, min_size=PAGES, max_size=PAGES),
    st.lists(actions, max_size=8),
    st.booleans(),
    st.sampled_from(CALLERS),
)
def test_every_call_ends_exactly_once(
    answers: list[str], script: list[tuple[str, str]], has_fallback: bool, caller: str
) -> None:
    """With one final status, one status callback, and no mistake of the network's own."""
    asyncio.run(run_call(answers, script, has_fallback=has_fallback, caller=caller))


async def run_call(
    answers: list[str], script: list[tuple[str, str]], *, has_fallback: bool, caller: str = CALLERS[0]
) -> None:
    ended = list[str]()

    async def answer(request: web.Request) -> web.Response:
        page = request.match_info["page"]
        if page == "status":
            ended.append(str((await request.post())["CallStatus"]))
            return web.Response(status=204)
        if int(page) >= PAGES:
            return web.Response(status=500)
        text = answers[int(page)].replace(SOCKETS, f"{url.replace('http', 'ws')}/sockets")
        return web.Response(text=text, content_type="text/xml")

    media_server = MediaServer(on_message=talk)
    app = web.Application()
    app.router.add_get("/sockets/{way}", media_server.handle)
    app.router.add_route("*", "/{page:[0-9]+|status}", answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    number = Number(f"{url}/0", fallback_url=f"{url}/1" if has_fallback else "", status_callback=f"{url}/status")
    time = SteppedTime()
    simulator = Simulator(account_sid="AC1", auth_token="12345", numbers={NUMBER: number}, time=time)
    await simulator.start()
    try:
        async with asyncio.timeout(20):
            await act_out(simulator, time, url, script, caller)
    finally:
        await simulator.stop()
        await runner.cleanup()

    (call,) = simulator.calls.values()
    assert call.status in FINAL
    assert [heard.text for heard in call.heard if heard.kind == "ended"] == [call.status]
    assert ended == [call.status]
    assert all(error.code for error in simulator.errors), simulator.errors
    assert all(stream.over.is_set() for stream in call.streams)
    for connection in media_server.connections:
        numbers = [int(message["sequenceNumber"]) for message in connection.messages[1:]]
        assert [message["event"] for message in connection.messages[:2]] == ["connected", "start"][: len(numbers) + 1]
        assert numbers == list(range(1, len(numbers) + 1))


async def talk(connection: Connection, message: dict[str, Any]) -> None:
    """What an application may do to a stream, by its path; it does so at its third message."""
    if len(connection.messages) != 3 or message["event"] != "media":
        return
    match connection.path:
        case "/sockets/close":
            await connection.socket.close()
        case "/sockets/talk":
            await connection.play(b"\x10" * 12_345)
            await connection.say("mark", name="half-way")
            await connection.say("clear")
        case "/sockets/nonsense":
            await connection.socket.send_bytes(b"nonsense")


async def act_out(
    simulator: Simulator, time: SteppedTime, url: str, script: list[tuple[str, str]], caller: str
) -> None:
    simulator.people.put("sip:luis@*", Answers(after_s=1, stays_s=2))
    simulator.people.put("sip:late@*", Answers(after_s=50, script=("1",)))
    simulator.people.put("sip:busy@*", Busy())
    telephone = simulator.telephone(caller)
    await telephone.dial(NUMBER)
    (call,) = simulator.calls.values()
    for kind, detail in script:
        await time.settle()
        with suppress(Misuse):
            match kind:
                case "press":
                    await telephone.press(detail)
                case "speak":
                    await telephone.speak(detail)
                case "wait":
                    await time.advance(float(detail))
                case "move":
                    call.order(Goto(f"{url}{detail}"))
                case "inline":
                    call.order(Inline(detail))
                case "end":
                    call.order(HangUp())
                case _:
                    await telephone.hang_up()
    await telephone.hang_up()
    await time.settle()
