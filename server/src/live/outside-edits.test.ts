import mongoose from 'mongoose';
import { describe, expect, it } from 'vitest';
import { advanceClusterTime, noteLedger, noUnmatchedUpdates, noteUpdate } from './outside-edits.ts';

const at = (t: number) => new mongoose.mongo.Timestamp({ t, i: 1 });

describe('an update of an event', () => {
  it('is our own when the ledger tells of its version at the same time, in either order', () => {
    const state = noUnmatchedUpdates();
    advanceClusterTime(state, at(1));
    noteUpdate(state, 'a', 5);
    expect(advanceClusterTime(state, at(1))).toEqual([]);
    noteLedger(state, 'a', 5);
    advanceClusterTime(state, at(2));
    noteLedger(state, 'b', 8);
    noteUpdate(state, 'b', 8);
    expect(advanceClusterTime(state, at(3))).toEqual([]);
  });

  it('came from outside when the next time begins, or nothing follows, without its ledger document', () => {
    const state = noUnmatchedUpdates();
    advanceClusterTime(state, at(1));
    noteUpdate(state, 'a', 5);
    expect(advanceClusterTime(state, at(2))).toEqual(['a']);
    noteUpdate(state, 'b', 2);
    noteLedger(state, 'c', 2);
    expect(advanceClusterTime(state, null)).toEqual(['b']);
    expect(advanceClusterTime(state, null)).toEqual([]);
  });

  it('came from outside when the ledger tells of another version', () => {
    const state = noUnmatchedUpdates();
    advanceClusterTime(state, at(1));
    noteUpdate(state, 'a', 9);
    noteLedger(state, 'a', 5);
    expect(advanceClusterTime(state, at(2))).toEqual(['a']);
  });
});
