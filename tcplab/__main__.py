"""``tcplab`` and ``python -m tcplab``: run the command line; a defect of ours ends with 70 and a short word."""

from __future__ import annotations

import gc
import os
import sys


def main() -> None:
    """Run the command line. Set TCPLAB_DEBUG to see the traceback of a defect."""
    # A trace is a great many small records that all stay: looking for garbage among them costs a fifth of a long run.
    gc.set_threshold(50_000)
    from tcplab.cli import cli

    try:
        cli.main(prog_name="tcplab")
    except BrokenPipeError:
        # The reader of our output went away (`tcplab replay | head`): no error of anybody's.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        sys.exit(0)
    except Exception as error:  # noqa: BLE001 - the last net: a user never sees a traceback
        if os.environ.get("TCPLAB_DEBUG"):
            raise
        from tcplab.notation.errors import printable

        what = printable(f"{type(error).__name__}: {error}", 500)
        print(f"tcplab: a defect of tcplab, not of yours: {what}\n"
              "        please report it with the command you gave; TCPLAB_DEBUG=1 shows where it happened",
              file=sys.stderr)
        sys.exit(70)
    finally:
        # What is in memory ends with the process: to look for garbage in it once more takes a sixth of a short run.
        gc.disable()
        gc.freeze()


if __name__ == "__main__":
    main()
