import type { Role } from '#shared/account.ts';
import type { CommandData, CommandInput, CommandName, commands } from '#shared/protocol/commands.ts';
import type { Result } from '#shared/protocol/errors.ts';

/** Who sends a command: a signed-in user by an open session, or a guest. `role` is as last known; admin commands re-read it. */
export type Caller = { kind: 'user'; userId: string; sessionId: string; role: Role } | { kind: 'guest' };

/** Commands of one rate class share a budget per user, per address and per connection. */
export type RateClass = 'read' | 'write' | 'free';

/** One command: its row of the contract, its rate class, and what it does once every check has passed. */
export interface CommandDefinition<N extends CommandName> {
  access: (typeof commands)[N]['access'];
  input: (typeof commands)[N]['input'];
  data: (typeof commands)[N]['data'];
  rate: RateClass;
  run(input: CommandInput<N>, caller: Caller): Promise<Result<CommandData<N>>>;
}

export type CommandTable = { [N in CommandName]: CommandDefinition<N> };

/** The user behind a command that only signed-in callers reach; the dispatcher has seen to that. */
export function signedIn(caller: Caller): Extract<Caller, { kind: 'user' }> {
  if (caller.kind !== 'user') throw new Error('A guest reached a command for users');
  return caller;
}
