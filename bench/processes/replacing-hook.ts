import type { ResolveHook } from 'node:module';
import type { MessagePort } from 'node:worker_threads';

/** Modules of the service by the end of their path, and what is loaded in their place. */
let replacements: readonly (readonly [suffix: string, url: string])[] = [];
/** Told the end of the path of each module that is replaced. */
let port: MessagePort;

export interface ReplacingData {
  readonly replacements: Readonly<Record<string, string>>;
  readonly port: MessagePort;
}

/** Hook of node:module's register(). */
export function initialize(data: ReplacingData): void {
  replacements = Object.entries(data.replacements);
  ({ port } = data);
}

/** Hook of node:module's register(): everything else of the service stays as it is. */
export const resolve: ResolveHook = async (specifier, context, nextResolve) => {
  const found = await nextResolve(specifier, context);
  const replacement = replacements.find(
    // What stands in for a module may build on the original.
    ([suffix, url]) => found.url.endsWith(suffix) && context.parentURL !== url,
  );
  if (!replacement) return found;
  port.postMessage(replacement[0]);
  return { ...found, url: replacement[1] };
};
