/** The least time between two changes of a shown number, in milliseconds; its target may change far more often. */
const COUNT_INTERVAL_MS = 250;
/** A change is animated only after the number stood still for this many milliseconds. */
const STILL_MS = 1000;

interface CountOptions {
  /** Milliseconds of any steady clock. */
  now: () => number;
  /** Calls back after `ms`, unless the returned function is called first. */
  later: (callback: () => void, ms: number) => () => void;
}

/**
 * A number on a page that follows its target at most four times a second. A change to zero, and a change from zero, is
 * shown at once, because buyers act on it.
 */
export class ThrottledCount {
  readonly #options: CountOptions;
  #shown: number = $state(0);
  #isRolling = $state(false);
  #changedMs = -Infinity;
  #target: number;
  #cancelLater: (() => void) | undefined;

  constructor(first: number, options: CountOptions) {
    this.#options = options;
    this.#shown = first;
    this.#target = first;
  }

  get shown(): number {
    return this.#shown;
  }

  /** Whether the last change is animated. */
  get isRolling(): boolean {
    return this.#isRolling;
  }

  /** Sets the target; shows it now or at the end of the interval. */
  set(target: number): void {
    this.#target = target;
    if (target === this.#shown) return this.#cancelDue();
    const waitMs = this.#changedMs + COUNT_INTERVAL_MS - this.#options.now();
    const crossesZero = (target === 0) !== (this.#shown === 0);
    if (crossesZero || waitMs <= 0) this.#show();
    else this.#cancelLater ??= this.#options.later(() => this.#show(), waitMs);
  }

  /** Cancels the change that is due, when the component goes. */
  stop(): void {
    this.#cancelDue();
  }

  #show(): void {
    this.#cancelDue();
    const nowMs = this.#options.now();
    this.#isRolling = nowMs - this.#changedMs > STILL_MS;
    this.#changedMs = nowMs;
    this.#shown = this.#target;
  }

  #cancelDue(): void {
    this.#cancelLater?.();
    this.#cancelLater = undefined;
  }
}
