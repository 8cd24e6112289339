# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Forwarding: what was decided reaches each sink once, where the sink gives any means for that.

One task a sink, so that a slow or broken one never delays another. Per sink at most one batch
is in flight; its exact bytes and keys are committed before the request. Settings are read again
right before every request. Must not import adapters.
"""

import asyncio
import random
from collections.abc import Callable, Iterable, Mapping

import structlog

from barri.domain.sharing import Gate, era_of
from barri.errors import (
    BarriError,
    SinkBusyError,
    SinkError,
    SinkInDoubtError,
    SinkRefusedError,
    SinkTooLargeError,
    SinkUnreachableError,
)
from barri.ports import Clock, Home, Registration, Sink
from barri.rows import Count, Ledger, Notice, NoticeCode, Rows
from barri.services.dispatch import Dispatch
from barri.services.household import look
from barri.services.pacing import Pacing, Waiting
from barri.services.registering import Introduction, next_erasure, next_introduction
from barri.services.streams import in_step, reconcile

POLL_S = 1.0
SILENT_S = 600  # a platform may fail that long before a person is told
ONE_SILENCE_S = 1200  # failures further apart do not belong together: there was nothing to send
OVER_ONCE_IT_WORKS = ("stopped", "busy", "silent")

log = structlog.get_logger()


class Forwarder:
    """All sinks of a gateway."""

    def __init__(
        self,
        ledger: Ledger,
        home: Home,
        clock: Clock,
        sinks: Iterable[Sink],
        *,
        pacing: Mapping[str, Pacing] | None = None,
        dice: Callable[[], float] = random.random,
    ) -> None:
        """pacing: by sink, where it differs from the default. dice: gives numbers from 0 to 1."""
        self._ledger = ledger
        self.couriers = {
            sink.name: Courier(
                sink, ledger, home, clock, pacing=(pacing or {}).get(sink.name), dice=dice
            )
            for sink in sinks
        }

    async def run(self) -> None:
        """Forward to all sinks until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            for courier in self.couriers.values():
                tasks.create_task(courier.run())

    async def counts(self) -> dict[str, Count]:
        """How many values are where, by sink."""
        names = list(self.couriers)
        return await self._ledger.read(
            lambda rows: {name: rows.delivery.count(name) for name in names}
        )


