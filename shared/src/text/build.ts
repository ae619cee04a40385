/** What a server runs, as `GET /api/health/ready` answers it. */
export interface Build {
  /** The version of package.json. */
  version: string;
  /** Twelve hex digits of the commit that the pages were built from; null if the build did not know it. */
  commit: string | null;
}

/** The build as a person reads it, such as "0.1.0 (8793f61c0ffe)". */
export function buildText({ version, commit }: Build): string {
  return commit === null ? version : `${version} (${commit})`;
}
