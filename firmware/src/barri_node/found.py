# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""The kit "found": its instruments are the parts that are there when the node starts.

They are looked for on the I2C bus; a part on a serial line is there if the settings name it. What
they measure is the schema, which the node announces to its gateway. Until the next start it stays:
a part that is lost meanwhile has "no reading". Only a node's start needs this file.
"""

from micropython import const

from barri_node.drivers.detection import driver_of, find
from barri_node.forget import forget
from barri_wire.quantities import BY_NAME
from barri_wire.schema import Schema, known_schema

_TYPE_CHECKING = const(0)
if _TYPE_CHECKING:
    from collections.abc import Callable

    from barri_node.heard import Air
    from barri_node.ports import Driver, Fitted, Hal, Say
    from barri_node.settings import Parts, Settings

_SECOND_MS = const(1000)
_BAUD = const(9600)
_ON_A_LINE = ("pms5003", "sds011")
# They are wrong, or less right, without what others measure of the same air.
_ASKING = ("sgp41", "scd30", "scd41")
_TOLD = ("temperature", "humidity", "pressure")


class Nobody:
    """Stands in where there is no part at all: a fault whenever it is asked, and no reading."""

    CHANNELS = ("sensor_faults",)
    last_fault = "no part was found"

    def __init__(self) -> None:
        self.faults = 0

    async def start(self) -> None:
        """There is nothing to start."""

    async def measure(self) -> "dict[str, int | None]":
        self.faults += 1
        return {}


async def look(
    settings: "Settings", hal: "Hal", uptime_ms: "Callable[[], int]", say: "Say"
) -> "tuple[Schema | None, list[Fitted]]":
    """Give the schema of what is there, and (driver, period_ms, its channels) of each part.

    Without any part the schema is None: then the node has only its health to tell.
    """
    fitted = _on_lines(settings.parts, hal, uptime_ms, say)
    given = fitted[0][2] if fitted else ()
    i2c, extras = hal.i2c(0), _extras(settings.parts)
    found = await find(i2c, hal.sleep_ms, uptime_ms, say, extras, given)
    air = _air(settings) if any([name in _ASKING for _, _, name, _ in found]) else None
    for factory, period_ms, name, channels in found:
        driver = factory(**_more(name, air, hal, say))
        fitted.append((_heard(driver, air, channels), period_ms, channels))
    forget("barri_node.drivers.detection", "barri_node.parts")
    if not fitted:
        say("no part is found: check 3V3, GND, SDA and SCL of the sensors, then restart")
        return None, [(Nobody(), _SECOND_MS, Nobody.CHANNELS)]
    return schema_of([name for _, _, channels in fitted for name in channels]), fitted


def schema_of(names: "list[str]") -> Schema:
    """The schema of these quantities: the same whatever parts they come from, in any order.

    Its id must not be that of another one that needs no announcement: then the order is turned.
    """
    channels = sorted([(BY_NAME[name].id, 0) for name in names])
    schema = Schema(tuple(channels))
    while known_schema(schema.id) not in (None, schema):
        channels.append(channels.pop(0))
        schema = Schema(tuple(channels))
    return schema


def _on_lines(
    parts: "Parts", hal: "Hal", uptime_ms: "Callable[[], int]", say: "Say"
) -> "list[Fitted]":
    """What the settings name is used, silent or not: its driver says what to check."""
    fitted: "list[Fitted]" = []
    for name in _ON_A_LINE:
        if name in parts:
            options = parts[name]
            say("uart {}: {}, as the settings say".format(options["uart"], name))
            line = hal.uart(options["uart"], _BAUD)
            cycle_ms = 1000 * options.get("cycle_s", 0)
            driver = driver_of(name)(line, hal.sleep_ms, uptime_ms, cycle_ms)
            fitted.append((driver, _SECOND_MS, driver.CHANNELS))
    return fitted


def _extras(parts: "Parts") -> "dict[str, dict[str, object]]":
    """What `find` is told of the parts on the bus."""
    extras = {}
    for name, options in parts.items():
        if name not in _ON_A_LINE:
            extras[name] = dict(options)
            if "inputs" in options:
                extras[name]["inputs"] = bytes(options["inputs"])
    return extras


def _air(settings: "Settings") -> "Air":
    from barri_node.heard import Air

    return Air(settings.unwanted)


def _heard(driver: "Driver", air: "Air | None", channels: "tuple[str, ...]") -> "Driver":
    """Let the others hear of what a part measures, if there is one who asks."""
    if air is None or not any([name in _TOLD for name in channels]):
        return driver
    from barri_node.heard import Heard

    return Heard(driver, air, channels)


def _more(name: str, air: "Air | None", hal: "Hal", say: "Say") -> "dict[str, object]":
    """What a part is told besides, of the air and of what it has learnt before a restart."""
    if air is None or name not in _ASKING:
        return {}
    if name != "sgp41":
        return {"pressure": air.pressure}
    from barri_node.gas_memory import GasMemory

    memory = GasMemory(hal.flash_root(), hal.rtc_ms, say)
    return {"climate": air.climate, "load": memory.load, "save": memory.save}
