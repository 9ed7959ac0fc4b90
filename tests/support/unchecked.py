"""What `seahorse build` needs to build programs that break rules on purpose."""

import os
from pathlib import Path


def unchecked() -> dict[str, str]:
    """An environment in which a build finds no `amalgam check` to begin with."""
    folders = os.environ["PATH"].split(os.pathsep)
    others = [folder for folder in folders if not Path(folder, "amalgam").exists()]
    return os.environ | {"PATH": os.pathsep.join(others)}
