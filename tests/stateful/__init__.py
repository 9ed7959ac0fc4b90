"""Many steps in a row. How many is chosen by the environment variable STATEFUL.

    quick   some seconds, the default
    ci      200,000 random steps with batteries, 50,000 with each other program; two minutes a small world
    long    ten times as many random steps; ten minutes a small world

`STATEFUL=ci pytest -n 2 tests/stateful`: pytest-xdist spreads the seeds over the cores, one test each.
"""

import os

PROFILE = os.environ.get("STATEFUL", "quick")
