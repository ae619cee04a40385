import mongoose from 'mongoose';
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import type { Role } from '#shared/account.ts';
import { commands } from '#shared/protocol/commands.ts';
import type { Result } from '#shared/protocol/errors.ts';
import { ok } from '#shared/protocol/errors.ts';
import { quiet } from '../../test/support/quiet.ts';
import type { Caller, CommandTable } from './command-definition.ts';
import type { Connection } from './connection/connection.ts';
import { visitorConnection } from './connection/connection.ts';
import type { DispatchDeps } from './dispatch.ts';
import { createDispatch } from './dispatch.ts';
import { createSocketRateLimits } from './rate-limit.ts';

const EVENT = { eventId: 'a'.repeat(24) };
const EDIT = { ...EVENT, revision: 0, changes: { title: 'Jazz' } };

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

type Run = (input: unknown, caller: Caller) => Promise<Result<unknown>>;

/** A dispatcher whose commands all have the same handler. */
function dispatchTo(run: Run, more: Partial<DispatchDeps> = {}) {
  const rows = Object.entries(commands).map(([name, row]) => [name, { ...row, rate: 'write', run }]);
  const logged: { level: string; about: Record<string, unknown> }[] = [];
  const note = (level: string) => (about: object) =>
    void logged.push({ level, about: about as Record<string, unknown> });
  const roles = new Map<string, Role>([['alice', 'user']]);
  const answered: string[] = [];
  const dispatch = createDispatch({
    commands: Object.fromEntries(rows) as CommandTable,
    limits: createSocketRateLimits({ on: true, monotonic: () => performance.now() }),
    readRole: async (userId) => roles.get(userId) ?? null,
    isRenewed: async () => false,
    observeCommand: (command, outcome) => void answered.push(`${command} ${outcome}`),
    tracing: null,
    logsAnswers: false,
    now: () => new Date(),
    monotonic: () => performance.now(),
    incidentId: () => 'incident-1',
    log: { ...quiet, debug: note('debug') as never, warn: note('warn') as never, error: note('error') as never },
    ...more,
  });
  onTestFinished(() => dispatch.drain(0));
  /** Sends a client's packet with an acknowledgement that records every answer. */
  function send(connection: Connection, ...packet: unknown[]) {
    const replies: Result<unknown>[] = [];
    const first = new Promise<Result<unknown>>((resolve) => {
      dispatch.receive(connection, [...packet, (reply: Result<unknown>) => resolve((replies.push(reply), reply))]);
    });
    return { first, replies };
  }
  return { dispatch, send, logged, roles, answered };
}

function member(role: Role = 'user', more: Partial<Connection> = {}): Connection {
  const caller = { kind: 'user', userId: 'alice', sessionId: 's1', role, address: '192.0.2.1' } as const;
  return { ...visitorConnection('c1', '10.0.0.1'), userId: 'alice', caller, ...more };
}

const visitor = () => visitorConnection('c2', '10.0.0.1');
const echo: Run = async (input, caller) => ok({ input, caller });
const code = (reply: Result<unknown>) => (reply.ok ? 'ok' : reply.error.code);

