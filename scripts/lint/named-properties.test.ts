import { Linter } from 'eslint';
import { describe, expect, it } from 'vitest';
import { noSpreadDependencies, noSpreadLiteral } from './named-properties.js';

const config: Linter.Config = {
  plugins: { frontrow: { rules: { literal: noSpreadLiteral, dependencies: noSpreadDependencies } } },
  rules: { 'frontrow/literal': 'error', 'frontrow/dependencies': 'error' },
};

function messagesFor(code: string): string[] {
  return new Linter().verify(code, config).map(({ message }) => message);
}

describe('the lint rule no-spread-literal', () => {
  it.each([
    ['f({ ...{ a, b }, c });', 'f({ a, b, c });'],
    ["f([...['a', 'b'], c]);", "f(['a', 'b', c]);"],
    ['f({ ...{ a, b, }, });', 'f({ a, b, });'],
  ])('rewrites %s to %s', (code, fixed) => {
    expect(new Linter().verifyAndFix(code, config).output).toBe(fixed);
  });

  it.each(['f({ ...a });', 'f({ ...(a && { b }) });', 'f([...a]);', 'f(...[a]);'])('accepts %s', (code) => {
    expect(messagesFor(code)).toEqual([]);
  });
});

describe('the lint rule no-spread-dependencies', () => {
  it.each([
    'createLive({ ...parts, now });',
    'startSweep(task, { ...app.sweeping });',
    'mountRoutes(http, { ...deps });',
  ])('refuses %s', (code) => {
    expect(messagesFor(code)).toEqual([expect.stringMatching(/^Name each dependency of \w+ /)]);
  });

  it.each(['createLive({ parts, now });', 'created({ ...parts });', 'createLive(...parts);'])('accepts %s', (code) => {
    expect(messagesFor(code)).toEqual([]);
  });
});
