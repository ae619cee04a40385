import { Types } from 'mongoose';

/** A new document's id, as 24 hexadecimal digits. */
export function newId(): string {
  return new Types.ObjectId().toHexString();
}

/** A new document's id that counts this time, by the clock of the database, as the time of the document. */
export function newIdAt(at: Date): Types.ObjectId {
  return new Types.ObjectId(Types.ObjectId.generate(Math.floor(at.getTime() / 1_000)));
}