describe('a command', () => {
  it('reaches its handler with its input parsed, defaults filled in, and its caller', async () => {
    const { send, answered } = dispatchTo(echo);
    const caller = member();
    expect(await send(caller, 'listEvents', {}).first).toEqual(
      ok({ input: { page: 1, limit: 20, when: 'upcoming' }, caller: caller.caller }),
    );
    expect(answered).toEqual(['listEvents ok']);
  });

  it('[F18] without an acknowledgement is ignored, and logged once a connection', async () => {
    const run = vi.fn(echo);
    const { dispatch, logged } = dispatchTo(run);
    const connection = member();
    for (const packet of [['clock', {}], ['clock'], [], [42], ['nothing', { a: 1 }]])
      dispatch.receive(connection, packet);
    await vi.advanceTimersByTimeAsync(0);
    expect(run).not.toHaveBeenCalled();
    expect(logged).toHaveLength(1);
  });

  it.each<[string, unknown[]]>([
    ['nothing', []],
    ['null', [null]],
    ['an array', [[]]],
    ['text', ['{}']],
    ['a number', [1]],
    ['a second argument', [EVENT, {}]],
    ['an unknown property', [{ ...EVENT, role: 'admin' }]],
    ['an operator', [{ eventId: { $ne: null } }]],
    ['a prototype', [JSON.parse('{"eventId":"aaaaaaaaaaaaaaaaaaaaaaaa","__proto__":{"x":1}}')]],
    ['a constructor', [{ ...EVENT, constructor: {} }]],
    ['bytes', [Buffer.from('x')]],
    ['a deep nest', [JSON.parse(`{"eventId":${'['.repeat(20_000)}${']'.repeat(20_000)}}`)]],
    ['a deep unknown property', [JSON.parse(`{"x":${'{"x":'.repeat(10_000)}1${'}'.repeat(10_001)}`)]],
  ])('with %s instead of its input is INVALID_INPUT, with issues', async (_input, args) => {
    const run = vi.fn(echo);
    const reply = await dispatchTo(run).send(member(), 'getEvent', ...args).first;
    expect(reply).toMatchObject({ ok: false, error: { code: 'INVALID_INPUT' } });
    expect(!reply.ok && reply.error.issues?.length).toBeGreaterThan(0);
    expect(run).not.toHaveBeenCalled();
  });

  it.each(['nothing', 'constructor', '__proto__', 'toString', 'error', 'disconnecting', 7])(
    'with the unknown name %s is NOT_FOUND, and UNAUTHENTICATED for a signed-out visitor',
    async (name) => {
      const { send, answered } = dispatchTo(echo);
      expect(code(await send(member(), name, {}).first)).toBe('NOT_FOUND');
      expect(code(await send(visitor(), name, {}).first)).toBe('UNAUTHENTICATED');
      expect(answered).toEqual(['unknown NOT_FOUND', 'unknown UNAUTHENTICATED']);
    },
  );

  it('is UNAVAILABLE after a transient error of the database, however deep the cause', async () => {
    const { MongoNetworkError, MongoServerError, MongoServerSelectionError } = mongoose.mongo;
    const labelled = new MongoServerError({ message: 'x', code: 251, errorLabels: ['TransientTransactionError'] });
    const errors = [
      new MongoNetworkError('reset'),
      new MongoServerSelectionError('none', {} as never),
      new MongoServerError({ message: 'not primary', code: 10107 }),
      labelled,
      new Error('while booking', { cause: new Error('twice', { cause: new MongoNetworkError('reset') }) }),
    ];
    const { send, logged } = dispatchTo(async () => Promise.reject(errors.shift() as Error));
    for (let left = errors.length; left > 0; left -= 1) {
      const reply = await send(member(), 'getEvent', EVENT).first;
      expect(reply).toMatchObject({ error: { code: 'UNAVAILABLE', retryAfterMs: 1_000 } });
    }
    expect(logged.map(({ level }) => level)).toEqual(['warn']);
  });
});

describe('[F18] a handler that fails', () => {
  const circular: Record<string, unknown> = {};
  circular.self = circular;
  const failures: [string, Run][] = [
    [
      'throws',
      () => {
        throw new Error('secret detail');
      },
    ],
    ['rejects', () => Promise.reject(new Error('secret detail'))],
    ['rejects with nothing', () => Promise.reject(undefined as unknown as Error)],
  ];

  it.each(failures)('(it %s) is answered INTERNAL once, with an incident id and no internals', async (_how, run) => {
    const { send, logged } = dispatchTo(run);
    const { first, replies } = send(member(), 'getEvent', EVENT);
    expect(await first).toEqual({
      ok: false,
      error: { code: 'INTERNAL', message: 'Something went wrong on our side (incident incident-1).' },
    });
    await vi.advanceTimersByTimeAsync(20_000);
    expect(replies).toHaveLength(1);
    const about = { incident: 'incident-1', command: 'getEvent', ...EVENT };
    expect(logged).toMatchObject([{ level: 'error', about }]);
  });

  it('because its reply cannot be encoded is answered INTERNAL as well', async () => {
    const { dispatch } = dispatchTo(async () => ok(circular));
    const replies: string[] = [];
    dispatch.receive(member(), ['getEvent', EVENT, (reply: unknown) => void replies.push(JSON.stringify(reply))]);
    await vi.advanceTimersByTimeAsync(0);
    expect(replies).toHaveLength(1);
    expect(replies[0]).toContain('INTERNAL');
  });
});

