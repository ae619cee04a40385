import type { Availability } from '#shared/event.ts';
import type { Push, PushName } from '#shared/protocol/pushes.ts';
import type { Log } from '#server/log.ts';
import type { PaceClocks } from './pace.ts';
import { createPace, LONGEST_INTERVAL_MS } from './pace.ts';
import type { Packet } from './packet.ts';
import { encodePush, pushBody } from './packet.ts';
import type { NamespaceRecipients, Outlet, PushRecipient } from './recipients.ts';
import { emptyNamespace, hasRecipients, presentRecipients } from './recipients.ts';
import { addFrame, emptySeatLog, forgetUpTo, statesSince } from './seat-log.ts';

/** Longest part of a frame in one turn of the event loop: between two of them it serves commands and the database. */
const SLICE_MS = 0.5;
/** Clients between two looks at the clock. */
const CLIENTS_PER_LOOK = 16;
/** How soon a client that had not read its last frame is offered the newest state again. */
const RETRY_MS = 50;
/** While a frame is under way, the next one is not due before this time. */
const UNDER_WAY_MS = 20;

export interface Scheduling extends PaceClocks {
  /** Runs a function in the next turn of the event loop; returns what cancels it. */
  inNextTurn(run: () => void): () => void;
  /** Runs a function after some milliseconds; returns what cancels it. */
  after(ms: number, run: () => void): () => void;
}

export type FanOut = ReturnType<typeof createFanOut>;

/**
 * Pushes to every client of some namespaces. Each push is encoded and framed once, and written in slices, so that a
 * crowd of clients never keeps commands waiting. Clients that do not read get the newest state of the seats only.
 */
