"""``python -m ivr.worker``: one server process, started by ``ivr serve`` and ``ivr demo`` and by nobody else.

Not a word of the ``ivr`` command: people have no use for it, and it starts a tenth of a second sooner without one.
"""

from __future__ import annotations

import asyncio
import sys

from ivr.logs import set_up_logs
from ivr.server import WorkspaceProblemsError, serve
from ivr.settings import read_settings
from ivr.supervisor import COULD_NOT_RUN, HOPELESS, announce_ready, inherited_sockets
from ivr.valkey import NoServerRuns
from ivr.workspace import WorkspaceError
from routing.redis import RedisError


def main(publish: str, telephones: str = "") -> int:
    """Serve on inherited sockets until told to stop, as ``serve`` does; the exit status."""
    settings = read_settings()
    set_up_logs(settings.log_format)
    try:
        sockets = inherited_sockets()
        asyncio.run(serve(settings, sockets, publish=publish, telephones=telephones, on_ready=announce_ready))
    except WorkspaceProblemsError as error:
        return fail(f"the workspace {settings.workspace} was not published; mend this first:\n{error}", HOPELESS)
    except WorkspaceError as error:
        return fail(f"{error}; set IVR_WORKSPACE to a folder with center.yaml", HOPELESS)
    except (RedisError, NoServerRuns, ValueError) as error:
        return fail(str(error), COULD_NOT_RUN)
    return 0


def fail(text: str, status: int) -> int:
    """Say why, to people; the exit status."""
    print(f"ivr: {text}", file=sys.stderr)  # noqa: T201 - the process ends with it
    return status


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
