import type { Caller } from '../command-definition.ts';
import type { CommandSender } from '../rate-limit.ts';

/** What the server knows of one connection to one namespace. */
export interface Connection extends CommandSender {
  readonly caller: Caller;
  /** When its session ends unless it is renewed, in milliseconds since 1970; `Infinity` for a guest. */
  expiresAtMs: number;
  /** Its session has ended: whatever still arrives is refused. */
  ended: boolean;
  /** A command without an acknowledgement was logged; once is enough. */
  warned: boolean;
}

/** A guest's connection, which no session limits. */
export function guestConnection(id: string, address: string): Connection {
  const caller = { kind: 'guest' } as const;
  return { id, address, userId: null, caller, expiresAtMs: Infinity, ended: false, warned: false };
}
