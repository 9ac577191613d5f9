"""Ten calls: read these, and you know what Cordboard does.

Each is one real call to the shipped sample centre (``flows/examples/support``): a caller rings through the telephone
network, which posts signed webhooks to the server over HTTP, and hears what it answers. The network's time is stepped,
so that a minute on the telephone takes no time here. ``center`` is the whole house: server, embedded Valkey, network.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from flows.instructions import Note, Recording
from ivr.twilio.links import Links
from tests.support.waiting import eventually

if TYPE_CHECKING:
    from ivr.journal import Entry
    from tests.support.house import House

ACME = "+12025550100"


async def test_a_caller_is_greeted_and_led_by_keys(center: House) -> None:
    """Ring, choose a language, choose from the menu: each key gets the next words."""
    ana = center.caller()

    await ana.dials(ACME)
    await ana.hears("Thanks for calling Acme.")
    await ana.presses("1")
    await ana.hears("Our office is closed now, and opens again Friday at 8 AM.")
    await ana.presses("1")
    await ana.hears("You find us at 200 Market Street")


async def test_a_caller_may_speak_instead(center: House) -> None:
    """The same menus understand words: the phrases of each option are what the recogniser is told to expect."""
    ben = center.caller()

    await ben.dials(ACME)
    await ben.says("English, please")
    await ben.hears("For our opening hours and address, press 1 or say hours.")
    await ben.says("Where is my order?")
    await ben.hears("Please key in your six digit order number.")


async def test_a_caller_speaks_spanish_from_then_on(center: House) -> None:
    """The language is chosen once; every later sentence comes in it, by its own voice."""
    lupe = center.caller()

    await lupe.dials(ACME)
    await lupe.hears("Para español, oprima 2.")
    await lupe.presses("2")
    await lupe.hears("Nuestra oficina está cerrada")
    await lupe.says("horario")
    await lupe.hears("Estamos en 200 Market Street")

    spoken = [heard for heard in lupe.telephone.heard if heard.kind == "say"][-1]
    assert (spoken.language, spoken.voice) == ("es-US", "Polly.Lupe-Neural")


async def test_a_number_is_read_back_before_it_counts(center: House) -> None:
    """An order number is collected, read back digit by digit, and only taken when the caller says that it is right."""
    ana = center.caller()

    await ana.dials(ACME)
    await ana.presses("1")
    await ana.presses("2")
    await ana.presses("012345")
    await ana.hears("That is not one of our order numbers.")
    await ana.presses("512345")
    await ana.hears("I have 5 1 2 3 4 5.")
    await ana.presses("2")
    await ana.hears("Please key in your six digit order number.")
    await ana.presses("412345")
    await ana.presses("1")
    await ana.hears("Order 4 1 2 3 4 5 is on its way")


async def test_silence_and_wrong_keys_are_met_with_patience(center: House) -> None:
    """Silence and a wrong key are counted apart; who never finds a key is led on, not hung up on."""
    tom = center.caller()

    await tom.dials(ACME)
    await tom.presses("1")
    await tom.stays_silent()
    await tom.hears("Sorry, I did not hear anything.")
    await tom.presses("7")
    await tom.hears("Sorry, that is not one of the choices.")
    await tom.stays_silent()
    await tom.stays_silent()
    await tom.hears("Please leave a message after the tone")
    await tom.stays_silent()
    await tom.hears("write to support at acme dot example")


async def test_the_address_comes_as_a_text_message(center: House) -> None:
    """The flow sends a message while the caller waits, once, and says so when it is on its way."""
    ana = center.caller("+12025550143")

    await ana.dials(ACME)
    await ana.presses("1")
    await ana.presses("1")
    await ana.says("text message")
    await ana.hears("It is on its way to you.")

    sent = list(center.network.messages.values())
    assert [(message.to, message.body[:12]) for message in sent] == [("+12025550143", "Acme Support")]


async def test_what_matters_of_a_call_is_written_down(center: House) -> None:
    """Every turn stands in the journal, with the notes that the flow made and the message that the caller left."""
    ana = center.caller()

    await ana.dials(ACME)
    await ana.presses("1")
    await ana.presses("0")
    await ana.hears("nobody is in the office now")
    await ana.says("Please call me back about my order.")
    await ana.hears("We have your message.")
    await ana.hangs_up()

    entries = await eventually(lambda: ended(center, ana.call_sid), "the end of the call in the journal")
    note, message = [record for entry in entries for record in entry.records]
    assert note == Note("Asked for a person.")
    assert isinstance(message, Recording)
    assert (message.purpose, message.name) == ("voicemail", "operator")


async def ended(center: House, call_sid: str) -> list[Entry]:
    entries = await center.journal(call_sid)
    return entries if entries[-1].ended == "hung_up" else []


async def test_the_network_may_deliver_everything_twice(center: House) -> None:
    """Webhooks repeated, also at the same moment: the caller hears each thing once, the message is sent once."""
    center.network.faults.repeat("*/twilio/*", times=20, at_once=True)
    ana = center.caller()

    await ana.dials(ACME)
    await ana.presses("1")
    await ana.presses("1")
    await ana.presses("1")
    await ana.hears("It is on its way to you.")

    assert ana.conversation.count("200 Market Street") == 1
    assert len(center.network.messages) == 1
    turns = [entry.turn for entry in await center.journal(ana.call_sid)]
    assert turns == sorted(set(turns))


@pytest.mark.every_redis
async def test_the_next_webhook_may_reach_another_server(center: House) -> None:
    """No server keeps a call to itself: here a second one answers for the first, which is gone in mid-call."""
    ana = center.caller()
    await ana.dials(ACME)
    await ana.presses("1")
    await ana.hears("press 2 or say order status")

    first, port = center.server, int(center.server.base_url.rsplit(":", 1)[1])
    await first.stop()
    center.server = await center.open(public_url=first.base_url, listen_on=port)
    await ana.presses("2")

    await ana.hears("Please key in your six digit order number.")


async def test_a_server_that_is_away_for_a_moment_costs_a_retry(center: House) -> None:
    """Every address we hand out asks the network to try again, and to come back to where the call stood."""
    ana = center.caller()
    await ana.dials(ACME)
    await ana.presses("1")
    center.network.faults.answer_late("*/turns/2")
    await ana.presses("2")

    await ana.hears("Please key in your six digit order number.")
    assert Links(center.server.base_url).turn("CA1", 2).endswith("#rc=2&rp=ct,rt,5xx&rt=9000")
