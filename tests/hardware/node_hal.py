# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Runs `hal_esp32.py` on MicroPython with stand-ins for `machine` and `network`.

`micropython node_hal.py SCENARIO BOARD_JSON`. How the stand-ins behave, and the numbers of the
Wi-Fi statuses, is taken from MicroPython 1.29: ports/esp32/network_wlan.c and machine_i2s.c.
"""

import asyncio
import io
import sys
import time

MP_STREAM_POLL = 3
POLL_RD = 1


class Module:
    def __init__(self, **names):
        for name, value in names.items():
            setattr(self, name, value)


class Pin:
    """levels: of each pin by its number, as set last; those that nobody set are high."""

    IN, OUT, PULL_UP = 1, 3, 2
    IRQ_RISING = 1
    levels = {}  # noqa: RUF012

    def __init__(self, number, mode=None, pull=None, value=None):
        self.number = number
        if value is not None:
            Pin.levels[number] = value

    def value(self, level=None):
        if level is None:
            return Pin.levels.get(self.number, 1)
        Pin.levels[self.number] = level
        return None

    def irq(self, handler, trigger):
        assert trigger == Pin.IRQ_RISING
        Pin.edge = lambda: handler(self)  # of the one that was asked last


class Counter:
    """A chip's own; `holds` is what it has counted."""

    holds = 0

    def __init__(self, unit, pin, filter_ns):
        self.wiring = (unit, pin.number, filter_ns)

    def value(self):
        return Counter.holds


class I2c:
    """registers: those of the one chip there is, at address 0x34, if any."""

    registers = None

    def __init__(self, unit, scl, sda, freq):
        self.wiring = (unit, scl.number, sda.number, freq)

    def readfrom_mem(self, address, register, count):
        if address != 0x34 or I2c.registers is None:
            raise OSError(19)
        return bytes((I2c.registers.get(register, 0),))

    def writeto_mem(self, address, register, data):
        I2c.registers[register] = data[0]


class Uart:
    INV_RX = 4

    def __init__(self, unit, baudrate, tx, rx, rxbuf, invert=0):
        self.wiring = (unit, baudrate, tx.number, rx.number, rxbuf, invert)


class I2s(io.IOBase):
    """Gives one byte value per read: the sizes and values of `script`, an OSError for None."""

    RX = 1
    MONO = 0
    opened = []  # noqa: RUF012
    script = []  # noqa: RUF012
    refusals = 0

    def __init__(self, unit, **wiring):
        if I2s.refusals:
            I2s.refusals -= 1
            raise OSError(12)
        self.wiring = {name: getattr(value, "number", value) for name, value in wiring.items()}
        I2s.opened.append(unit)
        I2s.newest = self

    def ioctl(self, request, argument):
        return POLL_RD if request == MP_STREAM_POLL else 0

    def readinto(self, buffer):
        size, value = I2s.script.pop(0)
        if value is None:
            raise OSError(5)
        for i in range(size):
            buffer[i] = value
        return size


class Wlan:
    """A station. `outcome` says what a connect leads to; the status of an earlier one lingers."""

    IF_STA = 0
    random_needs_me = False

    def __init__(self, interface=0):
        self.calls = []
        self.outcome = "joined"
        self.last_status = 1000
        self.associated = False
        self.attempts = 0
        self.joined_at_ms = 3000
        self.waited_ms = 0
        self.on = False

    async def sleep_ms(self, duration_ms):
        self.waited_ms += duration_ms

    def active(self, on):
        self.on = on
        self.calls.append("on" if on else "off")

    def config(self, reconnects):
        self.calls.append(f"reconnects {reconnects}")

    def connect(self, name, password):
        assert self.on, "connect with the radio off"
        if self.outcome == "radio":
            raise OSError("Wifi Internal Error")
        self.calls.append(("connect", name, password))
        self.started_ms = self.waited_ms
        self.associated = self.outcome in ("joined", "no address")

    def disconnect(self):
        self.calls.append("disconnect")

    def ifconfig(self):
        return ("192.168.1.9", "255.255.255.0", "192.168.1.1", "192.168.1.1")

    def isconnected(self):
        if not self.associated or self.outcome != "joined":
            return False
        return self.waited_ms - self.started_ms >= self.joined_at_ms

    def status(self, what=None):
        if what == "rssi":
            if not self.associated:
                raise OSError("Wifi Not Connected")
            return -60
        statuses = {"not found": 201, "password": 202, "handshake": 15, "other": 39}
        return statuses.get(self.outcome, self.last_status)


