"""Writes the changes of offset that the tests of schedules compare with, from the tz database of Python and the system: an independent source for what Node's ICU says.

    python3 scripts/write-zone-transitions.py > packages/queue/src/schedule/zone-transitions.json
"""

import json
from datetime import datetime, timezone
from zoneinfo import ZoneInfo

# Five years of each: with half an hour, two hours, midnight, Ramadan, a lost day.
ZONES = [
    ("America/New_York", 2021),
    ("Europe/Berlin", 2021),
    ("Australia/Lord_Howe", 2021),
    ("America/Santiago", 2021),
    ("America/Sao_Paulo", 2015),
    ("Asia/Kolkata", 2021),
    ("Africa/Casablanca", 2021),
    ("Africa/Cairo", 2021),
    ("Antarctica/Troll", 2021),
    ("Antarctica/Casey", 2009),
    ("Pacific/Chatham", 2021),
    ("Pacific/Apia", 2009),
]


def offset_at(zone, minute):
    return int(datetime.fromtimestamp(minute * 60, zone).utcoffset().total_seconds()) // 60


def transitions(zone, first, last):
    """Pairs of the first minute of an offset, and that offset in minutes."""
    offset = None
    for minute in range(first, last, 15):
        if offset_at(zone, minute) != offset:
            offset = offset_at(zone, minute)
            yield [datetime.fromtimestamp(minute * 60, timezone.utc).strftime("%Y-%m-%dT%H:%MZ"), offset]


def table(name, year):
    first, last = (int(datetime(y, 1, 1, tzinfo=timezone.utc).timestamp()) // 60 for y in (year, year + 5))
    return {"zone": name, "year": year, "offsets": list(transitions(ZoneInfo(name), first, last))}


print(json.dumps([table(name, year) for name, year in ZONES], indent=2))
