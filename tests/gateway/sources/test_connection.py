# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""What is said to a node that has just gone is lost, and disturbs nobody."""

import asyncio
import ssl
from pathlib import Path

from barri.adapters.sources.certificate import client_context, make_certificate, server_context
from barri.adapters.sources.connection import Connection


async def _write_after_the_end(server_tls: ssl.SSLContext, client_tls: ssl.SSLContext) -> bool:
    served: asyncio.Future[Connection] = asyncio.get_running_loop().create_future()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        served.set_result(Connection(reader, writer))

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=server_tls)
    async with server:
        port = server.sockets[0].getsockname()[1]
        _, writer = await asyncio.open_connection("127.0.0.1", port, ssl=client_tls)
        connection = await asyncio.wait_for(served, 10)
        await connection.close()
        await connection.close()  # amqtt and the door both end it
        connection.write(b"too late")
        connection.abort()
        connection.write(b"too late")
        writer.close()
    return True


def test_a_tls_connection_that_was_closed_can_still_be_written_to(tmp_path: Path) -> None:
    """Asyncio's closed TLS transport has no buffer to ask for: AttributeError, and no gateway."""
    certificate = make_certificate(tmp_path)
    story = _write_after_the_end(server_context(certificate), client_context(certificate))
    assert asyncio.run(story)
