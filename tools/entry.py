"""Where the `rvsim` command begins: before the imports that take long, so that Ctrl-C ends them without a traceback."""

import signal
import sys


def console_script() -> None:
    """The `rvsim` command, which does not return. An interrupt before it has begun ends it as the signal does."""
    heard = signal.getsignal(signal.SIGINT) is signal.default_int_handler      # not in the background, nor under nohup
    if heard:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    from rvsim.tools.cli import main

    if heard:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    sys.exit(main())
