import { describe, expect, it } from 'vitest';
import type { Connection } from './connection.ts';
import { visitorConnection } from './connection.ts';
import type { SessionRecord } from './session-review.ts';
import { createRecentEnds, endsForGood, reasonToEnd } from './session-review.ts';

const NOW = 1_000_000;
const record: SessionRecord = { sessionId: 's1', expiresAtMs: NOW + 1, ended: null, role: 'user' };
const connection: Connection = {
  ...visitorConnection('c1', '10.0.0.1'),
  userId: 'u1',
  caller: { kind: 'user', userId: 'u1', sessionId: 's1', role: 'user', address: '192.0.2.1' },
};

describe('a connection under review', () => {
  it.each<[string, SessionRecord | undefined, string | null]>([
    ['stays while its session is open', record, null],
    ['ends when its session was deleted', undefined, 'expired'],
    ['ends with its session, for the same reason', { ...record, ended: 'password_changed' }, 'password_changed'],
    ['ends when its session expires', { ...record, expiresAtMs: NOW }, 'expired'],
    ['ends when its account was deleted', { ...record, role: null }, 'account_deleted'],
    ['ends for a reconnection when the role changed', { ...record, role: 'admin' }, 'role_changed'],
  ])('%s', (_title, found, reason) => {
    expect(reasonToEnd(connection, found, NOW)).toBe(reason);
  });

  it('stays if it belongs to a signed-out visitor', () => {
    expect(reasonToEnd(visitorConnection('c2', '10.0.0.1'), undefined, NOW)).toBeNull();
  });
});

describe('the reasons to end a connection', () => {
  it('disconnect for good, except those after which clients should reconnect', () => {
    const all = [
      'expired',
      'logged_out',
      'password_changed',
      'account_deleted',
      'role_changed',
      'server_closing',
    ] as const;
    expect(all.filter((reason) => !endsForGood(reason))).toEqual(['role_changed', 'server_closing']);
  });
});

describe('the end of a session during a handshake', () => {
  it('is remembered for a minute', () => {
    let nowMs = 0;
    const recent = createRecentEnds(() => nowMs);
    recent.rememberSession('s1', 'logged_out');
    expect(recent.reasonFor(connection)).toBe('logged_out');
    nowMs = 59_000;
    recent.prune();
    expect(recent.reasonFor(connection)).toBe('logged_out');
    nowMs = 60_000;
    recent.prune();
    expect(recent.reasonFor(connection)).toBeNull();
  });

  it('does not end a connection that has the new role already', () => {
    const recent = createRecentEnds(() => 0);
    recent.rememberUser('u1', 'role_changed', 'admin');
    expect(recent.reasonFor(connection)).toBe('role_changed');
    const promoted = { kind: 'user', userId: 'u1', sessionId: 's1', role: 'admin', address: '192.0.2.1' } as const;
    expect(recent.reasonFor({ ...connection, caller: promoted })).toBeNull();
  });
});
