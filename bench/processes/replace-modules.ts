import { register, type ResolveHook } from 'node:module';
import { MessageChannel, receiveMessageOnPort, type MessagePort } from 'node:worker_threads';

const VARIANTS = new URL('../variants/', import.meta.url).href;

interface HookData {
  /** URLs of the replacements, by the end of the path of the module they replace. */
  readonly replacements: Readonly<Record<string, string>>;
  readonly port: MessagePort;
}

/**
 * Replaces modules of the service that are imported from now on: `replace` maps the end of a module's path, such as
 * `reservations.service.js`, to a file in `variants/`.
 *
 * @returns a function that throws if a module was not replaced: the run would measure the service itself.
 */
export function replaceModules(replace: Readonly<Record<string, string>>): () => void {
  if (Object.keys(replace).length === 0) return () => undefined;
  const replacements = Object.fromEntries(
    Object.entries(replace).map(([module, file]) => [`/${module}`, VARIANTS + file]),
  );
  const { port1: loaded, port2: port } = new MessageChannel();
  const data: HookData = { replacements, port };
  register(import.meta.url, { data, transferList: [port] });
  return () => {
    const missing = new Set(Object.keys(replacements));
    for (let note = receiveMessageOnPort(loaded); note; note = receiveMessageOnPort(loaded)) {
      missing.delete(note.message as string);
    }
    loaded.close();
    if (missing.size > 0) throw new Error(`no imported module has a path that ends with ${[...missing].join(', ')}`);
  };
}

// The rest runs in the thread of the module hooks, where Node loads this file again.
let hook: HookData;

/** Called by Node with the data of `register()`. */
export function initialize(data: HookData): void {
  hook = data;
}

/** Called by Node for every import. */
export const resolve: ResolveHook = async (specifier, context, nextResolve) => {
  const found = await nextResolve(specifier, context);
  const replacement = Object.entries(hook.replacements).find(([suffix]) => found.url.endsWith(suffix));
  // Replacements may import the original.
  if (!replacement || context.parentURL?.startsWith(VARIANTS)) return found;
  hook.port.postMessage(replacement[0]);
  return { ...found, url: replacement[1] };
};
