# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""The meter's numbers per sampling rate and microphone, written by `barri_tools.noise.design`.

A row: multipliers of the four high passes; the equaliser's share of lows in 1/64; gain, two
zeros and two poles of the top section in 1/512; samples per sub-block; the logarithm (1/2048
octaves) of a sub-block's A and C energy for a full-scale 1 kHz sine; the lowest level in ddB that
the microphone can measure: 7 dB above its own noise.
"""

AT_48000 = {
    "flat": (353, 353, 459, 377, 0, 512, 98, -23, 249, -33, 47, 90179, 91172, 0),
    "inmp441": (379, 271, 459, 377, -275, 512, 144, -171, 134, 69, 47, 88782, 89775, 400),
    "ics43434": (172, 215, 459, 377, -294, 130, 147, 16, 388, -107, 47, 87521, 88514, 360),
    "sph0645": (339, 438, 459, 377, -126, 512, -13, 73, 257, -48, 47, 89869, 90862, 360),
}

AT_24000 = {
    "flat": (705, 705, 910, 720, 0, 512, 176, -3, -32, 12, 24, 85972, 86647, 0),
    "inmp441": (719, 639, 910, 720, -237, 512, -74, -34, 145, 16, 24, 85271, 85946, 400),
    "ics43434": (367, 446, 910, 720, -285, 512, 53, 13, 194, -52, 24, 87070, 87745, 360),
    "sph0645": (895, 696, 910, 720, -162, 512, 274, 69, -99, -16, 24, 86285, 86960, 360),
}
