# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Check barri_wire against the golden files. Runs on CPython and MicroPython.

    MICROPYPATH=<folder that holds barri_wire> micropython check_golden.py <folder of golden files>

Prints how many cases held; any difference is an AssertionError that names the case.
"""

import binascii
import json
import os
import sys

from barri_wire import messages, messages_desired
from barri_wire.frame import Record, decode_frame, decode_header, encode_frame
from barri_wire.schema import Schema, encode_schema
from barri_wire.schema_decoder import decode_schema
from barri_wire.topic_parser import parse_topic
from barri_wire.topics import topic


def check_frame(case):
    schema = Schema(tuple([tuple(channel) for channel in case["channels"]]))
    records = [Record(r[0], r[1], r[2], tuple(r[3]), r[4]) for r in case["records"]]
    body = binascii.unhexlify(case["hex"])
    taken = case["taken"]
    made = encode_frame(schema, case["store_id"], records, case["max_bytes"])
    assert made == (body, taken), case["name"] + ": encoding changed"
    header = decode_header(body)
    seen = [header.schema_id, header.store_id, header.first_sequence, header.count]
    assert seen == case["header"], case["name"] + ": header"
    for record in records:
        record.boot = None if record.boot is None else record.boot & 0xFF
    assert decode_frame(body, schema) == records[:taken], case["name"] + ": decoding changed"


def check_message(case):
    kind, fields = case["kind"], case["fields"]
    for name in ("stores", "anchors", "ranges", "missing"):
        if name in fields:
            fields[name] = [tuple(item) for item in fields[name]]
    module = messages_desired if kind in ("Desired", "Reported") else messages
    message = getattr(module, kind)(**fields)
    suffix = {"SchemaRequest": "schema_request"}.get(kind, kind.lower())
    body = binascii.unhexlify(case["hex"])
    assert getattr(module, "encode_" + suffix)(message) == body, case["name"] + ": encoding"
    assert getattr(module, "decode_" + suffix)(body) == message, case["name"] + ": decoding"


def check_schema(case):
    schema = Schema(tuple([tuple(channel) for channel in case["channels"]]))
    body = binascii.unhexlify(case["hex"])
    assert schema.id == case["id"], case["name"] + ": id"
    assert encode_schema(schema) == body, case["name"] + ": encoding"
    assert decode_schema(body) == schema, case["name"] + ": decoding"


def check_topic(case):
    assert topic(*case["parts"]) == case["topic"], case["name"]
    assert parse_topic(case["topic"]) == tuple(case["parts"]), case["name"]


def check_folder(folder):
    """Check every golden file of a folder; return the number of cases."""
    checks = {"frames": check_frame, "messages": check_message}
    checks.update({"schemas": check_schema, "topics": check_topic})
    count = 0
    for name in sorted(os.listdir(folder)):
        with open(folder + "/" + name) as file:
            golden = json.load(file)
        for case in golden["cases"]:
            checks[golden["what"]](case)
            count += 1
    return count


if __name__ == "__main__":
    print(check_folder(sys.argv[1]), "cases held on", sys.implementation.name)
