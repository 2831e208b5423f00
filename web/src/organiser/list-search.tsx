import { useLocation } from 'wouter';
import { texts } from '../texts/texts.js';
import { SearchField } from '../ui/search-field.js';
import { hrefOf, type Selection } from './selection.js';

/** Finds customers in a list by their name or e-mail. */
export function ListSearch({ dropId, selection }: { readonly dropId: string; readonly selection: Selection }) {
  const [, navigate] = useLocation();
  const { list, status, q = '' } = selection;
  return (
    <SearchField
      label={texts.organiser.lists.search}
      q={q}
      onSearch={(wanted) => {
        navigate(hrefOf(dropId, { list, ...(status && { status }), ...(wanted && { q: wanted }) }), { replace: true });
      }}
    />
  );
}