class Wdt:
    """fed: how often; timeouts: of each one made."""

    timeouts = []  # noqa: RUF012
    fed = 0

    def __init__(self, timeout):
        Wdt.timeouts.append(timeout)

    def feed(self):
        Wdt.fed += 1


class Rtc:
    content = b""

    def memory(self, data=None):
        if data is None:
            return Rtc.content
        Rtc.content = bytes(data)
        return None


ends = []  # how the chip was made to end
machine = Module(
    Pin=Pin, I2C=I2c, UART=Uart, I2S=I2s, reset_cause=lambda: 3, WDT=Wdt, RTC=Rtc,
    reset=lambda: ends.append("reset"), deepsleep=ends.append,
    Counter=Counter, PWRON_RESET=1, HARD_RESET=2, WDT_RESET=3, DEEPSLEEP_RESET=4, SOFT_RESET=5,
)  # fmt: skip
network = Module(
    WLAN=Wlan, STAT_NO_AP_FOUND=201, STAT_NO_AP_FOUND_W_COMPATIBLE_SECURITY=210,
    STAT_NO_AP_FOUND_IN_AUTHMODE_THRESHOLD=211, STAT_NO_AP_FOUND_IN_RSSI_THRESHOLD=212,
    STAT_WRONG_PASSWORD=202, STAT_HANDSHAKE_TIMEOUT=204,
)  # fmt: skip
sys.modules["machine"] = machine
sys.modules["network"] = network

from barri_node import hal_esp32  # noqa: E402
from barri_node.errors import LinkError, SettingsError  # noqa: E402
from barri_node.settings import Secret, Wifi  # noqa: E402

WIFI = Wifi("neighbours", Secret("correct horse"))


def refused(action, error):
    try:
        action()
    except error as caught:
        return str(caught)
    raise AssertionError("nothing was raised")


def join(wlan, wifi=WIFI):
    asyncio.run(hal_esp32.Station(wlan, wlan.sleep_ms, time).join(wifi))


def reason(outcome, last_status=1000):
    wlan = Wlan()
    wlan.outcome = outcome
    wlan.last_status = last_status
    text = refused(lambda: join(wlan), LinkError)
    assert "correct horse" not in text
    return text, wlan


def new_hal(path):
    hal_esp32.Board = lambda board=hal_esp32.Board: board(path)
    return hal_esp32.Esp32Hal()


def buses_get_the_pins_of_the_board(path):
    hal = new_hal(path)
    assert hal.NAME == "esp32-devkitc"
    assert not hal.SIMULATED
    assert hal.i2c(0).wiring == (0, 22, 21, 100000)
    assert hal.uart(1, 9600).wiring == (1, 9600, 27, 26, 1024, 0)
    assert hal.uart(2, 115200, rxbuf=8192).wiring == (2, 115200, 17, 16, 8192, Uart.INV_RX)


def pulses_are_counted_by_the_chip_where_it_can(path):
    counter = new_hal(path).pulses(0)
    assert counter._counter.wiring == (0, 34, 12787)
    assert 0 < 12787 * 80 // 1000 <= 1023  # MicroPython 1.29, ports/esp32/modules/machine.py
    Counter.holds = 70000
    assert counter.count() == 70000


def pulses_are_counted_by_interrupts_where_the_chip_has_no_counter(path):
    del machine.Counter
    now = [1000]
    hal = new_hal(path)
    from barri_node import hal_pulses  # noqa: PLC0415

    hal_pulses.time = Module(ticks_ms=lambda: now[0], ticks_diff=time.ticks_diff)
    counter = hal.pulses(0)
    for now[0], counted in ((1100, 1), (1130, 2), (1140, 2), (1155, 2), (1174, 2), (1194, 3)):
        Pin.edge()
        assert counter.count() == counted, now[0]
    for _ in range(100):  # mains light
        now[0] += 10
        Pin.edge()
    assert counter.count() == 3
    now[0] = (now[0] + (1 << 62) - 5) & ((1 << 62) - 1)  # half a turn of the ticks later
    Pin.edge()
    assert counter.count() == 4


