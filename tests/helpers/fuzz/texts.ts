/** Longer than every limit of a parameter; several together fit into the 16 kB of a request's head. */
const MAX_PARAMETER_LENGTH = 250;

/** Text as a header may have it. */
export const toHeader = (value: unknown) =>
  asString(value)
    .slice(0, 2 * MAX_PARAMETER_LENGTH)
    .replace(/[^\x20-\x7e\x80-\xff]/g, '?');

/** Text as a path or a query may have it: without lone surrogates, which no client can encode. */
export const toText = (value: unknown) => Buffer.from(asString(value).slice(0, MAX_PARAMETER_LENGTH)).toString();

const asString = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value) || '0');
