import { use, type ComponentType, type ReactNode } from 'react';
import { reloadOnce, servedBuild, SHOWN_BUILD } from './build.js';

/** The code of a page could not be loaded: no network, no server, or a server with another build. */
export class PageLoadError extends Error {
  override readonly name = 'PageLoadError';

  constructor(
    cause: unknown,
    /** Lets the next render import the page again. Calls after the first one have no effect. */
    readonly reset: () => void,
  ) {
    super('The code of a page could not be loaded', { cause });
  }
}

/** A page whose code is loaded when it renders. It suspends meanwhile, and throws {@link PageLoadError} if loading fails. */
export interface LazyPage {
  (): ReactNode;
  /** Loads the code ahead of time, and resolves when that has ended. Ignores a failure: rendering the page tries again. */
  readonly preload: () => Promise<void>;
}

/** Like `React.lazy`, which keeps a failed import forever, but with imports that can be retried. */
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
      // Some browsers keep a failed import until the document is reloaded, so that a failed retry needs a reload.
      if (served !== null && (served !== SHOWN_BUILD || isRetry) && reloadOnce(served))
        return new Promise(() => undefined);
      const failed = page;
      throw new PageLoadError(error, () => {
        // An import that has started since then is kept.
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
      async preload() {
        if (!page) await loadNow().catch(() => undefined);
      },
    },
  );
}
