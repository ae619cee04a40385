import type { Availability } from '#shared/event.ts';
import type { Push, PushName } from '#shared/protocol/pushes.ts';

/**
 * The clients connected to this process, as recipients of pushes: all that live modules need of the sockets. A push is
 * encoded once for all its recipients; without a recipient it is dropped. `socket/audience.ts` implements it.
 */
export interface Audience {
  /** Pushes to every client of both namespaces; admins get a payload of their own, if there is one. */
  pushToEveryone<N extends PushName>(name: N, payload: Push<N>, forAdmins?: Push<N>): void;
  /**
   * Pushes a frame of seats to every client of both namespaces. A client that has not read the frames before gets the
   * newest state of each event once it has.
   */
  pushSeats(changes: readonly Availability[]): void;
  /** Shortest time from the last frame of seats to the next one, in milliseconds: it grows with what a frame costs. */
  readonly frameIntervalMs: number;
  /** Pushes to every connection of an admin. */
  pushToAdmins<N extends PushName>(name: N, payload: Push<N>): void;
  /** Pushes to every connection of one user. */
  pushToUser<N extends PushName>(userId: string, name: N, payload: Push<N>): void;
  /** Whether the user has a connection to this process. */
  hasUser(userId: string): boolean;
  /** Whether an admin has a connection to this process. */
  hasAdmins(): boolean;
  /** Whether any user has a connection to this process. */
  hasUsers(): boolean;
  /** The ids of all users who have a connection to this process. */
  userIds(): string[];
}
