import mongoose from 'mongoose';
import { describe, expect, it } from 'vitest';
import { advanceClusterTime, noteLedger, noUnmatchedUpdates, noteUpdate } from './outside-edits.ts';

const at = (t: number) => new mongoose.mongo.Timestamp({ t, i: 1 });

describe('an update of an event', () => {
  it('counts as the server’s own when the ledger records its version at the same cluster time, in either order', () => {
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

  it('counts as an outside edit when the next cluster time begins, or no change is left, without its ledger document', () => {
    const state = noUnmatchedUpdates();
    advanceClusterTime(state, at(1));
    noteUpdate(state, 'a', 5);
    expect(advanceClusterTime(state, at(2))).toEqual(['a']);
    noteUpdate(state, 'b', 2);
    noteLedger(state, 'c', 2);
    expect(advanceClusterTime(state, null)).toEqual(['b']);
    expect(advanceClusterTime(state, null)).toEqual([]);
  });

  it('counts as an outside edit when the ledger records another version', () => {
    const state = noUnmatchedUpdates();
    advanceClusterTime(state, at(1));
    noteUpdate(state, 'a', 9);
    noteLedger(state, 'a', 5);
    expect(advanceClusterTime(state, at(2))).toEqual(['a']);
  });
});
