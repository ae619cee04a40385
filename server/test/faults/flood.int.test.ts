import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { Booking } from '#shared/booking.ts';
import type { Result } from '#shared/protocol/errors.ts';
import type { LiveWorld } from '../support/live-world.ts';
import { liveWorld } from '../support/live-world.ts';
import type { Client } from '../support/test-app.ts';
import { commandsOf } from '../support/test-app.ts';

const FLOODERS = 20;
const COMMANDS_EACH = 200;
const SLOW = { timeout: 120_000 };

/** A command of a flood, with each of its answers. */
interface Sent {
  socket: Client;
  requestId: string;
  answers: Result<Booking>[];
}

/** Sends a booking of one seat without waiting for anything; `sent.answers` gets every answer that comes. */
function send(socket: Client, eventId: string, requestId: string = randomUUID()): Sent & { first: Promise<void> } {
  const answers: Result<Booking>[] = [];
  const first = new Promise<void>((resolve) => {
    socket.emit('book', { requestId, eventId, seats: 1 }, (reply) => {
      answers.push(reply);
      resolve();
    });
  });
  return { socket, requestId, answers, first };
}

async function flooders(world: LiveWorld, count: number): Promise<Client[]> {
  const people = await Promise.all(Array.from({ length: count }, () => world.person()));
  return Promise.all(people.map(({ token }) => world.signedIn(token)));
}

function refusalOf({ answers: [answer] }: Sent) {
  return answer && !answer.ok ? answer.error : null;
}

describe('a flood of bookings on one event', () => {
  it('is answered once each: confirmed, or BUSY with a time after which most are let in', SLOW, async (t) => {
    const world = await liveWorld(t, { env: { RATE_LIMITS: 'off' } });
    const eventId = await world.createEvent({ totalSeats: 100_000 });
    const sockets = await flooders(world, FLOODERS);
    const flood = sockets.flatMap((socket) => Array.from({ length: COMMANDS_EACH }, () => send(socket, eventId)));
    await Promise.all(flood.map(({ first }) => first));

    const refused = flood.filter((sent) => refusalOf(sent) !== null);
    expect(refused.length).toBeGreaterThan(0);
    expect(refused.length).toBeLessThan(flood.length);
    for (const sent of refused) expect(refusalOf(sent)).toMatchObject({ code: 'BUSY' });

    const again = await Promise.all(
      refused.map(async (sent) => {
        await sleep(refusalOf(sent)?.retryAfterMs);
        const second = send(sent.socket, eventId, sent.requestId);
        await second.first;
        return second;
      }),
    );
    const admitted = again.filter((sent) => refusalOf(sent) === null);
    expect(admitted.length).toBeGreaterThan(again.length / 2);

    // Every answer of the flood has arrived before the one that was asked for last on the same connection.
    await Promise.all(sockets.map((socket) => commandsOf(socket).must('clock', {})));
    expect(new Set([...flood, ...again].map(({ answers }) => answers.length))).toEqual(new Set([1]));
    const sold = flood.length - refused.length + admitted.length;
    expect(await world.app.models.bookings.countDocuments()).toBe(sold);
    expect((await world.app.models.events.findById(eventId).orFail().lean()).soldSeats).toBe(sold);
  });

  it('stops neither another buyer, nor the organiser, nor health and metrics; nothing is oversold', SLOW, async (t) => {
    const world = await liveWorld(t, { env: { RATE_LIMITS: 'off' } });
    const totalSeats = 1_000;
    const eventId = await world.createEvent({ totalSeats });
    const sockets = await flooders(world, FLOODERS);
    const [alice, admin] = await Promise.all([world.person(), world.person('admin')]);
    const buyer = commandsOf(await world.signedIn(alice.token));
    const organiser = commandsOf(await world.signedIn(admin.token));
    let isOver = false;
    const codes = new Map<string, number>();
    const keepSending = async (socket: Client): Promise<void> => {
      while (!isOver) {
        const sent = send(socket, eventId);
        await sent.first;
        const code = refusalOf(sent)?.code ?? 'ok';
        codes.set(code, (codes.get(code) ?? 0) + 1);
      }
    };
    const flood = sockets.flatMap((socket) => Array.from({ length: COMMANDS_EACH / 2 }, () => keepSending(socket)));

    for (let booked = 0; booked < 3; booked += 1) {
      const reply = await buyer.send('book', { requestId: randomUUID(), eventId, seats: 1 });
      expect(reply.ok ? 'ok' : reply.error.code).toMatch(/^(?:ok|SOLD_OUT)$/);
      const title = `Jazz ${booked}`;
      expect(await organiser.must('updateEvent', { eventId, revision: 1 + booked, changes: { title } })).toMatchObject({
        title,
      });
      expect(await organiser.must('eventStats', { eventId })).toBeTruthy();
      for (const path of ['/api/health/live', '/api/health/ready', '/metrics']) {
        const response = await fetch(world.url + path);
        expect(response.status, await response.text()).toBe(200);
      }
    }
    isOver = true;
    await Promise.all(flood);

    expect(codes.get('BUSY')).toBeGreaterThan(0);
    expect([...codes.keys()].sort()).toEqual(expect.arrayContaining(['BUSY', 'ok']));
    const { soldSeats, availableSeats } = await world.app.models.events.findById(eventId).orFail().lean();
    expect(soldSeats + availableSeats).toBe(totalSeats);
    expect(await world.app.models.bookings.countDocuments()).toBe(soldSeats);
  });
});
