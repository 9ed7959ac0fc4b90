"""Write a file of readings in each format that `amalgam` reads, in the shape in which it arrives.

    python examples/make_readings.py FOLDER

Two houses over three days around the last Sunday of October 2026, when clocks go back and a day has 25 hours:
`village` draws and `sun` also injects. Nothing is measured: amounts come from a formula, which `consumed_wh`
and `produced_wh` have, in whole Wh a quarter-hour. Each format has what is usual in it and makes reading
hard:

    readings.csv               our own: a row a house and quarter-hour
    readings-excel.csv         the same from a spreadsheet: UTF-16, semicolons, decimal commas, blank lines
    wide.csv, wide.xlsx        a column a house, times of the wall clock, hours that are there twice
    green-button.xml           ESPI: usage points, Unix seconds, Wh by a power of ten, one value estimated
    enedis.csv                 mean W of half-hours, at their end; rows above the values
    enedis.json                the same as Data Connect answers, with one corrected value
    octopus.csv                kWh with 6 decimals of half-hours, newest first, without those of zero
    eda.xlsx                   a column a meter and code, qualities beside it, sums above, a meter that is
    late mscons.edi                 kWh, substituted and unusable values, reactive energy between p1.txt
    telegrams of a meter with two tariffs, each with its CRC home-assistant.csv         states of a sensor
    that only rises, and is unavailable for an hour fronius.csv, fronius.xlsx  Solar.web's, with a row of
    units solaredge.csv              mean W, times with the month first solaredge.json             Wh as the
    API answers, with null at night other.csv, other.toml      a format of nobody else, and the mapping that
    explains it
"""

import json
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from zoneinfo import ZoneInfo

import xlsxwriter

QUARTER, HALF = timedelta(minutes=15), timedelta(minutes=30)
VIENNA, PARIS, LONDON = ZoneInfo("Europe/Vienna"), ZoneInfo("Europe/Paris"), ZoneInfo("Europe/London")
FIRST, LAST = (
    datetime(2026, 10, 23, 22, tzinfo=UTC),
    datetime(2026, 10, 26, 23, tzinfo=UTC),
)  # midnights, in Vienna
HOUSES = ("village", "sun")
METERS = {
    "village": "AT0030000000000000000000000351391",
    "sun": "AT0030000000000000000000000379812",
    "sun feed-in": "AT0030000000000000000000030043080",
}


def consumed_wh(house: str, start: datetime) -> int:
    """What a house draws in the quarter-hour that starts then."""
    number = int(start.timestamp()) // 900
    return 20 + (number * 37 + len(house) * 11) % 190


def produced_wh(house: str, start: datetime) -> int:
    """What a house injects in it: `sun` by day."""
    number = int(start.timestamp()) // 900
    is_day = house == "sun" and 7 <= start.hour < 16
    return (number * 53) % 900 if is_day else 0


def quarters(step: timedelta = QUARTER) -> Iterator[datetime]:
    """The starts of all intervals, in UTC."""
    start = FIRST
    while start < LAST:
        yield start
        start += step


def half_hour(of: Callable[[str, datetime], int], house: str, start: datetime) -> int:
    """The Wh of a half-hour."""
    return of(house, start) + of(house, start + QUARTER)


def kwh(wh: int, places: int = 3) -> str:
    """An energy with so many decimals."""
    return f"{Decimal(wh).scaleb(-3):.{places}f}"


# Our own, and spreadsheets


def readings_csv() -> bytes:
    """A row a house and quarter-hour."""
    rows = [
        f"{start.astimezone(VIENNA).isoformat()},{house},"
        f"{produced_wh(house, start)},{consumed_wh(house, start)}\n"
        for start in quarters()
        for house in HOUSES
    ]
    return ("timestamp,member,generated_Wh,consumed_Wh\n" + "".join(rows)).encode()


def readings_excel_csv() -> bytes:
    """The same as a spreadsheet saves it as `Unicode text`, with a column more."""
    rows = [
        f"{start.astimezone(VIENNA).isoformat()};{house};{kwh(produced_wh(house, start)).replace('.', ',')};"
        f"{kwh(consumed_wh(house, start)).replace('.', ',')};\r\n"
        for start in quarters()
        for house in HOUSES
    ]
    return ("TIMESTAMP;Member;Generated_kWh;Consumed_kWh;Remark\r\n" + "".join(rows) + "\r\n;;;;\r\n").encode(
        "utf-16"
    )


