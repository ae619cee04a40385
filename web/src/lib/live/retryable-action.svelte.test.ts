import { expect, test } from 'vitest';
import type { Reply } from './connection/connection.svelte.ts';
import { actionDependencies, failure } from './fixtures.ts';
import { RetryableAction, type ActionOptions } from './retryable-action.svelte.ts';

const done = (data = 7): Reply<number> => ({ ok: true, data });

/** An action whose attempts get these answers in order, then `INTERNAL`. */
function anAction(answers: (Reply<number> | Promise<Reply<number>>)[], options: ActionOptions<string, number> = {}) {
  const clock = { nowMs: 0 };
  const dependencies = actionDependencies(clock);
  const sent: { input: string; requestId: string; atMs: number; state: string }[] = [];
  const action = new RetryableAction<string, number>(
    dependencies,
    async (input, requestId) => {
      sent.push({ input, requestId, atMs: clock.nowMs, state: action.state.kind });
      return answers.shift() ?? failure('INTERNAL');
    },
    options,
  );
  const requestIds = () => sent.map(({ requestId }) => requestId);
  return { action, dependencies, clock, sent, requestIds, answers };
}

test('a command that succeeds is sent once and its data is the outcome', async () => {
  const { action, sent } = anAction([done()]);
  expect(await action.run('a')).toEqual(done());
  expect(sent).toMatchObject([{ input: 'a', requestId: 'request-1', state: 'pending' }]);
  expect(action.state).toEqual({ kind: 'done', data: 7 });
});

test('a press during the first attempt or a retry sends nothing', async () => {
  const { promise, resolve } = Promise.withResolvers<Reply<number>>();
  const { action, sent } = anAction([failure('BUSY', { retryAfterMs: 5 }), promise]);
  const first = action.run('a');
  expect(await action.run('a')).toBeNull();
  await expect.poll(() => action.state.kind).toBe('retrying');
  expect(await action.run('a')).toBeNull();
  resolve(done());
  await first;
  expect(sent).toHaveLength(2);
});

test.each(['BUSY', 'UNAVAILABLE', 'RATE_LIMITED'] as const)(
  'after %s the command is sent again with the same request id, not before retryAfterMs',
  async (code) => {
    const { action, sent } = anAction([failure(code, { retryAfterMs: 700 }), done()]);
    await action.run('a');
    expect(sent).toMatchObject([
      { requestId: 'request-1', atMs: 0, state: 'pending' },
      { requestId: 'request-1', atMs: 700, state: 'retrying' },
    ]);
    expect(action.state.kind).toBe('done');
  },
);

test('without a connection the command is retried every second at most until it is answered', async () => {
  const lost = Array.from({ length: 30 }, () => failure('CONNECTION_LOST'));
  const { action, sent, requestIds } = anAction([...lost, done()]);
  const running = action.run('a');
  await expect.poll(() => action.state).toMatchObject({ kind: 'retrying', failure: { code: 'CONNECTION_LOST' } });
  await running;
  expect(new Set(requestIds())).toEqual(new Set(['request-1']));
  expect(sent).toHaveLength(31);
  const gapsMs = sent.slice(1).map(({ atMs }, index) => atMs - (sent[index]?.atMs ?? 0));
  expect(Math.max(...gapsMs)).toBe(1_000);
});

test('after two minutes the action is unanswered, and the next press repeats the request', async () => {
  const { action, clock, requestIds, answers } = anAction(Array.from({ length: 99 }, () => failure('UNAVAILABLE')));
  expect(await action.run('a')).toMatchObject({ ok: false, error: { code: 'UNAVAILABLE' } });
  expect(action.state).toMatchObject({ kind: 'unanswered', failure: { code: 'UNAVAILABLE' } });
  expect(action.failure?.code).toBe('UNAVAILABLE');
  expect(clock.nowMs).toBeGreaterThan(100_000);
  expect(clock.nowMs).toBeLessThanOrEqual(120_000);
  answers.splice(0, Infinity, done());
  await action.run('a');
  expect(new Set(requestIds())).toEqual(new Set(['request-1']));
});

test('a refusal ends the request: its code is kept, and the next press sends a new request', async () => {
  const { action, requestIds } = anAction([failure('SOLD_OUT'), done()]);
  await action.run('a');
  expect(action.state).toMatchObject({ kind: 'refused', failure: { code: 'SOLD_OUT' }, input: 'a' });
  expect(action.failure?.code).toBe('SOLD_OUT');
  await action.run('b');
  expect(requestIds()).toEqual(['request-1', 'request-2']);
  expect(action.failure).toBeNull();
});

test('after INTERNAL the next press repeats the request', async () => {
  const { action, requestIds } = anAction([failure('INTERNAL'), done()]);
  await action.run('a');
  expect(action.state).toMatchObject({ kind: 'refused', failure: { code: 'INTERNAL' } });
  await action.run('a');
  expect(requestIds()).toEqual(['request-1', 'request-1']);
});

test('a command that must not be repeated has one attempt, whatever the failure', async () => {
  const mayRepeat = (input: string) => input !== 'part';
  for (const code of ['CONNECTION_LOST', 'BUSY', 'UNAVAILABLE', 'RATE_LIMITED'] as const) {
    const { action, sent } = anAction([failure(code, { retryAfterMs: 5 }), done()], { mayRepeat });
    await action.run('part');
    expect(sent, code).toHaveLength(1);
    expect(action.state, code).toMatchObject({ kind: 'unanswered', failure: { code } });
  }
  const { action, sent } = anAction([failure('BUSY'), done()], { mayRepeat });
  await action.run('whole');
  expect(sent).toHaveLength(2);
});

test('stop() ends the attempts and ignores a late answer, and tryAgain() repeats the request', async () => {
  const { promise, resolve } = Promise.withResolvers<Reply<number>>();
  const { action, requestIds } = anAction([promise, done(8)]);
  const running = action.run('a');
  action.stop();
  resolve(done());
  expect(await running).toBeNull();
  expect(action.state).toEqual({ kind: 'stopped' });
  await action.tryAgain();
  expect(requestIds()).toEqual(['request-1', 'request-1']);
  expect(action.state).toEqual({ kind: 'done', data: 8 });
});

test('leave() between two attempts ends the action', async () => {
  const { action, dependencies, sent } = anAction([failure('BUSY'), done()]);
  // A sleep that ends only when aborted.
  dependencies.sleepOrAbort = (_, signal) =>
    new Promise((resolve) => signal.addEventListener('abort', () => resolve()));
  const running = action.run('a');
  await expect.poll(() => action.state.kind).toBe('retrying');
  action.leave();
  expect(await running).toBeNull();
  expect(sent).toHaveLength(1);
  expect(action.state).toEqual({ kind: 'idle' });
});

test('leave() during an attempt keeps its answer and does not retry a failure', async () => {
  for (const answer of [done(), failure('BUSY')]) {
    const { promise, resolve } = Promise.withResolvers<Reply<number>>();
    const { action, sent } = anAction([promise, done(8)]);
    const running = action.run('a');
    action.leave();
    resolve(answer);
    expect(await running).toBe(answer);
    expect(sent).toHaveLength(1);
  }
});

test('reset() dismisses an outcome, but not a run under way', async () => {
  const { promise, resolve } = Promise.withResolvers<Reply<number>>();
  const { action } = anAction([promise]);
  const running = action.run('a');
  action.reset();
  expect(action.state.kind).toBe('pending');
  resolve(failure('NOT_FOUND'));
  await running;
  action.reset();
  expect(action.state).toEqual({ kind: 'idle' });
});
