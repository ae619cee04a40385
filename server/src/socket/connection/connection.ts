import type { Caller } from '../command-definition.ts';
import type { CommandSender } from '../rate-limit.ts';

/** One client's connection to one namespace. */
export interface Connection extends CommandSender {
  readonly caller: Caller;
  /** When the session ends unless it is renewed, in milliseconds since 1970; `Infinity` for a signed-out visitor. */
  expiresAtMs: number;
  /** Whether the session has ended: every command that still arrives is refused. */
  hasEnded: boolean;
  /** Whether a command without an acknowledgement was logged; once is enough. */
  hasWarned: boolean;
}

/** A signed-out visitor's connection, which no session limits. */
export function visitorConnection(id: string, address: string): Connection {
  const caller = { kind: 'visitor' } as const;
  return { id, address, userId: null, caller, expiresAtMs: Infinity, hasEnded: false, hasWarned: false };
}
