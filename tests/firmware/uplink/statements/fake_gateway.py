# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""A broker and a gateway in one, as little of both as a node can tell, which may fall silent.

It notes what comes (`heard`) and answers as the settings of the moment say.
"""

import struct

from barri_wire.frame import decode_frame, decode_header
from barri_wire.messages import (
    Ack,
    Refusal,
    SchemaRequest,
    Time,
    decode_hello,
    decode_void,
    encode_ack,
    encode_refusal,
    encode_schema_request,
    encode_time,
)
from barri_wire.topics import topic

_CONNECT, _PUBLISH, _SUBSCRIBE, _PINGREQ = 1, 3, 8, 12
UTC_AT_ZERO_S = 800000000


class FakeGateway:
    """tells_time, acknowledges, stores, takes (PUBACKs), lets_in: what it does at present.

    heard: (ms, kind, message) of all that came; a frame comes as the list of its sequences.
    """

    def __init__(self, world, node, schema):
        self._world = world
        self._node = node
        self._schema = schema
        self.tells_time = self.acknowledges = self.stores = self.takes = self.lets_in = True
        self.heard = []
        self.pubacks = []
        self.pings = 0
        self.subscriptions = []
        self.stored = set()
        self.void = set()
        self.store_id = None
        self.stream = None

    async def serve(self, stream):
        self.stream = stream
        try:
            while True:
                kind = (await stream.readexactly(1))[0]
                self._packet(kind, await stream.readexactly(await self._length(stream)))
        except EOFError:
            pass

    async def _length(self, stream):
        length = shift = 0
        while True:
            byte = (await stream.readexactly(1))[0]
            length |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return length

    def _packet(self, kind, body):
        if kind >> 4 == _CONNECT:
            if self.lets_in:
                self.stream.write(b"\x20\x02\x00\x00")
        elif kind >> 4 == _SUBSCRIBE:
            self.subscriptions.append(body[4:-1].decode())
            self.stream.write(b"\x90\x03" + body[:2] + b"\x01")
        elif kind >> 4 == _PINGREQ:
            self.pings += 1
            self.stream.write(b"\xd0\x00")
        elif kind >> 4 == _PUBLISH:
            self._published(body)
        else:
            self.pubacks.append(body)

    def _published(self, body):
        size = struct.unpack(">H", body)[0]
        name, packet_id, payload = body[2 : 2 + size], body[2 + size : 4 + size], body[4 + size :]
        if self.takes:
            self.stream.write(b"\x40\x02" + packet_id)
        kind = name.decode().split("/")[-1]
        assert name.decode() == topic(self._node, "up", kind)
        getattr(self, "_on_" + kind)(payload)

    def _note(self, kind, message):
        self.heard.append((self._world.now_ms, kind, message))

    def _on_hello(self, payload):
        hello = decode_hello(payload)
        self._note("hello", hello)
        self.store_id = hello.stores[0][0]
        if self.tells_time:
            self.send_time(hello.uptime_s)
        self.send_ack()

    def _on_frame(self, payload):
        assert decode_header(payload).store_id == self.store_id
        sequences = [record.sequence for record in decode_frame(payload, self._schema)]
        self._note("frame", sequences)
        if self.stores:
            self.stored.update(sequences)
        self.send_ack()

    def _on_void(self, payload):
        void = decode_void(payload)
        self._note("void", void)
        for first, count, _ in void.ranges:
            self.void.update(range(first, first + count))
        self.send_ack()

    def _on_schema(self, payload):
        self._note("schema", payload)

    def send_ack(self):
        if self.acknowledges:
            self.send("ack", encode_ack(self.ack()))

    def ack(self):
        known = self.stored | self.void
        covered = max(known) + 1 if known else 0
        missing = []
        for sequence in range(covered):
            if sequence in known:
                continue
            if missing and sum(missing[-1]) == sequence:
                missing[-1] = (missing[-1][0], missing[-1][1] + 1)
            else:
                missing.append((sequence, 1))
        return Ack(self.store_id, covered, missing)

    def send_time(self, token, s2000=None, ms=None):
        now_ms = self._world.now_ms
        s2000 = UTC_AT_ZERO_S + now_ms // 1000 if s2000 is None else s2000
        self.send("time", encode_time(Time(token, s2000, now_ms % 1000 if ms is None else ms)))

    def ask_for_schema(self, schema_id):
        self.send("schema", encode_schema_request(SchemaRequest(schema_id)))

    def refuse(self, code):
        self.send("refuse", encode_refusal(Refusal(code, self.store_id)))

    def send(self, kind, payload):
        name = topic(self._node, "down", kind).encode()
        body = struct.pack(">H", len(name)) + name + b"\x00\x07" + payload
        length = bytes((len(body) & 127 | 128, len(body) >> 7))
        self.stream.write(b"\x32" + length + body)

    def kinds(self):
        return [kind for _, kind, _ in self.heard]

    def sent(self):
        """The sequences of all frames, as they came."""
        return [sequence for frame in self.messages("frame") for sequence in frame]

    def times(self, kind):
        return [at_ms for at_ms, heard, _ in self.heard if heard == kind]

    def messages(self, kind):
        return [message for _, heard, message in self.heard if heard == kind]
