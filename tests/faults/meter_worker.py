"""`amalgam`, with the same waits as with a cluster, in less time."""

from amalgam.cli import app
from tests.faults.worker import WAITS

if __name__ == "__main__":
    for (module, name), seconds in WAITS.items():
        setattr(module, name, seconds)
    app()
