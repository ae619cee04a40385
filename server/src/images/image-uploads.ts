import type { Readable } from 'node:stream';
import type { StoredImage } from '#server/booking/rules/state/event-state.ts';
import type { EventEditing } from '#server/events/edit.ts';
import type { EventDoc } from '#server/models/event.ts';
import type { Models } from '#server/models/models.ts';
import type { Event } from '#shared/event.ts';
import type { ImageCaption } from '#shared/images/event-image.ts';
import { MAX_UPLOAD_BYTES } from '#shared/images/image-files.ts';
import type { Result } from '#shared/protocol/errors.ts';
import { ok, refuse } from '#shared/protocol/errors.ts';
import type { ImageFault } from './conversion.ts';
import type { Converter } from './converter.ts';
import type { ImageStore } from './image-store.ts';
import { readUpload } from './read-upload.ts';

/** Uploads that are read, wait or are converted at a time: each may hold 15 MB. */
const MOST_UPLOADS = 4;
const RETRY_AFTER_MS = 5_000;

interface ImageUploadsOptions {
  models: Pick<Models, 'events'>;
  editing: Pick<EventEditing, 'changeImage'>;
  converter: Converter;
  store: ImageStore;
}

interface ImageUpload {
  eventId: string;
  actor: string;
  caption: ImageCaption;
  /** The picture; an empty one leaves the present image, with another caption. */
  body: Readable;
  /** How long the body is said to be, in bytes; undefined if unknown. */
  announcedBytes: number | undefined;
}

/** What organisers do with the image of an event: put one there, change its caption, take it away. */
export function createImageUploads({ models, editing, converter, store }: ImageUploadsOptions) {
  let uploads = 0;

  /** Before anything is read and converted in vain; the event's queue decides. */
  async function eventRefusal(eventId: string): Promise<Result<never> | null> {
    const event = await models.events.findById(eventId, { status: 1 }).lean<Pick<EventDoc, 'status'>>();
    if (!event) return refuse('NOT_FOUND');
    const { status } = event;
    return status === 'cancelled' ? refuse('INVALID_STATE', { details: { status } }) : null;
  }

  async function upload({ eventId, actor, caption, body, announcedBytes }: ImageUpload): Promise<Result<Event>> {
    const refusal = await eventRefusal(eventId);
    if (refusal) return refusal;
    const bytes = (announcedBytes ?? 0) > MAX_UPLOAD_BYTES ? 'too_big' : await readUpload(body, MAX_UPLOAD_BYTES);
    if (typeof bytes === 'string') return uploadRefusal(bytes, UPLOAD_MESSAGES[bytes]);
    if (bytes.length === 0) return editing.changeImage(eventId, caption, actor);
    const stored = await convertAndStore(bytes);
    return stored.ok ? editing.changeImage(eventId, { ...stored.data, ...caption }, actor) : stored;
  }

  async function convertAndStore(bytes: Uint8Array): Promise<Result<StoredImage>> {
    const converted = await converter.convert(bytes);
    if (!converted.ok) return uploadRefusal(converted.code, converted.message);
    const { image, files } = converted;
    await store.store(image.id, files);
    return ok(image);
  }

  return {
    /** `BUSY` while too many others are under way. */
    async put(request: ImageUpload): Promise<Result<Event>> {
      if (uploads >= MOST_UPLOADS) return refuse('BUSY', { retryAfterMs: RETRY_AFTER_MS });
      uploads += 1;
      try {
        return await upload({ ...request, eventId: request.eventId.toLowerCase() });
      } finally {
        uploads -= 1;
      }
    },
    remove: (eventId: string, actor: string): Promise<Result<Event>> =>
      editing.changeImage(eventId.toLowerCase(), null, actor),
  };
}

export type ImageUploads = ReturnType<typeof createImageUploads>;

const UPLOAD_MESSAGES = {
  too_big: `Expected at most ${MAX_UPLOAD_BYTES} bytes`,
  incomplete: 'The upload ended before its last byte',
} as const;

function uploadRefusal(code: ImageFault | keyof typeof UPLOAD_MESSAGES, message: string): Result<never> {
  return refuse('INVALID_INPUT', { issues: [{ path: ['image'], code, message }] });
}
