import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Availability } from '#shared/event.ts';
import { createFanOut } from './fan-out.ts';
import type { Outlet } from './recipients.ts';
import type { Packet } from './packet.ts';

/** The number of events whose states are kept. */
const MOST_EVENTS = 10_000;

function seats(eventId: string, version: number): Availability {
  const counters = { totalSeats: 100, availableSeats: 50, heldSeats: 0, soldSeats: 50, waitingCount: 0 };
  return { eventId, version, ...counters, holdsUntil: null };
}

/** A client that the test lets read or not; keeps what it was sent, as "name event version …". */
function handOutlet(costMs: number, spend: (ms: number) => void) {
  const received: string[] = [];
  const outlet = {
    received,
    isReading: true,
    isClosed: false,
    isBroken: false,
    push(packets: readonly Packet[]): void {
      if (outlet.isBroken) throw new Error('broken');
      for (const packet of packets) note(packet);
    },
    offer(packet: Packet): boolean {
      if (outlet.isReading) note(packet);
      return outlet.isReading;
    },
    close: () => void (outlet.isClosed = true),
    /** The newest version of each event. */
    versions: () =>
      Object.fromEntries(received.flatMap((text) => [...text.matchAll(/(\w+)@(\d+)/g)].map(([, a, b]) => [a, b]))),
  } satisfies Outlet & Record<string, unknown>;

  function note({ text }: Packet): void {
    spend(costMs);
    const [name, payload] = JSON.parse(text.slice(text.indexOf(',') + 1)) as [string, { changes?: Availability[] }];
    const changes = payload.changes?.map(({ eventId, version }) => `${eventId}@${version}`);
    received.push(`${name} ${changes ? changes.join(' ') : JSON.stringify(payload)}`);
  }
  return outlet;
}

/** A fan-out whose clock stands still but for what each delivery costs, and whose turns and timers the test runs. */
function handFanOut(costMs = 0) {
  let nowMs = 0;
  const turns: (() => void)[] = [];
  const timers: { ms: number; run: () => void }[] = [];
  const errors: unknown[] = [];
  const cancel = <T>(list: T[], item: T) => void list.splice(list.indexOf(item) >>> 0, 1);
  const fanOut = createFanOut(
    ['/booking', '/public'],
    {
      monotonic: () => nowMs,
      processorMs: () => nowMs,
      inNextTurn: (run) => (turns.push(run), () => cancel(turns, run)),
      after(ms, run) {
        const timer = { ms, run };
        timers.push(timer);
        return () => cancel(timers, timer);
      },
    },
    { error: (fields: unknown) => void errors.push(fields) } as never,
  );
  const join = (namespace = '/public') => {
    const outlet = handOutlet(costMs, (ms) => (nowMs += ms));
    const recipient = fanOut.join(namespace, outlet);
    return Object.assign(outlet, { leave: () => fanOut.leave(recipient) });
  };
  return {
    fanOut,
    errors,
    join,
    joinMany: (count: number) => Array.from({ length: count }, () => join()),
    pass: (ms: number) => (nowMs += ms),
    turns,
    timers,
    /** Runs the next turn of the event loop. */
    turn: () => turns.splice(0).forEach((run) => run()),
    /** Runs turns until none is left; returns their number. */
    allTurns(): number {
      let count = 0;
      for (; turns.length > 0; count += 1) turns.splice(0).forEach((run) => run());
      return count;
    },
    /** Runs the timers that are due next. */
    fire: () => timers.splice(0).forEach(({ run }) => run()),
  };
}

describe('a frame of seats', () => {
  it('reaches a few clients of both namespaces at once', () => {
    const { fanOut, join, turns } = handFanOut();
    const [member, visitor] = [join('/booking'), join('/public')];
    fanOut.pushSeats([seats('a', 1), seats('b', 4)]);
    expect(member.received).toEqual(['availabilityChanged a@1 b@4']);
    expect(visitor.received).toEqual(member.received);
    expect(turns).toEqual([]);
  });

  it('reaches a crowd in slices, a turn of the event loop each, and buyers before visitors', () => {
    const { fanOut, join, joinMany, turn, allTurns } = handFanOut(0.1);
    const visitors = joinMany(40);
    const buyer = join('/booking');
    fanOut.pushSeats([seats('a', 1)]);
    const served = () => visitors.filter(({ received }) => received.length > 0).length;
    expect([buyer.received.length, served()]).toEqual([1, 15]);
    turn();
    expect(served()).toBe(31);
    expect(allTurns()).toBe(1);
    expect(served()).toBe(40);
  });

  it('that comes while another is under way goes to those still to be visited, then at once to the others', () => {
    const { fanOut, joinMany, allTurns } = handFanOut(0.1);
    const clients = joinMany(40);
    fanOut.pushSeats([seats('a', 5)]);
    fanOut.pushSeats([seats('a', 6)]);
    allTurns();
    expect(clients[0]?.received).toEqual(['availabilityChanged a@5', 'availabilityChanged a@6']);
    expect(clients[39]?.received).toEqual(['availabilityChanged a@6']);
  });

  it('is not sent to a client that joined after it, nor to one that has left', () => {
    const { fanOut, join, joinMany, allTurns } = handFanOut(0.1);
    const clients = joinMany(40);
    fanOut.pushSeats([seats('a', 1)]);
    clients[39]?.leave();
    const late = join();
    allTurns();
    expect(clients[38]?.received).toHaveLength(1);
    expect([clients[39]?.received, late.received]).toEqual([[], []]);
  });

  it('is followed by the next one after four times what it cost, and never before its end', () => {
    const { fanOut, joinMany, turn, allTurns, pass } = handFanOut(0.5);
    joinMany(40);
    fanOut.pushSeats([seats('a', 1)]);
    expect(fanOut.frameIntervalMs).toBe(32);
    pass(500);
    expect(fanOut.frameIntervalMs).toBe(528);
    pass(2_000);
    expect(fanOut.frameIntervalMs).toBe(1_000);
    turn();
    allTurns();
    expect(fanOut.frameIntervalMs).toBeCloseTo(80);
  });
});

