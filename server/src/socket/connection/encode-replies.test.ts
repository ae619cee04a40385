import { expect, it, vi } from 'vitest';
import { withJsonText } from '#server/json-text.ts';
import type { LiveServer } from '../types.ts';
import { encodeReplies } from './encode-replies.ts';

type Packet = Parameters<LiveServer['encoder']['encode']>[0];

const [EVENT, ACK] = [2, 3];
const AS_EVER = ['as ever'];

/** What is sent for a packet. */
function encoded(packet: Packet): unknown[] {
  const encoder = { encode: vi.fn((_packet: Packet) => AS_EVER) };
  encodeReplies({ encoder } as unknown as LiveServer);
  return encoder.encode(packet);
}

const shown = withJsonText({ a: 1 }, () => '{"a":1}');

it('a reply whose data has its JSON text is sent by that text', () => {
  const data = [{ ok: true, data: shown }];
  expect(encoded({ type: ACK, nsp: '/booking', id: 7, data })).toEqual(['3/booking,7[{"ok":true,"data":{"a":1}}]']);
  expect(encoded({ type: ACK, nsp: '/', id: 0, data })).toEqual(['30[{"ok":true,"data":{"a":1}}]']);
});

it.each<[string, Packet]>([
  ['a push', { type: EVENT, nsp: '/booking', data: ['eventCreated', shown] }],
  ['a push of an answer', { type: EVENT, nsp: '/booking', data: [{ ok: true, data: shown }] }],
  ['a reply whose data has no JSON text', { type: ACK, nsp: '/booking', id: 1, data: [{ ok: true, data: { a: 1 } }] }],
  ['a refusal', { type: ACK, nsp: '/booking', id: 1, data: [{ ok: false, data: shown }] }],
  ['two arguments', { type: ACK, nsp: '/booking', id: 1, data: [{ ok: true, data: shown }, 1] }],
  ['no answer', { type: ACK, nsp: '/booking', id: 1, data: [null] }],
  ['no data', { type: ACK, nsp: '/booking', id: 1 }],
])('%s is encoded as ever', (_what, packet) => {
  expect(encoded(packet)).toBe(AS_EVER);
});
