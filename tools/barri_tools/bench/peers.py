# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""What the same records cost in other formats. Each is given its most favourable honest form.

Cayenne LPP and SenML-CBOR are made by their own packages; the kit's own message is text.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal

import cbor2
from cayennelpp import LppFrame  # type: ignore[import-untyped]

from barri_wire import EPOCH_2000_UNIX_S
from barri_wire.quantities import Quantity
from barri_wire.record import Record
from barri_wire.schema import Schema

# SenML labels in CBOR, RFC 8428 section 6.
_BASE_NAME, _BASE_TIME, _NAME, _UNIT, _VALUE, _TIME = -2, -3, 0, 1, 2, 6

# Cayenne LPP: channel and type (2 bytes) and the narrowest type that holds the quantity's range,
# 1 or 2 bytes, also where it is coarser than ours (temperature 0.1, humidity 0.5). What has no
# type of its own goes as analogue input (2 bytes); light beyond 65,535 lx is cut.
_LPP: dict[str, tuple[Callable[[LppFrame, int, float], None], float]] = {
    "temperature": (LppFrame.add_temperature, 3276),
    "humidity": (LppFrame.add_humidity, 127),
    "pressure": (LppFrame.add_barometer, 6553),
    "light": (LppFrame.add_luminosity, 65535),
    "battery": (LppFrame.add_percentage, 255),
    "pm1": (LppFrame.add_concentration, 65535),
    "pm2_5": (LppFrame.add_concentration, 65535),
    "pm10": (LppFrame.add_concentration, 65535),
    "power_import": (LppFrame.add_power, 65535),
    "power_export": (LppFrame.add_power, 65535),
    "voltage": (LppFrame.add_voltage, 655),
    "energy_import": (LppFrame.add_generic, 4294967295),
    "energy_export": (LppFrame.add_generic, 4294967295),
}
_LPP_OTHER = (LppFrame.add_analog_input, 327.0)

# Sensor ids of the kit's platform, as in the fourth header row of a recording.
_KIT_IDS = {
    "battery": 10, "light": 14, "temperature": 55, "humidity": 56, "laeq": 53, "pressure": 58,
    "pm1": 89, "pm2_5": 87, "pm10": 88,
}  # fmt: skip


def cayenne_lpp_bytes(schema: Schema, records: list[Record]) -> int:
    """Bytes of one uplink per record, as Cayenne LPP has no batches and no time of its own."""
    return sum(len(bytes(_lpp_frame(schema, record))) for record in records)


def _lpp_frame(schema: Schema, record: Record) -> LppFrame:
    frame = LppFrame()
    for channel, (quantity, value) in enumerate(_present(schema, record)):
        add, most = _LPP.get(quantity.name, _LPP_OTHER)
        add(frame, channel, min(float(_decimal(quantity, value)), most))
    return frame


def senml_cbor_bytes(schema: Schema, records: list[Record]) -> int:
    """Bytes of one SenML pack for all records: base name and time, integer labels, decimals."""
    pack: list[dict[int, object]] = []
    first_s = records[0].start_s
    for record in records:
        for quantity, value in _present(schema, record):
            entry: dict[int, object] = {
                _NAME: quantity.name, _UNIT: quantity.unit, _VALUE: _number(quantity, value),
            }  # fmt: skip
            if record.start_s != first_s:
                entry[_TIME] = record.start_s - first_s
            if not pack:
                entry |= {_BASE_NAME: "a1b2c3d4", _BASE_TIME: first_s + EPOCH_2000_UNIX_S}
            pack.append(entry)
    return len(cbor2.dumps(pack))


def kit_message_bytes(schema: Schema, records: list[Record]) -> int:
    """Bytes of the kit's own text per record: {t:TIME,id:value,...}; 104 with all ten sensors."""
    return sum(len(_kit_message(schema, record)) for record in records)


def _kit_message(schema: Schema, record: Record) -> str:
    moment = datetime.fromtimestamp(record.start_s + EPOCH_2000_UNIX_S, UTC)
    pairs = [f"t:{moment:%Y-%m-%dT%H:%M:%SZ}"]
    for quantity, value in _present(schema, record):
        pairs.append(f"{_KIT_IDS.get(quantity.name, quantity.id)}:{_kit_text(quantity, value)}")
    return "{" + ",".join(pairs) + "}"


def _kit_text(quantity: Quantity, value: int) -> str:
    if quantity.name == "pressure":
        return f"{_decimal(quantity, value) / 10:.2f}"  # the kit sends kPa
    return str(_decimal(quantity, value))


def _present(schema: Schema, record: Record) -> list[tuple[Quantity, int]]:
    pairs = zip(schema.quantities, record.values, strict=True)
    return [(quantity, value) for quantity, value in pairs if value is not None]


def _decimal(quantity: Quantity, value: int) -> Decimal:
    return Decimal(value).scaleb(-quantity.decimals)


def _number(quantity: Quantity, value: int) -> int | Decimal:
    return value if quantity.decimals == 0 else _decimal(quantity, value)
