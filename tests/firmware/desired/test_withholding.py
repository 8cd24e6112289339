# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Kept records with an unwanted value are declared void and never sent; all others are sent."""

from hypothesis import given
from hypothesis import strategies as st
from memory_medium import MemoryMedium

from barri_node.store.ringlog import RingLog
from barri_node.uplink.outbox import Outbox
from barri_node.uplink.withholding import Withholding
from barri_wire.frame import decode_frame, decode_header
from barri_wire.messages import VOID_WITHHELD, Ack
from barri_wire.schema import EXTRAS, KITS, known_schema

ENERGY, NOISE = KITS["energy"], KITS["noise"]
POWER_IMPORT = [quantity.name for quantity in ENERGY.quantities].index("power_import")
WITH, WITHOUT = (5, 6, 7, None, 2300), (5, 6, None, 9, 2300)
HEALTH = next(EXTRAS[name] for name in EXTRAS if EXTRAS[name].quantities[0].name == "reset_cause")
HISTOGRAM = next(EXTRAS[name] for name in EXTRAS if EXTRAS[name].quantities[0].name == "laf_class")


def ring_log(schema=ENERGY):
    return RingLog(MemoryMedium(), 1 << 16, schema, lambda count: bytes(range(count)))


def keep(log, values, schema=ENERGY):
    n = log.append(60 * log.next_sequence, 60, values, None, schema)
    log.flush()
    return n


class Gateway:
    """What came: sequences with their values, and what was declared void with its reason."""

    def __init__(self):
        self.stored = {}
        self.void = {}

    def ack(self, store_id):
        known = self.stored.keys() | self.void.keys()
        covered = max(known, default=-1) + 1
        missing = [(n, 1) for n in range(covered) if n not in known]
        return Ack(store_id, covered, missing)

    def take(self, frame):
        schema = known_schema(decode_header(frame).schema_id)
        for record in decode_frame(frame, schema):
            self.stored[record.sequence] = record.values

    def declared(self, void):
        for first, count, reason in void.ranges:
            assert first >= 0
            self.void.update(dict.fromkeys(range(first, first + count), reason))


def converse(log, outbox, gateway, most=2000):
    """Play both sides as the link does, until nothing is said any more."""
    outbox.on_ack(gateway.ack(log.store_id))
    for _ in range(most):
        void = outbox.next_void()
        frame = outbox.next_frame(60) if void is None else None
        if void is not None:
            gateway.declared(void)
        elif frame is not None:
            gateway.take(frame)
        elif not outbox.declares:
            return
        outbox.on_ack(gateway.ack(log.store_id))
    raise AssertionError("they never came to an end")


@given(st.lists(st.sampled_from("ww--h"), max_size=80), st.integers(0, 80))
def test_each_record_is_sent_or_void_and_no_unwanted_value_leaves(kinds, sent_before):
    log, gateway, unwanted = ring_log(), Gateway(), set()
    health = (1,) + (None,) * (len(HEALTH.channels) - 1)
    outbox = Outbox(log)
    for n, kind in enumerate(kinds):
        if n == sent_before:
            converse(log, outbox, gateway)
        values, schema = {"w": (WITH, ENERGY), "-": (WITHOUT, ENERGY), "h": (health, HEALTH)}[kind]
        sequence = keep(log, values, schema)
        if kind == "w" and n >= sent_before:
            unwanted.add(sequence)
    if len(kinds) <= sent_before:
        converse(log, outbox, gateway)
        unwanted = set()
    after = Withholding(log, ["power_import"])
    after.connected()
    converse(log, after, gateway)
    assert {n for n, reason in gateway.void.items() if n not in gateway.stored} == unwanted
    assert set(gateway.void.values()) <= {VOID_WITHHELD}
    assert gateway.stored.keys() == set(range(len(kinds))) - unwanted
    assert log.released == len(kinds)


def test_a_long_backlog_is_declared_a_little_at_a_time():
    """Reading it all at once would keep a board from everything else for minutes."""
    log = ring_log()
    for _ in range(300):
        keep(log, WITH)
    outbox, gateway = Withholding(log, ["power_import"]), Gateway()
    outbox.on_ack(gateway.ack(log.store_id))
    assert outbox.next_frame(1024) is None
    assert outbox.declares
    first = outbox.next_void()
    assert sum(count for _, count, _ in first.ranges) <= 8
    gateway.declared(first)
    converse(log, outbox, gateway)
    assert gateway.void.keys() == set(range(300))
    assert outbox.declared_void >= 300


def test_a_histogram_goes_with_any_level_of_the_sound():
    log, gateway = ring_log(NOISE), Gateway()
    keep(log, (100,) + (1,) * 16, HISTOGRAM)
    converse(log, Withholding(log, ["la10"]), gateway)
    assert gateway.void == {0: VOID_WITHHELD}
    other = Gateway()
    converse(log, Withholding(log, ["temperature"]), other)
    assert other.stored.keys() == {0}


def test_what_the_gateway_never_heard_of_is_declared_again_after_a_reconnect():
    log, gateway = ring_log(), Gateway()
    for _ in range(20):
        keep(log, WITH)
    outbox = Withholding(log, ["power_import"])
    outbox.on_ack(gateway.ack(log.store_id))
    outbox.next_frame(1024)
    outbox.next_void()  # lost on its way
    outbox.connected()
    converse(log, outbox, gateway)
    assert gateway.void.keys() == set(range(20))
