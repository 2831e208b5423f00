import { explain } from '../api/explain.js';
import { useSubmit } from '../api/use-submit.js';
import { useServices } from '../services/services.js';
import { texts } from '../texts/texts.js';
import { Button } from '../ui/button.js';
import { saveAs } from '../ui/save-as.js';

/** Options of a request whose answer is CSV. A long table takes longer than the client waits for other answers. */
export const CSV = {
  headers: { Accept: 'text/csv' },
  parseAs: 'blob',
  fetch: (request: Request) => fetch(request),
} as const;

interface ExportButtonProps {
  readonly fileName: string;
  /** What the file contains, for screen readers. */
  readonly label: string;
  readonly download: () => Promise<Blob>;
}

/** Saves a table as a CSV file. */
export function ExportButton({ fileName, label, download }: ExportButtonProps) {
  const { notices } = useServices();
  const { submit, isPending } = useSubmit({
    // Reads only.
    isIdempotent: true,
    send: download,
    onSuccess(table) {
      saveAs(fileName, table);
      notices.show({ tone: 'good', title: texts.organiser.lists.exported, text: fileName });
    },
    onError(error) {
      notices.show({ tone: 'bad', topic: fileName, ...explain(error) });
    },
  });
  return (
    <Button
      look="quiet"
      isBusy={isPending}
      aria-label={label}
      onClick={() => {
        submit();
      }}
    >
      {isPending ? texts.organiser.lists.exporting : texts.organiser.lists.export}
    </Button>
  );
}
