import { expect } from 'vitest';
import type { PersonalTicketKeys } from '#shared/tickets/personal-ticket.ts';
import type { Event } from '#shared/event.ts';
import type { Person, TestApp, TestAppOptions } from '../test-app.ts';
import { book, eventInput, testApp } from '../test-app.ts';
import type { OpenedPass } from './open-pass.ts';
import { openPass } from './open-pass.ts';
import { apnsStandIn } from './apns-stand-in.ts';
import { googleStandIn } from './google-stand-in.ts';
import { appleSettings, googleSettings, PASS_TYPE_ID } from './pass-keys.ts';

type Undo = Parameters<typeof testApp>[0];

export const ORIGIN = 'https://tickets.example.org';
export const START = '2030-07-01T18:00:00.000Z';

const as = ({ token }: Pick<Person, 'token'>) => ({ authorization: `Bearer ${token}` });

/** A site with the keys of both wallets, an event, and Alice with two seats. */
export async function walletWorld(t: Undo, more: TestAppOptions = {}) {
  const [apns, google] = [await apnsStandIn(t), await googleStandIn(t)];
  const wallets = { apns: apns.test, google: google.test };
  const env = { PUBLIC_URL: ORIGIN, ...appleSettings(), ...googleSettings(), ...more.env };
  const app = await testApp(t, { ...more, env, wallets });
  const [admin, alice] = [await app.admin(), await app.register('alice')];
  const address = 'Große Gasse 3, 93047 Regensburg';
  const input = eventInput({ startsAt: START, timeZone: 'Europe/Berlin', totalSeats: 100, address });
  const event: Event = await admin.must('createEvent', input);
  return { app, apns, google, env, wallets, admin, alice, event, booking: await book(alice, event.id, 2) };
}

/** The pass of a booking as its buyer gets it. */
export async function ownPass({ get }: Pick<TestApp, 'get'>, who: Person, bookingId: string): Promise<OpenedPass> {
  return passIn(await get(`/api/bookings/${bookingId}/ticket.pkpass`, as(who)));
}

export async function passIn(answer: Response): Promise<OpenedPass> {
  expect(answer.status).toBe(200);
  expect(answer.headers.get('content-type')).toBe('application/vnd.apple.pkpass');
  return openPass(Buffer.from(await answer.arrayBuffer()));
}

/** The key of a booking's link. */
export async function linkKey({ get }: Pick<TestApp, 'get'>, who: Person, bookingId: string): Promise<string> {
  return ((await (await get(`/api/bookings/${bookingId}/link`, as(who))).json()) as { key: string }).key;
}

/** The keys of the links of each seat. */
export async function seatKeys({ get }: Pick<TestApp, 'get'>, who: Person, bookingId: string): Promise<string[]> {
  const answer = await get(`/api/bookings/${bookingId}/personal-tickets`, as(who));
  return ((await answer.json()) as PersonalTicketKeys).tickets.map(({ key }) => key);
}

/** A device as Apple specifies its requests, at the address that the pass names. */
export function device({ url }: Pick<TestApp, 'url'>, { json }: OpenedPass, name: string, pushToken: string) {
  const base = `${String(json['webServiceURL']).replace(ORIGIN, url)}/v1`;
  const serial = String(json['serialNumber']);
  const authorization = `ApplePass ${String(json['authenticationToken'])}`;
  const registrations = `${base}/devices/${name}/registrations/${PASS_TYPE_ID}`;
  return {
    serial,
    pushToken,
    register: (headers: Record<string, string> = { authorization }) =>
      fetch(`${registrations}/${serial}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify({ pushToken }),
      }),
    unregister: (headers: Record<string, string> = { authorization }) =>
      fetch(`${registrations}/${serial}`, { method: 'DELETE', headers }),
    changed: (since?: string) =>
      fetch(registrations + (since === undefined ? '' : `?passesUpdatedSince=${encodeURIComponent(since)}`)),
    pass: (headers: Record<string, string> = {}) =>
      fetch(`${base}/passes/${PASS_TYPE_ID}/${serial}`, { headers: { authorization, ...headers } }),
    log: (...logs: string[]) =>
      fetch(`${base}/log`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ logs }),
      }),
  };
}