def wide_csv() -> bytes:
    """A column a house; of the hour that is there twice, the rows come one after the other."""
    titles = "Datum;village Verbrauch [kWh];sun Verbrauch [kWh];sun Einspeisung [kWh]\n"
    rows = [
        f"{start.astimezone(VIENNA):%d.%m.%Y %H:%M};"
        + ";".join(kwh(wh).replace(".", ",") for wh in _wide_row(start))
        + "\n"
        for start in quarters()
    ]
    return ("\ufeff" + titles + "".join(rows)).encode()


def _wide_row(start: datetime) -> tuple[int, int, int]:
    return consumed_wh("village", start), consumed_wh("sun", start), produced_wh("sun", start)


def wide_xlsx() -> bytes:
    """The same as a workbook, below a line of text."""
    titles = ["Zeitpunkt", "village consumed_Wh", "sun consumed_Wh", "sun generated_Wh"]
    rows = [[start.astimezone(VIENNA).replace(tzinfo=None), *_wide_row(start)] for start in quarters()]
    return _workbook({"Tabelle1": [["Sonnental, Oktober"], titles, *rows]})


def _workbook(sheets: dict[str, list[list[object]]]) -> bytes:
    file = BytesIO()
    options = {"in_memory": True, "default_date_format": "dd.mm.yyyy hh:mm"}
    with xlsxwriter.Workbook(file, options) as book:
        book.set_properties({"created": datetime(2026, 11, 1)})  # the same bytes each time
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for number, row in enumerate(rows):
                sheet.write_row(number, 0, row)
    return file.getvalue()


# Green Button


def green_button_xml() -> bytes:
    """An Atom feed: usage points, reading types, and a block of intervals a day."""
    entries = [
        "<entry><link rel='self' href='/LocalTimeParameters/1'/><content><LocalTimeParameters xmlns="
        "'http://naesb.org/espi'><dstEndRule>B40E2000</dstEndRule><dstOffset>3600</dstOffset>"
        "<dstStartRule>360E2000</dstStartRule><tzOffset>3600</tzOffset></LocalTimeParameters></content></entry>"
    ]
    for number, (house, flow, of) in enumerate(
        (("village", 1, consumed_wh), ("sun", 1, consumed_wh), ("sun", 19, produced_wh)), 1
    ):
        entries += _usage_point(number, house, flow, of)
    head = "<?xml version='1.0' encoding='UTF-8'?>\n<feed xmlns='http://www.w3.org/2005/Atom'>\n"
    return (head + "<title>Green Button</title>\n" + "\n".join(entries) + "\n</feed>\n").encode()


def _usage_point(number: int, house: str, flow: int, of: Callable[[str, datetime], int]) -> list[str]:
    point, meter = f"/UsagePoint/{number}", f"/UsagePoint/{number}/MeterReading/1"
    espi = "xmlns='http://naesb.org/espi'"
    readings = "".join(
        f"<IntervalReading><timePeriod><duration>900</duration><start>{int(start.timestamp())}</start></timePeriod>"
        + f"<value>{of(house, start) * 10}</value>"
        + "<ReadingQuality><quality>8</quality></ReadingQuality>" * (house == "village" and start == FIRST)
        + "</IntervalReading>\n"
        for start in quarters()
    )
    return [
        f"<entry><link rel='self' href='{point}'/><link rel='related' href='{point}/MeterReading'/>"
        f"<title>{house}</title><content><UsagePoint {espi}><ServiceCategory><kind>0</kind></ServiceCategory>"
        "</UsagePoint></content></entry>",
        f"<entry><link rel='self' href='{meter}'/><link rel='up' href='{point}/MeterReading'/>"
        f"<link rel='related' href='{meter}/IntervalBlock'/>"
        f"<link rel='related' href='/ReadingType/{number}'/>"
        f"<content><MeterReading {espi}/></content></entry>",
        f"<entry><link rel='self' href='/ReadingType/{number}'/><content><ReadingType {espi}>"
        f"<accumulationBehaviour>4</accumulationBehaviour><commodity>1</commodity><flowDirection>{flow}"
        "</flowDirection><intervalLength>900</intervalLength><powerOfTenMultiplier>-1</powerOfTenMultiplier>"
        "<uom>72</uom></ReadingType></content></entry>",
        f"<entry><link rel='self' href='{meter}/IntervalBlock/1'/>"
        f"<link rel='up' href='{meter}/IntervalBlock'/>"
        f"<content><IntervalBlock {espi}><interval><duration>{int((LAST - FIRST).total_seconds())}</duration>"
        f"<start>{int(FIRST.timestamp())}</start></interval>\n{readings}</IntervalBlock></content></entry>",
    ]


