"""``ivr agents``: who is signed in and what they do; signing in and out, and breaks, on behalf of somebody."""

from __future__ import annotations

import json
from dataclasses import asdict
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from ivr.commands.errors import CannotRun
from ivr.commands.halls import ByOption, JsonOption, WatchOption, lasted, refuse, show, tell, with_hall
from ivr.meeting.lines import is_address
from routing.keys import DEFAULT_GROUP
from routing.requirements import parse_skills, skills_text

if TYPE_CHECKING:
    from rich.console import RenderableType

    from ivr.hall import AgentRow, Hall
    from routing.answers import Done, Refused

app = typer.Typer(name="agents", help="Agents: who is signed in, and what they do.")
AgentArgument = Annotated[str, typer.Argument(help="The agent's name.")]
STATES = {"ready": "green", "reserved": "cyan", "on_contact": "yellow", "wrap_up": "magenta", "away": "default"}


class Status(StrEnum):
    """What a person may choose."""

    AVAILABLE = "available"
    ON_BREAK = "on-break"


@app.callback(invoke_without_command=True)
def agents(context: typer.Context, *, watch: WatchOption = False, as_json: JsonOption = False) -> None:
    """List the agents who are signed in: status, state and since when, skills, and what they have."""
    if context.invoked_subcommand is not None:
        return

    async def look(hall: Hall) -> tuple[int, list[AgentRow]]:
        return hall.now_ms(), await hall.agents()

    def data(found: tuple[int, list[AgentRow]]) -> list[dict[str, Any]]:
        return [asdict(row.agent) | {"group": row.group} for row in found[1]]

    show(look, lambda found: _agents(*found), data, as_json=as_json, watch=watch)


@app.command("sign-in")
def sign_in(
    agent: AgentArgument,
    skills: Annotated[str, typer.Option(help="Skills with levels from 1 to 10: billing:5,spanish:3.")] = "",
    group: Annotated[str, typer.Option(help="The group of queues they work in.")] = DEFAULT_GROUP,
    phone: Annotated[str, typer.Option(help="Rings for each offer: +12025550143; they press 1 to accept.")] = "",
    sip: Annotated[str, typer.Option(help="The same for a SIP telephone: sip:ana@example.com.")] = "",
    *,
    available: Annotated[bool, typer.Option("--available", help="Ready for contacts at once; else on break.")] = False,
    by: ByOption = "",
    as_json: JsonOption = False,
) -> None:
    """Let an agent begin to work; on break, until their status says otherwise."""
    if phone and sip:
        raise CannotRun("--phone and --sip exclude each other: an agent is rung at one place")
    for option, address, kind in (("--phone", phone, "+"), ("--sip", sip, "sip")):
        if address and not (address.startswith(kind) and is_address(address)):
            raise CannotRun(f'{option}: "{address}" can not be rung; give +12025550143 or sip:ana@example.com')
    try:
        wanted = parse_skills(skills)
    except ValueError as error:
        raise CannotRun(f"--skills: {error}") from error

    async def signing_in(hall: Hall) -> Done | Refused:
        groups = await hall.groups()
        if group not in groups:
            raise CannotRun(f'no queue of the live center.yaml has the group "{group}"; there are {", ".join(groups)}')
        done = await hall.sign_in(agent, wanted, group, line=phone or sip)
        return await hall.set_status(agent, "available", "") if available and done.tag == "signed_in" else done

    now = "available" if available else f"on break; next: ivr agents status {agent} available"
    tell(with_hall(signing_in, by=by), f"{agent} is signed in, {now}", as_json=as_json, name=agent)


@app.command()
def status(
    agent: AgentArgument,
    chosen: Annotated[Status, typer.Argument(metavar="available|on-break")],
    reason: Annotated[str, typer.Option(help="Why, such as lunch.")] = "",
    *,
    by: ByOption = "",
    as_json: JsonOption = False,
) -> None:
    """Make an agent available, or let them take a break; what they have they finish."""
    done = with_hall(lambda hall: hall.set_status(agent, chosen.value.replace("-", "_"), reason), by=by)
    tell(done, f"{agent} is {chosen.value.replace('-', ' ')}", as_json=as_json, name=agent)


@app.command("sign-out")
def sign_out(
    agent: AgentArgument,
    reason: Annotated[str, typer.Option(help="Why, such as the end of a shift.")] = "",
    *,
    by: ByOption = "",
    as_json: JsonOption = False,
) -> None:
    """Sign an agent out: what rings is offered to others, a conversation is finished."""
    done = with_hall(lambda hall: hall.set_status(agent, "offline", reason), by=by)
    tell(done, f"{agent} is signed out", as_json=as_json, name=agent)


@app.command()
def why(agent: AgentArgument, *, as_json: JsonOption = False) -> None:
    """Tell why an agent has what they have, or nothing: what they serve, and what stands between them and who waits."""
    found = with_hall(lambda hall: hall.why_agent(agent))
    if found is None:
        refuse(agent, "nobody of that name has signed in within a month", "unknown", as_json=as_json)
    elif as_json:
        print(json.dumps(asdict(found), indent=2, ensure_ascii=False))
    else:
        print("\n".join(found.words))


# ---------------------------------------------------------------------- what is shown


def _agents(now_ms: int, rows: list[AgentRow]) -> RenderableType:
    if not rows:
        return "nobody is signed in; ivr agents sign-in NAME --skills billing:5"
    table = Table(box=None, header_style="bold")
    for name in ("agent", "group", "status", "state"):
        table.add_column(name)
    table.add_column("since", justify="right")
    table.add_column("skills")
    table.add_column("has", overflow="fold")
    table.add_column("taken", justify="right")
    for row in rows:
        agent = row.agent
        chosen = agent.status.replace("_", " ") + (f" ({escape(agent.reason)})" if agent.reason else "")
        state = f"[{STATES.get(agent.state, 'default')}]{agent.state.replace('_', ' ')}[/]"
        has = ", ".join(f"{held.contact} {held.stage.replace('_', ' ')}" for held in agent.holds)
        since, skills = lasted(now_ms - agent.since_ms), skills_text(agent.skills)
        table.add_row(f"[bold]{agent.id}[/]", row.group, chosen, state, since, skills, has, str(agent.taken))
    return table
