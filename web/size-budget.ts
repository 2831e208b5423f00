import { gzipSync } from 'node:zlib';
import type { Plugin } from 'vite';

/**
 * Fails the build when the scripts of the first load have more than `maxKilobytes` gzipped (1 kB = 1000 bytes): the entry and
 * its static imports.
 */
export function sizeBudget({ maxKilobytes }: { maxKilobytes: number }): Plugin {
  return {
    name: 'size-budget',
    apply: 'build',
    generateBundle(_, bundle) {
      const first = new Set<string>();
      const add = (fileName: string) => {
        const chunk = bundle[fileName];
        if (chunk?.type !== 'chunk' || first.has(fileName)) return;
        first.add(fileName);
        chunk.imports.forEach(add);
      };
      for (const file of Object.values(bundle)) if (file.type === 'chunk' && file.isEntry) add(file.fileName);
      let bytes = 0;
      for (const name of first) {
        const chunk = bundle[name];
        if (chunk?.type === 'chunk') bytes += gzipSync(chunk.code).length;
      }
      const size = `The first load has ${(bytes / 1000).toFixed(1)} kB of JavaScript, gzipped`;
      if (bytes > maxKilobytes * 1000) this.error(`${size}; at most ${maxKilobytes} kB are allowed.`);
      this.info(`${size}, of ${maxKilobytes} kB.`);
    },
  };
}
