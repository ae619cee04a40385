/** Repeats an action for the given time, as so many loops at once, each one after the other. Throws at the signal. */
export async function repeatFor(
  { inFlight, seconds, signal }: { inFlight: number; seconds: number; signal: AbortSignal },
  act: (loop: number) => Promise<void>,
): Promise<{ count: number; seconds: number }> {
  const startMs = performance.now();
  const endMs = startMs + seconds * 1_000;
  let count = 0;
  async function keepActing(loop: number): Promise<void> {
    while (performance.now() < endMs && !signal.aborted) {
      await act(loop);
      count += 1;
    }
  }
  await Promise.all(Array.from({ length: inFlight }, (_, loop) => keepActing(loop)));
  signal.throwIfAborted();
  return { count, seconds: (performance.now() - startMs) / 1_000 };
}
