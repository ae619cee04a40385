/** Something the person at the keyboard can act on, told in a sentence. */
export class CrowdError extends Error {
  override name = 'CrowdError';
}
