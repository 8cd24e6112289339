# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""What the gateway does, over ports. Imports the domain and the ports."""
