"""One worker as ``ivr serve`` runs it, on its own port and without a supervisor, so that its CPU can be counted."""

from __future__ import annotations

import asyncio
import sys

from ivr.logs import set_up_logs
from ivr.server import serve
from ivr.settings import read_settings
from ivr.supervisor import listen

if __name__ == "__main__":
    settings = read_settings()
    set_up_logs(settings.log_format)
    asyncio.run(serve(settings, listen("127.0.0.1", int(sys.argv[1])), publish="first", on_ready=bool))
