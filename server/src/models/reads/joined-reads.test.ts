import { expect, it } from 'vitest';
import { createJoinedReads } from './joined-reads.ts';

/** Reads of which each waits until the test ends it. */
function manualReads() {
  const asked: string[][] = [];
  const ends: ((error?: Error) => void)[] = [];
  const read = createJoinedReads<string>((ids) => {
    asked.push([...ids]);
    const { promise, resolve, reject } = Promise.withResolvers<Map<string, string>>();
    ends.push((error) => (error ? reject(error) : resolve(new Map(ids.map((id) => [id, id.toUpperCase()])))));
    return promise;
  });
  return { asked, read, end: (index: number, error?: Error) => ends[index]?.(error) };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

it('reads of one turn are joined, and those asked for while two run wait for the next one', async () => {
  const { asked, read, end } = manualReads();
  const first = [read('a'), read('b'), read('a')];
  await turn();
  const second = [read('a')];
  await turn();
  const third = [read('c'), read('d')];
  await turn();
  const late = read('e');
  await turn();
  expect(asked).toEqual([['a', 'b'], ['a']]);
  end(1);
  expect(await Promise.all(second)).toEqual(['A']);
  expect(asked).toEqual([['a', 'b'], ['a'], ['c', 'd', 'e']]);
  end(0);
  end(2);
  expect(await Promise.all([...first, ...third, late])).toEqual(['A', 'B', 'A', 'C', 'D', 'E']);
});

it('a read that fails fails for all that have joined it, and later ones go on', async () => {
  const { read, end } = manualReads();
  const failing = [read('a'), read('b')];
  await turn();
  end(0, new Error('unreachable'));
  expect((await Promise.allSettled(failing)).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  const next = read('a');
  await turn();
  end(1);
  expect(await next).toBe('A');
});

it('a document that does not exist is read as null', async () => {
  const read = createJoinedReads(async () => new Map());
  expect(await read('a')).toBeNull();
});
