# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""An access point and a radio that misbehave as real ones do, in a time of their own.

The radio is MicroPython's `network.WLAN` on an ESP32, seen from outside: its statuses are those of
ESP-IDF, and its habits those that people complain about:
- it keeps to the channel of the access point it was last on, until it is switched off;
- switched on again too soon it finds nothing;
- it calls itself connected when its lease has expired, or when nothing passes any more.
"""

import asyncio

_BEACON_TIMEOUT, _NO_AP, _HANDSHAKE, _IDLE, _CONNECTING, _GOT_IP = 200, 201, 15, 1000, 1001, 1010
_LEAST_REST_MS = 300
_SEARCH_MS = 2400
_NOTICES_MS = 6000  # so long a radio believes in an access point that has gone


class Air:
    """Time, and what is in it: an access point's switch, channel, password, DHCP and broker."""

    def __init__(self):
        self.now_ms = 0
        self.on = True
        self.channel = 6
        self.password = "correct horse"
        self.dhcp = True
        self.passes = True  # whether anything gets through once joined
        self.broker = True
        self.radio_error = False
        self.plan = []  # (ms, name, value): what changes when

    async def sleep_ms(self, duration_ms):
        end_ms = self.now_ms + duration_ms
        while self.plan and self.plan[0][0] <= end_ms:
            at_ms, name, value = self.plan.pop(0)
            self.now_ms = max(self.now_ms, at_ms)
            setattr(self, name, value)
            if name == "on":
                self.switched_ms = self.now_ms
        self.now_ms = end_ms

    switched_ms = -1000000

    def ticks_ms(self):
        return self.now_ms % (1 << 30)

    def ticks_diff(self, later, earlier):
        return (later - earlier + (1 << 29)) % (1 << 30) - (1 << 29)

    def run(self, coroutine):
        return asyncio.run(coroutine)


class FakeWlan:
    """attempts: the ms of each connect. lease: set to False when it has expired."""

    def __init__(self, air):
        self._air = air
        self.is_on = False
        self._off_ms = -1000
        self._asked = None  # (ms, name, password)
        self._channel = None
        self._was_up = False
        self._stuck = False
        self._last_reason = 0
        self.lease = True
        self.attempts = []

    def active(self, on):
        if self._air.radio_error:
            raise OSError("Wifi Internal Error")
        if on and not self.is_on:
            self._stuck = self._air.now_ms - self._off_ms < _LEAST_REST_MS
        if not on and self.is_on:
            self._off_ms = self._air.now_ms
            self._channel = self._asked = None
            self._was_up = False
        self.is_on = on

    def config(self, reconnects):
        assert reconnects >= 0, "a radio that retries for ever never says why"

    def connect(self, name, password):
        if not self.is_on:
            raise OSError("Wifi Not Started")
        self.attempts.append(self._air.now_ms)
        self._asked = (self._air.now_ms, name, password)
        self.lease = True

    def disconnect(self):
        self._asked = None
        self._was_up = False

    def _associated(self):
        """In the access point's list, as far as the radio has noticed."""
        if self._asked is None or not self.is_on or self._stuck:
            return False
        if self._was_up and not self._air.on:
            if self._air.now_ms - self._air.switched_ms < _NOTICES_MS:
                return True
            self._was_up = False
            self._last_reason = _BEACON_TIMEOUT
        if self._air.now_ms - self._asked[0] < _SEARCH_MS:
            return False
        self._last_reason = self._refusal()
        return not self._last_reason

    def _refusal(self):
        if not self._air.on or self._channel not in (None, self._air.channel):
            return _NO_AP
        return 0 if self._asked[2] == self._air.password else _HANDSHAKE

    def isconnected(self):
        if not self._associated():
            return False
        if not self._was_up and not self._air.dhcp:
            return False
        self._was_up = True
        self._channel = self._air.channel if self._air.on else self._channel
        return True

    def passes(self):
        """Whether a packet gets through; nothing a station can ask for says so."""
        return self.isconnected() and self.lease and self._air.passes and self._air.on

    def ifconfig(self):
        address = "192.168.1.9" if self.isconnected() and self.lease else "0.0.0.0"
        return (address, "255.255.255.0", "192.168.1.1", "192.168.1.1")

    def status(self, what=None):
        if what == "rssi":
            if not self._associated():
                raise OSError("Wifi Not Connected")
            return -67
        if self.isconnected():
            return _GOT_IP
        return self._last_reason or (_CONNECTING if self._asked else _IDLE)
