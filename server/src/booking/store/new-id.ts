import { Types } from 'mongoose';

/** A new document's id, as 24 hexadecimal digits. */
export function newId(): string {
  return new Types.ObjectId().toHexString();
}
