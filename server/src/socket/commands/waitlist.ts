import type { Waitlist } from '#server/booking/waitlist/waitlist.ts';
import { commands } from '#shared/protocol/commands.ts';
import type { CommandTable } from '../command-definition.ts';
import { signedIn } from '../command-definition.ts';

type WaitlistCommands = Pick<CommandTable, 'joinWaitlist' | 'leaveWaitlist' | 'listWaitlist'>;

export interface WaitlistCommandDeps {
  waitlist: Waitlist;
}

/** Commands on the waiting list. */
export function waitlistCommands({ waitlist }: WaitlistCommandDeps): WaitlistCommands {
  return {
    joinWaitlist: {
      ...commands.joinWaitlist,
      rate: 'write',
      run: (input, caller) => waitlist.join(input, signedIn(caller).userId),
    },
    leaveWaitlist: {
      ...commands.leaveWaitlist,
      rate: 'write',
      run: (input, caller) => waitlist.leave(input, signedIn(caller).userId),
    },
    listWaitlist: {
      ...commands.listWaitlist,
      rate: 'read',
      run: (_input, caller) => waitlist.list(signedIn(caller).userId),
    },
  };
}
