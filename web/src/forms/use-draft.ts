import { useState } from 'react';
import { useServices } from '../services/services.js';
import { windowStorage } from '../storage.js';

/** A field that was changed and is not saved. */
interface Edit {
  readonly text: string;
  /** What the field contained before. */
  readonly before: string;
}

type Edits<Name extends string> = Readonly<Partial<Record<Name, Edit>>>;

/** The unsaved changes of a form. */
export interface Draft<Name extends string> {
  readonly edits: Edits<Name>;
  /** @param shown what the field contains without this draft. */
  readonly edit: (name: Name, text: string, shown: string) => void;
  /** Removes the changes of these texts, which are saved. A field that has changed since keeps its text. */
  readonly settle: (saved: Readonly<Partial<Record<Name, string>>>) => void;
  readonly discard: () => void;
}

/**
 * Keeps the unsaved changes of a form in this window: they survive a reload, and a visit to another page.
 *
 * @param form identifies the form. Each user has drafts of their own.
 */
export function useDraft<Name extends string>(form: string): Draft<Name> {
  const { session } = useServices();
  const key = `drop-inventory.draft.${session.get()?.user.id ?? ''}.${form}`;
  const [edits, setEdits] = useState(() => read<Name>(key));
  function change(next: Edits<Name>): void {
    setEdits(next);
    if (Object.keys(next).length === 0) windowStorage.removeItem(key);
    else windowStorage.setItem(key, JSON.stringify(next));
  }
  return {
    edits,
    edit(name, text, shown) {
      change({ ...edits, [name]: { text, before: edits[name]?.before ?? shown } });
    },
    settle(saved) {
      const left = entriesOf(read<Name>(key)).filter(([name, { text }]) => saved[name] !== text);
      change(Object.fromEntries(left) as Edits<Name>);
    },
    discard() {
      change(noEdits());
    },
  };
}

/** The fields that were changed, and their changes. */
export const entriesOf = <Name extends string>(edits: Edits<Name>) => Object.entries(edits) as [Name, Edit][];

/** The texts of a form with its unsaved changes. */
export function withEdits<Texts extends object>(texts: Texts, edits: Edits<keyof Texts & string>): Texts {
  return { ...texts, ...Object.fromEntries(entriesOf(edits).map(([name, { text }]) => [name, text])) };
}

/** TypeScript cannot tell that every member of a partial record of unknown names is optional. */
const noEdits = <Name extends string>() => ({}) as Edits<Name>;

function read<Name extends string>(key: string): Edits<Name> {
  try {
    return JSON.parse(windowStorage.getItem(key) ?? '{}') as Edits<Name>;
  } catch {
    return noEdits();
  }
}
