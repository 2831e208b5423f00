import { useSyncExternalStore } from 'react';

/** The colours of the page that charts use. */
const NAMES = ['ink', 'ink-soft', 'line', 'sunk', 'hot', 'good', 'warn-text'] as const;
export type ChartColors = Readonly<Record<(typeof NAMES)[number], string>>;

/** The computed colours at this element: a canvas cannot read `light-dark()`. */
export function colorsOf(element: HTMLElement): ChartColors {
  const probe = element.appendChild(document.createElement('span'));
  // A transition would return the previous colour.
  probe.style.setProperty('transition', 'none', 'important');
  const entries = NAMES.map((name) => {
    probe.style.color = `var(--${name})`;
    return [name, getComputedStyle(probe).color];
  });
  probe.remove();
  return Object.fromEntries(entries) as ChartColors;
}

/** Changes when the page turns light or dark. */
export function useColorScheme(): string {
  return useSyncExternalStore(subscribe, scheme);
}

const DARK = '(prefers-color-scheme: dark)';

function scheme(): string {
  return document.documentElement.dataset.theme ?? String(matchMedia(DARK).matches);
}

function subscribe(listener: () => void): () => void {
  const system = matchMedia(DARK);
  const chosen = new MutationObserver(listener);
  system.addEventListener('change', listener);
  chosen.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme'] });
  return () => {
    system.removeEventListener('change', listener);
    chosen.disconnect();
  };
}
