# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Figures of a benchmark: `name value unit` on stdout, and all of them as JSON in build/bench/."""

import json
import sys
from pathlib import Path

FOLDER = Path("build/bench")


class Report:
    """Collects the figures of one benchmark. Notes go to stderr, so that stdout stays figures."""

    def __init__(self, name: str, folder: Path = FOLDER) -> None:
        self.name = name
        self.figures: dict[str, tuple[float, str]] = {}
        self.notes: list[str] = []
        self._folder = folder

    def add(self, name: str, value: float, unit: str) -> None:
        """Print a figure as one line; a name stands once in a report."""
        if name in self.figures:
            raise ValueError(f"figure twice: {name}")
        self.figures[name] = (round(value, 4), unit)
        sys.stdout.write(f"{name} {value:.4g} {unit}\n")

    def note(self, text: str) -> None:
        """Say what a reader of the figures has to know."""
        self.notes.append(text)
        sys.stderr.write(f"# {text}\n")

    def write(self) -> Path:
        """Write NAME.json into the folder; return its path."""
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._folder / f"{self.name}.json"
        figures = {name: {"value": v, "unit": unit} for name, (v, unit) in self.figures.items()}
        text = json.dumps({"figures": figures, "notes": self.notes}, indent=1)
        path.write_text(text + "\n", encoding="utf-8")
        return path
