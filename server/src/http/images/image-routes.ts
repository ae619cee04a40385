import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Identity } from '#server/accounts/sessions.ts';
import type { ImageStore } from '#server/images/image-store.ts';
import type { ImageUploads } from '#server/images/image-uploads.ts';
import type { ShareCards } from '#server/images/share-cards.ts';
import { locale } from '#shared/account.ts';
import { imageCaption } from '#shared/images/event-image.ts';
import { IMAGE_TYPES, parseImageFileName } from '#shared/images/image-files.ts';
import type { Result } from '#shared/protocol/errors.ts';
import { ok, refuse } from '#shared/protocol/errors.ts';
import { id } from '#shared/protocol/primitives.ts';
import { answer, answerRefusal, parseInput } from '../answer.ts';
import type { Identify } from '../identity.ts';
import { requireOrganiser } from '../identity.ts';
import type { RateLimits } from '../rate-limit.ts';

export interface ImageRoutes {
  images: { uploads: ImageUploads; store: Pick<ImageStore, 'read'>; cards: ShareCards };
  identify: Identify;
  limits: Pick<RateLimits, 'images'>;
}

/** The longest that the server allows a request. */
export const UPLOAD_MS = 180_000;
/** With the conversions that wait before it. */
const UPLOAD_HANDLER_MS = UPLOAD_MS + 120_000;

const noInput = z.strictObject({});
const cardInput = z.strictObject({ revision: z.int().min(1), locale });
const FOR_EVER = 'public, max-age=31536000, immutable';

/** Images of events: organisers put and remove them, everybody reads their files and the cards of shared links. */
export function mountImages(api: FastifyInstance, deps: ImageRoutes): void {
  const { identify } = deps;
  api.register(async (scope) => {
    takeAnyBody(scope);
    scope.put(
      '/events/:id/image',
      { config: { bodyMs: UPLOAD_MS }, handlerTimeout: UPLOAD_HANDLER_MS },
      requireOrganiser(identify, (identity, request, reply) => putImage(deps, identity, request, reply)),
    );
    scope.delete(
      '/events/:id/image',
      requireOrganiser(identify, (identity, request, reply) => removeImage(deps, identity, request, reply)),
    );
  });
  api.get('/events/:id/card.jpg', (request, reply) => sendCard(deps, request, reply));
  api.get('/images/:name', (request, reply) => sendFile(deps, request, reply));
}

/** The body of an upload is read by its handler, after session, role and rate; no header says what it is. */
function takeAnyBody(scope: FastifyInstance): void {
  scope.removeAllContentTypeParsers();
  scope.addContentTypeParser('*', (_request, payload, done) => done(null, payload));
}

async function putImage(
  { images, limits }: ImageRoutes,
  { user }: Identity,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const limited = await limits.images(request, reply);
  if (limited) return limited;
  const input = parseImageInput(imageCaption, request);
  if (!input.ok) return answerRefusal(reply, input.error);
  const { eventId, query: caption } = input.data;
  const body = request.body instanceof Readable ? request.body : Readable.from([]);
  const length = request.headers['content-length'];
  const announcedBytes = length === undefined ? undefined : Number(length);
  return answer(
    reply,
    await images.uploads.put({ eventId, actor: user._id.toHexString(), caption, body, announcedBytes }),
  );
}

async function removeImage(
  { images }: ImageRoutes,
  { user }: Identity,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const input = parseImageInput(noInput, request);
  if (!input.ok) return answerRefusal(reply, input.error);
  return answer(reply, await images.uploads.remove(input.data.eventId, user._id.toHexString()));
}

/** A file never changes under its name, so that it is asked for once. */
async function sendFile({ images }: ImageRoutes, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const { name } = request.params as { name: string };
  const parts = parseImageFileName(name);
  if (!parts) return answerRefusal(reply, refuse('NOT_FOUND').error);
  const etag = `"${name}"`;
  const isKnown = request.headers['if-none-match'] === etag;
  const bytes = isKnown ? null : await images.store.read(name);
  if (bytes === undefined) return answerRefusal(reply, refuse('NOT_FOUND').error);
  reply.header('cache-control', FOR_EVER).header('etag', etag);
  return bytes === null ? reply.status(304).send() : reply.type(IMAGE_TYPES[parts.format]).send(bytes);
}

/** The card of a shared link, at an address of the event's revision; another one leads to the present card. */
async function sendCard({ images }: ImageRoutes, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const input = parseImageInput(cardInput, request);
  if (!input.ok) return answerRefusal(reply, input.error);
  const { eventId, query } = input.data;
  const card = await images.cards.read({ eventId, ...query });
  if (!card.ok) return answerRefusal(reply, card.error);
  const { revision, bytes } = card.data;
  if (bytes === null) return reply.redirect(`${cardPath(eventId)}?revision=${revision}&locale=${query.locale}`);
  return reply.header('cache-control', FOR_EVER).type('image/jpeg').send(Buffer.from(bytes));
}

function parseImageInput<S extends z.ZodType>(
  schema: S,
  request: FastifyRequest,
): Result<{ eventId: string; query: z.output<S> }> {
  const eventId = parseInput(id, (request.params as { id: string }).id);
  const query = parseInput(schema, numbersOf(request.query));
  if (!eventId.ok) return eventId;
  return query.ok ? ok({ eventId: eventId.data, query: query.data }) : query;
}

function cardPath(eventId: string): string {
  return `/api/events/${eventId}/card.jpg`;
}

const TEXTS = new Set(['alt', 'locale']);

/** Numbers that are written in decimal digits, as numbers; other text stays and fails the schema. */
function numbersOf(query: unknown): Record<string, unknown> {
  const entries = Object.entries(query as Record<string, unknown>);
  return Object.fromEntries(
    entries.map(([name, value]) => [
      name,
      !TEXTS.has(name) && typeof value === 'string' && /^\d{1,9}(?:\.\d{1,6})?$/.test(value) ? Number(value) : value,
    ]),
  );
}
