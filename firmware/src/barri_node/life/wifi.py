# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""The node's place in a Wi-Fi network, and its way back there after any outage.

    off -> resting -> searching -> waiting for an address -> up

Every failure leads back to off; the link asks again at its own growing delays, for ever. Knows
`network.WLAN` only as the object it is given; imports no hardware.
"""

from micropython import const

from barri_node.errors import LinkError

_TYPE_CHECKING = const(0)
if _TYPE_CHECKING:
    from barri_node.life.ports import Ticks, Wlan
    from barri_node.ports import SleepMs
    from barri_node.settings import Wifi

_REST_MS = const(500)  # off and on again is what brings it back after an access point's outage
_JOIN_MS = const(20000)  # three scans of all channels and a slow DHCP server
_POLL_MS = const(250)
_FIRST_REFUSAL_MS = const(30000)  # after a refused password: an access point may shut us out
_LONGEST_REFUSAL_MS = const(600000)
_RADIO_RETRIES = const(2)  # by the radio itself; the reason can be read when it has given up
# So many sessions in turn may fail while the radio says it is up; then it is not believed.
_MOST_FAILED_SESSIONS = const(10)

_NO_ADDRESS = "0.0.0.0"  # noqa: S104  # an expired lease, not a place to listen
# ESP-IDF's wifi_err_reason_t, which the ESP32 port hands on. 15 is what most wrong passwords give.
_NOT_FOUND_STATUSES = (201, 210, 211, 212)
_REFUSED_STATUSES = (15, 202, 204)

# See `codes.py`.
_NOT_FOUND = const(0x11)
_REFUSED = const(0x12)
_SILENT_DHCP = const(0x13)
_RADIO = const(0x14)


class Station:
    """Joins a Wi-Fi network. wlan: the station interface; sleep_ms: an async function.

    ticks: has `ticks_ms` and `ticks_diff`. code: the failure that stands (see `codes.py`), 0 while
    all is well. failures: attempts in turn that did not end in the network.
    """

    def __init__(self, wlan: "Wlan", sleep_ms: "SleepMs", ticks: "Ticks") -> None:
        self._wlan = wlan
        self._sleep_ms = sleep_ms
        self._ticks = ticks
        self._sessions = 0
        self._refusals = 0
        self._refused_at = 0
        self._reason = ""
        self.code = 0
        self.failures = 0

    def connected(self) -> bool:
        """Joined, and with an address: the port calls a lease that has expired connected."""
        return self._wlan.isconnected() and self._wlan.ifconfig()[0] != _NO_ADDRESS

    def rssi(self) -> "int | None":
        """Signal strength in dB[mW], None without an access point: only with one there is any."""
        try:
            return self._wlan.status("rssi")
        except OSError:
            return None

    async def join(self, wifi: "Wifi") -> None:
        """Join; at once if joined already. Raises LinkError that says why it did not work.

        Called once for each session with the gateway.
        """
        self._sessions += 1
        if self.connected() and self._sessions <= _MOST_FAILED_SESSIONS:
            return
        self._not_too_soon()
        try:
            if not await self._attempt(wifi):
                self._fail()
                self._wlan.disconnect()
        except OSError as error:
            self._note(_RADIO, "the radio fails: {!r}".format(error))
        if self.code:
            raise LinkError("Wi-Fi: " + self._reason)

    def worked(self) -> None:
        """A session has reached the gateway: the network is a good one."""
        self._sessions = 0

    def _not_too_soon(self) -> None:
        """A refused password is tried ever more rarely, and never given up."""
        if not self._refusals:
            return
        delay_ms = min(_FIRST_REFUSAL_MS << min(self._refusals - 1, 5), _LONGEST_REFUSAL_MS)
        passed_ms = self._ticks.ticks_diff(self._ticks.ticks_ms(), self._refused_at)
        if 0 <= passed_ms < delay_ms:
            next_s = (delay_ms - passed_ms + 999) // 1000
            raise LinkError("Wi-Fi: {}, tried in {} s".format(self._reason, next_s))

    async def _attempt(self, wifi: "Wifi") -> bool:
        """Search all channels anew, whatever the radio remembers of an access point."""
        self._wlan.active(False)
        await self._sleep_ms(_REST_MS)
        self._wlan.active(True)
        self._wlan.config(reconnects=_RADIO_RETRIES)
        self._wlan.connect(wifi.name, wifi.password.reveal() or None)
        # Only the time limit ends this: the status may still be that of an earlier attempt.
        for _ in range(_JOIN_MS // _POLL_MS):
            if self.connected():
                self._arrive()
                return True
            await self._sleep_ms(_POLL_MS)
        return False

    def _arrive(self) -> None:
        self._sessions = self._refusals = self.failures = self.code = 0

    def _fail(self) -> None:
        status = self._wlan.status()
        if self.rssi() is not None:
            text = "no address: the network let us in, its DHCP server does not answer"
            self._note(_SILENT_DHCP, text)
        elif status in _NOT_FOUND_STATUSES:
            text = "network not found: check its name, the distance, and that it is on 2.4 GHz"
            self._note(_NOT_FOUND, text)
        elif status in _REFUSED_STATUSES:
            self._note(_REFUSED, "password refused: provision this node again")
        else:
            self._note(_NOT_FOUND, "not joined (status {})".format(status))

    def _note(self, code: int, reason: str) -> None:
        self.code = code
        self.failures += 1
        self._reason = reason
        self._refusals = self._refusals + 1 if code == _REFUSED else 0
        self._refused_at = self._ticks.ticks_ms()
