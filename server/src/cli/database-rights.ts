const UNAUTHORIZED = 13;
/** The second is what MongoDB Atlas answers. */
const AUTHENTICATION_FAILED = new Set([18, 8000]);

/**
 * The sentence for an error by which the database refuses the user of MONGO_URI; null for other errors. Names the
 * refused command without its arguments, which may be personal data.
 */
export function databaseRightsMessage(error: Error): string | null {
  const code = 'code' in error ? error.code : undefined;
  if (typeof code === 'number' && AUTHENTICATION_FAILED.has(code))
    return 'MONGO_URI: the database knows no such user with this password (authentication failed). Check user, password and authSource.';
  if (code !== UNAUTHORIZED) return null;
  if (/requires authentication/.test(error.message))
    return 'MONGO_URI names no user, but the database requires one: mongodb://USER:PASSWORD@…';
  const [, database = '', command = ''] =
    /not authorized on (\S+) to execute command \{ (\w+):/.exec(error.message) ?? [];
  if (command === '') return `MONGO_URI: the database refuses what its user may not do. ${ROLES}`;
  return `MONGO_URI: its user has no right to run ${command} on the database ${database}. ${ROLES}`;
}

const ROLES =
  'Frontrow needs the role readWrite on its database, and dbAdmin as well where a validator that is stored has to change.';
