import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { toMarkdown, type Result } from './report.js';

const NAME = 'latest';

/**
 * Keeps results in `folder`, each question's newest, in the order of `questions`: as JSON with every figure of every
 * round, and as Markdown to be read.
 */
export async function keepResults(
  folder: string,
  results: readonly Result[],
  questions: readonly string[],
): Promise<void> {
  const file = join(folder, `${NAME}.json`);
  const earlier = JSON.parse(await readFile(file, 'utf8').catch(() => '[]')) as Result[];
  const all = questions.flatMap((name) => {
    const result = [...results, ...earlier].find(({ answer }) => answer.question === name);
    return result ? [result] : [];
  });
  await mkdir(folder, { recursive: true });
  await writeFile(file, `${JSON.stringify(all, null, 2)}\n`);
  await writeFile(join(folder, `${NAME}.md`), toMarkdown(all));
}
