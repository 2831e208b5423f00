import { useId, useLayoutEffect, useRef, type ReactNode } from 'react';
import { Button } from './button.js';
import styles from './dialog.module.css';

interface ConfirmDialogProps {
  readonly title: string;
  /** What happens, and fields, whose values `onConfirm` receives. */
  readonly children?: ReactNode;
  readonly confirmLabel: string;
  /** The label while the request runs. */
  readonly busyLabel?: string;
  /** `hot`: what cannot be undone. */
  readonly look?: 'ink' | 'hot';
  readonly isBusy?: boolean;
  /** A field has to be filled in first. */
  readonly isIncomplete?: boolean;
  /** Why the request failed. The dialog stays open. */
  readonly alert?: ReactNode;
  readonly onConfirm: (values: FormData) => void;
  /** Called by "Go back" and by the Escape key, but not while a request runs. The caller stops rendering the dialog. */
  readonly onClose: () => void;
}

/**
 * A modal dialog that asks before an action. It is open while it is rendered. A required field has the focus first, or else the
 * button that confirms; when the dialog is removed, the focus returns to where it was.
 */
export function ConfirmDialog(props: ConfirmDialogProps) {
  const { title, children, confirmLabel, busyLabel, look = 'ink', isBusy = false, isIncomplete = false } = props;
  const { alert, onConfirm, onClose } = props;
  const titleId = useId();
  const dialogRef = useRef<HTMLDialogElement>(null);
  const confirmRef = useRef<HTMLButtonElement>(null);

  useLayoutEffect(() => {
    const dialog = dialogRef.current;
    if (!dialog) return undefined;
    // showModal() focuses the first control, which would be the wrong one.
    dialog.showModal();
    (dialog.querySelector<HTMLInputElement>('input:required') ?? confirmRef.current)?.focus();
    return () => {
      dialog.close();
    };
  }, []);

  return (
    <dialog
      ref={dialogRef}
      className={styles.dialog}
      aria-labelledby={titleId}
      onCancel={(event) => {
        event.preventDefault();
        if (!isBusy) onClose();
      }}
    >
      <form
        className={styles.form}
        onSubmit={(event) => {
          event.preventDefault();
          if (!isBusy && !isIncomplete) onConfirm(new FormData(event.currentTarget));
        }}
      >
        <h2 id={titleId} className={styles.title} dir="auto">
          {title}
        </h2>
        {children}
        <div role="alert" className={styles.alert}>
          {alert}
        </div>
        <div className={styles.actions}>
          <Button look="quiet" aria-disabled={isBusy} onClick={isBusy ? undefined : onClose}>
            Go back
          </Button>
          <Button ref={confirmRef} type="submit" look={look} isBusy={isBusy} disabled={isIncomplete}>
            {isBusy ? (busyLabel ?? confirmLabel) : confirmLabel}
          </Button>
        </div>
      </form>
    </dialog>
  );
}
