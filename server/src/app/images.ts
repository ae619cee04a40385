import type { Db } from 'mongodb';
import type { Now } from '#server/clock.ts';
import type { EventEditing } from '#server/events/edit.ts';
import { createConverter } from '#server/images/converter.ts';
import { createImageStore } from '#server/images/image-store.ts';
import { createImageUploads } from '#server/images/image-uploads.ts';
import type { Log } from '#server/log.ts';
import type { Models } from '#server/models/models.ts';

interface ImagesOptions {
  database: Db;
  models: Models;
  /** On connections of their own, for what anybody may read. */
  readModels: Models;
  editing: Pick<EventEditing, 'changeImage'>;
  now: Now;
  /** Monotonic milliseconds. */
  monotonic: () => number;
  log: Log;
}

/** Images of events: converting uploads, and keeping and serving their files. */
export function composeImages({ database, models, readModels, editing, now, monotonic, log }: ImagesOptions) {
  const converter = createConverter({ monotonic, log });
  const imageStore = createImageStore({ database, models, readModels, now });
  const imageUploads = createImageUploads({ models, editing, converter, store: imageStore });
  return { converter, imageStore, imageUploads };
}
