import type { ResolveHook } from 'node:module';

/** Modules of the service by the end of their path, and what is loaded in their place. */
let replacements: readonly (readonly [suffix: string, url: string])[] = [];

/** Hook of node:module's register(). */
export function initialize(data: Readonly<Record<string, string>>): void {
  replacements = Object.entries(data);
}

/** Hook of node:module's register(): everything else of the service stays as it is. */
export const resolve: ResolveHook = async (specifier, context, nextResolve) => {
  const found = await nextResolve(specifier, context);
  const replacement = replacements.find(
    // What stands in for a module may build on the original.
    ([suffix, url]) => found.url.endsWith(suffix) && context.parentURL !== url,
  );
  return replacement ? { ...found, url: replacement[1] } : found;
};
