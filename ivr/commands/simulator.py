"""``ivr simulator``: a telephone network of your own, until Ctrl-C."""

from __future__ import annotations

import asyncio
import errno
import signal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ivr.clock import SimulatedClock, parse_clock
from ivr.commands.errors import CannotRun
from ivr.settings import SettingsError, read_settings
from ivr.simulator import Number, RealTime, Simulator
from ivr.simulator.directory import introduce, introduce_all
from ivr.simulator.heap import collect_seldom
from ivr.simulator.misfortunes import order
from ivr.simulator.sound.files import find_ffmpeg
from ivr.simulator.sound.speakers import best_speaker
from ivr.simulator.visitors import NOWHERE, place_of
from ivr.supervisor import announce_ready

if TYPE_CHECKING:
    from ivr.clock import Clock
    from ivr.settings import Settings

RETRIES = "#rc=2&rp=ct,rt,5xx&rt=9000"
WEBHOOK = f"http://127.0.0.1:8080/twilio/voice{RETRIES}"
FASTEST = 1000.0
STATUS_CALLBACK = "http://127.0.0.1:8080/twilio/status"


def simulator(
    number: Annotated[list[str], typer.Option(help="a telephone number of the account, E.164; repeatable")],
    host: Annotated[str, typer.Option(help="address to listen on; it has no passwords for people")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="TCP port; 0 takes a free one", min=0, max=65535)] = 8090,
    webhook: Annotated[str, typer.Option(help="what is asked when a number is dialled")] = WEBHOOK,
    fallback: Annotated[str, typer.Option(help="what is asked when that fails")] = "",
    status_callback: Annotated[str, typer.Option(help="what is told when a call has ended")] = STATUS_CALLBACK,
    page: Annotated[
        list[str] | None, typer.Option(help="address of a web page that may use the telephones; repeatable")
    ] = None,
    person: Annotated[
        list[str] | None, typer.Option(help="who is at a number: '+1202555* = answers after 3s'; repeatable")
    ] = None,
    people: Annotated[Path | None, typer.Option(help="a file of such lines", exists=True, dir_okay=False)] = None,
    fault: Annotated[
        list[str] | None, typer.Option(help="a misfortune for the next delivery: 'cut off */voice'; repeatable")
    ] = None,
    seed: Annotated[int, typer.Option(help="what chance begins with")] = 0,
    speed: Annotated[float | None, typer.Option(help="time runs so many times as fast; IVR_CLOCK if not given")] = None,
    calls_per_second: Annotated[
        float, typer.Option(help="new outgoing calls that leave the account; 0 is without limit", min=0)
    ] = 1.0,
    keep: Annotated[int, typer.Option(help="so many calls that are over are remembered", min=0)] = 1000,
    account_sid: Annotated[str, typer.Option(help="IVR_TWILIO_ACCOUNT_SID if not given")] = "",
    auth_token: Annotated[str, typer.Option(help="IVR_TWILIO_AUTH_TOKEN if not given")] = "",
) -> None:
    """Run a telephone network that behaves as Twilio does, without an account and without cost."""
    settings = _settings()
    sid = account_sid or settings.twilio_account_sid
    token = auth_token or next(iter(settings.twilio_auth_token), "")
    if not sid or not token:
        raise CannotRun(
            "the simulator needs an account: give --account-sid and --auth-token (any, but the same as the server's), "
            "or set IVR_TWILIO_ACCOUNT_SID and IVR_TWILIO_AUTH_TOKEN"
        )
    rented = Number(webhook, fallback_url=fallback, status_callback=status_callback)
    network = Simulator(
        account_sid=sid,
        auth_token=token,
        numbers=dict.fromkeys(number, rented),
        time=_time(speed, settings.clock),
        calls_per_second=calls_per_second,
        keeps=keep,
        speaker=best_speaker(),
        ffmpeg=find_ffmpeg(),
    )
    network.pages.update(_pages(page or []))
    _introduce(network, person or [], people, fault or [], seed)
    collect_seldom()
    asyncio.run(_run(network, host, port))


def _pages(pages: list[str]) -> list[str]:
    for page in pages:
        if place_of(page) == NOWHERE:
            raise CannotRun(f"--page {page}: write the page's address, such as http://127.0.0.1:8080")
    return pages


def _time(speed: float | None, clock: str) -> RealTime:
    """Real time, ``speed`` times as fast; without a speed the project's one clock."""
    if speed is None:
        return ClockTime(parse_clock(clock))
    if not 0 < speed <= FASTEST:
        raise CannotRun(f"--speed must be above 0 and at most {FASTEST:g}, not {speed:g}")
    return RealTime(speed)


class ClockTime(RealTime):
    """The network's time by the clock that all our processes compute alike."""

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock.factor if isinstance(clock, SimulatedClock) else 1.0)
        self._clock = clock

    def now_ms(self) -> int:
        return self._clock.now_ms()


def _introduce(network: Simulator, persons: list[str], people: Path | None, faults: list[str], seed: int) -> None:
    """Who is at which number, and what is to go wrong; the file first, so that ``--person`` has the last word."""
    try:
        if people is not None:
            introduce_all(network.people, people.read_text(encoding="utf-8"), seed=seed)
    except (OSError, ValueError) as error:
        raise CannotRun(f"--people {people}: {error}") from error
    try:
        for text in persons:
            introduce(network.people, text, seed=seed)
    except ValueError as error:
        raise CannotRun(f"--person: {error}") from error
    try:
        for text in faults:
            order(network.faults, text, seed=seed)
    except ValueError as error:
        raise CannotRun(f"--fault: {error}") from error


def _settings() -> Settings:
    try:
        return read_settings()
    except SettingsError as error:
        raise CannotRun(str(error)) from error


async def _run(network: Simulator, host: str, port: int) -> None:
    try:
        url = await network.start(host, port)
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise CannotRun(f"cannot listen on {host}:{port}: {error.strerror}; choose another with --host") from error
        raise CannotRun(
            f"port {port} is in use, perhaps by another simulator; stop it or choose another with --port"
        ) from error
    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    if not announce_ready():
        print(f"The simulator listens on {url}; numbers: {', '.join(network.numbers)}.", flush=True)
        print(f"What happens on the line: {url}", flush=True)
        print(f"Call one with: ivr call {next(iter(network.numbers))} --simulator {url}", flush=True)
    try:
        await stopped.wait()
    finally:
        await network.stop()
