import { io } from 'socket.io-client';
import { sleepOrAbort } from '#server/sleep.ts';
import type { BuyerSocket } from '../../crowd/buyers/connection.ts';
import type { Random } from '../../crowd/buyers/random-choice.ts';
import { pickNumber, pickOne } from '../../crowd/buyers/random-choice.ts';

const STAY_MS = { min: 3_000, max: 20_000 };
const READ_EVERY_MS = { min: 100, max: 400 };
const CUT_EVERY_MS = 1_000;

interface VisitorOptions {
  urls: readonly string[];
  random: Random;
  signal: AbortSignal;
}

/** A signed-out visitor after the other: each watches the counts for some seconds and leaves. */
export async function visit({ urls, random, signal }: VisitorOptions): Promise<void> {
  while (!signal.aborted) {
    const socket = io(`${pickOne(urls, random)}/public`, { transports: ['websocket'], forceNew: true });
    await sleepOrAbort(pickNumber(STAY_MS, random), signal);
    socket.disconnect();
  }
}

/** Reads pages, lists and events, one after the other. A server that is just being killed is no problem. */
export async function readPages(paths: readonly string[], { urls, random, signal }: VisitorOptions): Promise<void> {
  while (!signal.aborted) {
    await fetch(pickOne(urls, random) + pickOne(paths, random), { signal: AbortSignal.timeout(10_000) })
      .then((response) => response.arrayBuffer())
      .catch(() => undefined);
    await sleepOrAbort(pickNumber(READ_EVERY_MS, random), signal);
  }
}

/** Closes the network connection of one buyer each second, without a disconnect packet; its client connects again. */
export async function cutConnections(
  sockets: readonly BuyerSocket[],
  random: Random,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    await sleepOrAbort(CUT_EVERY_MS, signal);
    pickOne(sockets, random).io.engine.close();
  }
}
