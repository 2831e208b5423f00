import styles from './studio-note.module.css';

/** What the API does not do, and where it is done. */
export function StudioNote() {
  return (
    <section className={styles.note} aria-labelledby="studio">
      <h2 id="studio" className={styles.title}>
        To change a drop
      </h2>
      <p>
        The API creates drops. For everything else there is Prisma Studio, on the machine of the service:{' '}
        <code>npm run studio</code>
      </p>
      <p>In the table drops, edit a cell and save it. Every open page is told within a second.</p>
      <dl className={styles.columns}>
        <div>
          <dt>
            <code>pausedAt</code>
          </dt>
          <dd>a time pauses it, empty goes on</dd>
        </div>
        <div>
          <dt>
            <code>cancelledAt</code>
          </dt>
          <dd>a time cancels it, and its holds are let go</dd>
        </div>
        <div>
          <dt>
            <code>dropEndsAt</code>
          </dt>
          <dd>when reserving ends</dd>
        </div>
        <div>
          <dt>
            <code>totalStock</code>
          </dt>
          <dd>more units, or fewer: of those that are free</dd>
        </div>
      </dl>
    </section>
  );
}
