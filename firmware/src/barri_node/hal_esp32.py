# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""The hardware of a node on an ESP32 family board, with stock MicroPython.

NOT YET RUN ON A BOARD: checked against the type stubs of MicroPython 1.29, compiled for both
instruction sets, and run against stand-ins for `machine` and `network`. No pin number stands
here: all come from `board.json`, which `barri_tools.boards` makes from `firmware/boards/*.toml`.
"""

import asyncio
import json
import os
import time

import machine
import network
from micropython import const

from barri_node.errors import LinkError, SettingsError
from barri_node.life.wifi import Station

_TYPE_CHECKING = const(0)
if _TYPE_CHECKING:
    from typing import Any

    from barri_node.energy.pulse_led import PulseCounter
    from barri_node.ports import Pins
    from barri_node.settings import Settings
    from barri_node.store.partition import RingPartition

_BOARD_PATH = "/board.json"
_SETTINGS_PATH = "/settings.json"
_RING_LABEL = "barri_log"  # as `barri node flash` writes it into the partition table
_DATA_PATH = "/data"
_EEXIST = const(17)

_I2C_HZ = const(100000)  # the slow mode forgives jumper wires and a metre of cable
_UART_RXBUF = const(1024)  # MicroPython's own 256 bytes are 22 ms at 115200 baud

_MIC_BUS = "0"
_MIC_START_UP_MS = const(100)  # INMP441 datasheet: up to 83 ms from clock to sound
_MIC_BUFFERED_MS = const(100)  # the longest stall without loss; no board's stalls are measured yet
_DMA_FRAME_BYTES = const(8)  # the port always receives both channels in 32 bits, also for MONO
_LEAST_DMA_FRAMES = const(512)  # two buffers of 256

_A_WEEK_MS = const(604800000)
# A brown-out counts as power-on and a panic as hard reset: the port does not tell them apart.
_RESET_CAUSES = {
    machine.PWRON_RESET: "power-on",
    machine.HARD_RESET: "hard reset",
    machine.WDT_RESET: "watchdog",
    machine.DEEPSLEEP_RESET: "deep sleep",
    machine.SOFT_RESET: "soft reset",
}


class Board:
    """The pins of `board.json`. Raises SettingsError for a file or a bus that is missing."""

    def __init__(self, path: str = _BOARD_PATH) -> None:
        try:
            with open(path) as file:
                self._given = json.load(file)
            self.name = self._given["name"]
        except OSError as error:
            raise SettingsError(path, "is missing: provision this node") from error
        except (ValueError, KeyError, TypeError) as error:
            advice = "is not a board description: provision this node again"
            raise SettingsError(path, advice) from error

    def bus(self, kind: str, number: "int | str") -> "Pins":
        """The unit, pins and options of a bus, as the board's file has them."""
        try:
            return self._given[kind][str(number)]
        except KeyError as error:
            advice = "needs {} {}, which this board lacks".format(kind, number)
            raise SettingsError("kit", advice) from error

    def fitted(self, name: str) -> "Any":
        """What else the file says of the board (`led`, `button`, `power`), or None."""
        return self._given.get(name)


