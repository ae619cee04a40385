import type { z } from 'zod';
import type { SessionDoc, SessionUser } from '#server/models/accounts/account.ts';
import type { Role } from '#shared/account.ts';
import type { CommandData, CommandInput, CommandName, commands } from '#shared/protocol/commands.ts';
import type { Refusal, Result } from '#shared/protocol/errors.ts';

/** The sender of a command: a user with an open session, or a signed-out visitor. Admin commands read `role` again. */
export type Caller =
  | {
      kind: 'user';
      userId: string;
      sessionId: string;
      role: Role;
      /** Of the client. */
      address: string;
      /** The account holds seats, and its address is not known yet. */
      isProvisional?: true;
    }
  | { kind: 'visitor' };

/** The user behind an open session, as the sender of commands from an IP address. */
export function callerOf({ user, session }: { user: SessionUser; session: SessionDoc }, address: string) {
  const [userId, sessionId] = [user._id.toHexString(), session._id.toHexString()];
  const visitor = user.provisional ? { isProvisional: true as const } : {};
  return { kind: 'user', userId, sessionId, role: user.role, address, ...visitor } as const satisfies Caller;
}

/** Commands of one rate class share a budget per user, per address and per connection. */
export type RateClass = 'read' | 'write' | 'free';

/** The event queues, as far as a command can be refused without anything else being done for it. */
export interface EventQueues {
  /** Whether a command of this user would be refused by the event's queue. */
  isFull(eventId: string, userId: string): boolean;
  busyRefusal(eventId: string, userId: string): Refusal;
}

/** One command: its row of the wire contract, its rate class, and its handler, which runs after every check. */
interface CommandDefinition<N extends CommandName> {
  access: (typeof commands)[N]['access'];
  input: (typeof commands)[N]['input'];
  data: (typeof commands)[N]['data'];
  rate: RateClass;
  /** Whether a provisional account may send it, too; those for all it may. */
  isForProvisional?: true;
  /** For a command that enters the queue of its input's `eventId`. */
  queues?: EventQueues;
  run(input: CommandInput<N>, caller: Caller): Promise<Result<CommandData<N>>>;
}

export type CommandTable = { [N in CommandName]: CommandDefinition<N> };

/** A definition of some command: only its own schema knows the type of its input. */
export interface AnyCommandDefinition {
  access: 'all' | 'user' | 'admin';
  input: z.ZodType;
  rate: RateClass;
  isForProvisional?: true;
  queues?: EventQueues;
  run(input: unknown, caller: Caller): Promise<Result<unknown>>;
}

/** The caller of a command with access `user` or `admin`. Throws on a visitor, whom the dispatcher refuses before. */
export function signedIn(caller: Caller): Extract<Caller, { kind: 'user' }> {
  if (caller.kind !== 'user') throw new Error('A visitor reached a command for users');
  return caller;
}
