import type { CommandData, CommandName, CommandRequest } from './commands.ts';
import type { Result } from './errors.ts';
import type { Push, PushName } from './pushes.ts';

/** Socket.IO events from client to server: one for each command, with an acknowledgement. */
export type ClientToServerEvents = {
  [N in CommandName]: (input: CommandRequest<N>, acknowledge: (reply: Result<CommandData<N>>) => void) => void;
};

/** Socket.IO events from server to client: one for each push. */
export type ServerToClientEvents = { [N in PushName]: (payload: Push<N>) => void };
