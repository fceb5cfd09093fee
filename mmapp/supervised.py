"""supervisord, that ends as a whole: by itself it would leave web and worker behind when its terminal is closed."""

from __future__ import annotations

import signal
import sys

from supervisor import loggers
from supervisor.options import ServerOptions
from supervisor.supervisord import go


class Options(ServerOptions):  # type: ignore[misc]  # it has no types
    """Its options, in which signals are set."""

    def setsignals(self) -> None:
        """A closed terminal ends everything, as Ctrl-C does: supervisord would start anew. `nohup` stays what it is."""
        ignored = signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
        super().setsignals()
        receive = self.signal_receiver.receive
        end = signal.SIG_IGN if ignored else lambda _number, frame: receive(signal.SIGTERM, frame)
        signal.signal(signal.SIGHUP, end)


def main(path: str) -> None:
    """Run what this file describes, until told to go."""
    # A line that cannot be written, to a terminal that is gone, is lost. Told of there as well, it would end supervisord.
    loggers.Handler.handleError = lambda _handler: None
    options = Options()
    options.realize(["--configuration", path])
    options.first, options.test = True, False
    go(options)
    options.close_logger()


if __name__ == "__main__":
    main(sys.argv[1])
