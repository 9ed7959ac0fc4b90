"""The command `amalgam`, also as `python -m amalgam`."""

import os
import sys


def main() -> None:
    """Run the command. Ctrl-C while it is loading ends it in one line, too."""
    try:
        from amalgam.cli import app
    except KeyboardInterrupt:
        print("amalgam: interrupted", file=sys.stderr)
        os._exit(130)  # without waiting for what is half imported
    app()


if __name__ == "__main__":
    main()