def a_bus_that_the_board_lacks_is_named(path):
    hal = new_hal(path)
    assert "uart 7, which this board lacks" in refused(lambda: hal.uart(7, 9600), SettingsError)


def a_missing_or_damaged_board_file_says_what_to_do(path):
    assert "provision" in refused(lambda: hal_esp32.Board(path + ".gone"), SettingsError)
    for content in ("", "[]", "{}", "3", "{"):
        with open(path + ".bad", "w") as file:
            file.write(content)
        assert "provision" in refused(lambda: hal_esp32.Board(path + ".bad"), SettingsError)


def stale_sound_is_thrown_away_and_the_next_is_given(path):
    I2s.script = [(3840, 1), (3840, 2), (256, 3), (1024, 4), (3840, 5)]
    microphone = new_hal(path).microphone(48000)
    buffer = bytearray(3840)
    got = []

    async def listen():
        for _ in range(2):
            size = await microphone.readinto(buffer)
            got.append((size, buffer[0]))

    asyncio.run(listen())
    assert got == [(1024, 4), (3840, 5)]


def stale_sound_that_never_ends_is_not_waited_for(path):
    I2s.script = [(3840, i) for i in range(20)]
    microphone = new_hal(path).microphone(48000)
    buffer = bytearray(3840)
    assert asyncio.run(microphone.readinto(buffer)) == 3840
    assert 100 * 48 * 4 // 3840 < buffer[0] < 10  # all that the DMA buffers can hold, no more


def the_microphone_gets_its_wiring(path):
    I2s.script = []
    new_hal(path).microphone(48000)
    wiring = I2s.newest.wiring
    assert wiring["ibuf"] == 4800 * 8  # 100 ms of stereo frames
    del wiring["ibuf"]
    assert wiring == {
        "sck": 32, "ws": 33, "sd": 25, "mode": 1, "bits": 32, "format": 0, "rate": 48000,
    }  # fmt: skip


def a_failing_microphone_is_opened_again(path):
    I2s.opened = []
    I2s.script = [(0, 0), (0, None), (512, 1), (0, 1), (512, 2)]
    microphone = new_hal(path).microphone(48000)
    buffer = bytearray(3840)
    refused(lambda: asyncio.run(microphone.readinto(buffer)), OSError)
    assert I2s.opened == [0]
    assert asyncio.run(microphone.readinto(buffer)) == 0  # the short read before was stale
    assert I2s.opened == [0, 0]
    assert asyncio.run(microphone.readinto(buffer)) == 512
    assert buffer[0] == 2


def a_microphone_that_does_not_open_stops_nothing_else(path):
    I2s.refusals = 2
    I2s.script = [(512, 1), (512, 2)]
    microphone = new_hal(path).microphone(48000)
    buffer = bytearray(3840)
    refused(lambda: asyncio.run(microphone.readinto(buffer)), OSError)
    assert asyncio.run(microphone.readinto(buffer)) == 512


def joining_starts_the_radio_anew(path):
    wlan = Wlan()
    join(wlan)
    assert wlan.calls == ["off", "on", "reconnects 2", ("connect", "neighbours", "correct horse")]
    assert 3000 <= wlan.waited_ms <= 4000
    join(wlan)
    assert len(wlan.calls) == 4  # joined already


def an_open_network_gets_no_password(path):
    wlan = Wlan()
    join(wlan, Wifi("open", Secret("")))
    assert wlan.calls[-1] == ("connect", "open", None)


def a_status_left_from_before_does_not_end_the_attempt(path):
    wlan = Wlan()
    wlan.last_status = 201
    wlan.joined_at_ms = 15000
    join(wlan)


def reasons_are_told_apart(path):
    assert "network not found" in reason("not found")[0]
    assert "password refused" in reason("password")[0]
    assert "password refused" in reason("handshake")[0]
    assert "status 39" in reason("other")[0]
    assert "radio fails" in reason("radio")[0]


