// @ts-check

const MAX_LINES = 60;

/**
 * Limits the own lines of a function. Lines of nested functions do not count: a factory of small functions around shared
 * state is not a long function.
 * @type {import('eslint').Rule.RuleModule}
 */
export const ownLines = {
  meta: {
    type: 'suggestion',
    schema: [],
    messages: { long: 'This function has {{lines}} lines of its own (at most {{most}}).' },
  },
  create(context) {
    /** @type {number[]} Lines of nested functions, a sum for each function that encloses the current node. */
    const nested = [];
    const enter = () => void nested.push(0);
    /** @param {import('estree').Node} node */
    const leave = (node) => {
      const lines = (node.loc?.end.line ?? 0) - (node.loc?.start.line ?? 0) + 1;
      const own = lines - (nested.pop() ?? 0);
      if (own > MAX_LINES)
        context.report({ node, messageId: 'long', data: { lines: String(own), most: String(MAX_LINES) } });
      const outer = nested.length - 1;
      // A function on one line shares it with the enclosing function.
      if (outer >= 0 && lines > 1) nested[outer] = (nested[outer] ?? 0) + lines;
    };
    const kinds = ['FunctionDeclaration', 'FunctionExpression', 'ArrowFunctionExpression'];
    return Object.fromEntries(
      kinds.flatMap((kind) => [
        [kind, enter],
        [`${kind}:exit`, leave],
      ]),
    );
  },
};
