import { z } from 'zod';

type Members<Data> = { readonly [Name in keyof Data]: Data[Name] | AsyncIterable<Data[Name]> };

/**
 * The `data` of a response that may be too long for the memory: a member that is a list may be given in chunks, which are read
 * and sent one after the other, in the order of the members.
 */
export class StreamedData<Data> {
  constructor(readonly members: Members<Data>) {}
}

/**
 * The JSON text of an envelope with streamed data.
 *
 * @param schema of the data. Given, each member and each chunk of one is validated by it.
 */
export async function* streamEnvelope(
  message: string | undefined,
  { members }: StreamedData<unknown>,
  schema?: z.ZodType,
): AsyncGenerator<string> {
  const head = JSON.stringify({ status: 'success', message, data: {} });
  yield head.slice(0, -2);
  let separator = '';
  for (const [name, value] of Object.entries<unknown>(members)) {
    const memberSchema = schema instanceof z.ZodObject ? (schema.shape[name] as z.ZodType | undefined) : undefined;
    yield `${separator}${JSON.stringify(name)}:`;
    if (isChunks(value)) yield* listOf(value, memberSchema);
    else {
      memberSchema?.parse(value);
      yield JSON.stringify(value);
    }
    separator = ',';
  }
  yield '}}';
}

async function* listOf(chunks: AsyncIterable<readonly unknown[]>, schema: z.ZodType | undefined) {
  let separator = '';
  yield '[';
  for await (const chunk of chunks) {
    schema?.parse(chunk);
    if (chunk.length === 0) continue;
    yield separator + JSON.stringify(chunk).slice(1, -1);
    separator = ',';
  }
  yield ']';
}

function isChunks(value: unknown): value is AsyncIterable<readonly unknown[]> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value;
}
