import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { capacityTables } from './capacity.js';
import { CHARTS, chartsOf, figuresOf } from './charts/charts.js';
import { toMarkdown, type SavedResult } from './report.js';

const JSON_FILE = 'bench/results/latest.json';
const MARKDOWN_FILE = 'bench/results/latest.md';
const PERFORMANCE = 'docs/performance.md';
const SCALING = 'docs/scaling.md';
/** The text between these marks in a document is generated. */
const MARKS = ['<!-- results: written by npm run bench -->', '<!-- /results -->'] as const;

/**
 * Writes the newest result of each benchmark, in the order of `benchmarks`: every figure of every round as JSON, a report as
 * Markdown, the charts, and the generated parts of docs/performance.md and docs/scaling.md. Returns the files.
 */
export async function saveResults(
  root: string,
  results: readonly SavedResult[],
  benchmarks: readonly string[],
): Promise<readonly string[]> {
  const earlier = JSON.parse(await readFile(join(root, JSON_FILE), 'utf8').catch(() => '[]')) as SavedResult[];
  const all = benchmarks.flatMap(
    (name) => [...results, ...earlier].find(({ result }) => result.benchmark === name) ?? [],
  );
  const inDocument = async (file: string, content: string) =>
    replaceBetweenMarks(await readFile(join(root, file), 'utf8'), content);
  await mkdir(join(root, 'bench/results'), { recursive: true });
  for (const [file, text] of [
    [JSON_FILE, JSON.stringify(all)],
    [MARKDOWN_FILE, toMarkdown(all)],
    [PERFORMANCE, await inDocument(PERFORMANCE, figuresOf(all))],
    [SCALING, await inDocument(SCALING, capacityTables(all))],
  ] as const) {
    const path = join(root, file);
    await writeFile(path, await format(text, { ...(await resolveConfig(path)), filepath: path }));
  }
  await rm(join(root, CHARTS), { recursive: true, force: true });
  await mkdir(join(root, CHARTS), { recursive: true });
  for (const { file, svg } of chartsOf(all)) await writeFile(join(root, CHARTS, file), svg);
  return [JSON_FILE, MARKDOWN_FILE, CHARTS, PERFORMANCE, SCALING];
}

/** @throws if the marks are missing or out of order. */
export function replaceBetweenMarks(text: string, content: string): string {
  const [begin, end] = [text.indexOf(MARKS[0]), text.indexOf(MARKS[1])];
  if (begin === -1 || end < begin) throw new Error(`the document has no place for results: ${MARKS.join(' … ')}`);
  return `${text.slice(0, begin + MARKS[0].length)}\n\n${content}\n\n${text.slice(end)}`;
}
