import type { Db } from 'mongodb';
import type { Now } from '#server/clock.ts';
import type { EventEditing } from '#server/events/edit.ts';
import type { EventReads } from '#server/events/reads.ts';
import { createConverter } from '#server/images/converter.ts';
import { createImageStore } from '#server/images/image-store.ts';
import { createImageUploads } from '#server/images/image-uploads.ts';
import { createShareCards } from '#server/images/share-cards.ts';
import type { Log } from '#server/log.ts';
import type { Models } from '#server/models/models.ts';

interface ImagesOptions {
  database: Db;
  models: Models;
  /** On connections of their own, for what anybody may read. */
  readModels: Models;
  editing: Pick<EventEditing, 'changeImage'>;
  eventReads: EventReads;
  now: Now;
  /** Monotonic milliseconds. */
  monotonic: () => number;
  log: Log;
}

/** Images of events: converting uploads, and keeping and serving their files. */
export function composeImages(options: ImagesOptions) {
  const { database, models, readModels, editing, eventReads, now, monotonic, log } = options;
  const converter = createConverter({ monotonic, log });
  const store = createImageStore({ database, models, readModels, now });
  const uploads = createImageUploads({ models, editing, converter, store });
  return { converter, store, uploads, cards: createShareCards({ eventReads, store, converter }) };
}