describe('the deadline of ten seconds', () => {
  it('answers a command that hangs UNAVAILABLE, and drops its late result', async () => {
    const gate = Promise.withResolvers<Result<unknown>>();
    const { send, dispatch } = dispatchTo(() => gate.promise);
    const { first, replies } = send(member(), 'getEvent', EVENT);
    await vi.advanceTimersByTimeAsync(9_400);
    expect(replies).toEqual([]);
    await vi.advanceTimersByTimeAsync(500);
    expect(code(await first)).toBe('UNAVAILABLE');
    gate.resolve(ok('late'));
    await vi.advanceTimersByTimeAsync(20_000);
    expect(replies).toHaveLength(1);
    expect(dispatch.inFlight).toBe(0);
  });

  it('counts from the arrival of each command', async () => {
    const { send } = dispatchTo(() => new Promise(() => undefined));
    const old = send(member(), 'getEvent', EVENT);
    await vi.advanceTimersByTimeAsync(5_000);
    const young = send(member(), 'getEvent', EVENT);
    await vi.advanceTimersByTimeAsync(5_000);
    expect([old.replies.length, young.replies.length]).toEqual([1, 0]);
  });
});

describe('the checks of a command', () => {
  it('run in the order of PROTOCOL.md: session, role, rate, input', async () => {
    const { send, roles } = dispatchTo(echo);
    expect(code(await send(visitor(), 'updateEvent', 'wrong').first)).toBe('UNAUTHENTICATED');
    expect(code(await send(member('admin'), 'updateEvent', 'wrong').first)).toBe('FORBIDDEN');
    roles.set('alice', 'admin');
    expect(code(await send(member('admin'), 'updateEvent', 'wrong').first)).toBe('INVALID_INPUT');
  });

  it('let signed-out visitors use the public commands and no others', async () => {
    const { send } = dispatchTo(echo);
    const inputs: Record<string, unknown> = { clock: {}, listEvents: {}, getEvent: EVENT };
    for (const [name, row] of Object.entries(commands)) {
      const reply = await send(visitor(), name, inputs[name] ?? {}).first;
      expect([name, code(reply)]).toEqual([name, row.access === 'all' ? 'ok' : 'UNAUTHENTICATED']);
    }
  });

  it('read the role again for every admin command', async () => {
    const { send, roles } = dispatchTo(echo);
    expect(code(await send(member('admin'), 'updateEvent', EDIT).first)).toBe('FORBIDDEN');
    roles.set('alice', 'admin');
    const reply = await send(member('user'), 'updateEvent', EDIT).first;
    expect(reply).toMatchObject({ data: { caller: { role: 'admin' } } });
    roles.delete('alice');
    expect(code(await send(member('admin'), 'updateEvent', EDIT).first)).toBe('UNAUTHENTICATED');
  });

  it('refuse a session that has ended, and an expired one unless it was renewed', async () => {
    const renewed = vi.fn(async () => true);
    const { send } = dispatchTo(echo, { isRenewed: renewed });
    expect(code(await send(member('user', { hasEnded: true }), 'clock', {}).first)).toBe('UNAUTHENTICATED');
    expect(renewed).not.toHaveBeenCalled();
    const old = member('user', { expiresAtMs: Date.now() - 1 });
    expect(code(await send(old, 'clock', {}).first)).toBe('ok');
    renewed.mockResolvedValue(false);
    expect(code(await send(old, 'clock', {}).first)).toBe('UNAUTHENTICATED');
  });

  it('refuse commands over the rate with retryAfterMs, without reading a role', async () => {
    const readRole = vi.fn(async (): Promise<Role> => 'admin');
    const { send } = dispatchTo(echo, { readRole });
    const flood = Array.from({ length: 1_000 }, () => send(member('admin'), 'updateEvent', EDIT).first);
    const replies = await Promise.all(flood);
    expect(replies.filter(({ ok: fine }) => fine)).toHaveLength(40);
    const refused = replies.filter((reply) => !reply.ok && reply.error.code === 'RATE_LIMITED');
    expect(refused).toHaveLength(960);
    expect(refused.every((reply) => !reply.ok && (reply.error.retryAfterMs ?? 0) > 0)).toBe(true);
    expect(readRole).toHaveBeenCalledTimes(40);
    expect(code(await send(member('user'), 'updateEvent', EDIT).first)).toBe('FORBIDDEN');
  });
});

