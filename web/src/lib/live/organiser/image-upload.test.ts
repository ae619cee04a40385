import { expect, test } from 'vitest';
import type { Event } from '#shared/event.ts';
import type { uploadApi } from '../connection/upload-api.ts';
import { anEvent } from '../fixtures.ts';
import { createImageUpload } from './image-upload.ts';

type Sent = Parameters<typeof uploadApi>[0];

function uploadOf(reply: Awaited<ReturnType<typeof uploadApi<Event>>>) {
  const sent: Sent[] = [];
  const taken: Event[] = [];
  const send = (async (request: Sent) => {
    sent.push(request);
    return reply;
  }) as typeof uploadApi;
  const events = { take: (event: Event) => void taken.push(event) };
  return { sent, taken, upload: createImageUpload(anEvent().id, events, send) };
}

test('a picture is sent with its text and focus in the address, and the edited event is kept', async () => {
  const edited = anEvent({ revision: 2 });
  const { sent, taken, upload } = uploadOf({ ok: true, data: edited });
  const file = new Blob(['x']);
  await upload.put({ file, alt: 'Stühle & Licht', focus: { x: 0.25, y: 1 } }, () => undefined);
  const path = `/api/events/${edited.id}/image?alt=St%C3%BChle+%26+Licht&focusX=0.25&focusY=1`;
  expect(sent).toMatchObject([{ method: 'PUT', path, body: file }]);
  expect(taken).toEqual([edited]);
});

test('another text for the present picture is sent without a body, and a refusal keeps no event', async () => {
  const { sent, taken, upload } = uploadOf({ ok: false, error: { code: 'INVALID_STATE', message: '' } });
  await upload.put({ file: null, alt: 'Chairs', focus: { x: 0, y: 0 } }, () => undefined);
  await upload.remove();
  expect(sent.map(({ method, body }) => [method, body])).toEqual([
    ['PUT', undefined],
    ['DELETE', undefined],
  ]);
  expect(taken).toEqual([]);
});
