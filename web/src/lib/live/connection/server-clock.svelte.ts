import { createSubscriber } from 'svelte/reactivity';

interface ClockOptions {
  /** Milliseconds since 1970 by this device's clock, which may be wrong by hours. */
  now: () => number;
  /** Calls back several times a second until the returned function is called. */
  tick: (callback: () => void) => () => void;
}

/** The server's time: this device's clock plus the last measured offset. */
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

  /** The server's time in milliseconds since 1970; an effect that reads it runs again each second. */
  get ms(): number {
    this.#follow();
    return this.readMs();
  }

  /** The server's clock minus this device's clock. */
  get offsetMs(): number {
    return this.#offsetMs;
  }

  /** The server's time in milliseconds since 1970; an effect that reads it does not run again by itself. */
  readMs(): number {
    return this.#now() + this.#offsetMs;
  }

  /** Measures the offset by one `clock` command, sent and answered at these times of this device's clock. */
  adjust(askedMs: number, answeredMs: number, serverTime: string): void {
    this.#offsetMs = clockOffsetMs(askedMs, answeredMs, serverTime);
  }

  #second(): number {
    return Math.floor(this.readMs() / 1000);
  }
}

/** The server's time (ISO 8601) minus the middle of the round trip, in whole milliseconds. */
function clockOffsetMs(askedMs: number, answeredMs: number, serverTime: string): number {
  return Math.round(Date.parse(serverTime) - (askedMs + answeredMs) / 2);
}
