/**
 * The version rule of the contract: acknowledgements, pushes and lists arrive in any order, so a lower version than
 * the known one is ignored and an equal one is taken.
 */
export function newerVersion<T extends { version: number }>(known: T | undefined, arrived: T): T {
  return known !== undefined && arrived.version < known.version ? known : arrived;
}

/** The same for an event's own text and settings, which count by `revision`. */
export function newerRevision<T extends { revision: number }>(known: T | undefined, arrived: T): T {
  return known !== undefined && arrived.revision < known.revision ? known : arrived;
}