export function createFanOut(names: readonly string[], scheduling: Scheduling, log: Log) {
  const { monotonic, inNextTurn, after } = scheduling;
  const namespaces = new Map(
    names.flatMap((name) =>
      [false, true].map(
        (areOrganisers) => [groupKey(name, areOrganisers), emptyNamespace(name, areOrganisers)] as const,
      ),
    ),
  );
  const pace = createPace(scheduling);
  const seats = emptySeatLog();
  /** The JSON of the other pushes that are under way; their numbers end with `lastPush`. */
  const bodies: { text: string; forOrganisers: string }[] = [];
  let lastPush = 0;
  /** Clients that had not read their last frame when the newest one was offered. */
  const behind = new Set<PushRecipient>();
  /** The clients that the present round visits: from `position` in the first list on; empty between two rounds. */
  let round: (readonly PushRecipient[])[] = [];
  let position = 0;
  let isAnotherRoundDue = false;
  let frameBeganMs = -Infinity;
  let cancelSlice = NOTHING;
  let cancelRetry: (() => void) | null = null;

  function everyone(): (readonly PushRecipient[])[] {
    return [...namespaces.values()].map(presentRecipients);
  }

  function startRound(): void {
    if (round.length > 0) isAnotherRoundDue = true;
    else {
      round = everyone();
      pace.spend(visitSlice);
    }
  }

  /** Visits clients for half a millisecond; the first slice of a round runs at once, the others in turns of their own. */
  function visitSlice(): void {
    const endMs = monotonic() + SLICE_MS;
    let visited = 0;
    for (let [list] = round; list; [list] = round) {
      while (position < list.length) {
        visit(list[position] as PushRecipient);
        position += 1;
        visited += 1;
        if (visited % CLIENTS_PER_LOOK === 0 && monotonic() >= endMs) {
          cancelSlice = inNextTurn(nextSlice);
          return;
        }
      }
      round.shift();
      position = 0;
      if (round.length === 0) endRound();
    }
  }

  function nextSlice(): void {
    pace.spend(visitSlice);
  }

  /** Closes a client that cannot be written to, and goes on: one client must not keep the others from their pushes. */
  function visit(recipient: PushRecipient): void {
    try {
      bringUpToDate(recipient);
    } catch (error) {
      log.error({ err: error }, 'A client could not be pushed to');
      remove(recipient);
      recipient.outlet.close();
    }
  }

  function remove(recipient: PushRecipient): void {
    if (recipient.hasLeft) return;
    recipient.hasLeft = true;
    recipient.namespace.left += 1;
    behind.delete(recipient);
    if (round.length === 0) presentRecipients(recipient.namespace);
  }

  function bringUpToDate(recipient: PushRecipient): void {
    if (recipient.hasLeft) return;
    const { namespace, outlet } = recipient;
    if (recipient.push < lastPush) {
      outlet.push(pushesSince(namespace, recipient.push));
      recipient.push = lastPush;
    }
    if (recipient.frame === seats.head) return;
    const packet = frameSince(namespace, recipient.frame);
    if (packet === null) {
      behind.delete(recipient);
      outlet.close();
    } else if (outlet.offer(packet)) {
      recipient.frame = seats.head;
      behind.delete(recipient);
    } else behind.add(recipient);
  }

  /** The pushes after this number, encoded for a namespace. */
  function pushesSince(namespace: NamespaceRecipients, push: number): Packet[] {
    const { pushes, name, areOrganisers } = namespace;
    for (const { text, forOrganisers } of bodies.slice(pushes.length))
      pushes.push(encodePush(name, areOrganisers ? forOrganisers : text));
    const lacking = lastPush - push;
    return lacking === pushes.length ? pushes : pushes.slice(-lacking);
  }

  /** One frame with all that changed after the given one, encoded for a namespace; `null` if that is not kept. */
  function frameSince({ frames, name }: NamespaceRecipients, frame: number): Packet | null {
    const known = frames.get(frame);
    if (known !== undefined) return known;
    const changes = statesSince(seats, frame);
    const packet = changes && encodePush(name, pushBody('availabilityChanged', { changes }));
    frames.set(frame, packet);
    return packet;
  }

  function endRound(): void {
    if (isAnotherRoundDue) {
      isAnotherRoundDue = false;
      round = everyone();
      return;
    }
    bodies.length = 0;
    for (const namespace of namespaces.values()) {
      namespace.pushes = [];
      presentRecipients(namespace);
    }
    let oldest = seats.head;
    for (const { frame } of behind) oldest = Math.min(oldest, frame);
    forgetUpTo(seats, oldest);
    if (behind.size > 0) cancelRetry ??= after(RETRY_MS, retry);
    else forgetFrames();
  }

  function forgetFrames(): void {
    for (const { frames } of namespaces.values()) frames.clear();
  }

  /** Offers the newest state again to the clients that are behind. A round under way does that by itself. */
  function retry(): void {
    cancelRetry = null;
    if (round.length > 0) return;
    round = [[...behind]];
    pace.spend(visitSlice);
  }

  return {
    /** Adds a client of a namespace: it gets what is pushed from now on. */
    join(name: string, outlet: Outlet, isOrganiser = false): PushRecipient {
      const namespace = namespaces.get(groupKey(name, isOrganiser));
      if (!namespace) throw new Error(`There is no namespace ${name}`);
      const recipient = { namespace, outlet, frame: seats.head, push: lastPush, hasLeft: false };
      namespace.recipients.push(recipient);
      return recipient;
    },
    /** Removes a client; safe to call again. */
    leave: remove,
    /** Pushes to every client, in order; organisers get a payload of their own, if there is one. */
    push<N extends PushName>(name: N, payload: Push<N>, forOrganisers?: Push<N>): void {
      if (!hasRecipients(namespaces)) return;
      const text = pushBody(name, payload);
      bodies.push({ text, forOrganisers: forOrganisers === undefined ? text : pushBody(name, forOrganisers) });
      lastPush += 1;
      startRound();
    },
    /** Pushes a frame of seats to every client. A client that does not read gets the newest states once it does. */
    pushSeats(changes: readonly Availability[]): void {
      if (!hasRecipients(namespaces)) return;
      addFrame(seats, changes);
      forgetFrames();
      pace.begin();
      frameBeganMs = monotonic();
      startRound();
    },
    /** Shortest time from the beginning of the last frame to that of the next one, in milliseconds. */
    get frameIntervalMs(): number {
      const underWayMs = round.length > 0 ? monotonic() - frameBeganMs + UNDER_WAY_MS : 0;
      return Math.min(LONGEST_INTERVAL_MS, Math.max(pace.intervalMs, underWayMs));
    },
    /** The clients that had not read their last frame when they were offered the newest one. */
    get behind(): number {
      return behind.size;
    },
    close(): void {
      cancelSlice();
      cancelRetry?.();
      round = [];
    },
  };
}

function groupKey(name: string, areOrganisers: boolean): string {
  return areOrganisers ? `${name} organisers` : name;
}

const NOTHING = (): void => undefined;
