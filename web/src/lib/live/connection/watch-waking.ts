/** The parts of a browser whose events show that a page woke up. */
interface WakingSources {
  window: Pick<Window, 'addEventListener' | 'removeEventListener'>;
  document: Pick<Document, 'addEventListener' | 'removeEventListener' | 'visibilityState'>;
}

/** The part of a `Connection` that a waking page needs. */
interface Wakeable {
  probe(): Promise<void>;
  setOffline(isOffline: boolean): void;
}

/**
 * Probes the connection when the page becomes visible, leaves the browser's back/forward cache, or goes online or
 * offline. Returns the function that ends this.
 */
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
      // Without a network the connection looks live until its heartbeat fails.
      void connection.probe();
    },
    { signal },
  );
  return () => stop.abort();
}
