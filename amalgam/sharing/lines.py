"""The flows of an account as a table: a row for each member in each interval."""

from dataclasses import fields

import numpy as np
import polars as pl

from amalgam.readings.model import Quality
from amalgam.sharing.account import Account, Flows


def lines(account: Account) -> pl.DataFrame:
    """Start (UTC), member, flows in Wh like `shared_in_wh`, and the worse quality of the two readings."""
    readings = account.readings
    count = len(readings.members)
    starts = pl.Series("start", readings.starts * 1000).cast(pl.Datetime("ms", "UTC"))
    members = pl.Series(readings.members, dtype=pl.Enum(readings.members))
    names = [each.name.lower() for each in Quality]
    qualities = pl.Series(names, dtype=pl.Enum(names))
    columns = {
        "start": starts.gather(np.repeat(np.arange(len(starts)), count)),
        "member": members.gather(np.tile(np.arange(count), len(starts))),
        **{f"{each.name}_wh": getattr(account.flows, each.name).reshape(-1) for each in fields(Flows)},
        "quality": qualities.gather(readings.quality.reshape(-1)),
    }
    return pl.DataFrame(columns)