describe('the answer of a command', () => {
  const input = { requestId: '7b1f4d0e-6f1c-4a53-9f0e-0f5a1f9c7a11', ...EVENT, seats: 2 };
  const made: Run = async () => ok({ id: 'b'.repeat(24) });

  it('has a line with its outcome and the ids of request, event and booking if answers are logged', async () => {
    const { send, logged } = dispatchTo(made, { logsAnswers: true });
    await send(member(), 'book', input).first;
    await send(visitor(), 'book', input).first;
    const { requestId, eventId } = input;
    const about = { command: 'book', outcome: 'ok', userId: 'alice', requestId, eventId, bookingId: 'b'.repeat(24) };
    expect(logged).toEqual([
      { level: 'debug', about: { ...about, ms: 0 } },
      {
        level: 'debug',
        about: { command: 'book', outcome: 'UNAUTHENTICATED', userId: null, requestId, eventId, ms: 0 },
      },
    ]);
  });

  it('has no line otherwise', async () => {
    const { send, logged } = dispatchTo(made);
    await send(member(), 'book', input).first;
    expect(logged).toEqual([]);
  });
});

describe('the time that a command took', () => {
  it('is observed with its answer', async () => {
    const observeCommand = vi.fn();
    const { send } = dispatchTo(() => new Promise((resolve) => setTimeout(() => resolve(ok(1)), 70)), {
      observeCommand,
    });
    await vi.advanceTimersByTimeAsync(1_000);
    const { first } = send(member(), 'getEvent', EVENT);
    await vi.advanceTimersByTimeAsync(70);
    await first;
    expect(observeCommand.mock.calls).toEqual([['getEvent', 'ok', 70]]);
  });
});

describe('a refusal by the dispatcher', () => {
  it('states that an unknown command does not exist', async () => {
    const reply = await dispatchTo(echo).send(member(), 'nothing', {}).first;
    expect(reply).toMatchObject({ error: { message: 'There is no such command.' } });
  });

  it('states the rule about arguments after a second argument', async () => {
    const reply = await dispatchTo(echo).send(member(), 'getEvent', EVENT, {}).first;
    const issue = { path: [], code: 'too_many_arguments', message: 'A command takes one input and an acknowledgement' };
    expect(reply).toMatchObject({ error: { issues: [issue] } });
  });

  it('states the time to retry for a command that takes too long', async () => {
    const { first } = dispatchTo(() => new Promise(() => undefined)).send(member(), 'getEvent', EVENT);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(await first).toMatchObject({ error: { code: 'UNAVAILABLE', retryAfterMs: 1_000 } });
  });
});

describe('a session', () => {
  it('has ended at the exact time of its expiry', async () => {
    const isRenewed = vi.fn(async () => false);
    const { send } = dispatchTo(echo, { isRenewed });
    const expiring = member('user', { expiresAtMs: Date.now() });
    expect(code(await send(expiring, 'clock', {}).first)).toBe('UNAUTHENTICATED');
    expect(isRenewed).toHaveBeenCalledOnce();
  });
});

