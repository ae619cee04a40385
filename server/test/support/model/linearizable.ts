// Linearizability by Wing and Gong's search with Lowe's cache of visited states: is there an order of these operations,
// each taking effect at one moment between its call and its answer, in which the model gives the same answers?

/** A request and its answer. */
export interface Operation<I, O> {
  input: I;
  /** `null`: unknown; the operation may have happened once, at any time after the call, or never. */
  output: O | null;
  calledAt: number;
  /** `Infinity` without an answer. */
  answeredAt: number;
}

export interface Spec<S, I, O> {
  start: S;
  /** All possible results of an operation on a state; changes neither. */
  steps(state: S, input: I): { state: S; output: O }[];
  /** Whether this answer equals the model's. */
  agrees(output: O, modelled: O): boolean;
  /** Equal for equal states. */
  key(state: S): string;
  /** Whether a history may end in this state. */
  mayEnd(state: S): boolean;
}

/** The result of the search; after a failure, the longest order that explains the answers and the operations that cannot follow. */
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
    if (answered === known && spec.mayEnd(node.state)) return { linearizable: true, ...verdictOf(history, node.order) };
    open.push(...following(history, spec, node).reverse());
  }
  return { linearizable: false, ...verdictOf(history, longest) };
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

/** Operations that can come next: those called before the earliest answer of all that are left. Known answers first. */
function candidates<I, O>(history: readonly Operation<I, O>[], done: ReadonlySet<number>): number[] {
  const left = history.map((_, index) => index).filter((index) => !done.has(index));
  const earliest = Math.min(...left.map((index) => history[index]?.answeredAt ?? Infinity));
  const unknown = (index: number) => Number(history[index]?.output === null);
  return left.filter((index) => (history[index]?.calledAt ?? 0) <= earliest).sort((a, b) => unknown(a) - unknown(b));
}

function verdictOf<I, O>(history: readonly Operation<I, O>[], order: readonly number[]) {
  const at = (index: number) => history[index] as Operation<I, O>;
  return { longest: order.map(at), stuckOn: candidates(history, new Set(order)).map(at) };
}