# France and Britain


def enedis_csv() -> bytes:
    """A load curve by mail."""
    head = (
        "Identifiant PRM;Type de donnees;Date de debut;Date de fin;Grandeur physique;Grandeur metier;"
        "Etape metier;Unite;Pas en minutes\n"
        "12345678901234;Courbe de charge;24/10/2026;27/10/2026;Energie active;Consommation;"
        "Comptage Brut;W;30\n\nHorodate;Valeur\n"
    )
    rows = [
        f"{(start + HALF).astimezone(PARIS).isoformat()};{half_hour(consumed_wh, 'village', start) * 2}\n"
        for start in quarters(HALF)
    ]
    return ("\ufeff" + head + "".join(rows)).encode()


def enedis_json() -> bytes:
    """The same from Data Connect: of the hour that is there twice, the values come one after the other."""
    readings = [
        {
            "value": str(half_hour(consumed_wh, "village", start) * 2),
            "date": f"{(start + HALF).astimezone(PARIS):%Y-%m-%d %H:%M:%S}",
            "interval_length": "PT30M",
            "measure_type": "C" if start == FIRST else "B",
        }
        for start in quarters(HALF)
    ]
    about = {"measurement_kind": "power", "unit": "W", "aggregate": "average"}
    answer = {
        "usage_point_id": "12345678901234",
        "start": "2026-10-24",
        "end": "2026-10-27",
        "quality": "BRUT",
        "reading_type": about,
        "interval_reading": readings,
    }
    return json.dumps({"meter_reading": answer}, indent=1).encode()


def octopus_csv() -> bytes:
    """A download, newest first: of `sun`'s injection, of which nights have no rows."""
    rows = [
        f"{kwh(wh, 6)}, {start.astimezone(LONDON).isoformat()}, "
        f"{(start + HALF).astimezone(LONDON).isoformat()}\n"
        for start in reversed(list(quarters(HALF)))
        if (wh := half_hour(produced_wh, "sun", start))
    ]
    return (" Consumption (kwh), Start, End\n" + "".join(rows)).encode()


# Austria and Germany


def eda_xlsx() -> bytes:
    """What the market's portal exports: `sun` is late by a day, and `village` has a substituted value."""
    codes = {
        "village": ("Gesamtverbrauch lt. Messung (bei Teilnahme gem. Erzeugung) [KWH]", "CONSUMPTION"),
        "sun": ("Gesamtverbrauch lt. Messung (bei Teilnahme gem. Erzeugung) [KWH]", "CONSUMPTION"),
        "sun feed-in": ("Gesamte gemeinschaftliche Erzeugung [KWH]", "GENERATION"),
    }
    others = ("Anteil gemeinschaftliche Erzeugung [KWH]", "Eigendeckung gemeinschaftliche Erzeugung [KWH]")
    head: dict[str, list[object]] = {
        "MeteringpointID": [],
        "Name": [],
        "Energy direction": [],
        "Period start": [],
        "Period end": [],
        "Metering Interval": [],
        "Metercode": [],
        "Spaltensumme / minimale Qualität": [],
    }
    for name, (code, direction) in codes.items():
        for each in (code, *(others if direction == "CONSUMPTION" else ())):
            cells = (
                METERS[name],
                name,
                direction,
                "24.10.2026",
                "27.10.2026",
                "QH (viertelstündlich)",
                each,
                1.0,
            )
            for row, cell in zip(head.values(), cells, strict=True):
                row += [cell, "L1" if row is head["Spaltensumme / minimale Qualität"] else ""]
    rows: list[list[object]] = [["Die Informationen in den Reports werden ... generiert."]]
    rows += [[title, *cells] for title, cells in head.items()]
    for start in quarters():
        is_late = start < FIRST + timedelta(days=1)
        sun: list[object] = ["", ""] if is_late else [consumed_wh("sun", start) / 1000, "L1"]
        injected = produced_wh("sun", start) / 1000
        quality = "L2" if start == FIRST else "L1"
        village = [consumed_wh("village", start) / 1000, quality, 0.000727, quality, 0.000727, quality]
        wall = start.astimezone(VIENNA).replace(tzinfo=None)
        rows.append([wall, *village, *sun, "", "", "", "", injected, "L1"])
    return _workbook({"Übersicht": [["Gesamtdaten der Energiegemeinschaft"]], "Energiedaten": rows})


