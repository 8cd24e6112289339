# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""The sound level meter: audio samples go in, levels of whole windows come out.

Nothing here hands out, keeps or writes a sample: what leaves is one dict of levels per window.
`meter` is the door; `kernel` picks the fast or the plain arithmetic; `coefficients` is derived by
`barri_tools.noise.design`. Must not import anything else of the node, nor hardware.
"""
