# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Two Alphasense cells with four electrodes each, NO2 and OX (ozone), on one ADS1115.

The electrodes' voltages go on as they are: what gas they mean depends on each cell's calibration
sheet, on temperature and on the other cell, which is the gateway's to compute. A new cell, or one
that was without power, needs hours to settle. Imports no hardware.
"""

from micropython import const

from barri_node.drivers.ads1115 import Ads1115
from barri_node.drivers.checks import Checks
from barri_node.errors import SensorError

_TYPE_CHECKING = const(0)
if _TYPE_CHECKING:
    from barri_node.ports import I2c, Readings, SleepMs

_PATIENCE = const(360)  # an hour; a cell's own noise is many steps of the converter

# The input (AIN0 to AIN3) of each of CHANNELS: two Individual Sensor Boards, NO2 first, each with
# its OP1 (working) before its OP2 (auxiliary).
TWO_BOARDS = b"\x00\x01\x02\x03"


class Alphasense:
    """The driver. inputs: which AIN each of CHANNELS is wired to, a byte each."""

    CHANNELS = ("no2_working", "no2_auxiliary", "o3_working", "o3_auxiliary")

    def __init__(
        self,
        i2c: "I2c",
        sleep_ms: "SleepMs",
        address: int = 0x48,
        inputs: bytes = TWO_BOARDS,
    ) -> None:
        self._adc = Ads1115(i2c, sleep_ms, address)
        self._address = address
        self._inputs = inputs
        self._checks = Checks("alphasense", self.CHANNELS, (_PATIENCE,) * 4)
        self._raw = [0] * len(self.CHANNELS)
        self.faults = 0
        self.last_fault: "str | None" = None

    async def start(self) -> None:
        """Check that an ADS1115 answers. Raises SensorError; cells cannot be seen from here."""
        if sorted(self._inputs) != [0, 1, 2, 3]:
            raise SensorError("alphasense: inputs must name each of 0, 1, 2, 3 once")
        try:
            self._adc.check()
        except OSError as error:
            raise SensorError(
                "ads1115: no answer at 0x{:02x}; check power, SDA, SCL and ADDR ({})".format(
                    self._address, error
                )
            ) from error

    async def measure(self) -> "Readings":
        """Convert the four electrodes, 0.6 s. Step: 0.01 mV; None for no reading."""
        readings: "Readings" = dict.fromkeys(self.CHANNELS)
        try:
            for at, name in enumerate(self.CHANNELS):
                readings[name] = await self._adc.voltage(self._inputs[at])
                self._raw[at] = self._adc.raw + 32768
        except (OSError, SensorError) as error:
            self.faults += 1
            self.last_fault = str(error)
            return dict.fromkeys(self.CHANNELS)
        return self._checks.passed(self, readings, self._raw)
