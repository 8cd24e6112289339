# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""A secret is not shown by accident."""

import pickle

import pytest

from barri.domain.secret import Secret


def test_a_secret_hides_in_every_text():
    secret = Secret("tok3n")
    for text in (repr(secret), str(secret), f"{secret}", f"{secret!r:>20}", repr([secret])):
        assert "tok3n" not in text
    assert secret.reveal() == "tok3n"
    with pytest.raises(TypeError):
        pickle.dumps(secret)


def test_a_secret_is_taken_out_of_what_others_say():
    assert Secret("tok3n").redact("Invalid credential tok3n") == "Invalid credential ***"
    assert Secret("").redact("abc") == "abc"
