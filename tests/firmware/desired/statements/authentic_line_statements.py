# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""What a node takes over its line, and what it reports there. In virtual time."""

import sys

from desired_statements import CABLE, WISH, Flash
from link_bench import Bench

from barri_node.settings_file import load, read
from barri_node.uplink.authentic_link import AuthenticLink
from barri_node.uplink.sealed_link import SealedLink
from barri_wire.messages_desired import REFUSED_OLDER, Desired, decode_reported, encode_desired
from barri_wire.topics import topic

KEY = "00112233445566778899aabbccddeeff"


class Line(Bench):
    """A node with settings in flash, whose link is given; it restarts by stopping to be."""

    def __init__(self, flash, link=AuthenticLink, **more):
        super().__init__()
        self.flash = flash
        self.restarts = []
        self.world.settings_path = lambda: flash.path
        self.world.random_bytes = lambda count: bytes(range(count))
        settings = load(flash.path)
        for name in more:
            setattr(settings, name, read(dict(CABLE, **more)).__dict__[name])
        if link is not None:
            self.link = link(
                self.world, settings, self.clock, self.log, self.outbox, self.boot, "9.9.9",
                self.world.say,
            )  # fmt: skip
            self.link.watchdog = self.link.light = self
        self.link.restart = lambda: self.restarts.append(self.world.now_ms)
        self.gateway._on_reported = self._on_reported

    def _on_reported(self, payload):
        self.gateway._note("reported", decode_reported(payload))

    def tell(self, body, at_ms=5000):
        """Run a while; the gateway tells the node something meanwhile."""

        async def story():
            await self.world.until(at_ms)
            self.gateway.send("desired", body)

        return self.run(at_ms + 5000, story)

    def reported(self):
        return [(one.version, one.result) for one in self.gateway.messages("reported")]


def _with_flash(statement):
    def run():
        flash = Flash(CABLE)
        try:
            statement(flash)
        finally:
            flash.end()

    return run


@_with_flash
def a_node_of_which_nothing_was_desired_reports_nothing(flash):
    assert Line(flash).run(9000).messages("reported") == []


@_with_flash
def nothing_of_it_is_loaded_before_it_is_needed(flash):
    for name in ("barri_node.desired", "barri_wire.messages_desired"):
        sys.modules.pop(name, None)
    Line(flash).run(9000)
    assert "barri_node.desired" not in sys.modules
    assert "barri_wire.messages_desired" not in sys.modules


@_with_flash
def what_comes_is_written_and_the_node_restarts_at_once(flash):
    line = Line(flash)
    line.tell(WISH)
    assert len(line.restarts) == 1
    assert 5000 <= line.restarts[0] < 5100
    assert load(flash.path).desired == 5


@_with_flash
def the_version_in_force_is_reported_right_after_each_hello(flash):
    Line(flash).tell(WISH)
    line = Line(flash)
    line.run(9000)
    kinds = line.gateway.kinds()
    assert line.reported() == [(5, 0)] * kinds.count("hello")
    assert all([kinds[i + 1] == "reported" for i in range(len(kinds)) if kinds[i] == "hello"])


@_with_flash
def a_replayed_older_version_is_refused_and_answered(flash):
    Line(flash).tell(WISH)
    line = Line(flash)
    line.tell(encode_desired(Desired(4, 60, [])))
    assert line.reported()[-1] == (5, REFUSED_OLDER)
    assert line.restarts == []
    assert load(flash.path).desired == 5


@_with_flash
def what_cannot_be_read_is_passed_over(flash):
    line = Line(flash)
    line.tell(WISH[:-1])
    assert (line.restarts, line.reported()) == ([], [])
    assert load(flash.path).desired == 0


@_with_flash
def a_line_that_proves_nothing_neither_asks_for_it_nor_takes_it(flash):
    line = Line(flash, None)
    line.tell(WISH)
    assert (line.restarts, line.reported()) == ([], [])
    assert not [name for name in line.gateway.subscriptions if name.endswith("desired")]
    assert load(flash.path).desired == 0


@_with_flash
def a_sealed_line_takes_nothing_unsealed(flash):
    line = Line(flash, SealedLink, seal_key=KEY)
    line.link._on_message(topic("balcony1", "down", "desired").encode(), WISH)
    assert line.restarts == []
    assert load(flash.path).desired == 0
