import type { CommandData, CommandName, CommandRequest } from './commands.ts';
import type { Result } from './errors.ts';
import type { Push, PushName } from './pushes.ts';

/** Client → server, each with an acknowledgement. Inferred from the command table. */
export type ClientToServerEvents = {
  [N in CommandName]: (input: CommandRequest<N>, acknowledge: (reply: Result<CommandData<N>>) => void) => void;
};

/** Server → client. Inferred from the push table. */
export type ServerToClientEvents = { [N in PushName]: (payload: Push<N>) => void };
