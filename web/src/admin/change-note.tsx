import styles from './change-note.module.css';

/** What an edit in the database does. */
export function ChangeNote() {
  return (
    <section className={styles.note} aria-labelledby="database">
      <h2 id="database" className={styles.title}>
        Edits in the database
      </h2>
      <p>
        Everything about a drop can be done on its page. An edit in Prisma Studio takes effect as well, within a second
        on every page: <code>npm run studio</code>, on the machine of the service. In the table <code>drops</code>, the
        times <code>published_at</code>, <code>paused_at</code> and <code>cancelled_at</code> make the state, and{' '}
        <code>total_stock</code> is the number of units.
      </p>
      <p>
        If the database refuses an edit, its reason is in the log of PostgreSQL: for the embedded one the file{' '}
        <code>server.log</code> beside its data.
      </p>
    </section>
  );
}
