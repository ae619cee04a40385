import { expect, test } from 'vitest';
import { PushChoice, type PushBrowser } from './push-choice.svelte.ts';

const KEY = 'B'.repeat(87);
const JSON_FORM = { endpoint: 'https://push.example/1', keys: { p256dh: 'x', auth: 'y' } };

/** A browser whose user gives this answer to the permission question, and a server; `sent` lists the requests. */
function aPushChoice({ permission = 'default', answer = 'granted', status = 204 } = {}) {
  const sent: { method: string; path: string; body: unknown }[] = [];
  const state = { permission, isSubscribed: false, key: '' };
  const subscription = {
    endpoint: JSON_FORM.endpoint,
    toJSON: () => JSON_FORM,
    unsubscribe: async () => !(state.isSubscribed = false),
  } as unknown as PushSubscription;
  const browser: PushBrowser = {
    permission: () => state.permission as NotificationPermission,
    ask: async () => (state.permission = answer) as NotificationPermission,
    subscription: async () => (state.isSubscribed ? subscription : null),
    subscribe: async (key) => {
      state.isSubscribed = true;
      state.key = key;
      return subscription;
    },
  };
  const fetch = (async (path: string, init: RequestInit) => {
    sent.push({
      method: init.method ?? '',
      path,
      body: init.body === undefined ? null : JSON.parse(String(init.body)),
    });
    if (path.endsWith('/key')) return Response.json({ key: KEY });
    return status === 204 ? new Response(null, { status }) : Response.json({ error: { code: 'BUSY' } }, { status });
  }) as typeof globalThis.fetch;
  return { sent, state, browser, push: new PushChoice(fetch, browser) };
}

test('a press asks for permission and registers the push subscription', async () => {
  const { push, sent, state } = aPushChoice();
  await push.look();
  expect([push.state, sent]).toEqual(['off', []]);
  await push.turnOn();
  expect(push.state).toBe('on');
  expect(state.key).toBe(KEY);
  expect(sent.at(-1)).toEqual({ method: 'POST', path: '/api/push/subscriptions', body: JSON_FORM });
});

test('a refused permission blocks push messages, a dismissed question leaves them off', async () => {
  const no = aPushChoice({ answer: 'denied' });
  await no.push.turnOn();
  expect([no.push.state, no.sent]).toEqual(['blocked', []]);
  const closed = aPushChoice({ answer: 'default' });
  await closed.push.turnOn();
  expect(closed.push.state).toBe('off');
});

test('an existing push subscription is registered again for the signed-in user', async () => {
  const { push, sent, state } = aPushChoice({ permission: 'granted' });
  state.isSubscribed = true;
  await push.look();
  expect(push.state).toBe('on');
  expect(sent).toHaveLength(1);
});

test('a failure of the server or of the browser’s push service sets the state failed', async () => {
  const { push } = aPushChoice({ status: 503 });
  await push.turnOn();
  expect(push.state).toBe('failed');
  const broken = aPushChoice();
  broken.browser.subscribe = () => Promise.reject(new Error('no message service'));
  await broken.push.turnOn();
  expect(broken.push.state).toBe('failed');
});

test('turning push messages off deletes the subscription at the server and in the browser', async () => {
  const { push, sent, state } = aPushChoice();
  await push.turnOn();
  await push.turnOff();
  expect(state.isSubscribed).toBe(false);
  expect(sent.at(-1)).toMatchObject({ method: 'DELETE', body: { endpoint: JSON_FORM.endpoint } });
  expect(push.state).toBe('off');
});

test('without the browser’s push interface the push choice is impossible', async () => {
  const push = new PushChoice(globalThis.fetch, null);
  await push.look();
  await push.forget();
  expect(push.state).toBe('impossible');
});
