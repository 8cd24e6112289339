# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""A node's flash and a gateway beside it that can be told to misbehave."""

import asyncio
from binascii import hexlify
from hashlib import sha256

from cryptolib import aes
from cut_flash import Flash, PowerCutError

from barri_node.update.fetching import Fetcher, architecture
from barri_node.update.slots import Slots
from barri_wire import messages_update as wire
from barri_wire.cmac import cmac

KEY = bytes(range(16))
NAME = next(name for name, number in wire.ARCHITECTURES.items() if number == architecture())
CABLE = {
    "main.py": b"cable main",
    "boot.py": b"boot",
    "barri_node/__init__.mpy": b"cable node",
    "barri_node/app.mpy": b"cable app" * 300,
    "barri_node/update/slots.mpy": b"cable slots",
    "barri_wire/frame.mpy": b"cable frame",
}


def tree(word, long=2000):
    """A release's files: of several parts, of one, and empty."""
    return {
        "barri_node/__init__.mpy": word,
        "barri_node/app.mpy": word * (long // len(word)),
        "barri_node/deep/er.json": b"",
        "barri_wire/frame.mpy": word * 3,
        "main.py": b"main " + word,
    }


class Release:
    """files: path to content. More can be told: another head, tag, hash or order."""

    def __init__(self, serial, files, head=None, lines=None, tag=None, last=True):
        names = sorted(files, key=lambda name: (last and name == "main.py", name))
        self.serial = serial
        self.files = files
        self.names = names
        listed = [_line(name, files[name]) for name in names] if lines is None else lines
        head = f"barri 2.0 {serial} {NAME}\n" if head is None else head
        self.manifest = (head + "".join(listed)).encode()
        self.sha256 = sha256(self.manifest).digest()
        encrypt = aes(KEY, 1).encrypt
        self.tag = cmac(encrypt, wire.SIGNED_PREFIX + self.sha256) if tag is None else tag

    def offer(self, **changes):
        fields = {
            "serial": self.serial, "architecture": architecture(), "size": len(self.manifest),
            "sha256": self.sha256, "tag": self.tag,
        }  # fmt: skip
        fields.update(changes)
        return wire.encode_offer(wire.Offer(**fields))

    def content(self, number):
        return self.manifest if number == 0 else self.files[self.names[number - 1]]

    def part(self, want):
        content = self.content(want.file)[want.offset : want.offset + wire.PART_MAX_BYTES]
        return wire.encode_part(wire.Part(want.serial, want.file, want.offset, content))

    def on_flash(self):
        whole = dict(self.files)
        whole["MANIFEST"] = self.manifest
        return whole


def _line(name, content):
    return f"{hexlify(sha256(content).digest()).decode()} {len(content)} {name}\n"


class Bench:
    """damage(part bytes): what the gateway really sends; None for nothing."""

    def __init__(self, cable=CABLE):
        self.flash = Flash()
        for name in cable:
            self.flash.put(name, cable[name])
        self.said = []
        self.now_ms = 0
        self.wants = []
        self.damage = lambda part: part
        self.power_on()

    def power_on(self):
        """A boot: what ran is forgotten, flash is not."""
        self.power_on_with(None)

    def power_on_with(self, left):
        """A boot whose power goes after so many more changes of flash."""
        self.flash.left = left
        self.slots = Slots(self.flash.root)
        self.tree, self.trial = self.slots.begin()
        self.fetcher = Fetcher(Slots(self.flash.root), KEY, self.said.append)

    def running(self):
        """The files of the tree that this boot runs."""
        if self.tree == "-":
            return {n: c for n, c in self.flash.files().items() if n in CABLE}
        return self.flash.files("/" + self.tree)

    def take(self, body):
        self.fetcher.take(body, self.now_ms)

    def step(self):
        want = asyncio.run(self.fetcher.step(self.now_ms))
        if want is not None:
            self.wants.append(want)
        return want

    def fetch(self, release, offer=True, most=400):
        """Let the node fetch until it is ready, gives up, or `most` steps are over."""
        if offer:
            self.take(release.offer())
        for _ in range(most):
            due_ms = self.fetcher.due_ms(self.now_ms)
            if due_ms is None:
                break
            self.now_ms = max(self.now_ms, due_ms)
            want = self.step()
            part = None if want is None else self.damage(release.part(want))
            if part is not None:
                self.take(part)
        return self.fetcher.ready

    def install(self, release):
        """Fetch, try and confirm."""
        assert self.fetch(release), self.said
        self.power_on()
        assert self.trial
        self.slots.confirm()
        self.power_on()

    def end(self):
        self.flash.remove_all()


def benched(function):
    """A statement that gets a bench and leaves nothing behind."""

    def statement():
        bench = Bench()
        try:
            function(bench)
        finally:
            bench.end()

    return statement


__all__ = ["CABLE", "KEY", "Bench", "PowerCutError", "Release", "benched", "tree"]
