# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""The pure core: what is true whatever the hardware. Imports only barri_wire."""