def no_address_is_told_even_after_another_failure(path):
    text, wlan = reason("no address", 201)
    assert "no address" in text
    assert wlan.calls[-1] == "disconnect"
    assert 20000 <= wlan.waited_ms <= 21000


def settings_without_wifi_say_so(path):
    hal = new_hal(path)
    settings = Module(wifi=None)
    text = refused(lambda: asyncio.run(hal.join_network(settings)), LinkError)
    assert "provision" in text
    assert not hal.network_up()


def the_rest_of_the_interface_answers(path):
    hal = new_hal(path)
    assert hal.reset_cause() == "watchdog"
    assert len(hal.random_bytes(5)) == 5
    assert hal.settings_path() == "/settings.json"
    assert hal.ticks_diff(hal.ticks_ms(), hal.ticks_ms()) <= 0
    hal.feed_watchdog()


def the_watchdog_is_fed_once_it_runs_and_rests_for_a_person(path):
    hal = new_hal(path)
    hal.feed_watchdog()
    hal.rest_watchdog()
    assert (Wdt.fed, Wdt.timeouts) == (0, [])
    hal.start_watchdog(45000)
    hal.feed_watchdog()
    hal.rest_watchdog()
    assert (Wdt.fed, Wdt.timeouts) == (1, [45000, 604800000])


def resets_and_sleep_reach_the_chip_and_the_radio_is_off_by_then(path):
    hal = new_hal(path)
    hal.restart()
    hal.deep_sleep(598000)
    assert ends == ["reset", 598000]
    assert hal._wlan.calls[-1] == "off"
    hal.retained().memory(b"kept")
    assert hal.retained().memory() == b"kept"
    assert hal.rtc_ms() > 0


def a_board_with_light_and_button_has_them_the_right_way_up(path):
    hal = new_hal(path)
    hal.light(True)
    hal._board._given.update({"led": {"pin": 4, "on": 0}, "button": 38})
    given = hal._board
    hal_esp32.Board = lambda: given
    hal = hal_esp32.Esp32Hal()
    assert hal.has_light()
    assert hal.has_button()
    assert Pin.levels[4] == 1, "it is dark at first"
    hal.light(True)
    assert Pin.levels[4] == 0
    hal.light(False)
    assert Pin.levels[4] == 1
    assert not hal.button_down()
    Pin.levels[38] = 0
    assert hal.button_down()


def a_supply_that_has_to_be_switched_on_is_on_before_anything_else(path):
    given = hal_esp32.Board(path)
    given._given["power"] = [
        {"pin": 36, "on": 0},
        {"address": 0x34, "id_register": 3, "id": 0x4A, "write": [[0x26, 0]]},
        {"address": 0x34, "id_register": 3, "id": 3, "write": [[0x26, 104]], "set": [[0x12, 1]],
         "clear": [[0x12, 12]]},
    ]  # fmt: skip
    hal_esp32.Board = lambda: given
    I2c.registers = {3: 3, 0x12: 0b01011110}
    hal_esp32.Esp32Hal()
    assert Pin.levels[36] == 0
    assert I2c.registers == {3: 3, 0x12: 0b01010011, 0x26: 104}
    I2c.registers = None
    hal_esp32.Esp32Hal()  # a board without such a chip starts as well


def a_board_without_them_says_so(path):
    board = hal_esp32.Board(path)
    board._given.pop("led", None)
    board._given.pop("button", None)
    hal_esp32.Board = lambda: board
    hal = hal_esp32.Esp32Hal()
    assert not hal.has_light()
    assert not hal.has_button()
    assert not hal.button_down()


def the_data_folder_is_made_once(path):
    made = []

    def mkdir(name):
        if name in made:
            raise OSError(17)
        made.append(name)

    hal_esp32.os = Module(mkdir=mkdir)
    hal = new_hal(path)
    assert hal.mount_data() == hal.mount_data() == "/data"
    assert made == ["/data"]

    def full(name):
        raise OSError(28)

    hal_esp32.os = Module(mkdir=full)
    assert "28" in refused(hal.mount_data, OSError)


if __name__ == "__main__":
    globals()[sys.argv[1]](sys.argv[2])
    print("done", sys.argv[1])
