# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""One register-level model per part. A model knows its datasheet and the World, never a driver."""
