# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
