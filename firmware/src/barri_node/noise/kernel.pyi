# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""The kernel for the type checker: both are called as the plain one is. Never on a board."""

from barri_node.noise.kernel_plain import time_weight as time_weight
from barri_node.noise.kernel_plain import weigh as weigh

VIPER: bool
