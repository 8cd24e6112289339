# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Updates over the air: fetch a signed release beside the running tree, try it, and go back unless
it proves itself.

`slots` and `boot.py` decide what runs; `fetching` and `staging` bring a release; `trial` judges.
"""
