import { describe, expect, it, vi } from 'vitest';
import type { Urgency } from './mail-pace.ts';
import { createMailPace } from './mail-pace.ts';

const many = (count: number) => Array.from({ length: count }, (_, n) => n);
const settled = () => new Promise((resolve) => setImmediate(resolve));

/** A pace on a clock of its own, and a way to send mails that arrive when the test says. */
function world({ isBusy = false, arrive = true } = {}) {
  let nowMs = 0;
  let busy = isBusy;
  let idleSinceMs = -Infinity;
  const sleepOrAbort = async (ms: number) => {
    await settled();
    nowMs += ms;
  };
  const pace = createMailPace({
    busy: () => busy,
    idleMs: () => Math.max(0, nowMs - idleSinceMs),
    sleepOrAbort,
    monotonic: () => nowMs,
  });
  const sent: { name: string; atMs: number }[] = [];
  const arrivals: (() => void)[] = [];
  const never = new AbortController().signal;
  const send = (urgency: Urgency, name: string, signal = never) =>
    pace.run(urgency, signal, async () => {
      sent.push({ name, atMs: nowMs });
      if (!arrive) await new Promise<void>((resolve) => arrivals.push(resolve));
    });
  const names = () => sent.map(({ name }) => name);
  const gaps = () => sent.slice(1).map(({ atMs }, n) => atMs - (sent[n]?.atMs ?? 0));
  const setBusy = (to: boolean) => void (busy = to);
  const idleFrom = (atMs: number) => void (idleSinceMs = atMs);
  return { send, sent, names, gaps, arrivals, setBusy, idleFrom, pass: (ms: number) => void (nowMs += ms) };
}

describe('the pace of mails', () => {
  it('is 4 a second while commands wait, 50 a second after that, and 200 once the server is quiet', async () => {
    const { send, gaps, setBusy, pass } = world({ isBusy: true });
    await Promise.all(many(3).map(() => send('bulk', 'busy')));
    setBusy(false);
    pass(250);
    await Promise.all(many(3).map(() => send('bulk', 'soon after')));
    pass(1_000);
    await Promise.all(many(3).map(() => send('bulk', 'quiet')));
    expect(gaps().map(Math.round)).toEqual([250, 244, 250, 20, 20, 1_000, 5, 5]);
  });

  it('quickens while commands wait all the time, so that mails are not late for ever, and slows down once they are on time', async () => {
    const { send, sent, pass } = world({ isBusy: true });
    for (let mail = 0; mail < 5_000; mail += 1) await send('bulk', 'late');
    const inSecond = (second: number) => sent.filter(({ atMs }) => Math.floor(atMs / 1_000) === second).length;
    expect([0, 10, 30, 60].map(inSecond)).toEqual([5, 8, 16, 28]);
    const gapAt = (index: number) => (sent[index]?.atMs ?? 0) - (sent[index - 1]?.atMs ?? 0);
    expect(gapAt(sent.length - 1)).toBe(20);
    pass(2_000);
    for (const name of ['on time', 'next']) await send('bulk', name);
    expect(gapAt(sent.length - 1)).toBe(250);
  });

  it('waits until no command has been in work for a moment, but not for long', async () => {
    const { send, sent, idleFrom } = world();
    idleFrom(40);
    await send('bulk', 'after a command');
    idleFrom(Infinity);
    await send('bulk', 'beside commands');
    await send('bulk', 'beside commands, too');
    expect(sent.map(({ atMs }) => atMs)).toEqual([45, 165, 285]);
  });

  it('has more mails under way at once when the server is quiet', async () => {
    const { send, names, arrivals, pass } = world({ arrive: false });
    const all = many(10).map((n) => send('bulk', `${n}`));
    await vi.waitFor(() => expect(names()).toHaveLength(4));
    pass(1_000);
    arrivals.shift()?.();
    await vi.waitFor(() => expect(names()).toHaveLength(9));
    for (const end of arrivals.splice(0)) end();
    await vi.waitFor(() => expect(arrivals).toHaveLength(1));
    arrivals[0]?.();
    await Promise.all(all);
  });

  it('goes to the most urgent mail first, and with every fifth mail to the least urgent', async () => {
    const { send, names } = world();
    const first = send('bulk', 'first');
    const mails = [
      ...many(3).map((n) => send('bulk', `b${n}`)),
      ...many(4).map((n) => send('change', `c${n}`)),
      ...many(2).map((n) => send('awaited', `a${n}`)),
    ];
    await Promise.all([first, ...mails]);
    expect(names()).toEqual(['first', 'a0', 'a1', 'c0', 'b0', 'c1', 'c2', 'c3', 'b1', 'b2']);
  });

  it('sends no mail whose job was aborted, and goes on with the others', async () => {
    const { send, names } = world({ isBusy: true });
    const aborted = new AbortController();
    const sent = [send('bulk', 'one'), send('bulk', 'three')];
    const left = send('bulk', 'two', aborted.signal);
    aborted.abort(new Error('The server is closing'));
    await expect(left).rejects.toThrow('closing');
    await expect(send('bulk', 'four', aborted.signal)).rejects.toThrow('closing');
    await Promise.all(sent);
    expect(names()).toEqual(['one', 'three']);
  });
});
