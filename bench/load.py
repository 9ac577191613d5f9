"""A load of signed webhooks over real sockets: cheap enough per request to leave the server the limit.

Requests are made and signed beforehand. ``closed`` keeps every connection busy; ``open_loop`` sends at a fixed rate,
whatever the answers do, and counts latency from when a request was due.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
from collections import deque
from pathlib import Path
from time import perf_counter
from urllib.parse import urlencode

TOKEN = "bench-token"  # noqa: S105 - signs the load of a server that lives for this run only
ACCOUNT = "AC" + "0" * 32
PUBLIC_URL = "https://bench.example.com"
TICK_S = 0.001


def form(call_sid: str, **fields: str) -> dict[str, str]:
    """The fields of a voice webhook as a real one has them: 29, half of them geography."""
    places = {f"{who}{what}": "" for who in ("From", "To", "Caller", "Called") for what in ("City", "State", "Zip")}
    return {
        "AccountSid": ACCOUNT, "ApiVersion": "2010-04-01", "CallSid": call_sid, "CallStatus": "in-progress",
        "Called": "+12025550100", "Caller": "+12025550143", "Direction": "inbound", "From": "+12025550143",
        "To": "+12025550100", "CalledCountry": "US", "CallerCountry": "US", "FromCountry": "US", "ToCountry": "US",
        "CallToken": '{"parentCallInfoToken":"e30","identityHeaderTokens":[]}',
    } | places | fields  # fmt: skip


def request(path: str, fields: dict[str, str]) -> bytes:
    """One signed POST, ready to be sent."""
    body = urlencode(fields).encode()
    signed = PUBLIC_URL + path + "".join(name + fields[name] for name in sorted(fields))
    signature = base64.b64encode(hmac.new(TOKEN.encode(), signed.encode(), hashlib.sha1).digest()).decode()
    head = (
        f"POST {path} HTTP/1.1\r\nHost: bench.example.com\r\nUser-Agent: TwilioProxy/1.1\r\n"
        "Accept: text/xml, application/xml, text/html\r\nCache-Control: max-age=259200\r\n"
        f"Content-Type: application/x-www-form-urlencoded; charset=utf-8\r\nX-Twilio-Signature: {signature}\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def call(call_sid: str, turns: int) -> list[bytes]:
    """A whole call's webhooks: it arrives, then presses 1 at each of ``turns``."""
    arrival = request("/twilio/voice", form(call_sid, CallStatus="ringing"))
    return [arrival] + [
        request(f"/twilio/calls/{call_sid}/turns/{turn}", form(call_sid, Digits="1", FinishedOnKey=""))
        for turn in range(1, turns + 1)
    ]


class Connection(asyncio.Protocol):
    """One keep-alive connection with at most one request under way."""

    def __init__(self) -> None:
        self.transport: asyncio.Transport | None = None
        self.answered: asyncio.Future[bytes] | None = None
        self._buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head, found, body = self._buffer.partition(b"\r\n\r\n")
        if not found:
            return
        length = int(head.lower().split(b"content-length:", 1)[1].split(b"\r\n", 1)[0])
        if len(body) >= length and self.answered is not None:
            status, self._buffer = head[9:12], b""
            answered, self.answered = self.answered, None
            if status == b"200":
                answered.set_result(body)
            else:
                answered.set_exception(RuntimeError(f"status {status!r}: {body[:200]!r}"))

    async def send(self, message: bytes) -> bytes:
        assert self.transport is not None
        self.answered = asyncio.get_running_loop().create_future()
        self.transport.write(message)
        return await self.answered


async def connect(port: int, count: int) -> list[Connection]:
    loop = asyncio.get_running_loop()
    return [(await loop.create_connection(Connection, "127.0.0.1", port))[1] for _connection in range(count)]


def close(connections: list[Connection]) -> None:
    for connection in connections:
        if connection.transport is not None:
            connection.transport.close()


async def closed(port: int, scripts: list[list[bytes]]) -> float:
    """Send each connection its script, as fast as answers come; the seconds it took."""
    connections = await connect(port, len(scripts))

    async def play(connection: Connection, script: list[bytes]) -> None:
        for message in script:
            await connection.send(message)

    began = perf_counter()
    await asyncio.gather(*(play(one, script) for one, script in zip(connections, scripts, strict=True)))
    took = perf_counter() - began
    close(connections)
    return took


async def open_loop(port: int, scripts: list[list[bytes]], rate: float) -> list[float]:
    """Send at ``rate`` a second, each script's requests in their order; the latencies in seconds, sorted."""
    connections = await connect(port, len(scripts))
    idle = deque(zip(connections, (deque(script) for script in scripts), strict=True))
    late: deque[float] = deque()
    latencies: list[float] = []
    running: set[asyncio.Task[None]] = set()

    async def one(connection: Connection, script: deque[bytes], due: float) -> None:
        await connection.send(script.popleft())
        latencies.append(perf_counter() - due)
        if script:
            idle.append((connection, script))

    total = sum(len(script) for script in scripts) * 9 // 10
    began, sent = perf_counter(), 0
    while sent < total:
        late.extend(
            began + number / rate
            for number in range(sent + len(late), min(total, int((perf_counter() - began) * rate)))
        )
        while late and idle:
            task = asyncio.create_task(one(*idle.popleft(), late.popleft()))
            running.add(task)
            task.add_done_callback(running.discard)
            sent += 1
        await asyncio.sleep(TICK_S)
    await asyncio.gather(*running)
    close(connections)
    return sorted(latencies)


def cpu_s(pid: int) -> float:
    """CPU time a process has used, in seconds, to the nanosecond where the kernel tells (Linux schedstat)."""
    threads = Path(f"/proc/{pid}/task").glob("*/schedstat")
    return sum(int(thread.read_text().split()[0]) for thread in threads) / 1e9
