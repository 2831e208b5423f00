import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { ESLint } from 'eslint';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BOUNDARY_CASES } from './lint-cases/boundaries.js';
import { ALLOWED_DROP_WRITES, DROP_WRITE_CASES } from './lint-cases/drop-writes.js';
import { PAGE_CASES, PAGE_LAYERS, PAGE_SKELETON } from './lint-cases/page.js';
import { PROJECT_CASES } from './lint-cases/project-rules.js';
import { SKELETON } from './lint-cases/skeleton.js';
import { TYPE_CASES } from './lint-cases/type-rules.js';

const LINT_CASES = [...BOUNDARY_CASES, ...DROP_WRITE_CASES, ...PAGE_CASES, ...PROJECT_CASES, ...TYPE_CASES];

// Rules that use imports and types need files. Two small projects use the real configuration: one contains every
// incorrect snippet, the other the correct snippet at the same path.
const project = join(import.meta.dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'lint-rules-'));
const found: Record<'bad' | 'good', Map<string, string[]>> = { bad: new Map(), good: new Map() };

beforeAll(async () => {
  for (const kind of ['bad', 'good'] as const) {
    const root = join(folder, kind);
    mkdirSync(join(root, 'web'), { recursive: true });
    for (const file of ['.eslintrc.cjs', 'eslint.config.mjs', 'tsconfig.json', 'web/tsconfig.json', 'package.json']) {
      cpSync(join(project, file), join(root, file));
    }
    symlinkSync(join(project, 'node_modules'), join(root, 'node_modules'), 'junction');
    const files = {
      ...SKELETON,
      ...PAGE_SKELETON,
      ...ALLOWED_DROP_WRITES,
      ...Object.fromEntries(LINT_CASES.map((each) => [each.file, each[kind]])),
    };
    for (const [file, text] of Object.entries(files)) {
      mkdirSync(dirname(join(root, file)), { recursive: true });
      writeFileSync(join(root, file), `${text}\n`);
    }
    for (const { filePath, messages } of await new ESLint({ cwd: root }).lintFiles(['src', 'web/src'])) {
      const rules = messages.map(({ ruleId, message }) => ruleId ?? message);
      found[kind].set(relative(root, filePath).replaceAll('\\', '/'), rules);
    }
  }
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe('the lint rules of the project:', () => {
  test.each(LINT_CASES)('$rule: $name', ({ file, rule, findings }) => {
    expect(found.bad.get(file)).toContain(rule);
    if (findings) expect(found.bad.get(file)?.filter((each) => each === rule)).toHaveLength(findings);
    expect(found.good.get(file)).toEqual([]);
  });

  test('the files around the snippets have no findings, so each finding belongs to a snippet', () => {
    for (const file of Object.keys({ ...SKELETON, ...PAGE_SKELETON })) {
      expect([file, found.good.get(file) ?? []]).toEqual([file, []]);
    }
  });

  test.each(Object.keys(ALLOWED_DROP_WRITES))('%s can write to drops', (file) => {
    expect(found.bad.get(file)).toEqual([]);
  });

  test('every file and folder of the page has a layer', () => {
    const names = readdirSync(join(project, 'web/src')).filter((name) => name !== 'styles');
    expect(names.sort()).toEqual(PAGE_LAYERS.toSorted());
  });

  test('no two cases share a file', () => {
    const files = LINT_CASES.map(({ file }) => file);
    expect(new Set(files).size).toBe(files.length);
  });
});
