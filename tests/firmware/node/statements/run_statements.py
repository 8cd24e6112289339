# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Runs on MicroPython: the named functions of a module, one after the other; a verdict each."""

import sys


def main(module, names):
    functions = __import__(module)
    print("start")
    for name in names:
        print("--- " + name)
        try:
            getattr(functions, name)()
            print("=== holds")
        except Exception as error:  # noqa: BLE001  # whatever it is, the next one runs
            sys.print_exception(error)
            print("=== failed")


main(sys.argv[1], sys.argv[2:])
