import { classNames } from '../ui/class-names.js';
import styles from './description.module.css';

interface DescriptionProps {
  readonly text: string;
  readonly className?: string | undefined;
}

/** The description of a drop: plain text in paragraphs, which an empty line separates. */
export function Description({ text, className }: DescriptionProps) {
  return (
    <div className={classNames(styles.description, className)} dir="auto">
      {text.split(/\n{2,}/).map((paragraph, index) => (
        <p key={index}>{paragraph}</p>
      ))}
    </div>
  );
}
