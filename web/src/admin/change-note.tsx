import styles from './change-note.module.css';

/** How to change a drop in other ways than on this page. */
export function ChangeNote() {
  return (
    <section className={styles.note} aria-labelledby="change">
      <h2 id="change" className={styles.title}>
        To change a drop
      </h2>
      <p>
        Admins publish, pause, resume, end, cancel and restock drops, and change their details, by the{' '}
        <a href="/docs">API</a>.
      </p>
      <p>
        An edit in Prisma Studio takes effect as well, on the machine of the service: <code>npm run studio</code>. In
        the table drops, a time in <code>paused_at</code> pauses a drop, and an empty one resumes it;{' '}
        <code>total_stock</code> is the number of units.
      </p>
      <p>Every open page shows a change within a second.</p>
    </section>
  );
}
