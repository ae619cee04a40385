/** A visible number changes at most this often; what it stands for may change far more often. */
export const COUNT_INTERVAL_MS = 250;
/** A change rolls only where the number stood still this long before. */
const STILL_MS = 1000;

export interface CountOptions {
  now: () => number;
  /** Calls back after a while, unless the returned function is called first. */
  later: (callback: () => void, ms: number) => () => void;
}

/**
 * A number as it is shown: it follows its target at most four times a second, but becoming zero, or more than zero
 * again, shows at once.
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

  /** Whether the last change is to be animated. */
  get isRolling(): boolean {
    return this.#isRolling;
  }

  set(target: number): void {
    this.#target = target;
    if (target === this.#shown) return this.#forget();
    const waitMs = this.#changedMs + COUNT_INTERVAL_MS - this.#options.now();
    const crossesZero = (target === 0) !== (this.#shown === 0);
    if (crossesZero || waitMs <= 0) this.#show();
    else this.#cancelLater ??= this.#options.later(() => this.#show(), waitMs);
  }

  stop(): void {
    this.#forget();
  }

  #show(): void {
    this.#forget();
    const nowMs = this.#options.now();
    this.#isRolling = nowMs - this.#changedMs > STILL_MS;
    this.#changedMs = nowMs;
    this.#shown = this.#target;
  }

  #forget(): void {
    this.#cancelLater?.();
    this.#cancelLater = undefined;
  }
}