class Courier:
    """Serves one sink, one step after the other."""

    def __init__(
        self,
        sink: Sink,
        ledger: Ledger,
        home: Home,
        clock: Clock,
        *,
        pacing: Pacing | None = None,
        dice: Callable[[], float] = random.random,
    ) -> None:
        self._sink = sink
        self._ledger = ledger
        self._home = home
        self._clock = clock
        self._pacing = pacing or Pacing()
        self._waiting = Waiting(self._pacing, dice)
        self._dispatch = Dispatch(sink, ledger, clock, self._pacing, self._waiting)
        self._failing_since_s: int | None = None
        self._failed_s = 0
        self.stopped: str | None = None  # what a person has to change first

    def resume(self) -> None:
        """Try again after a person has changed what made it stop."""
        self.stopped = None

    async def run(self) -> None:
        """Serve until cancelled."""
        told = ""
        while True:
            busy = False
            try:
                busy = await self._step_or_stop()
                told = ""
            except BarriError as error:  # our own files: nothing can be kept, so nothing is sent
                if str(error) != told:
                    log.error("forward.waits", sink=self._sink.name, reason=str(error))
                told = str(error)
            if not busy:
                await self._clock.sleep(POLL_S)

    async def _step_or_stop(self) -> bool:
        """Do the next step; a fault of our own stops this sink, and not the others."""
        try:
            return await self.step()
        except BarriError:
            raise
        except Exception as error:  # noqa: BLE001  (a broken sink must not end the others)
            kind = type(error).__name__
            self.stopped = f"{kind} in barri's own code: please report this"
            log.error("forward.broken", sink=self._sink.name, reason=self.stopped)
            await self._say("stopped", Notice("broken", {"error": kind}))
            return False

    async def step(self) -> bool:
        """Do the next thing there is to do; say whether there was one. Raises StoreError."""
        if self.stopped is not None or not await self._clock_is_right():
            return False
        gate = await self._look()
        if self._clock.now_s() < self._waiting.until_s:
            return False
        try:
            done = (
                await self._erase()
                or await self._dispatch.resolve(gate)
                or await self._register(gate)
                or await self._dispatch.deliver(gate, self._look)
            )
            if self._waiting.works if done else await self._asks_for_nothing():
                await self._works()
            return done
        except SinkBusyError as error:
            self._waiting.asked_to_wait(self._clock.now_s(), error.wait_s)
            await self._say("busy", Notice("busy", {"until_s": int(self._waiting.until_s)}))
        except (SinkUnreachableError, SinkInDoubtError) as error:
            await self._failed(error)
        except (SinkRefusedError, SinkTooLargeError) as error:
            await self._stop(error)
        return False

    async def _clock_is_right(self) -> bool:
        newest_s = await self._ledger.read(lambda rows: rows.derived.newest_arrival_s())
        return self._clock.synchronised() and self._clock.now_s() >= newest_s

    async def _look(self) -> Gate:
        """Read the settings anew, and end at once what they no longer allow."""
        gate = (await look(self._home)).gate
        now_s = self._clock.now_s()
        if not await self._ledger.read(lambda rows: in_step(rows, gate)):
            await self._ledger.write(lambda rows: reconcile(rows, gate, now_s))
        return gate

    # Withdrawal and registration.

    async def _erase(self) -> bool:
        now_s, name = self._clock.now_s(), self._sink.name
        wanted = await self._ledger.read(lambda rows: next_erasure(rows.delivery, name, now_s))
        if not wanted.streams and not wanted.untold:
            return False
        if wanted.streams:
            await self._sink.erase([stream.era for stream in wanted.streams], wanted.things)
            self._waiting.worked()
        done = [stream.id for stream in wanted.streams + wanted.untold]
        await self._ledger.write(lambda rows: rows.delivery.note_erased(done))
        return True

    async def _register(self, gate: Gate) -> bool:
        now_s, name = self._clock.now_s(), self._sink.name
        found = await self._ledger.read(
            lambda rows: next_introduction(rows.delivery, gate, name, now_s)
        )
        if found is None:
            return False
        known = await self._sink.known(found.thing)
        missing = [one for one in found.streams if one.stream not in known]
        result = Registration(frozenset(known))
        if missing:
            asked = [found.ids[one.stream] for one in missing]
            await self._ledger.write(lambda rows: rows.delivery.note_asked(asked))
            if not self._all_open(await self._look(), found.ids):
                return True
            result = await self._sink.register(found.thing, missing)
        self._waiting.worked()
        await self._note_registration(found, result)
        return True

    async def _note_registration(self, found: Introduction, result: Registration) -> None:
        now_s = self._clock.now_s()
        known = [number for era, number in found.ids.items() if era in result.known]

        def note(rows: Rows) -> None:
            rows.delivery.note_asked(known)
            rows.delivery.note_registered(known, now_s)
            for era in result.refused:
                rows.delivery.pause(found.ids[era_of(era)], now_s + self._pacing.park_s)

        await self._ledger.write(note)
        for shared in found.streams:
            about, why = f"register:{shared.quantity}", result.refused.get(shared.stream)
            if why is not None:
                await self._say(about, _untaken(shared.quantity, why))
            elif shared.stream in result.known:
                await self._take_away(about)

    @staticmethod
    def _all_open(gate: Gate, eras: Iterable[str]) -> bool:
        return all(gate.is_open(era) for era in eras)

    # People.

    async def _asks_for_nothing(self) -> bool:
        """Say whether nothing is shared there any more, nor to be erased or cleared up."""
        name = self._sink.name

        def look(rows: Rows) -> bool:
            running = any(stream.closed_s is None for stream in rows.delivery.streams(name))
            return not running and rows.delivery.batch(name) is None

        return await self._ledger.read(look)

    async def _works(self) -> None:
        """The platform does what it is asked, or is asked for nothing: take away what was said."""
        self._failing_since_s = None
        await self._take_away(*OVER_ONCE_IT_WORKS)

    async def _failed(self, error: SinkError) -> None:
        """Wait; when that has gone on for a while, say so, with the time it began."""
        now_s = self._clock.now_s()
        wait_s = self._waiting.failed(now_s)
        log.info("forward.failed", sink=self._sink.name, reason=str(error), wait_s=wait_s)
        if self._failing_since_s is None or now_s - self._failed_s > ONE_SILENCE_S:
            self._failing_since_s = now_s
        self._failed_s = now_s
        if now_s - self._failing_since_s >= SILENT_S:
            await self._say("silent", Notice("silent"), self._failing_since_s)

    async def _stop(self, error: SinkRefusedError | SinkTooLargeError) -> None:
        """Leave the sink alone until a person has changed something and says so."""
        self.stopped = str(error)
        log.error("forward.stopped", sink=self._sink.name, reason=self.stopped)
        await self._say("stopped", _refusal(error))

    async def _say(self, about: str, notice: Notice, at_s: int | None = None) -> None:
        """Show a notice, dated now unless said; the same again changes nothing."""
        name, since_s = self._sink.name, self._clock.now_s() if at_s is None else at_s
        shown = await self._ledger.read(lambda rows: rows.delivery.notices(name))
        if shown.get(about) != notice.as_text():
            await self._ledger.write(
                lambda rows: rows.delivery.notice(name, about, notice, since_s)
            )

    async def _take_away(self, *abouts: str) -> None:
        """Take notices away, those that are shown."""
        name = self._sink.name
        shown = await self._ledger.read(lambda rows: rows.delivery.notices(name))
        gone = shown.keys() & set(abouts)
        if gone:
            await self._ledger.write(lambda rows: rows.delivery.drop_notices(name, gone))


def _refusal(error: SinkRefusedError | SinkTooLargeError) -> Notice:
    """Why a platform goes on refusing; in its own words, where there is no better reason."""
    if isinstance(error, SinkTooLargeError):
        return Notice("too_long")
    said = error.said or (str(error) if error.why == "refused" else "")
    code: NoticeCode = error.why
    return Notice(code, {"said": said} if said else {})


def _untaken(quantity: str, error: SinkRefusedError) -> Notice:
    """Why a platform does not take up a quantity; most lack a type for it."""
    if error.why != "no_type":
        return Notice("not_taken", {"quantity": quantity, "said": error.said or str(error)})
    return Notice("no_type", {"quantity": quantity, "setting": f"types.{quantity}"})
