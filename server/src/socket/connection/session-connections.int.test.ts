import { describe, expect, it, onTestFinished } from 'vitest';
import { pushes } from '#shared/protocol/pushes.ts';
import type { LiveWorld } from '../../../test/support/live-world.ts';
import { ask, happens, liveWorld } from '../../../test/support/live-world.ts';
import { pushed } from '../../../test/support/test-app.ts';

const t = { onTestFinished };
/** The time within which the connections of an ended session must be cut; the feed needs a fraction of it. */
const CUT_WITHIN_MS = 5_000;

type Person = Awaited<ReturnType<LiveWorld['person']>>;

/** Ways to end a session: title, the pushed reason, and the act. */
const FOR_GOOD: [string, string, (world: LiveWorld, who: Person) => Promise<unknown>][] = [
  ['logging out', 'logged_out', (world, { session }) => world.app.sessions.end(session._id, 'logged_out')],
  [
    'another password',
    'password_changed',
    (world, { user }) => world.app.sessions.endAll(user._id, 'password_changed'),
  ],
  [
    'deletion of the account',
    'account_deleted',
    (world, { user }) => world.app.models.users.deleteOne({ _id: user._id }),
  ],
  [
    'deletion of the record',
    'expired',
    (world, { session }) => world.app.models.sessions.deleteOne({ _id: session._id }),
  ],
  [
    'a shortened record',
    'expired',
    (world, { session }) =>
      world.app.models.sessions.updateOne({ _id: session._id }, { $set: { expiresAt: new Date() } }),
  ],
];

describe('a connection', () => {
  for (const transport of ['websocket', 'polling']) {
    it.each(FOR_GOOD)(
      `over ${transport} ends for good by %s: the reason comes first, and only /booking is cut`,
      async (_end, reason, end) => {
        const world = await liveWorld(t, { socketLimits: { sweepMs: 50 } });
        const who = await world.person();
        const transports = { transports: [transport] };
        const member = await world.signedIn(who.token, transports);
        const shared = await openPublic(member);
        const bystander = await world.signedIn((await world.person()).token);
        const events: unknown[] = [];
        member.on('sessionEnded', (payload) => events.push(payload.reason));
        member.on('disconnect', (why) => events.push(why));
        const gone = happens(member, 'disconnect');
        const beganMs = performance.now();
        await end(world, who);
        await gone;
        expect(performance.now() - beganMs).toBeLessThan(CUT_WITHIN_MS);
        expect(events).toEqual([reason, 'io server disconnect']);
        expect([member.active, shared.connected, bystander.connected]).toEqual([false, true, true]);
        expect(await ask(shared as never, 'clock', {})).toMatchObject({ ok: true });
      },
    );
  }

  it('of the session that changed the password stays', async () => {
    const world = await liveWorld(t);
    const who = await world.person();
    const other = await who.again();
    const [kept, cut] = [await world.signedIn(who.token), await world.signedIn(other.token)];
    const gone = happens(cut, 'disconnect');
    await world.app.sessions.endAll(who.user._id, 'password_changed', { except: who.session._id });
    await gone;
    expect(await ask(kept, 'clock', {})).toMatchObject({ ok: true });
  });
});

/** Updates of a session document by which another program ends the session. */
const FOREIGN_ENDS: [string, object][] = [
  ['without a reason', { at: new Date() }],
  ['with a reason that PROTOCOL.md does not list', { reason: 'banned', at: new Date() }],
];

describe('a session that another program ended', () => {
  it.each(FOREIGN_ENDS)('%s is signed out at once, by the change feed', async (_what, ended) => {
    const world = await liveWorld(t);
    const who = await world.person();
    const member = await world.signedIn(who.token);
    const notified = pushed(member, 'sessionEnded');
    await world.app.models.sessions.updateOne({ _id: who.session._id }, { $set: { ended } });
    expect(pushes.sessionEnded.parse(await notified)).toEqual({ reason: 'logged_out' });
    await expect.poll(() => member.active).toBe(false);
  });

  it.each(FOREIGN_ENDS)(
    '%s is signed out by the review of session documents while the feed is down',
    async (_what, ended) => {
      const world = await liveWorld(t, { reviewMs: 50 });
      const who = await world.person();
      const [member, bystander] = [await world.signedIn(who.token), await world.signedIn((await world.person()).token)];
      await world.app.live.feed.stop();
      const notified = pushed(member, 'sessionEnded');
      await world.app.models.sessions.updateOne({ _id: who.session._id }, { $set: { ended } });
      expect(pushes.sessionEnded.parse(await notified)).toEqual({ reason: 'logged_out' });
      await expect.poll(() => member.active).toBe(false);
      expect(bystander.connected).toBe(true);
    },
  );

  it.each(FOREIGN_ENDS)('%s opens no connection', async (_what, ended) => {
    const world = await liveWorld(t);
    const who = await world.person();
    await world.app.models.sessions.updateOne({ _id: who.session._id }, { $set: { ended } });
    const refused = happens(world.client('/booking', { auth: { token: who.token } }), 'connect_error');
    expect(await refused).toMatchObject({ data: { code: 'UNAUTHENTICATED' } });
  });
});

