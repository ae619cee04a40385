import type { Event, EventPage } from '#shared/event.ts';
import type { Refusal } from '#shared/protocol/errors.ts';
import { CrowdError } from './crowd-error.ts';
import type { CrowdOptions } from './options.ts';

/** The events that the options name. Throws a CrowdError if there are none, or no server. */
export async function findTargetEvents({ url, target }: CrowdOptions, now: Date): Promise<Event[]> {
  if (target.kind === 'event') return [await getJson<Event>(`${url}/api/events/${target.id}`)];
  const { events } = await getJson<EventPage>(`${url}/api/events?when=upcoming&limit=100`);
  const onSale = events.filter((event) => isOnSale(event, now)).sort((a, b) => b.availableSeats - a.availableSeats);
  if (onSale.length === 0)
    throw new CrowdError('No event is on sale with free seats: create one, or name one with --event.');
  return target.kind === 'all' ? onSale : onSale.slice(0, 1);
}

function isOnSale({ status, availableSeats, salesOpenAt, salesCloseAt }: Event, now: Date): boolean {
  const at = now.toISOString();
  return status === 'published' && availableSeats > 0 && (salesOpenAt ?? '') <= at && salesCloseAt > at;
}

async function getJson<T>(address: string): Promise<T> {
  const response = await fetch(address).catch((cause: unknown) => {
    const { origin } = new URL(address);
    throw new CrowdError(`No server answers at ${origin}. Start one with npm start, or give its --url.`, { cause });
  });
  const answer = await readJson(response);
  if (response.ok) return answer as T;
  const { code = response.status, message = '' } = (answer as { error?: Partial<Refusal> }).error ?? {};
  throw new CrowdError(`${address} answers ${code}. ${message}`);
}

async function readJson(response: Response): Promise<unknown> {
  return response.json().catch((cause: unknown) => {
    throw new CrowdError(`${response.url} does not answer as a Frontrow server does.`, { cause });
  });
}
