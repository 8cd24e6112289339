# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Energy, from what a household's own meter says; the node measures no mains by itself."""
