# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""What a maker, a tester and a class use around the gateway: simulators, sandboxes, benches."""
