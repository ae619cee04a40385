/** The kind of the jobs that clean up after a closed account; stored in the commit that deletes the account. */
export const CLOSED_ACCOUNT = 'closed-account';

/** The key of the `run`-th clean-up of an account, from 0. The first one is also the lasting sign that it was closed. */
export function closedAccountKey(userId: string, run: number): string {
  return `${CLOSED_ACCOUNT}:${userId}:${run}`;
}
