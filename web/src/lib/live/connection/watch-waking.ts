/** What of a browser tells that a page woke up. */
export interface WakingSources {
  window: Pick<Window, 'addEventListener' | 'removeEventListener'>;
  document: Pick<Document, 'addEventListener' | 'removeEventListener' | 'visibilityState'>;
}

export interface Wakeable {
  probe(): Promise<void>;
  setOffline(isOffline: boolean): void;
}

/** Probes the connection whenever the page comes back: to the front, out of the browser's cache, back online; and when it goes offline. */
export function watchWaking({ window, document }: WakingSources, connection: Wakeable): () => void {
  const stop = new AbortController();
  const { signal } = stop;
  const wake = () => {
    if (document.visibilityState === 'visible') void connection.probe();
  };
  document.addEventListener('visibilitychange', wake, { signal });
  window.addEventListener('pageshow', wake, { signal });
  window.addEventListener(
    'online',
    () => {
      connection.setOffline(false);
      void connection.probe();
    },
    { signal },
  );
  window.addEventListener(
    'offline',
    () => {
      connection.setOffline(true);
      // A connection without a network looks live until its heartbeat fails.
      void connection.probe();
    },
    { signal },
  );
  return () => stop.abort();
}
