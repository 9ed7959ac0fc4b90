"""Files of readings, each by the reader of its format."""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from amalgam.csv_rows import ReadingsError
from amalgam.readings.formats import columns, eda, enedis, espi, inverters, mscons, registers
from amalgam.readings.formats.mapping import load_mapping
from amalgam.readings.formats.protocol import Asked, Reader
from amalgam.readings.model import Part
from amalgam.readings.source import Source

READERS: tuple[Reader, ...] = (
    espi.read_espi,
    mscons.read_mscons,
    registers.read_dsmr,
    enedis.read_json,
    inverters.read_solaredge_json,
    enedis.read_csv,
    eda.read_eda,
    columns.read_octopus,
    registers.read_home_assistant,
    inverters.read_fronius,
    inverters.read_solaredge,
    columns.read_long,
    columns.read_wide,  # the least particular one
)
NAMES = (
    "our own CSV (timestamp, member, generated_Wh, consumed_Wh), Green Button XML, Enedis CSV and JSON, "
    "Octopus CSV, EDA XLSX, MSCONS, DSMR P1, Home Assistant history, Fronius Solar.web, SolarEdge, and a "
    "column a member"
)


def read_files(
    paths: Iterable[Path],
    *,
    mappings: Iterable[Path] = (),
    zone: str | None = None,
    told: Callable[[], object] = lambda: None,
) -> list[Part]:
    """The readings of files, whose formats are told by their content.

    Args:
        paths: The files.
        mappings: What explains CSV files that no reader knows: files that have a mapping's columns are read
            by it.
        zone: Of times without an offset, unless the file has one of its own.
        told: Called as each file is begun.

    Raises:
        ReadingsError: A file cannot be read. The message names the place and the remedy.
    """
    readers = [*map(load_mapping, mappings), *READERS]
    asked = Asked(zone)
    parts = list[Part]()
    for path in paths:
        told()
        parts += _read(Source(path), readers, asked)
    return parts


def _read(source: Source, readers: Sequence[Reader], asked: Asked) -> Sequence[Part]:
    if not source.head.strip():
        raise ReadingsError(f"{source.name}:1:1: empty file; give one with readings", 1)
    for reader in readers:
        parts = reader(source, asked)
        if parts is not None:
            return parts
    raise ReadingsError(
        f"{source.name}: of no format that is known; give {NAMES}, or explain it by a mapping"
    )
