/** A failure that the person who started the crowd can act on; its message is printed without a stack trace. */
export class CrowdError extends Error {
  override name = 'CrowdError';
}
