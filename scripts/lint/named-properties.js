// @ts-check

/**
 * Forbids the spread of a literal inside a literal of its kind (`{ ...{ a, b } }`, `[...['a', 'b']]`). It has no effect
 * but to keep the formatter from writing one property a line.
 * @type {import('eslint').Rule.RuleModule}
 */
export const noSpreadLiteral = {
  meta: {
    type: 'suggestion',
    fixable: 'code',
    schema: [],
    messages: { literal: 'Write the properties or elements of this literal out instead of spreading it.' },
  },
  create(context) {
    /** @param {import('estree').SpreadElement & import('eslint').Rule.NodeParentExtension} node */
    const check = (node) => {
      const literals = ['ObjectExpression', 'ArrayExpression'];
      if (!literals.includes(node.argument.type) || node.argument.type !== node.parent.type) return;
      const inner = context.sourceCode.getText(node.argument).slice(1, -1).trim().replace(/,$/, '');
      const fix = (/** @type {import('eslint').Rule.RuleFixer} */ fixer) => fixer.replaceText(node, inner);
      // An empty literal would leave a comma of its own.
      context.report(inner === '' ? { node, messageId: 'literal' } : { node, messageId: 'literal', fix });
    };
    return { SpreadElement: check };
  },
};

const MAKER = /^(?:create|start|mount|compose)[A-Z]/;

/**
 * Forbids the spread of a variable in the argument of a maker (`createLive({ ...deps })`): TypeScript does not check a
 * spread for excess properties, and a reader has to search for what the part receives.
 * @type {import('eslint').Rule.RuleModule}
 */
export const noSpreadDependencies = {
  meta: {
    type: 'suggestion',
    schema: [],
    messages: { spread: 'Name each dependency of {{maker}} instead of spreading an object.' },
  },
  create(context) {
    /** @param {import('estree').CallExpression} node */
    const check = (node) => {
      if (node.callee.type !== 'Identifier' || !MAKER.test(node.callee.name)) return;
      const { name } = node.callee;
      for (const argument of node.arguments) {
        if (argument.type !== 'ObjectExpression') continue;
        for (const property of argument.properties) {
          if (property.type !== 'SpreadElement') continue;
          if (['Identifier', 'MemberExpression'].includes(property.argument.type))
            context.report({ node: property, messageId: 'spread', data: { maker: name } });
        }
      }
    };
    return { CallExpression: check };
  },
};