class Microphone:
    """An I2S microphone in the left slot: 32-bit words with 24 bits at the left, mono.

    Sound that the DMA buffers gathered before the first read is thrown away, so that samples can
    be counted against time from there on.
    """

    def __init__(self, pins: "Pins", sample_rate_hz: int) -> None:
        frames = max(_LEAST_DMA_FRAMES, sample_rate_hz * _MIC_BUFFERED_MS // 1000)
        self._wiring: "dict[str, Any]" = {
            "sck": machine.Pin(pins["sck"]),
            "ws": machine.Pin(pins["ws"]),
            "sd": machine.Pin(pins["sd"]),
            "mode": machine.I2S.RX,
            "bits": 32,
            "format": machine.I2S.MONO,
            "rate": sample_rate_hz,
            "ibuf": frames * _DMA_FRAME_BYTES,
        }
        self._unit = pins["unit"]
        self._most_stale_bytes = frames * 4
        self._reader: "asyncio.StreamReader | None" = None
        self._opened_ticks = time.ticks_ms()
        self._stale = True
        try:
            self._open()  # now, while there is memory for the DMA buffers
        except OSError:
            self._reader = None  # the first read tries again, and says it

    def _open(self) -> "asyncio.StreamReader":
        self._stale = True
        self._opened_ticks = time.ticks_ms()
        self._reader = asyncio.StreamReader(machine.I2S(self._unit, **self._wiring))
        return self._reader

    async def readinto(self, buffer: bytearray) -> int:
        """Read what there is, at most a buffer; give the number of bytes. Raises OSError, after
        which the next read opens the microphone again.
        """
        try:
            reader = self._reader or self._open()
            if self._stale:
                await self._discard(reader, buffer)
            return await reader.readinto(buffer)
        except OSError:
            self._reader = None
            raise

    async def _discard(self, reader: "asyncio.StreamReader", buffer: bytearray) -> None:
        """Let the part start up, then empty the DMA buffers: a short read is the end of them."""
        open_ms = time.ticks_diff(time.ticks_ms(), self._opened_ticks)
        await asyncio.sleep_ms(max(0, _MIC_START_UP_MS - open_ms))
        for _ in range(self._most_stale_bytes // len(buffer) + 1):
            if await reader.readinto(buffer) < len(buffer):
                break
        self._stale = False


class Esp32Hal:
    """What the application asks of the hardware, on a board. See `UnixHal` for its twin.

    NAME: the board's. The radio is switched on here for two reasons: it takes its memory before
    MicroPython's heap grows into it, and the chip's random numbers are true ones only while it
    runs.
    """

    NAME = "esp32"
    SIMULATED = False

    def __init__(self) -> None:
        self._board = Board()
        self.NAME = self._board.name
        self._switch_on()
        self._light = _output(self._board.fitted("led"))
        button = self._board.fitted("button")
        self._button = None if button is None else _pulled_up(button)
        self._watchdog: "machine.WDT | None" = None
        self._wlan = network.WLAN(network.WLAN.IF_STA)
        self._wlan.active(True)
        self._station = Station(self._wlan, self.sleep_ms, self)

    def _switch_on(self) -> None:
        """Power to what is wired on, where the board has to be asked for it."""
        steps = self._board.fitted("power")
        if steps:
            from barri_node.life.power import switch_on

            switch_on(steps, lambda: self.i2c(0), _set_pin)

    # --- time ---

    def ticks_ms(self) -> int:
        return time.ticks_ms()  # type: ignore[return-value]  # an int; the stubs hide it

    def ticks_diff(self, later: int, earlier: int) -> int:
        return time.ticks_diff(later, earlier)

    async def sleep_ms(self, duration_ms: int) -> None:
        await asyncio.sleep_ms(duration_ms)

    def rtc_ms(self) -> int:
        """A clock that runs on in deep sleep and over all resets but those of the power."""
        return time.time_ns() // 1000000

    # --- buses ---

    def i2c(self, bus: int) -> "machine.I2C":
        pins = self._board.bus("i2c", bus)
        scl, sda = machine.Pin(pins["scl"]), machine.Pin(pins["sda"])
        return machine.I2C(pins["unit"], scl=scl, sda=sda, freq=_I2C_HZ)

    def uart(self, bus: int, baudrate: int, **options: int) -> "machine.UART":
        """Both pins are always named: the port's own choice for UART 1 is on the flash's."""
        pins = self._board.bus("uart", bus)
        options.setdefault("rxbuf", _UART_RXBUF)
        if pins.get("inverted"):
            options["invert"] = machine.UART.INV_RX
        tx, rx = machine.Pin(pins["tx"]), machine.Pin(pins["rx"])
        return machine.UART(pins["unit"], baudrate=baudrate, tx=tx, rx=rx, **options)

    def microphone(self, sample_rate_hz: int, whole: bool = True) -> Microphone:
        return Microphone(self._board.bus("i2s", _MIC_BUS), sample_rate_hz)

    def pulses(self, bus: int) -> "PulseCounter":
        from barri_node.hal_pulses import counter

        return counter(self._board.bus("pulse", bus))

    # --- flash, settings, network, chance ---

    def settings_path(self) -> str:
        return _SETTINGS_PATH

    def flash_root(self) -> str:
        """The folder of all that the node has: its program, and what it has written."""
        return "/"

    def ring(self) -> "RingPartition | None":
        """The raw partition of the ring log; None on a board that was flashed by hand."""
        from esp32 import Partition

        from barri_node.store.partition import RingPartition

        found = Partition.find(Partition.TYPE_DATA, label=_RING_LABEL)
        return RingPartition(found[0]) if found else None

    def mount_data(self) -> str:
        """MicroPython has mounted the flash's littlefs at `/`; the records get a folder there."""
        try:
            os.mkdir(_DATA_PATH)
        except OSError as error:
            if error.errno != _EEXIST:
                raise
        return _DATA_PATH

    async def join_network(self, settings: "Settings") -> None:
        """Join the Wi-Fi of the settings. Raises LinkError that says why it did not work."""
        if settings.wifi is None:
            raise LinkError("Wi-Fi: the settings name no network: provision this node again")
        await self._station.join(settings.wifi)

    def network_up(self) -> bool:
        return self._station.connected()

    def network_worked(self) -> None:
        """The gateway has answered: what the radio says of itself is true."""
        self._station.worked()

    def network_code(self) -> int:
        """What is wrong with the network, as a code of the light; 0 for nothing."""
        return self._station.code

    def rssi(self) -> "int | None":
        return self._station.rssi()

    def random_bytes(self, count: int) -> bytes:
        return os.urandom(count)

    # --- resets, sleep and what outlives them ---

    def reset_cause(self) -> str:
        return _RESET_CAUSES.get(machine.reset_cause(), "unknown")

    def retained(self) -> "machine.RTC":
        """2048 bytes that outlive every reset and deep sleep, but not the power."""
        return machine.RTC()

    def restart(self) -> None:
        machine.reset()

    def deep_sleep(self, duration_ms: int) -> None:
        """Switch the radio off and sleep; the node starts anew afterwards."""
        self._wlan.active(False)
        machine.deepsleep(duration_ms)

    def start_watchdog(self, timeout_ms: int) -> None:
        """From now on it must be fed; it outlives a soft reset, and nothing stops it."""
        self._watchdog = machine.WDT(timeout=timeout_ms)

    def feed_watchdog(self) -> None:
        if self._watchdog is not None:
            self._watchdog.feed()

    def rest_watchdog(self) -> None:
        """A person sits at the console: let it be patient for a week."""
        if self._watchdog is not None:
            self._watchdog = machine.WDT(timeout=_A_WEEK_MS)

    # --- light and button ---

    def has_light(self) -> bool:
        return self._light is not None

    def light(self, on: bool) -> None:
        if self._light is not None:
            pin, lit = self._light
            pin.value(lit if on else 1 - lit)

    def has_button(self) -> bool:
        return self._button is not None

    def button_down(self) -> bool:
        return self._button is not None and self._button.value() == 0


def _set_pin(number: int, level: int) -> None:
    machine.Pin(number, machine.Pin.OUT, value=level)


def _output(led: "Pins | None") -> "tuple[machine.Pin, int] | None":
    """The light's pin, dark, and the level that lights it."""
    if led is None:
        return None
    lit = led["on"]
    return machine.Pin(led["pin"], machine.Pin.OUT, value=1 - lit), lit


def _pulled_up(number: int) -> "machine.Pin":
    """A button to ground. Pins that can only listen have no resistor of their own, and do without
    a complaint: their boards bring one.
    """
    return machine.Pin(number, machine.Pin.IN, machine.Pin.PULL_UP)
