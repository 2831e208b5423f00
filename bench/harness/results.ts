import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { capacityTables } from './capacity.js';
import { promisesTable, toMarkdown, type Result } from './report.js';

const JSON_FILE = 'bench/results/latest.json';
const MARKDOWN_FILE = 'bench/results/latest.md';
const DOC = 'docs/performance.md';
const SCALING = 'docs/scaling.md';
/** What stands between them in a document belongs to this file. */
const MARKS = ['<!-- results: written by npm run bench -->', '<!-- /results -->'] as const;

/**
 * Keeps results in the project's folder `root`, each question's newest, in the order of `questions`: as JSON with every
 * figure of every round, as Markdown to be read, the promises in the document that explains them, and what
 * they mean for a crowd in the one about scaling. Returns the files.
 */
export async function keepResults(
  root: string,
  results: readonly Result[],
  questions: readonly string[],
): Promise<readonly string[]> {
  const earlier = JSON.parse(await readFile(join(root, JSON_FILE), 'utf8').catch(() => '[]')) as Result[];
  const all = questions.flatMap((name) => {
    const result = [...results, ...earlier].find(({ answer }) => answer.question === name);
    return result ? [result] : [];
  });
  const inDocument = async (file: string, content: string) =>
    replaceBetweenMarks(await readFile(join(root, file), 'utf8'), content);
  await mkdir(join(root, 'bench/results'), { recursive: true });
  for (const [file, text] of [
    [JSON_FILE, JSON.stringify(all)],
    [MARKDOWN_FILE, toMarkdown(all)],
    [DOC, await inDocument(DOC, promisesTable(all))],
    [SCALING, await inDocument(SCALING, capacityTables(all))],
  ] as const) {
    const path = join(root, file);
    await writeFile(path, await format(text, { ...(await resolveConfig(path)), filepath: path }));
  }
  return [JSON_FILE, MARKDOWN_FILE, DOC, SCALING];
}

/** @throws the marks are not there, in their order. */
export function replaceBetweenMarks(text: string, content: string): string {
  const [begin, end] = [text.indexOf(MARKS[0]), text.indexOf(MARKS[1])];
  if (begin === -1 || end < begin) throw new Error(`the document has no place for results: ${MARKS.join(' … ')}`);
  return `${text.slice(0, begin + MARKS[0].length)}\n\n${content}\n\n${text.slice(end)}`;
}
