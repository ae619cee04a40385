import { createSubscriber } from 'svelte/reactivity';

export interface ClockOptions {
  /** This machine's clock, in milliseconds; it may be an hour off. */
  now: () => number;
  /** Calls back several times a second until the returned function is called. */
  tick: (callback: () => void) => () => void;
}

/** The server's time: this machine's clock put right by what the server last said. Reading `ms` follows it by the second. */
export class ServerClock {
  readonly #now: () => number;
  readonly #follow: () => void;
  #offsetMs = $state(0);

  constructor({ now, tick }: ClockOptions) {
    this.#now = now;
    this.#follow = createSubscriber((update) => {
      let shownSecond = this.#second();
      return tick(() => {
        if (this.#second() === shownSecond) return;
        shownSecond = this.#second();
        update();
      });
    });
  }

  /** The server's time in milliseconds; an effect that reads it runs again each second. */
  get ms(): number {
    this.#follow();
    return this.readMs();
  }

  get offsetMs(): number {
    return this.#offsetMs;
  }

  /** The server's time in milliseconds at this moment. */
  readMs(): number {
    return this.#now() + this.#offsetMs;
  }

  /** Takes what the server answered to a question asked and answered at these times of this machine's clock. */
  adjust(askedMs: number, answeredMs: number, serverTime: string): void {
    this.#offsetMs = clockOffsetMs(askedMs, answeredMs, serverTime);
  }

  #second(): number {
    return Math.floor(this.readMs() / 1000);
  }
}

/** Server time minus the middle of the round trip. */
export function clockOffsetMs(askedMs: number, answeredMs: number, serverTime: string): number {
  return Math.round(Date.parse(serverTime) - (askedMs + answeredMs) / 2);
}