describe('a client that does not read', () => {
  it('gets the newest state of each event alone, once it reads', () => {
    const { fanOut, join, timers, fire } = handFanOut();
    const [reader, sleeper] = [join(), join()];
    sleeper.isReading = false;
    fanOut.pushSeats([seats('a', 1), seats('b', 1)]);
    fanOut.pushSeats([seats('a', 2)]);
    fanOut.pushSeats([seats('a', 3), seats('c', 1)]);
    fire();
    expect([sleeper.received, fanOut.behind]).toEqual([[], 1]);
    sleeper.isReading = true;
    fire();
    expect(sleeper.received).toEqual(['availabilityChanged b@1 a@3 c@1']);
    expect(reader.received).toHaveLength(3);
    expect([fanOut.behind, timers]).toEqual([0, []]);
  });

  it('gets the newest state with the next frame, too', () => {
    const { fanOut, join, fire } = handFanOut();
    const sleeper = join();
    sleeper.isReading = false;
    fanOut.pushSeats([seats('a', 1)]);
    sleeper.isReading = true;
    fanOut.pushSeats([seats('b', 1)]);
    expect(sleeper.received).toEqual(['availabilityChanged a@1 b@1']);
    fire();
    expect(sleeper.received).toHaveLength(1);
  });

  it('is closed when it lacks more events than are kept', () => {
    const { fanOut, join, fire } = handFanOut();
    const [reader, sleeper] = [join(), join()];
    sleeper.isReading = false;
    fanOut.pushSeats([seats('a', 1)]);
    fanOut.pushSeats(Array.from({ length: MOST_EVENTS }, (_, index) => seats(`e${index}`, 1)));
    fire();
    expect([sleeper.isClosed, reader.isClosed, fanOut.behind]).toEqual([true, false, 0]);
  });

  it('is no longer offered anything after it has left or the server has ended', () => {
    const { fanOut, join, timers, fire } = handFanOut();
    const [sleeper, other] = [join(), join()];
    sleeper.isReading = other.isReading = false;
    fanOut.pushSeats([seats('a', 1)]);
    sleeper.leave();
    sleeper.isReading = true;
    fire();
    expect([sleeper.received, fanOut.behind]).toEqual([[], 1]);
    fanOut.close();
    expect(timers).toEqual([]);
  });
});

describe('another push', () => {
  const edited = (title: string) => ({ title }) as never;

  it('reaches every client, each one in order, also those that do not read', () => {
    const { fanOut, joinMany, allTurns } = handFanOut(0.1);
    const clients = joinMany(40);
    (clients[39] as (typeof clients)[0]).isReading = false;
    for (const title of ['one', 'two', 'three']) fanOut.push('eventChanged', edited(title));
    allTurns();
    const all = ['one', 'two', 'three'].map((title) => `eventChanged {"title":"${title}"}`);
    expect(clients.map(({ received }) => received)).toEqual(clients.map(() => all));
  });

  it('comes before the seats that were pushed with it', () => {
    const { fanOut, joinMany, allTurns } = handFanOut(0.1);
    const clients = joinMany(40);
    fanOut.push('eventChanged', edited('new'));
    fanOut.pushSeats([seats('a', 1)]);
    allTurns();
    expect(clients[39]?.received).toEqual(['eventChanged {"title":"new"}', 'availabilityChanged a@1']);
  });

  it('that cannot be written to one client is logged, closes that client, and reaches the others', () => {
    const { fanOut, joinMany, errors } = handFanOut();
    const [broken, other] = joinMany(2);
    (broken as NonNullable<typeof broken>).isBroken = true;
    fanOut.push('eventChanged', edited('new'));
    expect([broken?.isClosed, other?.received.length, errors.length]).toEqual([true, 1, 1]);
  });
});

describe('every client', () => {
  it('ends with the newest state of each event, however the clients read', () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant('frame' as const), id: fc.constantFrom('a', 'b', 'c') }),
      fc.record({ kind: fc.constant('reads' as const), client: fc.nat(39), isReading: fc.boolean() }),
      fc.record({ kind: fc.constant('turn' as const) }),
      fc.record({ kind: fc.constant('fire' as const) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const { fanOut, joinMany, turn, allTurns, fire } = handFanOut(0.1);
        const clients = joinMany(40);
        const newest: Record<string, string> = {};
        steps.forEach((each, index) => {
          if (each.kind === 'turn') turn();
          else if (each.kind === 'fire') fire();
          else if (each.kind === 'reads') (clients[each.client] as (typeof clients)[0]).isReading = each.isReading;
          else {
            newest[each.id] = String(index);
            fanOut.pushSeats([seats(each.id, index)]);
          }
        });
        for (const client of clients) client.isReading = true;
        allTurns();
        fire();
        allTurns();
        for (const client of clients) expect(client.versions()).toEqual(newest);
      }),
      { seed: 20_261_129 },
    );
  });
});
