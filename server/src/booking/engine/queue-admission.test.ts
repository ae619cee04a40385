import { describe, expect, it } from 'vitest';
import type { Command } from '../rules/command.ts';
import { buyerOf } from './buyer-of.ts';
import { createQueueAdmission } from './queue-admission.ts';

const BATCH = 512;

/** A queue on a clock of its own, emptied by batches of 512 commands that take as long as the test says. */
function queueAt({ batchMs }: { batchMs: number }) {
  let nowMs = 0;
  let users = 0;
  const senders: string[] = [];
  const admission = createQueueAdmission({ monotonic: () => nowMs, maxBatch: BATCH });

  function enter(user = `user ${(users += 1)}`): boolean {
    if (admission.isFullFor(user)) return false;
    admission.enter(user);
    senders.push(user);
    return true;
  }

  /** Lets users who have nothing in the queue in, until one is refused. Returns their number. */
  function fill(): number {
    let entered = 0;
    while (enter()) entered += 1;
    return entered;
  }

  function runBatch(durationMs = batchMs): void {
    const batch = senders.splice(0, BATCH);
    for (const sender of batch) admission.leave(sender);
    const hasMore = senders.length > 0;
    admission.pace.begin({ size: batch.length, startedMs: nowMs });
    nowMs += durationMs;
    admission.pace.end(hasMore);
  }

  /** Runs batches of a queue that is kept full, until its pace is known. */
  function measure(batches = 40): void {
    for (let batch = 0; batch < batches; batch += 1) {
      fill();
      runBatch();
    }
  }

  return {
    admission,
    enter,
    fill,
    runBatch,
    measure,
    pass: (ms: number) => void (nowMs += ms),
    get nowMs() {
      return nowMs;
    },
    get length() {
      return senders.length;
    },
  };
}

describe('the bound of an event queue', () => {
  it('is generous while nothing is measured', () => {
    const queue = queueAt({ batchMs: 100 });
    expect(queue.fill()).toBeGreaterThan(9_000);
    expect(queue.enter()).toBe(false);
  });

  it.each([
    { batchMs: 64, perMs: 8 },
    { batchMs: 256, perMs: 2 },
    { batchMs: 1_024, perMs: 0.5 },
  ])('is two seconds of commands at a pace of $perMs commands a millisecond', ({ batchMs, perMs }) => {
    const queue = queueAt({ batchMs });
    queue.measure();
    queue.fill();
    expect(queue.length / perMs).toBeGreaterThan(1_900);
    expect(queue.length / perMs).toBeLessThan(2_100);
  });

  it('stays generous after batches that left no command behind: they show the pace of the senders', () => {
    const queue = queueAt({ batchMs: 10 });
    for (let booking = 0; booking < 1_000; booking += 1) {
      queue.enter();
      queue.runBatch();
    }
    expect(queue.fill()).toBeGreaterThan(9_000);
  });

  it('shrinks while a batch hangs, and is back soon after that batch has ended', () => {
    const queue = queueAt({ batchMs: 64 });
    queue.measure();
    queue.fill();
    const usual = queue.length;
    queue.runBatch(3_000);
    queue.admission.pace.begin({ size: BATCH, startedMs: queue.nowMs });
    queue.pass(3_000);
    const during = queue.admission.pace.perMs();
    queue.admission.pace.end(true);
    expect(during * 2_000).toBeLessThan(usual / 2);
    queue.measure(10);
    queue.fill();
    expect(queue.length).toBeGreaterThan(usual / 2);
  });

  it('lets in who fits into the next batch, however long that takes', () => {
    const queue = queueAt({ batchMs: 64 });
    queue.admission.pace.begin({ size: BATCH, startedMs: 0 });
    queue.pass(1_000_000);
    expect(queue.fill()).toBe(BATCH);
  });

  it('counts commands of organisers, who are let in always', () => {
    const queue = queueAt({ batchMs: 64 });
    queue.fill();
    queue.admission.enter(null);
    expect(queue.enter()).toBe(false);
    for (let left = 0; left < 50; left += 1) queue.admission.leave(null);
    expect(queue.enter()).toBe(true);
  });

  it('is shorter for a user with commands in the queue, so that a flood leaves room for others', () => {
    const queue = queueAt({ batchMs: 64 });
    queue.measure();
    while (queue.length > 0) queue.runBatch();
    const flooders = Array.from({ length: 20 }, (_, index) => `flooder ${index}`);
    for (let round = 0; round < 1_000; round += 1) flooders.forEach((user) => queue.enter(user));
    const flooded = queue.length;
    expect(flooded).toBeGreaterThan(BATCH / 2);
    expect(queue.enter('flooder 0')).toBe(false);
    expect(queue.fill()).toBeGreaterThan(10 * flooded);
  });
});

describe('the time after which a refused command may be sent again', () => {
  it('is true: most of the commands that come back then are let in', () => {
    const queue = queueAt({ batchMs: 64 });
    queue.measure();
    queue.fill();
    const due = Array.from({ length: 4_000 }, (_, n) => queue.nowMs + queue.admission.retryAfterMs(`late ${n}`));
    let admitted = 0;
    while (due.length > 0) {
      queue.runBatch();
      const back = due.filter((atMs) => atMs <= queue.nowMs);
      due.splice(0, back.length);
      admitted += back.filter(() => queue.enter()).length;
    }
    expect(admitted).toBeGreaterThan(3_600);
  });

  it('grows with each refusal, and is no longer than what is known', () => {
    const { admission, fill } = queueAt({ batchMs: 64 });
    fill();
    const times = Array.from({ length: 100_000 }, (_, n) => admission.retryAfterMs(`late ${n}`));
    expect(times[0]).toBeGreaterThanOrEqual(200);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    expect(times.at(-1)).toBe(10_000);
  });

  it('is not lengthened by refusals of long ago', () => {
    const queue = queueAt({ batchMs: 64 });
    queue.fill();
    for (let n = 0; n < 100_000; n += 1) queue.admission.retryAfterMs(`late ${n}`);
    while (queue.length > 0) queue.runBatch();
    queue.pass(20_000);
    queue.fill();
    expect(queue.admission.retryAfterMs('another')).toBeLessThan(500);
  });
});

describe('commands that a full queue refuses', () => {
  const common = { bookingId: 'b', requestId: null, seats: null, reason: null } as const;
  it.each<[Command, string | null]>([
    [{ type: 'join', userId: 'u', requestId: 'r', seats: 1, entryId: 'e' }, 'u'],
    [{ type: 'leave', userId: 'u' }, 'u'],
    [{ type: 'confirm', bookingId: 'b', actor: 'u' }, 'u'],
    [{ type: 'cancel', actor: 'u', by: 'buyer', ...common }, 'u'],
    [{ type: 'cancel', actor: 'u', by: 'organiser', ...common }, null],
    [{ type: 'checkIn', bookingId: 'b', actor: 'u', requestId: null, seats: null }, null],
    [{ type: 'cancelEvent', actor: 'u', reason: 'Storm' }, null],
    [{ type: 'expire', bookingId: 'b' }, null],
  ])('are those of buyers: %o', (command, buyer) => {
    expect(buyerOf(command)).toBe(buyer);
  });
});
