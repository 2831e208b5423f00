import type { Plugin } from 'vite';

/** Of the files of the typeface, the one that every page needs. */
const FILE = /archivo-latin-wdth-normal-[^/]*\.woff2$/;

/**
 * Loads the typeface right after the scripts. Otherwise the browser would request it after the first text is shown, and the text
 * would move when the typeface arrives. After the scripts: beside them it would delay the first picture.
 */
export const preloadFont: Plugin = {
  name: 'preload-font',
  apply: 'build',
  transformIndexHtml: {
    order: 'post',
    handler(_page, { bundle = {} }) {
      const font = Object.keys(bundle).find((name) => FILE.test(name));
      if (font === undefined) throw new Error('The build has no file of the typeface to preload');
      const attrs = {
        rel: 'preload',
        href: `/${font}`,
        as: 'font',
        type: 'font/woff2',
        crossorigin: '',
        fetchpriority: 'low',
      };
      return [{ tag: 'link', attrs, injectTo: 'head-prepend' }];
    },
  },
};
