declare global {
  namespace App {
    interface Error {
      /** What the server's log knows this failure by; only for defects. */
      incident?: string;
    }
  }
}

export {};
