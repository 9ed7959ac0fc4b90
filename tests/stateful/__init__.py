"""Many steps in a row. How many is chosen by the environment variable STATEFUL.

    quick   some seconds, the default
    ci      200,000 random steps, and four minutes in each small world
    long    2,000,000 random steps, and the same

`STATEFUL=ci pytest -n 2 tests/stateful`: pytest-xdist spreads the seeds over the cores, one test each.
"""

import os

PROFILE = os.environ.get("STATEFUL", "quick")
