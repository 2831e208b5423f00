import { useState } from 'react';
import { sharedStorage } from '../storage.js';

export type Theme = 'system' | 'light' | 'dark';

/** The attribute of the document, and the key it is kept under; `public/theme.js` reads it before the page is drawn. */
const KEY = 'drop-inventory.theme';

function keptTheme(): Theme {
  const kept = sharedStorage.getItem(KEY);
  return kept === 'light' || kept === 'dark' ? kept : 'system';
}

/** Light, dark, or as the system has it; and how to change it for good. */
export function useTheme(): readonly [Theme, (theme: Theme) => void] {
  const [theme, setTheme] = useState(keptTheme);
  return [
    theme,
    (next) => {
      setTheme(next);
      if (next === 'system') {
        sharedStorage.removeItem(KEY);
        delete document.documentElement.dataset.theme;
      } else {
        sharedStorage.setItem(KEY, next);
        document.documentElement.dataset.theme = next;
      }
    },
  ];
}
