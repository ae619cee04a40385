import { createHash } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { LRUCache } from 'lru-cache';
import type { Result } from '#shared/protocol/errors.ts';
import { answerRefusal } from '../../answer.ts';

const MOST_FILES = 200;
const MOST_CHARACTERS = 32 * 1_048_576;

interface TextFile {
  text: string;
  etag: string;
}

/**
 * Files made of the public events, the same for every reader: each is made once and kept for a while, and a reader with
 * the present version gets 304.
 */
export function createKeptFiles({ keptSeconds, type }: { keptSeconds: number; type: string }) {
  const files = new LRUCache<string, TextFile>({
    max: MOST_FILES,
    maxSize: MOST_CHARACTERS,
    sizeCalculation: ({ text }) => text.length + 1,
    ttl: keptSeconds * 1_000,
  });

  async function fileOf(key: string, make: () => Promise<Result<string>>): Promise<Result<TextFile>> {
    const kept = files.get(key);
    if (kept) return { ok: true, data: kept };
    const made = await make();
    if (!made.ok) return made;
    const file = { text: made.data, etag: `"${createHash('sha256').update(made.data).digest('base64url')}"` };
    files.set(key, file);
    return { ok: true, data: file };
  }

  /** Answers with the file of this key, made by `make` unless it is kept. */
  return async function sendFile(
    request: FastifyRequest,
    reply: FastifyReply,
    { key, make }: { key: string; make: () => Promise<Result<string>> },
  ): Promise<FastifyReply> {
    const file = await fileOf(key, make);
    if (!file.ok) return answerRefusal(reply, file.error);
    const { text, etag } = file.data;
    reply.header('cache-control', `public, max-age=${keptSeconds}`).header('etag', etag);
    if (request.headers['if-none-match'] === etag) return reply.status(304).send();
    return reply.type(type).send(text);
  };
}
