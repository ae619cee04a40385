/** Awaits all attempts, so that a failure of one does not stop another; then throws the first failure. */
export async function allAttempts(attempts: readonly Promise<void>[]): Promise<void> {
  const results = await Promise.allSettled(attempts);
  for (const result of results) if (result.status === 'rejected') throw result.reason;
}
