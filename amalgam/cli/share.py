"""`amalgam share`: a community shares what its members produce, by its key."""

from __future__ import annotations

import json
from dataclasses import asdict
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from amalgam.cli import output
from amalgam.cli.options import UnusableInput
from amalgam.cli.readings import (
    DuplicatesOption,
    GapsOption,
    MappingOption,
    ZoneOption,
    community_of,
    read,
    what_was_done,
)
from amalgam.readings.policies import Duplicates, Gaps
from amalgam.units import ENERGY, counted, duration

if TYPE_CHECKING:
    from amalgam.readings.model import Readings
    from amalgam.sharing.account import Account
    from amalgam.sharing.figures import Figures
    from amalgam.sharing.settings import Settings

_EXIT_CODES = """Exit codes
  0    all went well
  2    unusable input: options, the community's file, readings, or where the result is to go
  130  interrupted
"""
_SUFFIXES = (".csv", ".parquet", ".json")
CommunityFile = Annotated[
    Path, typer.Argument(metavar="COMMUNITY", help="The community's file, as TOML.", show_default=False)
]
Files = Annotated[
    list[Path] | None,
    typer.Argument(
        metavar="FILE", help="Files of readings. Default: as the community's file says.", show_default=False
    ),
]

app = typer.Typer()


@app.command(epilog=_EXIT_CODES, rich_help_panel="See it run")
def share(
    community: CommunityFile,
    files: Files = None,
    output_: Annotated[
        list[Path] | None,
        typer.Option(
            "--output",
            metavar="PATH",
            help="Write each member's flows in each interval as .csv or .parquet, or the result as .json. "
            "May be repeated.",
            show_default=False,
        ),
    ] = None,
    gaps: GapsOption = None,
    duplicates: DuplicatesOption = None,
    zone: ZoneOption = None,
    mapping: MappingOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON, amounts in Wh.")] = False,
) -> None:
    """Share what a community's members produce among those who are in need.

    In each interval members first use what they produce themselves. What
    is left of it is shared by the community's key: static, dynamic, hybrid,
    equal, priority or full. Then the community's battery takes surplus
    and gives it back to whom it is from, and the grid does the rest.
    Everything is counted in whole Wh, and adds up in each interval.

    COMMUNITY names the key, the members and their meters, prices and more:
    see docs/sharing.md. Options of the command line come before it.

    Examples
      amalgam share sonnental.toml
      amalgam share sonnental.toml meters/*.csv --output flows.parquet
      amalgam share sonnental.toml --gaps zero --json | jq .all
    """
    from amalgam.sharing.account import account
    from amalgam.sharing.settings import SettingsError, load_settings

    for path in output_ or ():
        _check_output(path)
    try:
        settings = load_settings(community)
    except SettingsError as error:
        raise UnusableInput(str(error)) from None
    gaps, duplicates = gaps or settings.gaps, duplicates or settings.duplicates
    readings = readings_of(community, settings, files, gaps, duplicates, zone, mapping)
    try:
        found = account(readings, settings.key, factors_bps=settings.factors_bps, battery=settings.battery)
    except ValueError as error:
        raise UnusableInput(f"{community}: {error}") from None
    result = _result(settings, found, gaps, duplicates)
    for path in output_ or ():
        _write(path, found, result)
    if as_json:
        typer.echo(json.dumps(result, indent=2))
    else:
        _show(settings, found)
        for path in output_ or ():
            typer.echo(f"Written to {path}")


def readings_of(
    community: Path,
    settings: Settings,
    files: list[Path] | None,
    gaps: Gaps,
    duplicates: Duplicates,
    zone: str | None,
    mapping: list[Path] | None,
) -> Readings:
    """A community's readings of energy, of files on the command line or in its file. Raises UnusableInput."""
    zone = zone or settings.zone
    parts = read(files_of(community, settings, files), [*(mapping or ()), *settings.mappings], zone)
    readings = community_of(parts, gaps, duplicates, zone, settings.assign)
    if readings.measure is not ENERGY:
        raise UnusableInput(f"{parts[0].name}: it is of {readings.measure.noun}; only energy is shared")
    return readings


def files_of(community: Path, settings: Settings, files: list[Path] | None) -> list[Path]:
    """Those given, or else those that the community's file names. Raises UnusableInput."""
    if files:
        return files
    if not settings.readings:
        raise UnusableInput(f"{community}: no readings; name files in it, or on the command line")
    found = list[Path]()
    for pattern in settings.readings:
        is_pattern = any(mark in pattern for mark in "*?[")
        matching = sorted(community.parent.glob(pattern)) if is_pattern else [community.parent / pattern]
        if not matching:
            raise UnusableInput(f"{community}: readings {pattern!r} are no file; correct it")
        found += matching
    return found


def _check_output(path: Path) -> None:
    """Refuse now what could not be written at the end."""
    if path.suffix.lower() not in _SUFFIXES:
        raise UnusableInput(f"{path}: not one of {', '.join(_SUFFIXES)} by its name; let it end in one")
    if not path.parent.is_dir():
        raise UnusableInput(f"{path}: there is no folder {path.parent}; create it or choose another")


