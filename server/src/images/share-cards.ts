import { LRUCache } from 'lru-cache';
import type { EventReads } from '#server/events/reads.ts';
import type { Locale } from '#shared/account.ts';
import type { Event } from '#shared/event.ts';
import { IMAGES_PATH } from '#shared/images/image-files.ts';
import type { Result } from '#shared/protocol/errors.ts';
import { ok, refuse } from '#shared/protocol/errors.ts';
import { venueTimeFormat } from '#shared/venue-time.ts';
import type { Converter } from './converter.ts';
import type { ImageStore } from './image-store.ts';

/** Most bytes of cards that this process keeps: a few hundred. */
const KEPT_BYTES = 24 * 1_048_576;
const RETRY_AFTER_MS = 5_000;

const DATE = {
  weekday: 'long',
  day: 'numeric',
  month: 'long',
  year: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
} as const satisfies Intl.DateTimeFormatOptions;

interface ShareCardsOptions {
  eventReads: Pick<EventReads, 'get'>;
  store: Pick<ImageStore, 'read'>;
  converter: Pick<Converter, 'drawCard'>;
}

interface CardOrder {
  eventId: string;
  /** The revision that the address names. */
  revision: number;
  locale: Locale;
}

/** The cards of shared links: drawn when they are first asked for, and kept while they are asked for. */
export function createShareCards({ eventReads, store, converter }: ShareCardsOptions) {
  const kept = new LRUCache<string, Uint8Array>({ maxSize: KEPT_BYTES, sizeCalculation: ({ length }) => length });
  const drawing = new Map<string, Promise<Uint8Array | null>>();

  async function draw({ id, title, startsAt, timeZone, image }: Event, locale: Locale): Promise<Uint8Array | null> {
    const bytes = image ? await store.read(image.url.slice(IMAGES_PATH.length)) : undefined;
    return converter.drawCard({
      eventId: id,
      title,
      date: venueTimeFormat(locale, timeZone, DATE)(new Date(startsAt)),
      picture: image && bytes ? { bytes, focusX: image.focusX, focusY: image.focusY } : null,
    });
  }

  /** One drawing for all that ask at the same time. */
  async function drawnOnce(key: string, event: Event, locale: Locale): Promise<Uint8Array | null> {
    const known = kept.get(key) ?? (await drawing.get(key));
    if (known) return known;
    const drawn = draw(event, locale);
    drawing.set(key, drawn);
    try {
      const bytes = await drawn;
      if (bytes) kept.set(key, bytes);
      return bytes;
    } finally {
      drawing.delete(key);
    }
  }

  return {
    /** The card of a public event, and its present revision: a card of another one is not drawn. */
    async read({
      eventId,
      revision,
      locale,
    }: CardOrder): Promise<Result<{ revision: number; bytes: Uint8Array | null }>> {
      const found = await eventReads.get(eventId, { admin: false });
      if (!found.ok) return found;
      const event = found.data;
      if (event.revision !== revision) return ok({ revision: event.revision, bytes: null });
      const bytes = await drawnOnce(`${event.id} ${revision} ${locale}`, event, locale);
      return bytes ? ok({ revision, bytes }) : refuse('BUSY', { retryAfterMs: RETRY_AFTER_MS });
    },
  };
}

export type ShareCards = ReturnType<typeof createShareCards>;
