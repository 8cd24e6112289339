# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""The A weighting's numbers per sampling rate, written by `barri_tools.noise_design`: see there.

high_passes: multipliers. top: zero and two poles in 1/512. sub_block: samples per energy.
full_scale: logarithm (1/2048 octaves) of the energy of a full-scale 1 kHz sine.
"""

A = {
    48000: {
        "high_passes": (378, 353, 353, 459),
        "top": (174, 177, -9),
        "sub_block": 47,
        "full_scale": 90205,
    },
    24000: {
        "high_passes": (724, 705, 705, 911),
        "top": (202, -58, 17),
        "sub_block": 24,
        "full_scale": 85976,
    },
}
