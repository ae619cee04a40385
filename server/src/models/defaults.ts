import type { Query, Schema } from 'mongoose';

type Fields = Record<string, unknown>;
type Derived<D> = { [N in keyof D]?: (doc: D) => D[N] };

/** The queries of Mongoose that return documents. */
const READS = ['find', 'findOne', 'findOneAndDelete', 'findOneAndReplace', 'findOneAndUpdate'] as const;

/**
 * Lets every reader of a collection find the fields that a document of an earlier version lacks: the defaults of the
 * schema are filled in as a document is read, by plain (lean) queries here. Returns the function that does the same for
 * documents that are read by the driver itself, by a cursor or from the change feed; it changes the document in place.
 * `derived`: fields that follow from others of the document.
 */
export function fillDefaults<D extends object>(schema: Schema<D>, derived: NoInfer<Derived<D>> = {}): (doc: D) => D {
  const defaults = defaultsOf(schema);
  const derivations = Object.entries(derived) as [string, (doc: Fields) => unknown][];

  function fill(doc: Fields, isRead: (name: string) => boolean): void {
    for (const [name, create] of defaults) if (doc[name] === undefined && isRead(name)) doc[name] = create();
    for (const [name, derive] of derivations) if (doc[name] === undefined && isRead(name)) doc[name] = derive(doc);
  }

  schema.post([...READS], function (this: Query<unknown, D>, found: unknown) {
    // Mongoose itself completes the documents of other queries.
    if (!this.mongooseOptions().lean || found === null || typeof found !== 'object') return;
    const isRead = readFieldsOf(this.projection() as Fields | null | undefined);
    for (const doc of Array.isArray(found) ? (found as Fields[]) : [found as Fields]) fill(doc, isRead);
  });
  return (doc) => {
    fill(doc as Fields, () => true);
    return doc;
  };
}

/** The fields that the schema gives a default, and what makes it: a list of its own for each document. */
function defaultsOf<D>(schema: Schema<D>): [name: string, create: () => unknown][] {
  const defaults: [string, () => unknown][] = [];
  schema.eachPath((name, { options }) => {
    const value: unknown = (options as { default?: unknown }).default;
    if (value !== undefined) defaults.push([name, () => (Array.isArray(value) ? [...(value as unknown[])] : value)]);
  });
  return defaults;
}

/** Which fields a query with this projection returns: those that it names, or all but those that it excludes. */
function readFieldsOf(projection: Fields | null | undefined): (name: string) => boolean {
  const named = Object.entries(projection ?? {});
  if (named.length === 0) return () => true;
  const including = named.filter(([, wanted]) => Boolean(wanted)).map(([name]) => name);
  if (including.length > 0) return (name) => including.includes(name);
  return (name) => !named.some(([excluded]) => excluded === name);
}
