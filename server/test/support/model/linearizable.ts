// Wing and Gong's search with Lowe's memory of what was tried: is there an order of these operations, each taking effect
// at one moment between its call and its answer, in which the model gives the answers that were given?

/** What somebody asked for, and what came back. */
export interface Operation<I, O> {
  input: I;
  /** `null`: nobody knows; it may have happened once, at any time after the call, or never. */
  output: O | null;
  calledAt: number;
  /** Infinite where there was no answer. */
  answeredAt: number;
}

export interface Spec<S, I, O> {
  start: S;
  /** Everything that may come of an operation on a state; neither is changed by it. */
  steps(state: S, input: I): { state: S; output: O }[];
  /** Whether this answer says the same as the model's. */
  agrees(output: O, modelled: O): boolean;
  /** Equal for states that are. */
  key(state: S): string;
  /** Whether a history may end in this state. */
  mayEnd(state: S): boolean;
}

/** How far the search came: where it failed, the longest order that explains the answers, and what could not follow. */
export interface Verdict<I, O> {
  linearizable: boolean;
  longest: Operation<I, O>[];
  stuckOn: Operation<I, O>[];
}

interface Node<S> {
  state: S;
  done: ReadonlySet<number>;
  order: readonly number[];
}

/** Depth first; states are visited once for each set of operations done. */
export function linearize<S, I, O>(history: readonly Operation<I, O>[], spec: Spec<S, I, O>): Verdict<I, O> {
  const known = history.filter(({ output }) => output !== null).length;
  const seen = new Set<string>();
  const open: Node<S>[] = [{ state: spec.start, done: new Set(), order: [] }];
  let longest: readonly number[] = [];
  for (let node = open.pop(); node; node = open.pop()) {
    const key = `${[...node.done].sort((a, b) => a - b).join()} ${spec.key(node.state)}`;
    if (seen.has(key)) continue;
    seen.add(key);
    if (node.order.length > longest.length) longest = node.order;
    const answered = node.order.filter((index) => history[index]?.output !== null).length;
    if (answered === known && spec.mayEnd(node.state)) return { linearizable: true, ...told(history, node.order) };
    open.push(...following(history, spec, node).reverse());
  }
  return { linearizable: false, ...told(history, longest) };
}

function following<S, I, O>(history: readonly Operation<I, O>[], spec: Spec<S, I, O>, node: Node<S>): Node<S>[] {
  const nodes: Node<S>[] = [];
  for (const index of candidates(history, node.done)) {
    const { input, output } = history[index] as Operation<I, O>;
    for (const step of spec.steps(node.state, input)) {
      if (output !== null && !spec.agrees(output, step.output)) continue;
      nodes.push({ state: step.state, done: new Set([...node.done, index]), order: [...node.order, index] });
    }
  }
  return nodes;
}

/** What can come next: nothing that was called after another that is still to come had its answer. Known answers first. */
function candidates<I, O>(history: readonly Operation<I, O>[], done: ReadonlySet<number>): number[] {
  const left = history.map((_, index) => index).filter((index) => !done.has(index));
  const earliest = Math.min(...left.map((index) => history[index]?.answeredAt ?? Infinity));
  const unknown = (index: number) => Number(history[index]?.output === null);
  return left.filter((index) => (history[index]?.calledAt ?? 0) <= earliest).sort((a, b) => unknown(a) - unknown(b));
}

function told<I, O>(history: readonly Operation<I, O>[], order: readonly number[]) {
  const at = (index: number) => history[index] as Operation<I, O>;
  return { longest: order.map(at), stuckOn: candidates(history, new Set(order)).map(at) };
}
