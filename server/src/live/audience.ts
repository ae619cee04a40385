import type { Push, PushName } from '#shared/protocol/pushes.ts';

/** Whom a push can go to: what the live modules need of the sockets. Each push is encoded once for all who get it. */
export interface Audience {
  /** Every client of both namespaces. */
  pushToEveryone<N extends PushName>(name: N, payload: Push<N>): void;
  pushToAdmins<N extends PushName>(name: N, payload: Push<N>): void;
  pushToUser<N extends PushName>(userId: string, name: N, payload: Push<N>): void;
  /** Whether this person is connected to this process. */
  hasUser(userId: string): boolean;
  /** Whether an organiser is connected to this process. */
  hasAdmins(): boolean;
  /** Everybody who is signed in and connected to this process, and whether there is anybody. */
  userIds(): string[];
  hasUsers(): boolean;
}
