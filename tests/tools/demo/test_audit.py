# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""A report that cannot turn red is worth nothing: each planted fault must show, each alone."""

from dataclasses import replace

from barri_tools.demo.audit import audit
from barri_tools.demo.evidence import Agreement, Arrived, Evidence, Kept, Measured, Reading

THING = "balcony"
ERA = "00112233445566aa"
START_S = 1_790_000_040  # a whole minute
WINDOWS = 12


def clean_run() -> Evidence:
    """Twelve windows of 10 s, agreed from the third on; all of it arrived."""
    evidence = Evidence(window_s=10, ended_s=START_S + 10 * WINDOWS)
    evidence.agreements = [Agreement(ERA, THING, "temperature", 10, START_S + 15)]
    for n in range(WINDOWS):
        start_s = START_S + 10 * n
        evidence.measured.append(Measured(THING, start_s, start_s + 10))
        evidence.readings.append(Reading(THING, "temperature", start_s + 5, 20.0))
        evidence.kept.append(Kept(THING, 7, n, start_s, 10, {"temperature": 2000, "light": 5}))
        if n >= 2:
            evidence.arrived.append(Arrived(ERA, start_s + 10, "20.00"))
    return evidence


def test_a_clean_run_is_clean() -> None:
    result = audit(clean_run())
    assert result.clean, result.findings
    assert result.records_measured == WINDOWS
    assert result.observations_derived == 2 * WINDOWS
    assert result.observations_shared == result.observations_forwarded == 10
    assert result.observations_withheld == 14


def test_a_record_that_never_reached_the_log_is_lost_and_so_is_what_it_owed_the_city() -> None:
    evidence = clean_run()
    del evidence.kept[5], evidence.arrived[3]
    assert audit(evidence).lost == 2


def respan(evidence: Evidence, place: int, start_s: int, duration_s: int) -> None:
    """Let a kept record speak of other seconds."""
    evidence.kept[place] = replace(evidence.kept[place], start_s=start_s, duration_s=duration_s)


def test_a_second_that_moved_to_the_next_record_is_not_lost() -> None:
    evidence = clean_run()
    respan(evidence, 0, START_S, 9)
    respan(evidence, 1, START_S + 9, 11)
    assert audit(evidence).lost == 0


def test_a_second_that_no_record_speaks_of_is_lost() -> None:
    evidence = clean_run()
    respan(evidence, 0, START_S, 9)
    assert audit(evidence).lost == 1


def test_a_record_of_health_does_not_stand_for_what_was_measured() -> None:
    evidence = clean_run()
    evidence.kept[0] = replace(evidence.kept[0], values={"reset_cause": 1, "heap_free": 200})
    assert audit(evidence).lost == 1


def test_a_value_that_never_reached_the_city_is_lost() -> None:
    evidence = clean_run()
    del evidence.arrived[4]
    result = audit(evidence)
    assert (result.lost, result.duplicated, result.leaked) == (1, 0, 0)


def test_a_value_that_reached_the_city_twice_is_duplicated() -> None:
    evidence = clean_run()
    evidence.arrived.append(evidence.arrived[4])
    result = audit(evidence)
    assert (result.lost, result.duplicated, result.leaked) == (0, 1, 0)


def test_a_sensor_that_nobody_agreed_to_is_a_leak() -> None:
    evidence = clean_run()
    evidence.arrived.append(Arrived("ffffffffffffffff", START_S + 50, "5"))
    assert audit(evidence).leaked == 1


def test_a_value_from_before_the_agreement_is_a_leak() -> None:
    evidence = clean_run()
    evidence.arrived.append(Arrived(ERA, START_S + 20, "20.00"))
    assert audit(evidence).leaked == 1


def test_a_value_from_after_the_withdrawal_is_a_leak() -> None:
    evidence = clean_run()
    evidence.agreements = [Agreement(ERA, THING, "temperature", 10, START_S + 15, START_S + 115)]
    result = audit(evidence)
    assert (result.lost, result.leaked) == (0, 1)


def test_a_value_finer_than_agreed_is_a_leak() -> None:
    evidence = clean_run()
    evidence.agreements = [Agreement(ERA, THING, "temperature", 30, START_S + 5)]
    evidence.arrived = [Arrived(ERA, START_S + 90, "20.00"), Arrived(ERA, START_S + 80, "20.00")]
    assert audit(evidence).leaked == 1


def test_a_planted_secret_in_any_byte_is_a_leak() -> None:
    evidence = clean_run()
    evidence.secrets = ["Planted Street 7"]
    evidence.requests = [b"PUT /data/p", b'{"desc":"Planted Street 7"}']
    assert audit(evidence).leaked == 1


def test_a_coarser_window_counts_once_all_of_it_was_measured() -> None:
    evidence = clean_run()
    evidence.agreements = [Agreement(ERA, THING, "temperature", 30, START_S + 5)]
    first = (START_S + 5) // 30 * 30 + 30
    ends = [end for end in range(first + 30, evidence.ended_s + 1, 30)]
    evidence.arrived = [Arrived(ERA, end, "20.00") for end in ends]
    result = audit(evidence)
    assert result.clean, result.findings
    assert result.observations_shared == len(ends) == 3
    del evidence.arrived[0]
    assert audit(evidence).lost == 1
