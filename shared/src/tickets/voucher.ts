import { z } from 'zod';

/** A voucher's code as somebody types it: letters, digits and hyphens, without regard to case. */
export const voucherCode = z.string().regex(/^[\dA-Za-z-]{1,40}$/, 'Expected up to 40 letters, digits and hyphens');
