import type { Reply } from '../connection/connection.svelte.ts';
import { callApi } from '../connection/call-api.ts';

/** The parts of a browser that push messages need. Its promises may reject. */
export interface PushBrowser {
  permission(): NotificationPermission;
  /** Asks the user for permission; browsers allow this only on a press. */
  ask(): Promise<NotificationPermission>;
  subscription(): Promise<PushSubscription | null>;
  /** Subscribes with the server's public VAPID key. */
  subscribe(key: string): Promise<PushSubscription>;
}

/** `impossible`: no push interface. `blocked`: the user refused. `failed`: the browser or the server failed. */
type PushState = 'unknown' | 'impossible' | 'blocked' | 'off' | 'asking' | 'failed' | 'on';

/** Whether this device receives push messages about offers. Only a press of the user turns it on. */
export class PushChoice {
  readonly #fetch: typeof globalThis.fetch;
  readonly #browser: PushBrowser | null;
  #state: PushState = $state('unknown');

  /** `browser` is null if the browser has no push interface. */
  constructor(fetch: typeof globalThis.fetch, browser: PushBrowser | null) {
    this.#fetch = fetch;
    this.#browser = browser;
  }

  get state(): PushState {
    return this.#state;
  }

  /**
   * Reads the state from the browser. A subscription is registered again, because another account may be signed in.
   */
  async look(): Promise<void> {
    const browser = this.#browser;
    if (browser === null) this.#state = 'impossible';
    else if (this.#state !== 'asking') {
      // A browser may have the interface and refuse every use of it.
      this.#state = await this.#stateOf(browser).catch(() => 'impossible' as const);
    }
  }

  async #stateOf(browser: PushBrowser): Promise<PushState> {
    const permission = browser.permission();
    if (permission === 'denied') return 'blocked';
    const subscription = permission === 'granted' ? await browser.subscription() : null;
    return subscription !== null && (await this.#register(subscription)).ok ? 'on' : 'off';
  }

  /**
   * Asks for permission, subscribes and registers the subscription. Ends in state `on`, `off`, `blocked` or `failed`.
   */
  async turnOn(): Promise<void> {
    const browser = this.#browser;
    if (browser === null || this.#state === 'asking') return;
    this.#state = 'asking';
    try {
      const permission = await browser.ask();
      if (permission !== 'granted') this.#state = permission === 'denied' ? 'blocked' : 'off';
      else this.#state = (await this.#subscribe(browser)) ? 'on' : 'failed';
    } catch {
      // The browser's own push service may be unreachable or forbidden.
      this.#state = 'failed';
    }
  }

  /** Ends the subscription at the server and in the browser. */
  async turnOff(): Promise<void> {
    const subscription = await this.#subscription();
    if (subscription)
      await callApi(this.#fetch, 'DELETE', '/api/push/subscriptions', { endpoint: subscription.endpoint });
    await this.forget();
  }

  /**
   * Ends the subscription in this browser only, because the next user may be another person. The server removes it when
   * a push message fails.
   */
  async forget(): Promise<void> {
    const subscription = await this.#subscription();
    await subscription?.unsubscribe().catch(() => false);
    if (this.#browser !== null) this.#state = 'off';
  }

  async #subscription(): Promise<PushSubscription | null> {
    return (await this.#browser?.subscription().catch(() => null)) ?? null;
  }

  async #subscribe(browser: PushBrowser): Promise<boolean> {
    const key = await callApi<{ key: string }>(this.#fetch, 'GET', '/api/push/key');
    if (!key.ok) return false;
    const registered = await this.#register(await browser.subscribe(key.data.key));
    return registered.ok;
  }

  #register(subscription: PushSubscription): Promise<Reply<unknown>> {
    return callApi(this.#fetch, 'POST', '/api/push/subscriptions', subscription.toJSON());
  }
}
