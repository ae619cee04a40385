import type { Models } from '#server/models/models.ts';
import type { Refusal } from '#shared/protocol/errors.ts';
import { refuse } from '#shared/protocol/errors.ts';
import { changeRequestKey } from './rules/state/booking-state.ts';
import { hasChangeRequest } from './store/queries/booking-queries.ts';

/**
 * The refusal of a command on a booking that does not exist, or is another user's: such a booking has no queue, which
 * would know the sender's earlier requests.
 */
export async function missingRefusal(
  models: Pick<Models, 'bookings'>,
  type: 'cancel' | 'checkIn',
  { actor, requestId }: { actor: string; requestId: string | null },
): Promise<{ ok: false; error: Refusal }> {
  const isUsed = requestId !== null && (await hasChangeRequest(models, changeRequestKey(type, actor, requestId)));
  return refuse(isUsed ? 'REQUEST_ID_REUSED' : 'NOT_FOUND');
}
