# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Which port is the board's; and what to do when there is none, several, or one that is shut."""

import errno

import pytest
from serial import SerialException

from barri_tools.node.errors import NoPortError, PortBusyError, PortDeniedError, SeveralPortsError
from barri_tools.node.ports import Port, choose, why_not_opened

CP210X = Port("/dev/ttyUSB0", 0x10C4, "CP2102 USB to UART")
NATIVE = Port("/dev/ttyACM0", 0x303A, "USB JTAG/serial debug unit")
MODEM = Port("/dev/ttyS0", None, "ttyS0")


def test_the_only_board_is_chosen_and_other_ports_are_left_alone():
    assert choose(None, lambda: [MODEM, CP210X]) == "/dev/ttyUSB0"


def test_what_was_asked_for_is_taken():
    assert choose("/dev/ttyS0", lambda: []) == "/dev/ttyS0"


def test_no_board_is_first_of_all_a_cable_that_only_charges():
    with pytest.raises(NoPortError, match=r"another USB cable first.*no data wires.*\[B01\]"):
        choose(None, lambda: [MODEM])


def test_several_boards_are_listed():
    with pytest.raises(SeveralPortsError, match=r"ttyUSB0 \(Silicon .*ttyACM0.*--port"):
        choose(None, lambda: [CP210X, NATIVE])


@pytest.mark.parametrize(
    ("error", "kind", "said"),
    [
        (OSError(errno.EACCES, "Permission denied"), PortDeniedError, "dialout"),
        (SerialException("[Errno 13] Permission denied: '/dev/x'"), PortDeniedError, "dialout"),
        (OSError(errno.EBUSY, "Device or resource busy"), PortBusyError, "another program"),
        (SerialException("Could not exclusively lock port"), PortBusyError, "another program"),
        (OSError(errno.ENOENT, "No such file"), NoPortError, "barri node ports"),
    ],
)
def test_a_shut_port_says_what_to_do(error, kind, said):
    assert isinstance(why_not_opened("/dev/x", error), kind)
    assert said in str(why_not_opened("/dev/x", error))