describe('a change of role', () => {
  it.each(['websocket', 'polling'])(
    'over %s closes the transport, and standard clients reconnect with the new role',
    async (transport) => {
      const world = await liveWorld(t);
      const who = await world.person('admin');
      const member = await world.signedIn(who.token, { transports: [transport] });
      const events: unknown[] = [];
      member.on('sessionEnded', (payload) => events.push(payload.reason));
      member.on('disconnect', (why) => events.push(why));
      const back = pushed(member, 'welcome');
      await world.app.models.users.updateOne({ _id: who.user._id }, { $set: { role: 'user' } });
      expect((await back).user?.role).toBe('user');
      expect(events).toEqual(['role_changed', 'transport close']);
      expect(await ask(member, 'updateEvent', {})).toMatchObject({ error: { code: 'FORBIDDEN' } });
      const promoted = pushed(member, 'welcome');
      await world.app.models.users.updateOne({ _id: who.user._id }, { $set: { role: 'admin' } });
      expect((await promoted).user?.role).toBe('admin');
    },
  );
});

describe('the end of a session', () => {
  it('ends a connection whose handshake it overtakes', async () => {
    const world = await liveWorld(t);
    const who = await world.person();
    // The session ends, and its end is handled, after the handshake has read it and before the connection opens.
    const { verify } = world.app.sessions;
    world.app.sessions.verify = async (token) => {
      const identity = await verify(token);
      await world.app.sessions.end(who.session._id, 'logged_out');
      await expect.poll(() => world.app.live.feed.lagMs).toBe(0);
      await handled;
      return identity;
    };
    const handled = sessionEndHandled(world, who.session._id.toHexString());
    const member = world.client('/booking', { auth: { token: who.token } });
    expect(await pushed(member, 'sessionEnded')).toEqual({ reason: 'logged_out' });
    await expect.poll(() => member.active).toBe(false);
  });

  it('by time is confirmed by its document: a renewed session stays connected, an expired one is cut', async () => {
    const world = await liveWorld(t, { socketLimits: { sweepMs: 30 }, reviewMs: 3_600_000 });
    const [kept, cut] = [await world.person(), await world.person()];
    const [keptClient, cutClient] = [await world.signedIn(kept.token), await world.signedIn(cut.token)];
    await world.app.live.feed.stop();
    await world.app.models.sessions.updateOne({ _id: cut.session._id }, { $set: { expiresAt: new Date() } });
    const ended = pushed(cutClient, 'sessionEnded');
    // Both connections regard their session as over, while one session document has a later end.
    for (const { session } of [kept, cut])
      world.app.sockets.sessionConnections.setExpiry(session._id.toHexString(), Date.now());
    expect(await ask(keptClient, 'clock', {})).toMatchObject({ ok: true });
    expect(await ended).toEqual({ reason: 'expired' });
    expect(await ask(keptClient, 'clock', {})).toMatchObject({ ok: true });
  });

  it('is found within five seconds while the feed is down, and cuts no other connection', async () => {
    const world = await liveWorld(t, { reviewMs: 100 });
    const [ended, deleted, demoted, other] = [
      await world.person(),
      await world.person(),
      await world.person('admin'),
      await world.person(),
    ];
    const clients = await Promise.all([ended, deleted, demoted, other].map(({ token }) => world.signedIn(token)));
    await world.app.live.feed.stop();
    const reasons = Promise.all(clients.slice(0, 3).map((client) => pushed(client, 'sessionEnded')));
    await world.app.sessions.end(ended.session._id, 'logged_out');
    await world.app.models.users.deleteOne({ _id: deleted.user._id });
    await world.app.models.users.updateOne({ _id: demoted.user._id }, { $set: { role: 'user' } });
    expect((await reasons).map(({ reason }) => reason)).toEqual(['logged_out', 'account_deleted', 'role_changed']);
    expect(await ask(clients[3]!, 'clock', {})).toMatchObject({ ok: true });
    expect(clients[3]?.connected).toBe(true);
  });
});

/** Opens the public namespace on the transport of another client. */
async function openPublic(member: Awaited<ReturnType<LiveWorld['signedIn']>>) {
  const shared = member.io.socket('/public');
  const welcomed = new Promise((resolve) => shared.once('welcome', resolve));
  shared.connect();
  await welcomed;
  return shared;
}

/** Resolves when the feed has ended this session's connections. */
function sessionEndHandled(world: LiveWorld, sessionId: string): Promise<void> {
  const { sessionConnections } = world.app.sockets;
  const { endSession } = sessionConnections;
  return new Promise((resolve) => {
    sessionConnections.endSession = (ended, reason) => {
      endSession(ended, reason);
      if (ended === sessionId) resolve();
    };
  });
}