def mscons_edi() -> bytes:
    """A load profile of `village`: the first value is substituted, the last one cannot be used."""
    quantities: list[str] = []
    for number, start in enumerate(quarters()):
        qualifier = "67" if start == FIRST else "20" if start + QUARTER == LAST else "220"
        quantities += [
            f"QTY+{qualifier}:{kwh(consumed_wh('village', start))}",
            f"DTM+163:{start:%Y%m%d%H%M}?+00:303",
            f"DTM+164:{start + QUARTER:%Y%m%d%H%M}?+00:303",
        ]
        if number == 0:
            quantities.append("STS+Z33++Z84")
    message = [
        "UNH+1+MSCONS:D:04B:UN:2.4c",
        "BGM+7+MSI1+9",
        f"DTM+137:{LAST:%Y%m%d%H%M}?+00:303",
        "NAD+MS+9900000000003::293",
        "CTA+IC+:Stadtwerke Muster ?+ Co?'s",
        "NAD+MR+9900000000010::293",
        "UNS+D",
        "NAD+DP",
        "LOC+172+DE0001234567890000000000000000001",
        f"DTM+163:{FIRST:%Y%m%d%H%M}?+00:303",
        f"DTM+164:{LAST:%Y%m%d%H%M}?+00:303",
        "LIN+1",
        "PIA+5+1-1?:3.29.0:SRW",
        f"QTY+220:0.040:KVR'DTM+163:{FIRST:%Y%m%d%H%M}?+00:303'DTM+164:{FIRST + QUARTER:%Y%m%d%H%M}?+00:303",
        "LIN+2",
        "PIA+5+1-1?:1.29.0:SRW",
        *quantities,
    ]
    count = sum(segment.count("'") - segment.count("?'") + 1 for segment in message) + 1
    segments = [
        "UNB+UNOC:3+9900000000003:500+9900000000010:500+261102:0605+R1++TL",
        *message,
        f"UNT+{count}+1",
        "UNZ+1+R1",
    ]
    return ("UNA:+.? '" + "".join(f"{segment}'\n" for segment in segments)).encode()


# Meters at home


def p1_txt() -> bytes:
    """A telegram each quarter-hour of a Dutch meter: tariff 1 at night, 2 by day, and what is injected."""
    registers = {"1.8.1": 1_234_567, "1.8.2": 2_345_678, "2.8.1": 0, "2.8.2": 345_678}
    telegrams: list[bytes] = []
    for start in (*quarters(), LAST):
        local = start.astimezone(ZoneInfo("Europe/Amsterdam"))
        season = "S" if local.utcoffset() == timedelta(hours=2) else "W"
        lines = [
            "/ISK5\\2M550T-1012",
            "",
            "1-3:0.2.8(50)",
            f"0-0:1.0.0({local:%y%m%d%H%M%S}{season})",
            "0-0:96.1.1(4530303434303037313331353530363138)",
            *(f"1-0:{name}({Decimal(wh).scaleb(-3):010.3f}*kWh)" for name, wh in registers.items()),
            "0-0:96.14.0(0002)",
            "1-0:1.7.0(00.193*kW)",
            "!",
        ]
        data = "\r\n".join(lines).encode()
        telegrams.append(data + f"{crc16(data):04X}\r\n".encode())
        tariff = 2 if 7 <= local.hour < 23 else 1
        registers[f"1.8.{tariff}"] += consumed_wh("sun", start)
        registers[f"2.8.{tariff}"] += produced_wh("sun", start)
    return b"".join(telegrams)


def crc16(data: bytes) -> int:
    """CRC-16/ARC, as DSMR 5.0.2 has it: x^16 + x^15 + x^2 + 1, the least bit first."""
    crc = 0
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ 0xA001 * (crc & 1)
    return crc


