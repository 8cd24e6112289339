# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""A plain page of what the sandbox city holds: the newest value of each sensor.

Pure text in, HTML out; asks for nothing from anywhere.
"""

from html import escape

from .core import SentiloSandbox
from .java_time import format_utc
from .model import Sensor

SHOWN_SENSORS = 1000
FAR_FUTURE_MS = 2**53
_STYLE = (
    "body{font:1rem/1.5 sans-serif;margin:2rem auto;max-width:60rem;padding:0 1rem}"
    "table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.3rem .6rem;"
    "border-bottom:1px solid #767676}.note{border:2px solid #7a4b00;padding:.6rem 1rem}"
)


def render(sandbox: SentiloSandbox, now: float) -> str:
    """The whole page, as of `now` (seconds since 1970)."""
    sensors = sandbox.data.sensors()
    rows = "".join(_row(sandbox, one) for one in sensors[:SHOWN_SENSORS])
    count = len(sandbox.record.observations)
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>Sandbox city</title><style>{_STYLE}</style></head><body>"
        "<h1>Sandbox city</h1>"
        '<p class="note">This is a sandbox on this computer, a stand-in of a Sentilo city '
        "platform. No city receives what is shown here.</p>"
        f"<p>{count} observations stored since the start, {len(sensors)} sensors known. "
        f"Now: {format_utc(int(now * 1000))} UTC.</p>"
        "<table><caption>Newest value of each sensor</caption><thead><tr>"
        '<th scope="col">Provider</th><th scope="col">Sensor</th><th scope="col">State</th>'
        '<th scope="col">Value</th><th scope="col">Time (UTC)</th></tr></thead>'
        f"<tbody>{rows}</tbody></table></body></html>"
    )


def _row(sandbox: SentiloSandbox, sensor: Sensor) -> str:
    key = (sensor.provider, sensor.name)
    newest = sandbox.data.store.newest(key, -FAR_FUTURE_MS, FAR_FUTURE_MS, 1)
    value = newest[0].value if newest else "none yet"
    time = format_utc(newest[0].time_ms) if newest else ""
    cells = (sensor.provider, sensor.name, sensor.state, value, time)
    return "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in cells) + "</tr>"
