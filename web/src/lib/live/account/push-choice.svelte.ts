import type { Reply } from '../connection/connection.svelte.ts';
import { callApi } from '../connection/call-api.ts';

/** What of a browser has to do with messages while its pages are closed. */
export interface PushBrowser {
  permission(): NotificationPermission;
  /** Asks the reader; only on a press. */
  ask(): Promise<NotificationPermission>;
  subscription(): Promise<PushSubscription | null>;
  subscribe(key: string): Promise<PushSubscription>;
}

export type PushState = 'unknown' | 'impossible' | 'blocked' | 'off' | 'asking' | 'failed' | 'on';

/** Whether this device is told of offers with the page closed: asked for by its owner, never on its own account. */
export class PushChoice {
  readonly #fetch: typeof globalThis.fetch;
  readonly #browser: PushBrowser | null;
  #state: PushState = $state('unknown');

  /** `browser` is null where messages cannot be had. */
  constructor(fetch: typeof globalThis.fetch, browser: PushBrowser | null) {
    this.#fetch = fetch;
    this.#browser = browser;
  }

  get state(): PushState {
    return this.#state;
  }

  /** Finds out how it stands, and tells the server again what this device agreed to: accounts change. */
  async look(): Promise<void> {
    const browser = this.#browser;
    if (browser === null) this.#state = 'impossible';
    else if (browser.permission() === 'denied') this.#state = 'blocked';
    else if (this.#state !== 'asking') {
      const subscription = browser.permission() === 'granted' ? await browser.subscription() : null;
      this.#state = subscription !== null && (await this.#tell(subscription)).ok ? 'on' : 'off';
    }
  }

  async turnOn(): Promise<void> {
    const browser = this.#browser;
    if (browser === null || this.#state === 'asking') return;
    this.#state = 'asking';
    try {
      const permission = await browser.ask();
      if (permission !== 'granted') this.#state = permission === 'denied' ? 'blocked' : 'off';
      else this.#state = (await this.#subscribe(browser)) ? 'on' : 'failed';
    } catch {
      // The browser's own message service may be away, or forbidden.
      this.#state = 'failed';
    }
  }

  async turnOff(): Promise<void> {
    const subscription = await this.#browser?.subscription();
    if (subscription)
      await callApi(this.#fetch, 'DELETE', '/api/push/subscriptions', { endpoint: subscription.endpoint });
    await this.forget();
  }

  /** Ends it in this browser: whoever sits here next is told nothing. The server learns it from the next message. */
  async forget(): Promise<void> {
    const subscription = await this.#browser?.subscription().catch(() => null);
    await subscription?.unsubscribe().catch(() => false);
    if (this.#browser !== null) this.#state = 'off';
  }

  async #subscribe(browser: PushBrowser): Promise<boolean> {
    const reply = await callApi<{ key: string }>(this.#fetch, 'GET', '/api/push/key');
    if (!reply.ok) return false;
    const told = await this.#tell(await browser.subscribe(reply.data.key));
    return told.ok;
  }

  #tell(subscription: PushSubscription): Promise<Reply<unknown>> {
    return callApi(this.#fetch, 'POST', '/api/push/subscriptions', subscription.toJSON());
  }
}
