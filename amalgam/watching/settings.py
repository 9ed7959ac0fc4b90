"""What a file says of alarms: their limits, and the names of what they are about.

[limits]
low = "10%"                        # of the capacity; "0%" for never
full = "95%"
hysteresis = "2%"                  # beyond the limit, until the alarm ends
silent = "1h"                      # without a meter's report
ahead = "1h"                       # before something expires

[names]                            # by the address of an account, an owner or a device
"2hLdmxESnJqMWB7GM6Z5rERUZNJeNCdTAGdou4ySQJ7v" = "School"
"""

from pathlib import Path
from typing import Any

from solders.pubkey import Pubkey

from amalgam import AmalgamError
from amalgam.readings.toml_keys import check_keys, load, parsed, table
from amalgam.units import duration_s, fee_bps, ratio_bps
from amalgam.watching.alarms import Limits

_LIMITS = {"low", "full", "hysteresis", "silent", "ahead"}
_LONGEST_NAME = 60  # characters


class AlarmSettingsError(AmalgamError, ValueError):
    """A file of alarms cannot be used. The message says what has to be corrected, and where."""


def load_limits(path: Path) -> Limits:
    """Read the limits and the names of a file. Raises AlarmSettingsError."""
    return load(path, _whole, AlarmSettingsError)


def _whole(content: dict[str, Any]) -> Limits:
    check_keys(content, {"limits", "names"}, set())
    return limits_of(content)


def limits_of(content: dict[str, Any]) -> Limits:
    """The limits and the names in a file. Raises ValueError."""
    told = table(content, "limits") if "limits" in content else {}
    check_keys(told, _LIMITS, set())
    known = Limits()

    def value(key: str, parse: Any, otherwise: int) -> int:
        return parsed(told, key, parse) if key in told else otherwise

    found = Limits(
        low_bps=value("low", fee_bps, known.low_bps),
        full_bps=value("full", ratio_bps, known.full_bps),
        hysteresis_bps=value("hysteresis", fee_bps, known.hysteresis_bps),
        silent_s=value("silent", duration_s, known.silent_s),
        ahead_s=value("ahead", duration_s, known.ahead_s),
        names=_names(content),
    )
    if found.low_bps + found.hysteresis_bps >= found.full_bps - found.hysteresis_bps:
        raise ValueError("low and full overlap within their hysteresis; set them further apart")
    return found


def _names(content: dict[str, Any]) -> dict[Pubkey, str]:
    names: dict[Pubkey, str] = {}
    for address, name in (table(content, "names") if "names" in content else {}).items():
        try:
            key = Pubkey.from_string(address)
        except ValueError:
            raise ValueError(f"names.{address} is no address; write it as amalgam shows it") from None
        if not isinstance(name, str) or not 0 < len(name) <= _LONGEST_NAME or not name.isprintable():
            raise ValueError(
                f"names.{address} = {name!r} is no name; write 1 to {_LONGEST_NAME} characters in quotes"
            )
        names[key] = name
    return names
