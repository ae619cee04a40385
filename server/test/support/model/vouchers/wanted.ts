import type { Book, ChangeHold } from '#server/booking/rules/command.ts';
import type { Answer } from '../answer.ts';
import type { ModelBooking, ModelLine, ModelState } from '../state.ts';
import { linesFor, linesOfChange } from '../tickets/rules.ts';
import { givesNothing, notNow, overUses, priced, unpriced, usedUp, usesIn, voucherBy } from './rules.ts';

/** Lines with what their voucher takes off, and the voucher's id. */
type WantedLines = { lines: ModelLine[]; voucher: string | null } | { refusal: Answer };

/** What a buyer books, with the voucher that the buyer names. */
export function wantedLines(state: ModelState, command: Book, now: number): WantedLines {
  const code = 'tickets' in command ? command.voucher : null;
  if (code !== null)
    return byCode({ state, code, now, user: command.userId }, (opens) => linesFor(state, command, opens));
  const wanted = linesFor(state, command);
  return 'refusal' in wanted ? wanted : { ...wanted, voucher: null };
}

/** What a hold shall be. Its voucher stays until the buyer names another one, which is for all tickets. */
export function wantedHold(state: ModelState, booking: ModelBooking, command: ChangeHold, now: number): WantedLines {
  const code = 'tickets' in command ? command.voucher : null;
  const own = state.vouchers.find(({ id }) => id === booking.voucher);
  if (code !== null && (!own || voucherBy(state, code) !== own)) {
    const full = { lines: unpriced(state, booking.lines) };
    const change = (opens: readonly string[]) => linesOfChange(state, full, command, opens);
    return byCode({ state, code, now, user: booking.user }, change);
  }
  const wanted = linesOfChange(state, booking, command, own?.opens);
  if ('refusal' in wanted) return wanted;
  if (!own) return { ...wanted, voucher: null };
  const isKept = ({ type }: ModelLine) => booking.lines.some((line) => line.type === type);
  const lines = wanted.lines.flatMap((line) => (isKept(line) ? [line] : priced(state, own, [line])));
  const more = usesIn(lines) - usesIn(booking.lines);
  const refusal =
    (code === null ? null : givesNothing(lines)) ??
    (more > 0 ? (notNow(own, now) ?? overUses(state, own, booking.user, more)) : null);
  return refusal ? { refusal } : { lines, voucher: usesIn(lines) > 0 ? own.id : null };
}

interface Naming {
  state: ModelState;
  code: string;
  now: number;
  user: string;
}

function byCode(
  { state, code, now, user }: Naming,
  linesWith: (opens: readonly string[]) => ReturnType<typeof linesFor>,
) {
  const voucher = voucherBy(state, code);
  const no = notNow(voucher, now) ?? (voucher ? usedUp(state, voucher) : null);
  if (!voucher || no) return { refusal: no as Answer };
  const wanted = linesWith(voucher.opens);
  if ('refusal' in wanted) return wanted;
  const lines = priced(state, voucher, wanted.lines);
  const refusal = givesNothing(lines) ?? overUses(state, voucher, user, usesIn(lines));
  return refusal ? { refusal } : { lines, voucher: voucher.id };
}
