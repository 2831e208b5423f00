import type { LintCase } from './skeleton.js';

export const TYPE_CASES: readonly LintCase[] = [
  {
    rule: '@typescript-eslint/no-floating-promises',
    name: 'a promise that is not awaited',
    file: 'src/lib/floating.ts',
    bad: 'export const used = () => {\n  Promise.resolve(1);\n};',
    good: 'export const used = async () => {\n  await Promise.resolve(1);\n};',
  },
  {
    rule: '@typescript-eslint/no-misused-promises',
    name: 'a promise as a condition',
    file: 'src/lib/misused.ts',
    bad: 'export const used = (ready: Promise<boolean>) => (ready ? 1 : 2);',
    good: 'export const used = async (ready: Promise<boolean>) => ((await ready) ? 1 : 2);',
  },
  {
    rule: '@typescript-eslint/consistent-type-imports',
    name: 'a type imported as a value',
    file: 'src/lib/type-import.ts',
    bad: "import { Socket } from 'node:net';\nexport type Used = Socket;",
    good: "import type { Socket } from 'node:net';\nexport type Used = Socket;",
  },
  {
    rule: '@typescript-eslint/no-explicit-any',
    name: 'any',
    file: 'src/lib/any.ts',
    bad: 'export const used = (value: any) => typeof value;',
    good: 'export const used = (value: unknown) => typeof value;',
  },
  {
    rule: '@typescript-eslint/no-unsafe-member-access',
    name: 'an inferred any',
    file: 'src/lib/unsafe-member.ts',
    bad: "export const used = String(JSON.parse('{}').name);",
    good: "export const used = JSON.parse('{}') as unknown;",
  },
  {
    rule: '@typescript-eslint/no-non-null-assertion',
    name: 'a non-null assertion',
    file: 'src/lib/non-null.ts',
    bad: 'export const used = (list: string[]) => list[0]!;',
    good: "export const used = (list: string[]) => list[0] ?? '';",
  },
  {
    rule: '@typescript-eslint/switch-exhaustiveness-check',
    name: 'a switch without one of the states',
    file: 'src/lib/switch.ts',
    bad: "export function used(state: 'active' | 'expired') {\n  switch (state) {\n    case 'active':\n      return 1;\n  }\n  return 2;\n}",
    good: "export function used(state: 'active' | 'expired') {\n  switch (state) {\n    case 'active':\n      return 1;\n    case 'expired':\n      return 2;\n  }\n}",
  },
  {
    rule: '@typescript-eslint/no-unnecessary-condition',
    name: 'a condition that is always true',
    file: 'src/lib/condition.ts',
    bad: 'export const used = (list: readonly string[]) => (list ? list.length : 0);',
    good: 'export const used = (list?: readonly string[]) => (list ? list.length : 0);',
  },
];
