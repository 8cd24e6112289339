# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""The sandbox as a command of its own, as a workshop runs it."""

import http.client
import json
import signal
import subprocess
import sys
from pathlib import Path

from sandbox_city import TOKEN

START = """
import sys, pathlib
from barri_tools.sandbox.sentilo.command import main
token, record = sys.argv[1:]
main(0, "barri", token, sensor_types=["pm25"], speed=1000, record_path=pathlib.Path(record))
"""


def test_the_command_says_where_it_listens_records_and_stops_when_interrupted(
    tmp_path: Path,
) -> None:
    record = tmp_path / "record.jsonl"
    command = [sys.executable, "-c", START, TOKEN, str(record)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        first = process.stdout.readline()
        city = http.client.HTTPConnection(first.split("http://")[1].strip(), timeout=10)
        city.request(
            "POST",
            "/catalog/barri",
            '{"sensors":[{"sensor":"S","type":"pm25"}]}',
            {"IDENTITY_KEY": TOKEN},
        )
        assert city.getresponse().status == 200
        process.send_signal(signal.SIGINT)
        rest = process.stdout.read()
        assert process.wait(10) == 0
    assert rest.endswith("Sandbox stopped.\n")
    assert TOKEN not in first + rest + record.read_text()
    rows = [json.loads(line) for line in record.read_text().splitlines()]
    assert [(row["row"], row.get("name")) for row in rows] == [
        ("catalogue", "S"),
        ("catalogue", "S"),
        ("request", None),
    ]
