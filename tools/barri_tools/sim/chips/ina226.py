# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""An INA226 at register level (SBOS547), built upon the model of the INA219.

Triggered conversions of both inputs. Not modelled: continuous modes (they raise), the power
register, the alert pin.
"""

from barri_tools.sim.chips.ina219 import _BUS, Ina219

_MASK, _MAKER, _DIE = 0x06, 0xFE, 0xFF


class Ina226(Ina219):
    """The model. Arguments and faults: those of `Ina219`."""

    CONFIG_AFTER_RESET = 0x4127
    CALIBRATION_FACTOR = 2048
    SHUNT_STEP_V, SHUNT_MOST = 2.5e-6, 0x7FFF
    BUS_STEP_V, BUS_MOST = 1.25e-3, 0x7FFF
    CONVERSION_US = 16 * 2 * 1100
    DIE = 0x2260

    def _settings(self) -> int:
        """Mean of 16, 1.1 ms each."""
        return 0x4520

    def _calibration(self, value: int) -> int:
        """Bit 15 of the register cannot be set."""
        return value & 0x7FFF

    def _word(self, register: int) -> int:
        if register == _BUS:
            return self._registers[_BUS]
        if register == _MASK:
            flags = self._ready << 3 | self._overflow << 2
            self._ready = False  # reading clears the flag of a finished conversion
            return flags
        if register in (_MAKER, _DIE):
            return 0x5449 if register == _MAKER else self.DIE
        return super()._word(register)
