import type { Event } from '#shared/event.ts';
import type { Reply } from '../connection/connection.svelte.ts';
import type { uploadApi } from '../connection/upload-api.ts';
import type { EventStore } from '../event-store.svelte.ts';

interface PictureInput {
  /** Null: the present picture gets another text and focus. */
  file: Blob | null;
  /** For those who do not see the picture. */
  alt: string;
  focus: { x: number; y: number };
}

/** Puts and removes the picture of an event; on success the event is kept. Methods never reject. */
export function createImageUpload(eventId: string, events: Pick<EventStore, 'take'>, send: typeof uploadApi) {
  const path = `/api/events/${eventId}/image`;

  function kept(reply: Reply<Event>): Reply<Event> {
    if (reply.ok) events.take(reply.data);
    return reply;
  }

  return {
    /** `onprogress` gets the share that was sent, 0 to 1. */
    async put({ file, alt, focus }: PictureInput, onprogress: (share: number) => void): Promise<Reply<Event>> {
      const query = new URLSearchParams({ alt, focusX: String(focus.x), focusY: String(focus.y) });
      const body = file && { body: file };
      return kept(await send<Event>({ method: 'PUT', path: `${path}?${query}`, onprogress, ...body }));
    },
    remove: async (): Promise<Reply<Event>> => kept(await send<Event>({ method: 'DELETE', path })),
  };
}