def home_assistant_csv() -> bytes:
    """States of an energy sensor each 5 minutes, if it has risen; unavailable from 12:00 UTC to 13:00."""
    entity = "sensor.village_energy_consumption"
    rows = ["entity_id,state,last_changed\n"]
    register = 4_000_000
    for start in (*quarters(), LAST):
        share = consumed_wh("village", start)
        for part in range(3 if start < LAST else 1):
            time = start + part * timedelta(minutes=5)
            shown = Decimal(register + share * part // 3).scaleb(-3)
            is_away = start.date() == FIRST.date() + timedelta(days=1) and start.hour == 12
            if is_away and not part and start.minute == 0:
                rows.append(f"{entity},unavailable,{time:%Y-%m-%dT%H:%M:%S}.001Z\n")
            if not is_away or (part == 0 and start.minute == 0):
                rows.insert(len(rows) - is_away, f"{entity},{shown},{time:%Y-%m-%dT%H:%M:%S}.000Z\n")
        register += share
    return "".join(rows).encode()


# Inverters


def _fronius_rows() -> list[list[object]]:
    titles: list[object] = ["Datum und Uhrzeit", "Energie | Symo 12.5-3-M (2)", "PV Produktion", "Verbrauch"]
    units: list[object] = ["[dd.MM.yyyy HH:mm]", "[Wh]", "[Wh]", "[Wh]"]
    rows: list[list[object]] = [titles, units]
    for start in quarters():
        produced = produced_wh("sun", start)
        wall = f"{start.astimezone(VIENNA):%d.%m.%Y %H:%M}"
        rows.append([wall, produced, produced, consumed_wh("sun", start)])
    return rows


def fronius_csv() -> bytes:
    """Solar.web's analysis as CSV."""
    return "".join(",".join(map(str, row)) + ",\n" for row in _fronius_rows()).encode()


def fronius_xlsx() -> bytes:
    """The same as a workbook, whose times are texts."""
    return _workbook({"Data": _fronius_rows()})


def solaredge_csv() -> bytes:
    """A chart's data: mean powers, the month first."""
    rows = [
        f"{start.astimezone(VIENNA):%m/%d/%Y %H:%M},"
        f"{produced_wh('sun', start) * 4},{consumed_wh('sun', start) * 4}\n"
        for start in quarters()
    ]
    return ("Time,System Production (W),Consumption (W)\n" + "".join(rows)).encode()


def solaredge_json() -> bytes:
    """Energies from the API; at night there are none."""
    values = [
        {"date": f"{start.astimezone(VIENNA):%Y-%m-%d %H:%M:%S}", "value": float(wh) if wh else None}
        for start in quarters()
        for wh in [produced_wh("sun", start)]
    ]
    energy = {"timeUnit": "QUARTER_OF_AN_HOUR", "unit": "Wh", "measuredBy": "INVERTER", "values": values}
    return json.dumps({"energy": energy}, indent=1).encode()


# A format of nobody else


def other_csv() -> bytes:
    """Of a utility: lines above, the end of intervals, day and clock apart, its own words for qualities."""
    rows = [
        f"{end.astimezone(VIENNA):%d-%m-%Y}|{end.astimezone(VIENNA):%H.%M}|Z-1|"
        f"{kwh(consumed_wh('village', start)).replace('.', ',')}|{'Ersatzwert' if start == FIRST else 'ok'}\n"
        for start in quarters()
        for end in [start + QUARTER]
    ]
    return ("Lastgang Z-1\n\nTag|Bis|Zähler|Bezug in kWh|Güte\n" + "".join(rows)).encode()


def other_toml() -> bytes:
    """The mapping that explains it."""
    return b"""\
time = ["Tag", "Bis"]
time_format = "%d-%m-%Y %H.%M"
time_is = "end"
zone = "Europe/Vienna"
decimal = ","
member = "Z\xc3\xa4hler"
quality = "G\xc3\xbcte"
measured = ["ok"]
substituted = ["Ersatzwert"]

[[value]]
column = "Bezug in kWh"
direction = "consumed"
unit = "kWh"
"""


FILES: dict[str, Callable[[], bytes]] = {
    "readings.csv": readings_csv,
    "readings-excel.csv": readings_excel_csv,
    "wide.csv": wide_csv,
    "wide.xlsx": wide_xlsx,
    "green-button.xml": green_button_xml,
    "enedis.csv": enedis_csv,
    "enedis.json": enedis_json,
    "octopus.csv": octopus_csv,
    "eda.xlsx": eda_xlsx,
    "mscons.edi": mscons_edi,
    "p1.txt": p1_txt,
    "home-assistant.csv": home_assistant_csv,
    "fronius.csv": fronius_csv,
    "fronius.xlsx": fronius_xlsx,
    "solaredge.csv": solaredge_csv,
    "solaredge.json": solaredge_json,
    "other.csv": other_csv,
    "other.toml": other_toml,
}


def write_all(folder: Path) -> None:
    """Write every file into a folder, which is made if it is not there."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, made in FILES.items():
        (folder / name).write_bytes(made())


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python examples/make_readings.py FOLDER")
    write_all(Path(sys.argv[1]))
