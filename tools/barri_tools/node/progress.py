# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""What a person sees while a board is written: one bar a step, with Rich."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol

from rich.console import Console as Screen
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

Step = AbstractContextManager[Callable[[float], None]]  # inside it: share, 0 to 1 -> None


class Steps(Protocol):
    """Shows steps, one after the other."""

    def step(self, title: str) -> Step:
        """Begin a step."""

    def say(self, text: str) -> None:
        """Say something that stays on the screen."""


class Bars:
    """Steps as progress bars; plain lines where the output is no terminal."""

    def __init__(self, screen: Screen | None = None) -> None:
        self._screen = screen or Screen()

    @contextmanager
    def step(self, title: str) -> Iterator[Callable[[float], None]]:
        """A bar that is full when the step ends well, and stays where it was if it does not."""
        columns = (TextColumn("{task.description:<28}"), BarColumn(), TaskProgressColumn())
        with Progress(*columns, TimeElapsedColumn(), console=self._screen) as progress:
            task = progress.add_task(title, total=1.0)
            yield lambda share: progress.update(task, completed=share)
            progress.update(task, completed=1.0)

    def say(self, text: str) -> None:
        self._screen.print(text, highlight=False, markup=False)
