"""``ivr worker``: one server process, started by ``ivr serve`` and ``ivr demo`` and by nobody else."""

from __future__ import annotations

import asyncio
import sys
from typing import Annotated

import typer

from ivr.commands.errors import CannotRun, settings_or_refuse
from ivr.logs import set_up_logs
from ivr.server import WorkspaceProblemsError, serve
from ivr.supervisor import HOPELESS, announce_ready, inherited_sockets
from ivr.valkey import NoServerRuns
from ivr.workspace import WorkspaceError
from routing.redis import RedisError


def worker(
    publish: Annotated[str, typer.Option(help="first: when nothing is live; changed: also when it differs")] = "first",
) -> None:
    """Serve on inherited sockets until told to stop."""
    settings = settings_or_refuse()
    set_up_logs(settings.log_format)
    try:
        asyncio.run(serve(settings, inherited_sockets(), publish=publish, on_ready=announce_ready))
    except WorkspaceProblemsError as error:
        print(f"ivr: the workspace {settings.workspace} was not published; mend this first:\n{error}", file=sys.stderr)
        raise typer.Exit(HOPELESS) from error
    except WorkspaceError as error:
        print(f"ivr: {error}; set IVR_WORKSPACE to a folder with center.yaml", file=sys.stderr)
        raise typer.Exit(HOPELESS) from error
    except (RedisError, NoServerRuns, ValueError) as error:
        raise CannotRun(str(error)) from error
