import { register } from 'node:module';
import { MessageChannel, receiveMessageOnPort } from 'node:worker_threads';
import type { ReplacingData } from './replacing-hook.js';

/**
 * Has other modules loaded in the place of some of the service: by the end of a module's path, as `reservations.service.js`,
 * the file in `variants/`. What was imported before stays as it is.
 *
 * @returns throws if one of them was not loaded meanwhile: what was measured would be the service itself.
 */
export function replaceModules(replace: Readonly<Record<string, string>>): () => void {
  if (Object.keys(replace).length === 0) return () => undefined;
  const replacements = Object.fromEntries(
    Object.entries(replace).map(([module, file]) => [
      `/${module}`,
      new URL(`../variants/${file}`, import.meta.url).href,
    ]),
  );
  const { port1: used, port2: port } = new MessageChannel();
  const data: ReplacingData = { replacements, port };
  register(new URL('replacing-hook.js', import.meta.url).href, { data, transferList: [port] });
  return () => {
    const missing = new Set(Object.keys(replacements));
    for (let note = receiveMessageOnPort(used); note; note = receiveMessageOnPort(used)) {
      missing.delete(note.message as string);
    }
    used.close();
    if (missing.size > 0) throw new Error(`No module was loaded whose path ends with ${[...missing].join(', ')}`);
  };
}
