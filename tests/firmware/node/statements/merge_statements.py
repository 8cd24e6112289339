# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""How readings become the one value of a window. Runs on both interpreters."""

from barri_node.merge import Accumulator
from barri_wire import quantities
from barri_wire.quantities import every_quantity


def _merged(name, *readings):
    accumulator = Accumulator()
    for reading in readings:
        accumulator.add({name: reading})
    return accumulator.close()


def every_mean_of_the_table_is_one():
    means = [quantity.name for quantity in every_quantity() if quantity.merge == quantities.MEAN]
    assert {"temperature", "pm2_5", "voltage"} <= set(means)
    for name in means:
        assert _merged(name, 10, 40, 10) == {name: 20}


def a_mean_is_rounded_to_the_nearest_and_a_half_up():
    for readings, mean in (
        ((1, 2), 2), ((0, 1), 1), ((1, 1, 2), 1), ((1, 2, 2), 2), ((-1, 0), 0), ((-1, -2), -1),
        ((-1, -1, -2), -1), ((-1, -2, -2), -2), ((-3,), -3), ((2147483647,) * 2, 2147483647),
    ):  # fmt: skip
        assert _merged("temperature", *readings) == {"temperature": mean}


def counters_keep_their_last_reading():
    counters = [
        quantity.name for quantity in every_quantity() if quantity.merge == quantities.COUNTER
    ]
    assert {"energy_import", "energy_export", "records_lost"} <= set(counters)
    for name in counters:
        assert _merged(name, 100, 170, 150) == {name: 150}
        assert _merged(name, 100, 170, None) == {name: 170}


def highest_and_lowest():
    assert _merged("lafmax", 500, 700, 600) == {"lafmax": 700}
    assert _merged("lafmin", 500, 300, 600) == {"lafmin": 300}


def what_cannot_be_merged_is_left_out_and_never_averaged():
    for name in ("laeq", "la10", "la50", "la90"):
        assert _merged(name, 500, 600) == {}


def a_missing_reading_counts_for_nothing():
    assert _merged("temperature", None, 10, None, 20, None) == {"temperature": 15}
    assert _merged("energy_import", 5, None) == {"energy_import": 5}
    assert _merged("temperature", None, None) == {}


def zero_is_a_reading():
    assert _merged("temperature", 0, 10) == {"temperature": 5}
    assert _merged("light", 0) == {"light": 0}


def quantities_do_not_mix():
    accumulator = Accumulator()
    accumulator.add({"temperature": 10, "energy_import": 7})
    accumulator.add({"temperature": 20, "humidity": 500, "energy_import": None})
    assert accumulator.close() == {"temperature": 15, "humidity": 500, "energy_import": 7}


def each_window_starts_anew():
    accumulator = Accumulator()
    accumulator.add({"temperature": 100, "energy_import": 7})
    accumulator.close()
    assert accumulator.close() == {}
    accumulator.add({"temperature": 10})
    assert accumulator.close() == {"temperature": 10}
