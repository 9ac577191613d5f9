"""``ivr simulator``: a telephone network of your own, until Ctrl-C."""

from __future__ import annotations

import asyncio
import errno
import signal
from typing import TYPE_CHECKING, Annotated

import typer

from ivr.commands.errors import CannotRun
from ivr.settings import SettingsError, read_settings
from ivr.simulator import Number, Simulator
from ivr.supervisor import announce_ready

if TYPE_CHECKING:
    from ivr.settings import Settings

RETRIES = "#rc=2&rp=ct,rt,5xx&rt=9000"
WEBHOOK = f"http://127.0.0.1:8080/twilio/voice{RETRIES}"
STATUS_CALLBACK = "http://127.0.0.1:8080/twilio/status"


def simulator(
    number: Annotated[list[str], typer.Option(help="a telephone number of the account, E.164; repeatable")],
    host: Annotated[str, typer.Option(help="address to listen on; it has no passwords for people")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="TCP port; 0 takes a free one", min=0, max=65535)] = 8090,
    webhook: Annotated[str, typer.Option(help="what is asked when a number is dialled")] = WEBHOOK,
    fallback: Annotated[str, typer.Option(help="what is asked when that fails")] = "",
    status_callback: Annotated[str, typer.Option(help="what is told when a call has ended")] = STATUS_CALLBACK,
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
    network = Simulator(account_sid=sid, auth_token=token, numbers=dict.fromkeys(number, rented))
    asyncio.run(_run(network, host, port))


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
        print(f"Call one with: ivr call {next(iter(network.numbers))} --simulator {url}", flush=True)
    try:
        await stopped.wait()
    finally:
        await network.stop()
