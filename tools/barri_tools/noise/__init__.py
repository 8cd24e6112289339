# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""How the sound level meter's integer filters are derived from the standard and the datasheets.

`curves` and `microphones` are what is wanted, `chain` what the firmware's kernel does to a sound,
`design` finds its coefficients, `ranges` proves that they fit 32 bits.
"""
