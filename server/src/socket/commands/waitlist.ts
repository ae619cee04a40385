import type { Waitlist } from '#server/booking/waitlist/waitlist.ts';
import { commands } from '#shared/protocol/commands.ts';
import type { CommandTable, EventQueues } from '../command-definition.ts';
import { signedIn } from '../command-definition.ts';

type WaitlistCommands = Pick<CommandTable, 'joinWaitlist' | 'leaveWaitlist' | 'listWaitlist'>;

export interface WaitlistCommandDeps {
  waitlist: Waitlist;
  queues: EventQueues;
}

/** Commands on the waiting list. */
export function waitlistCommands({ waitlist, queues }: WaitlistCommandDeps): WaitlistCommands {
  return {
    joinWaitlist: {
      ...commands.joinWaitlist,
      rate: 'write',
      queues,
      run: (input, caller) => waitlist.join(input, signedIn(caller).userId),
    },
    leaveWaitlist: {
      ...commands.leaveWaitlist,
      rate: 'write',
      queues,
      run: (input, caller) => waitlist.leave(input, signedIn(caller).userId),
    },
    listWaitlist: {
      ...commands.listWaitlist,
      rate: 'read',
      run: (_input, caller) => waitlist.list(signedIn(caller).userId),
    },
  };
}
