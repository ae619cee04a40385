import { expect, it } from 'vitest';
import { createConnectionIndex } from './connection-index.ts';
import type { LiveSocket } from './types.ts';

function socketOf(userId: string, sessionId: string): LiveSocket {
  const caller = { kind: 'user', userId, sessionId, role: 'user', address: '192.0.2.1' };
  return { data: { connection: { caller } } } as unknown as LiveSocket;
}

it('connections are found by user and by session, one or several, until they are removed', () => {
  const index = createConnectionIndex();
  const [phone, laptop, tab, other] = [
    socketOf('ann', 'phone'),
    socketOf('ann', 'laptop'),
    socketOf('ann', 'laptop'),
    socketOf('ben', 'desk'),
  ];
  for (const socket of [phone, laptop, tab, other]) index.add(socket);
  expect(index.ofUser('ann')).toEqual([phone, laptop, tab]);
  expect(index.ofSession('laptop')).toEqual([laptop, tab]);
  expect(index.ofSession('desk')).toEqual([other]);
  expect(index.userIds()).toEqual(['ann', 'ben']);

  index.remove(laptop);
  index.remove(other);
  expect(index.ofUser('ann')).toEqual([phone, tab]);
  expect([index.hasUser('ann'), index.hasUser('ben')]).toEqual([true, false]);
  index.remove(tab);
  index.remove(phone);
  expect([index.ofUser('ann'), index.ofSession('laptop'), index.userIds()]).toEqual([[], [], []]);
});

it('removing a connection twice, or one that was never added, leaves the others', () => {
  const index = createConnectionIndex();
  const [first, second, stranger] = [socketOf('ann', 'a'), socketOf('ann', 'a'), socketOf('ann', 'a')];
  index.add(first);
  index.remove(stranger);
  expect(index.ofUser('ann')).toEqual([first]);
  index.add(second);
  index.remove(second);
  index.remove(second);
  expect(index.ofSession('a')).toEqual([first]);
});

it('visitors are in no group', () => {
  const index = createConnectionIndex();
  const visitor = { data: { connection: { caller: { kind: 'visitor' } } } } as unknown as LiveSocket;
  index.add(visitor);
  index.remove(visitor);
  expect(index.userIds()).toEqual([]);
});
