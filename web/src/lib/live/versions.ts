/**
 * The newer of two states by `version`, the arrived one if they are equal. Acknowledgements, pushes and lists arrive in
 * any order (docs/PROTOCOL.md, versions).
 */
export function newerVersion<T extends { version: number }>(known: T | undefined, arrived: T): T {
  return known !== undefined && arrived.version < known.version ? known : arrived;
}

/** The newer of two states by `revision`, which counts the edits of an event's text and settings. */
export function newerRevision<T extends { revision: number }>(known: T | undefined, arrived: T): T {
  return known !== undefined && arrived.revision < known.revision ? known : arrived;
}
