# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""A believable house for the page: three Things, a day of minutes, and two streams to a city.

`python house.py FOLDER PORT` makes it and serves the page; its clock stands still.
"""

import math
import random
import sys
from pathlib import Path

import apsw

from barri.adapters.stores import delivery, derived, log, log_notes
from barri.adapters.stores.database import open_reader, open_writer
from barri.adapters.stores.home import Home
from barri.domain.household import Board, Recipient, Thing
from barri.domain.observation import value_text
from barri.rows import Notice
from barri.services.reading import Readings
from barri_wire.quantities import BY_NAME

NOW_S = 1_785_256_957  # Tuesday 28 July 2026, 18:42:37 in Barcelona
HASH = "$7$101$c2FsdA==$aGFzaA=="
CITY = Recipient("city", "sentilo", "Sentilo Barcelona")
THINGS = (
    Thing("balcony", "Balcó de la plaça Verdi", "air", False, 41.40338, 2.15691, 9.5),
    Thing("street", "Façana de la plaça", "noise", False, 41.40301, 2.15702, 4.0),
    Thing("meter", "Comptador de casa", "energy", True),
)
SILENT_S = {"meter": 2400}


def value(quantity: str, start_s: int, chance: random.Random) -> int:
    """A plausible value (integer steps) of a summer's day in Gràcia."""
    hour = (start_s / 3600 + 2) % 24
    warm = math.sin((hour - 9) / 24 * math.tau)
    busy = math.exp(-(((hour - 14) / 6) ** 2)) + 0.5 * math.exp(-(((hour - 21) / 1.5) ** 2))
    physical = {
        "temperature": 27 + 4.5 * warm + chance.gauss(0, 0.08),
        "humidity": 58 - 14 * warm + chance.gauss(0, 0.4),
        "pressure": 1014.2 + 1.4 * math.sin(hour / 24 * math.tau) + chance.gauss(0, 0.05),
        "light": max(0, 42000 * math.sin((hour - 6.6) / 14.6 * math.pi)) if 6.6 < hour < 21 else 0,
        "battery": 93 - hour / 8,
        "pm1": 6 + 5 * busy + chance.gauss(0, 0.8),
        "pm2_5": 9 + 8 * busy + chance.gauss(0, 1.2),
        "pm10": 15 + 13 * busy + chance.gauss(0, 2.2),
        "laeq": 49 + 16 * busy + chance.gauss(0, 1.7),
        "lafmax": 60 + 17 * busy + abs(chance.gauss(0, 4)),
        "lafmin": 43 + 11 * busy + chance.gauss(0, 0.8),
        "la10": 52 + 16 * busy + chance.gauss(0, 1.5),
        "la50": 47 + 15 * busy + chance.gauss(0, 1.2),
        "la90": 44 + 12 * busy + chance.gauss(0, 0.8),
        "lceq": 55 + 14 * busy,
        "sound_range": 0,
        "measured_share": 100,
        "energy_import": 4_512_300 + start_s % 86400 * 0.11,
        "energy_export": 812_450 + max(0, start_s % 86400 - 25_000) * 0.04,
        "power_import": 240 + 900 * (busy > 0.9) + abs(chance.gauss(0, 60)),
        "power_export": max(0, 700 * warm),
        "voltage": 231 + chance.gauss(0, 1.1),
        "reset_cause": 3,
        "link_failures": 1,
        "sensor_faults": 0,
        "heap_free": 41.2,
        "store_fill": 3.4,
        "records_lost": 0,
        "records_void": 0,
        "supply_voltage": 3.71,
        "rssi": -67,
    }[quantity]
    about = BY_NAME[quantity]
    return min(about.high, max(about.low, round(physical * 10**about.decimals)))


KITS = {
    "air": "temperature humidity pressure light pm1 pm2_5 pm10 battery",
    "noise": "la10 laeq lceq la50 la90 lafmin lafmax sound_range measured_share"
    " reset_cause supply_voltage heap_free store_fill records_lost records_void"
    " link_failures rssi sensor_faults",
    "energy": "energy_import energy_export power_import power_export voltage",
}


def make(folder: Path) -> Home:
    """Write home.db and gateway.db into the folder; returns the home, open."""
    home = Home(folder / "home.db")
    home.add_recipient(CITY)
    for place, thing in enumerate(THINGS):
        home.add_thing(thing)
        home.add_board(Board(f"node{place}", thing.id, HASH))
    choose(home, "temperature", "share", 0)
    choose(home, "pm2_5", "coarser", 3600)
    connection = open_writer(folder / "gateway.db")
    with connection:
        log.create(connection)
        derived.create(connection)
        delivery.create(connection)
        for place, thing in enumerate(THINGS):
            fill(connection, thing, place)
        share(connection, home)
    connection.close()
    return home


def choose(home: Home, quantity: str, kind: str, window_s: int) -> None:
    home.choose("balcony", quantity, 0, "city", kind, window_s, NOW_S - 7200, measured_window_s=60)


