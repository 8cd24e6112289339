# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""What keeps a node alive: its network, watchdog, boots, sleep, health, light and button.

Each file is loaded by itself, where it is needed, and gets its hardware injected.
"""
