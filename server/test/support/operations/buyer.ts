// A buyer on a fresh machine, run by the test of the handbook: signs in as the admin of ADMIN_EMAIL, creates an event,
// registers, books through the proxy, and prints what came of it as JSON.
import { randomUUID } from 'node:crypto';
import { io } from 'socket.io-client';
import type { User } from '#shared/account.ts';
import type { Client } from '../test-app.ts';

const [url = ''] = process.argv.slice(2);
const origin = new URL(url).origin;

async function post(path: string, body: object): Promise<{ user: User; token: string }> {
  const headers = { 'content-type': 'application/json', origin };
  const response = await fetch(url + path, { method: 'POST', headers, body: JSON.stringify(body) });
  if (!response.ok) throw new Error(`${path} answered ${response.status}: ${await response.text()}`);
  return (await response.json()) as { user: User; token: string };
}

async function connect(token: string): Promise<Client> {
  const socket: Client = io(`${url}/booking`, { transports: ['websocket'], auth: { token }, extraHeaders: { origin } });
  await new Promise<void>((resolve, reject) => {
    socket.once('welcome', () => resolve());
    socket.once('connect_error', reject);
  });
  return socket;
}

const { ADMIN_EMAIL: email, ADMIN_PASSWORD: password } = process.env;
const organiser = await connect((await post('/api/auth/login', { email, password })).token);
const startsAt = new Date(Date.now() + 86_400_000).toISOString();
const event = { title: 'Jazz', description: '', venue: 'Yard', startsAt, totalSeats: 10 };
const created = await organiser.emitWithAck('createEvent', { requestId: randomUUID(), ...event });
if (!created.ok) throw new Error(JSON.stringify(created));

const account = { name: 'Alice', email: 'alice@example.org', password: 'correct horse' };
const buyer = await connect((await post('/api/auth/register', account)).token);
const seen = new Promise<number>((resolve) => {
  buyer.on('availabilityChanged', ({ changes }) => {
    const sold = changes.find(({ eventId }) => eventId === created.data.id)?.soldSeats ?? 0;
    if (sold > 0) resolve(sold);
  });
});
const booked = await buyer.emitWithAck('book', { requestId: randomUUID(), eventId: created.data.id, seats: 2 });
if (!booked.ok) throw new Error(JSON.stringify(booked));
const { status, seats } = booked.data;
console.log(
  JSON.stringify({ transport: buyer.io.engine.transport.name, booked: status, seats, soldSeats: await seen }),
);
buyer.disconnect();
organiser.disconnect();