def fill(connection: apsw.Connection, thing: Thing, place: int) -> None:
    """A day of minutes and hours, and the frame they came in."""
    chance = random.Random(place)
    end_s = (NOW_S - SILENT_S.get(thing.id, 0)) // 60 * 60
    for quantity in KITS[thing.kit].split():
        values = [(s, value(quantity, s, chance)) for s in range(end_s - 86_400, end_s, 60)]
        if quantity == "laeq":  # an hour that never arrived
            values = [(s, v) for s, v in values if not end_s - 36_000 < s < end_s - 32_400]
        for window_s in (60, 3600):
            connection.executemany(
                "INSERT INTO rollup VALUES(?, ?, 0, ?, ?, ?, ?, x'')",
                [
                    (thing.id, quantity, window_s, s, window_s, v)
                    for s, v in values
                    if s % window_s == 0
                ],
            )
    connection.execute(
        "INSERT INTO frame VALUES(NULL, ?, 1, 0, 1, NULL, ?, 0, x'')", (f"node{place}", end_s + 4)
    )


def share(connection: apsw.Connection, home: Home) -> None:
    """What has left since the choices were made; the last minute is still on its way."""
    chance = random.Random(9)
    for identity, choice in enumerate(home.choices(), 1):
        window_s = choice.window_s or 60
        starts = range(choice.at_s // window_s * window_s + window_s, NOW_S - window_s, window_s)
        decimals = BY_NAME[choice.quantity].decimals
        connection.execute(
            "INSERT INTO stream(id, sink, era, thing, quantity, number, window_s, rule, opened_s,"
            " registered, pseudonym, settled, forwarded, decided)"
            " VALUES(?, 'city', ?, ?, ?, 0, ?, 'mean', ?, 1, ?, ?, ?, ?)",
            (
                *(identity, choice.era, *choice.key[:2], choice.window_s, choice.at_s),
                home.pseudonyms()["balcony", "city"],
                *(len(starts) - n for n in (1, 1, 0)),
            ),
        )
        connection.executemany(
            "INSERT INTO decided VALUES(?, ?, ?, ?, ?)",
            [
                (
                    identity,
                    n,
                    s,
                    s + window_s,
                    value_text(value(choice.quantity, s, chance), decimals),
                )
                for n, s in enumerate(starts, 1)
            ],
        )


SAID = "400 Some observations have been rejected: wrong_provider_or_component_name_of_the_city"
NOTICES = (
    ("stopped", "token", {"said": "401 Invalid credential"}, 7200),
    ("busy", "busy", {"until_s": NOW_S + 1500}, 60),
    ("register:pm2_5", "no_type", {"quantity": "pm2_5", "setting": "types.pm2_5"}, 90_000),
    ("parked:0123456789abcdef", "off_there",
     {"thing": "balcony", "quantity": "temperature", "number": 0, "series": "0123456789abcdef"},
     300),
    ("old", "refused", {"said": SAID}, 30),
)  # fmt: skip
SENTENCE = "the token is not accepted: put the right one into the token file and restart"
ALARMS = (  # node, store id, kind, first, and how often
    ("node0", 7, "two_boards_one_identity", NOW_S - 90_000, 41),
    ("node0", 0, "unreadable_frames", NOW_S - 600, 1),
    ("node1", 0, "too_many_rejects", -1, 1204),
    ("node1", 5, "two_boards_or_restored_flash", NOW_S - 2_000_000, 1),
    ("nodex", 3, "two_boards_or_restored_flash", NOW_S - 3600, 2),
)


def trouble(folder: Path) -> None:
    """What a gateway has to tell on a bad day: from sinks, of boards, and in an older file."""
    connection = open_writer(folder / "gateway.db")
    with connection:
        rows = delivery.DeliveryRows(connection)
        for about, code, values, ago_s in NOTICES:
            rows.notice("city", about, Notice(code, values), NOW_S - ago_s)
        old = ("school", "stopped", SENTENCE, NOW_S - 400_000)
        connection.execute("INSERT INTO notice VALUES(?, ?, ?, ?)", old)
        for node, store_id, kind, first_s, times in ALARMS:
            for number in range(times):
                moment_s = first_s if first_s < 0 else first_s + number
                log_notes.raise_alarm(connection, node, store_id, kind, moment_s)
        connection.execute("INSERT INTO void VALUES(NULL, 'node1', 1, 0, 12345, 1, 0)")
    connection.close()


class StillClock:
    """A clock that stands still, so that pictures stay the same."""

    def now_s(self) -> int:
        return NOW_S

    def now_ms(self) -> int:
        return NOW_S * 1000

    def monotonic_s(self) -> float:
        return 0.0

    async def sleep(self, seconds: float) -> None:
        raise NotImplementedError("nothing on the page waits for this clock")

    def synchronised(self) -> bool:
        return True


def serve(folder: Path, port: int, **settings: object) -> None:
    """Make the house if it is not there yet, and serve the page until stopped."""
    from barri.web.config import WebConfig  # noqa: PLC0415  (NiceGUI takes a second to load)
    from barri.web.server import run  # noqa: PLC0415

    home = Home(folder / "home.db") if (folder / "home.db").exists() else make(folder)
    gateway_db = folder / "gateway.db"
    config = WebConfig(gateway_db, folder / "home.db", port=port, simulated=True, **settings)
    run(config, home, Readings(lambda: open_reader(gateway_db)), StillClock())


if __name__ == "__main__":
    serve(Path(sys.argv[1]), int(sys.argv[2]))
