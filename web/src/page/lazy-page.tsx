import { use, type ComponentType, type ReactNode } from 'react';
import { reloadOnce, servedBuild, SHOWN_BUILD } from './build.js';

/** The code of a page could not be loaded: there is no network, the server is away, or it has another build. */
export class PageLoadError extends Error {
  override readonly name = 'PageLoadError';

  constructor(
    cause: unknown,
    /** Lets the next render import the page again. Calls after the first one have no effect. */
    readonly forget: () => void,
  ) {
    super('The code of a page could not be loaded', { cause });
  }
}

/** A page whose code is loaded when it is rendered. Until then it suspends; if that fails it throws {@link PageLoadError}. */
export interface LazyPage {
  (): ReactNode;
  /** Loads it ahead. A failure is ignored: rendering the page tries again. */
  readonly preload: () => void;
}

/** `React.lazy`, which keeps a failed import for ever, with imports that can be tried again. */
export function lazyPage(load: () => Promise<ComponentType>): LazyPage {
  let page: Promise<ComponentType> | null = null;
  let Loaded: ComponentType | null = null;
  let isRetry = false;

  async function loadNow(): Promise<ComponentType> {
    Loaded = await load();
    return Loaded;
  }

  async function loadToRender(): Promise<ComponentType> {
    try {
      return await loadNow();
    } catch (error) {
      const served = await servedBuild();
      // Some browsers keep a failed import until the document is loaded again: after a retry in vain only that helps.
      if (served !== null && (served !== SHOWN_BUILD || isRetry) && reloadOnce(served))
        return new Promise(() => undefined);
      const failed = page;
      throw new PageLoadError(error, () => {
        // A retry that has begun since then is kept.
        if (page === failed) page = null;
        isRetry = true;
      });
    }
  }

  return Object.assign(
    function Lazy() {
      if (Loaded) return <Loaded />;
      page ??= loadToRender();
      const Page = use(page);
      return <Page />;
    },
    {
      preload() {
        if (!page) loadNow().catch(() => undefined);
      },
    },
  );
}
