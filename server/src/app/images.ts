import type { EventEditing } from '#server/events/edit.ts';
import type { EventReads } from '#server/events/reads.ts';
import { createConverter } from '#server/images/converter.ts';
import type { ImageStore } from '#server/images/image-store.ts';
import { createImageUploads } from '#server/images/image-uploads.ts';
import { createShareCards } from '#server/images/share-cards.ts';
import type { Log } from '#server/log.ts';
import type { Models } from '#server/models/models.ts';

interface ImagesOptions {
  models: Models;
  store: ImageStore;
  editing: Pick<EventEditing, 'changeImage'>;
  eventReads: EventReads;
  /** Monotonic milliseconds. */
  monotonic: () => number;
  log: Log;
}

/** Images of events: converting uploads, and keeping and serving their files. */
export function composeImages({ models, store, editing, eventReads, monotonic, log }: ImagesOptions) {
  const converter = createConverter({ monotonic, log });
  const uploads = createImageUploads({ models, editing, converter, store });
  return { converter, store, uploads, cards: createShareCards({ eventReads, store, converter }) };
}
