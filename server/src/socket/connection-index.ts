import type { LiveSocket } from './types.ts';

export type ConnectionIndex = ReturnType<typeof createConnectionIndex>;

/**
 * The connections of each user and of each session. Socket.IO's rooms would do the same, and took a tenth of the memory
 * of an idle client: a set, a name and two table entries for each room.
 */
export function createConnectionIndex() {
  const ofUsers = new ConnectionGroups();
  const ofSessions = new ConnectionGroups();

  return {
    /** Adds a connection of a signed-in user. */
    add(socket: LiveSocket): void {
      const { caller } = socket.data.connection;
      if (caller.kind !== 'user') return;
      ofUsers.add(caller.userId, socket);
      ofSessions.add(caller.sessionId, socket);
    },
    remove(socket: LiveSocket): void {
      const { caller } = socket.data.connection;
      if (caller.kind !== 'user') return;
      ofUsers.remove(caller.userId, socket);
      ofSessions.remove(caller.sessionId, socket);
    },
    ofUser: (userId: string): readonly LiveSocket[] => ofUsers.get(userId),
    ofSession: (sessionId: string): readonly LiveSocket[] => ofSessions.get(sessionId),
    hasUser: (userId: string): boolean => ofUsers.has(userId),
    userIds: (): string[] => ofUsers.keys(),
  };
}

/** Sets of connections by key. Most have one member, which is kept without a set. */
class ConnectionGroups {
  readonly #groups = new Map<string, LiveSocket | Set<LiveSocket>>();

  add(key: string, socket: LiveSocket): void {
    const group = this.#groups.get(key);
    if (group === undefined) this.#groups.set(key, socket);
    else if (group instanceof Set) group.add(socket);
    else this.#groups.set(key, new Set([group, socket]));
  }

  remove(key: string, socket: LiveSocket): void {
    const group = this.#groups.get(key);
    if (group instanceof Set) group.delete(socket);
    if (group === socket || (group instanceof Set && group.size === 0)) this.#groups.delete(key);
  }

  get(key: string): readonly LiveSocket[] {
    const group = this.#groups.get(key);
    if (group === undefined) return [];
    return group instanceof Set ? [...group] : [group];
  }

  has(key: string): boolean {
    return this.#groups.has(key);
  }

  keys(): string[] {
    return [...this.#groups.keys()];
  }
}
