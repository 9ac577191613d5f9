"""Starting processes that end when we do, even when we are killed with ``kill -9`` and can tell nobody.

On Linux the kernel does it (PR_SET_PDEATHSIG): it needs nothing of the child, so it also ends one that hangs. It is
tied to the *thread* that starts the child, so children are started from the main thread only. Other systems have no
such thing; there our own processes watch a pipe (``ivr/supervisor.py``) and an engine left behind is stopped at the
next start (``ivr/valkey.py``).
"""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import threading
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path
    from typing import IO

KERNEL_ENDS_THEM = sys.platform == "linux"
PR_SET_PDEATHSIG = 1  # linux/prctl.h
PRIVATE_UMASK = 0o077  # what our processes write is about callers


def spawn(
    argv: Sequence[str | Path],
    *,
    env: Mapping[str, str],
    pass_fds: Sequence[int] = (),
    output: IO[Any] | None = None,
    signal_at_our_end: signal.Signals = signal.SIGKILL,
) -> subprocess.Popen[bytes]:
    """Start a process that gets ``signal_at_our_end`` when this one is gone, however it went (Linux).

    ``env`` is all of its environment, ``pass_fds`` the only descriptors it inherits besides the standard three,
    ``output`` takes both of its output streams (ours if None). It has a process group of its own: Ctrl-C in a terminal
    reaches only us, and we decide who stops first. Raises OSError when it cannot be started.
    """
    if threading.current_thread() is not threading.main_thread():
        raise RuntimeError("start children from the main thread: they end with the thread that started them")
    return subprocess.Popen(  # noqa: S603 - our own commands
        argv,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=None if output is None else subprocess.STDOUT,
        pass_fds=pass_fds,
        process_group=0,
        umask=PRIVATE_UMASK,
        preexec_fn=_end_with(os.getpid(), signal_at_our_end) if KERNEL_ENDS_THEM else None,
    )


def _end_with(parent: int, number: signal.Signals) -> Callable[[], None]:
    """What the child runs between fork and exec; the library is opened before the fork, where it may allocate."""
    libc = ctypes.CDLL(None, use_errno=True)

    def ask_the_kernel() -> None:
        if libc.prctl(PR_SET_PDEATHSIG, int(number), 0, 0, 0) != 0:
            raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG)")
        # The parent may have died before the kernel knew our wish: then nobody will ever send the signal.
        if os.getppid() != parent:
            os._exit(1)

    return ask_the_kernel
