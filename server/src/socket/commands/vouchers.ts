import type { VoucherGuesses } from '#server/accounts/guessing/voucher-guesses.ts';
import type { VoucherChecks } from '#server/events/vouchers/check-voucher.ts';
import type { Vouchers } from '#server/events/vouchers/vouchers.ts';
import { commands } from '#shared/protocol/commands.ts';
import type { Caller, CommandTable } from '../command-definition.ts';
import { signedIn } from '../command-definition.ts';

type VoucherCommands = Pick<CommandTable, 'checkVoucher' | 'createVouchers' | 'updateVoucher' | 'listVouchers'>;

export interface VoucherCommandDeps {
  vouchers: Vouchers;
  voucherChecks: VoucherChecks;
  codeGuesses: Pick<VoucherGuesses, 'guardCheck'>;
  isAdmin: (caller: Caller) => Promise<boolean>;
}

/** Commands on vouchers: organisers make and change them, buyers ask what one gives. */
export function voucherCommands(deps: VoucherCommandDeps): VoucherCommands {
  const { vouchers, voucherChecks, codeGuesses, isAdmin } = deps;
  return {
    checkVoucher: {
      ...commands.checkVoucher,
      rate: 'read',
      run: (input, caller) => {
        const buyer = signedIn(caller);
        return codeGuesses.guardCheck(buyer, async () =>
          voucherChecks.check(input, { userId: buyer.userId, admin: await isAdmin(caller) }),
        );
      },
    },
    createVouchers: {
      ...commands.createVouchers,
      rate: 'write',
      run: (input, caller) => vouchers.create(input, signedIn(caller).userId),
    },
    updateVoucher: {
      ...commands.updateVoucher,
      rate: 'write',
      run: (input) => vouchers.update(input),
    },
    listVouchers: {
      ...commands.listVouchers,
      rate: 'read',
      run: (input) => vouchers.list(input),
    },
  };
}