describe('the log', () => {
  const outage = () => Promise.reject(new mongoose.mongo.MongoNetworkError('reset'));

  it('has one line a second of an outage, with its error', async () => {
    const { send, logged } = dispatchTo(outage);
    for (const passMs of [0, 999, 1, 999]) {
      await vi.advanceTimersByTimeAsync(passMs);
      await send(member(), 'getEvent', EVENT).first;
    }
    const line = { level: 'warn', about: { err: expect.any(mongoose.mongo.MongoNetworkError) } };
    expect(logged).toEqual([line, line]);
  });

  it('has the number of commands that took too long, and the name of the oldest', async () => {
    const { send, logged } = dispatchTo(() => new Promise(() => undefined));
    send(member(), 'getEvent', EVENT);
    send(member(), 'clock', {});
    await vi.advanceTimersByTimeAsync(10_000);
    expect(logged).toEqual([{ level: 'warn', about: { commands: 2, oldest: 'getEvent' } }]);
  });

  it.each([
    ['clock', 'clock'],
    ['x'.repeat(81), 'x'.repeat(80)],
    [42, 'number'],
    [undefined, 'undefined'],
  ])('names a command without an acknowledgement, a long name cut short: %s', (name, command) => {
    const { dispatch, logged } = dispatchTo(echo);
    dispatch.receive(member(), [name, {}]);
    expect(logged).toEqual([{ level: 'warn', about: { command, userId: 'alice' } }]);
  });
});

describe('[F12] a dispatcher that drains', () => {
  it('refuses new commands with the time to retry, and waits for those in flight', async () => {
    const gate = Promise.withResolvers<Result<unknown>>();
    const { dispatch, send } = dispatchTo(() => gate.promise);
    const { first } = send(member(), 'getEvent', EVENT);
    let isDrained = false;
    const drained = dispatch.drain(5_000).then(() => (isDrained = true));
    const refusal = { code: 'UNAVAILABLE', message: 'The server is closing.', retryAfterMs: 1_000 };
    expect(await send(member(), 'clock', {}).first).toMatchObject({ error: refusal });
    await vi.advanceTimersByTimeAsync(4_999);
    expect(isDrained).toBe(false);
    gate.resolve(ok('in time'));
    expect(await first).toEqual(ok('in time'));
    await drained;
  });

  it('refuses the commands in flight at the end of its time, and leaves no timer', async () => {
    const { dispatch, send } = dispatchTo(() => new Promise(() => undefined));
    const { first } = send(member(), 'getEvent', EVENT);
    const drained = dispatch.drain(5_000);
    await vi.advanceTimersByTimeAsync(5_000);
    await drained;
    expect(await first).toMatchObject({ error: { code: 'UNAVAILABLE', retryAfterMs: 1_000 } });
    expect([dispatch.inFlight, vi.getTimerCount()]).toEqual([0, 0]);
  });
});

describe('a command to a full event queue', () => {
  const BUSY = { code: 'BUSY', message: 'Too busy just now; nothing was done.', retryAfterMs: 700 } as const;
  const queues = { isFull: () => true, busyRefusal: () => BUSY };
  const withQueues = (name: 'book' | 'clock') => ({ ...commands[name], rate: 'write', run: echo, queues });
  const { eventId } = EVENT;
  const shedding = () =>
    dispatchTo(echo, { commands: { book: withQueues('book'), clock: commands.clock } as unknown as CommandTable });

  it('is refused with the time of that queue, and counted', () => {
    const { dispatch, answered } = shedding();
    expect(dispatch.shed(member(), 'book', eventId)).toEqual({ ok: false, error: BUSY });
    expect(answered).toEqual(['book BUSY']);
  });

  it('is refused as RATE_LIMITED beyond the budget of its sender, and charged once', () => {
    const { dispatch } = shedding();
    const connection = member();
    const codes = Array.from({ length: 41 }, () => dispatch.shed(connection, 'book', eventId)?.ok === false);
    expect(codes).not.toContain(false);
    expect(dispatch.shed(connection, 'book', eventId)).toMatchObject({ error: { code: 'RATE_LIMITED' } });
  });

  it.each<[string, Connection, string]>([
    ['of a signed-out visitor', visitor(), 'book'],
    ['of an ended session', member('user', { hasEnded: true }), 'book'],
    ['of a session that may be over', member('user', { expiresAtMs: 0 }), 'book'],
    ['that enters no queue', member(), 'clock'],
    ['that does not exist', member(), 'constructor'],
  ])('%s takes the whole path', (_which, connection, name) => {
    expect(shedding().dispatch.shed(connection, name, eventId)).toBeNull();
  });

  it('takes the whole path while the server closes: it is UNAVAILABLE there', () => {
    const { dispatch } = shedding();
    void dispatch.drain(1_000);
    expect(dispatch.shed(member(), 'book', eventId)).toBeNull();
  });
});