def _write(path: Path, found: Account, result: dict[str, Any]) -> None:
    """Write the whole file, or nothing."""
    from amalgam.sharing.lines import lines

    part = path.with_name(f"{path.name}.part")
    try:
        if path.suffix.lower() == ".json":
            part.write_text(json.dumps(result, indent=2) + "\n", "utf-8")
        elif path.suffix.lower() == ".csv":
            lines(found).write_csv(part, datetime_format="%Y-%m-%dT%H:%M:%SZ")
        else:
            lines(found).write_parquet(part)
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise UnusableInput(f"{path}: {error.strerror or error}; choose another path with --output") from None


# For programs


def _result(settings: Settings, found: Account, gaps: Gaps, duplicates: Duplicates) -> dict[str, Any]:
    from amalgam.sharing.figures import of_community, of_members

    readings = found.readings
    told = settings.prices, settings.co2_g_kwh
    members = of_members(found, *told)
    return {
        "name": settings.name,
        "key": type(settings.key).__name__.lower(),
        "start": readings.start(0).isoformat(),
        "intervals": len(readings.starts),
        "interval_s": int(readings.interval.total_seconds()),
        "gaps": gaps.value,
        "duplicates": duplicates.value,
        "members": [
            _plain(figures) | {"counts": asdict(counts)}
            for figures, counts in zip(members, readings.counts, strict=True)
        ],
        "all": _plain(of_community(found, *told)),
    }


def _plain(figures: Figures) -> dict[str, Any]:
    """What is not whole is rounded to six decimals."""
    return {
        f"{name}_wh" if isinstance(value, int) else name: (
            float(round(value, 6)) if isinstance(value, Fraction) else value
        )
        for name, value in asdict(figures).items()
    }


# For people


def _show(settings: Settings, found: Account) -> None:
    from amalgam.sharing.figures import of_community, of_members

    told = settings.prices, settings.co2_g_kwh
    members, community = list(of_members(found, *told)), of_community(found, *told)
    titles = ["Member", "Produced", "Consumed", "Own\nuse", "Shared\nout", "Shared\nin"]
    titles += ["Charged", "Dis-\ncharged"] * (settings.battery is not None)
    titles += ["Sold", "Bought", "Self-\nsupply"]
    titles += ["Saved"] * (settings.prices is not None)
    rows = [_row(settings, figures) for figures in members]
    table = output.columns(titles, rows, numbers=titles[1:], footer=_row(settings, community))
    output.show("", output.title(f"{settings.name}: members, in kWh"), table, "")
    output.show(output.facts(_facts(settings, found, community)), "")


def _row(settings: Settings, figures: Figures) -> list[str]:
    amounts = [figures.produced, figures.consumed, figures.own_use, figures.shared_out, figures.shared_in]
    if settings.battery is not None:
        amounts += [figures.charged, figures.discharged]
    amounts += [figures.sold, figures.bought]
    row = [figures.name, *(ENERGY.number(each, 1) for each in amounts), _percent(figures.self_sufficiency)]
    if figures.savings is not None:
        row.append(_rounded(figures.savings, 2))
    return row


def _percent(part: Fraction | None) -> str:
    return "" if part is None else f"{_rounded(part * 100, 1)} %"


def _rounded(value: Fraction, places: int) -> str:
    return f"{Decimal(round(value * 10**places)).scaleb(-places):,.{places}f}"


def _facts(settings: Settings, found: Account, community: Figures) -> list[tuple[str, str]]:
    readings = found.readings
    length, start = duration(int(readings.interval.total_seconds())), f"{readings.start(0):%Y-%m-%d %H:%M}"
    intervals = f"{counted(len(readings.starts), 'interval')} of {length} from {start} on"
    values = what_was_done(readings.counts)
    lines = [
        ("Key", f"{type(settings.key).__name__.lower()}, in {intervals}"),
        ("Values", values or "all measured"),
        ("Self-consumption", f"{_percent(community.self_consumption)} of what is produced is not sold"),
        ("Self-sufficiency", f"{_percent(community.self_sufficiency)} of what is consumed is not bought"),
        (
            "Peak",
            f"{_rounded(community.peak_w / 1000, 2)} kW bought; "
            f"{_rounded(community.baseline_peak_w / 1000, 2)} kW with the grid alone",
        ),
    ]
    if settings.battery is not None:
        lines.append(("Battery", f"{ENERGY.text(community.balance)} in it in the end"))
    if community.savings is not None:
        lines.append(("Saved", f"{_rounded(community.savings, 2)} against the grid alone"))
    if community.co2_g is not None:
        lines.append(("CO2", f"{_rounded(community.co2_g / 1000, 1)} kg avoided"))
    adds_up = f"shared in {ENERGY.text(community.shared_in)} = shared out {ENERGY.text(community.shared_out)}"
    return [*lines, ("Audit", adds_up)]
