"""Run a Python program for which file permissions count, as they do for everybody but root.

python -m tests.acceptance.unprivileged ARGUMENTS...
"""

from __future__ import annotations

import ctypes
import os
import sys

PR_CAPBSET_DROP = 24
OVERRIDES = (1, 2)  # CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH: gone for good with the next exec


def main() -> None:
    """Give the rights up, and become the program."""
    if os.geteuid() == 0:
        for right in OVERRIDES:
            if ctypes.CDLL(None, use_errno=True).prctl(PR_CAPBSET_DROP, right, 0, 0, 0):
                raise OSError(ctypes.get_errno(), "prctl")
    os.execv(sys.executable, [sys.executable, *sys.argv[1:]])  # noqa: S606


if __name__ == "__main__":
    main()
