import { execFile, execFileSync } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../../../', import.meta.url));

const require = createRequire(import.meta.url);
const generator = fileURLToPath(new URL('dmmf-generator.mjs', import.meta.url));

/** Runs Prisma's command line on a database and returns its exit code and output. */
export function prisma(args: string[], databaseUrl: string): Promise<{ code: number; output: string }> {
  const env = { ...process.env, DATABASE_URL: databaseUrl, CHECKPOINT_DISABLE: '1', PRISMA_HIDE_UPDATE_MESSAGE: '1' };
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [require.resolve('prisma/build/index.js'), ...args],
      { cwd: root, env },
      (error, stdout, stderr) => {
        resolve({ code: error === null ? 0 : Number(error.code ?? 1), output: stdout + stderr });
      },
    );
  });
}

/** Whether `prisma migrate` can run: it needs a binary that Prisma downloads during its installation. */
export async function hasSchemaEngine(): Promise<boolean> {
  const binary = process.env.PRISMA_SCHEMA_ENGINE_BINARY;
  if (binary === undefined || binary === '') {
    const files = await readdir(
      dirname(require.resolve('@prisma/engines/package.json', { paths: [require.resolve('prisma/package.json')] })),
    );
    return files.some((file) => file.startsWith('schema-engine'));
  }
  try {
    return execFileSync(binary, ['--version'], { cwd: root, encoding: 'utf8' }).startsWith('schema-engine');
  } catch {
    return false;
  }
}

/** The parts of Prisma's data model (DMMF) that concern the database. */
export interface Datamodel {
  enums: { name: string; dbName: string | null; values: { name: string; dbName: string | null }[] }[];
  models: { name: string; dbName: string | null; fields: ModelField[] }[];
  indexes: {
    model: string;
    type: 'id' | 'unique' | 'normal' | 'fulltext';
    dbName?: string;
    algorithm?: string;
    fields: { name: string; sortOrder?: 'asc' | 'desc' }[];
  }[];
}

export interface ModelField {
  name: string;
  dbName?: string;
  kind: 'scalar' | 'enum' | 'object' | 'unsupported';
  type: string;
  nativeType: [name: string, args: string[]] | null;
  isList: boolean;
  isRequired: boolean;
  isUpdatedAt: boolean;
  default?: string | number | boolean | { name: string; args: (string | number)[] };
  relationFromFields?: string[];
  relationToFields?: string[];
  relationOnDelete?: string;
  relationOnUpdate?: string;
}

/** Returns Prisma's data model of prisma/schema.prisma. */
export async function readDatamodel(): Promise<Datamodel> {
  const folder = await mkdtemp(join(tmpdir(), 'drop-inventory-dmmf-'));
  try {
    const schema = await readFile(join(root, 'prisma/schema.prisma'), 'utf8');
    const provider = JSON.stringify(`"${process.execPath}" "${generator}"`);
    const dump = `generator dmmf {\n  provider = ${provider}\n  output = ${JSON.stringify(folder)}\n}`;
    await writeFile(
      join(folder, 'schema.prisma'),
      schema.replace(/^generator client \{[^}]*\}/m, () => dump),
    );

    const { code, output } = await prisma(['generate', '--schema', join(folder, 'schema.prisma')], '');
    if (code !== 0) throw new Error(`prisma generate failed: ${output}`);
    return JSON.parse(await readFile(join(folder, 'dmmf.json'), 'utf8')) as Datamodel;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
