import type { EventDoc } from '#server/models/event.ts';
import type { Models } from '#server/models/models.ts';
import { toEvent } from '#server/models/views.ts';
import type { Result } from '#shared/protocol/errors.ts';
import { ok, refuse } from '#shared/protocol/errors.ts';
import type { Event } from '#shared/event.ts';
import type { Viewer } from './list.ts';

/** An event by its id, also a cancelled one. `NOT_FOUND` for a draft unless the viewer is an organiser. */
export async function getEvent(models: Models, eventId: string, viewer: Viewer): Promise<Result<Event>> {
  const doc = await models.events.findById(eventId).lean<EventDoc>();
  if (!doc || (doc.status === 'draft' && !viewer.admin)) return refuse('NOT_FOUND');
  return ok(toEvent(doc));
}
