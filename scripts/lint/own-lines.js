// @ts-check

const MAX_LINES = 60;

/**
 * No function longer than a screen. Functions inside are counted on their own: a factory that only holds small
 * functions around shared state is not a long function.
 * @type {import('eslint').Rule.RuleModule}
 */
export const ownLines = {
  meta: {
    type: 'suggestion',
    schema: [],
    messages: { long: 'This function has {{lines}} lines of its own (at most 60).' },
  },
  create(context) {
    /** @type {number[]} Lines of nested functions, one entry for each function around the current place. */
    const nested = [];
    const enter = () => void nested.push(0);
    /** @param {import('estree').Node} node */
    const leave = (node) => {
      const lines = (node.loc?.end.line ?? 0) - (node.loc?.start.line ?? 0) + 1;
      const own = lines - (nested.pop() ?? 0);
      if (own > MAX_LINES) context.report({ node, messageId: 'long', data: { lines: String(own) } });
      const outer = nested.length - 1;
      // A function on one line takes nothing from the lines around it.
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
