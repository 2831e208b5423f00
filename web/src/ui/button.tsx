import type { ComponentProps } from 'react';
import { Link } from 'wouter';
import styles from './button.module.css';
import { classNames } from './class-names.js';

/** `ink`: the usual. `hot`: what is to be done now. `quiet`: beside another one. */
type Look = 'ink' | 'hot' | 'quiet';

interface ButtonProps extends ComponentProps<'button'> {
  readonly look?: Look;
  /** Something is under way: pressing it again does nothing, and it keeps the focus. */
  readonly isBusy?: boolean;
}

export function Button({ look = 'ink', isBusy = false, className, onClick, type = 'button', ...rest }: ButtonProps) {
  return (
    <button
      {...rest}
      type={type}
      className={classNames(styles.button, styles[look], className)}
      aria-disabled={isBusy || rest['aria-disabled']}
      aria-busy={isBusy || undefined}
      onClick={(event) => {
        if (isBusy) event.preventDefault();
        else onClick?.(event);
      }}
    />
  );
}

interface ButtonLinkProps {
  readonly href: string;
  readonly look?: Look;
  readonly className?: string | undefined;
  readonly children: React.ReactNode;
}

/** Looks like a button and leads to another page. */
export function ButtonLink({ href, look = 'ink', className, children }: ButtonLinkProps) {
  return (
    <Link href={href} className={classNames(styles.button, styles[look], className)}>
      {children}
    </Link>
  );
}
