import styles from './studio-note.module.css';

/** How to make the changes that the API does not offer. */
export function StudioNote() {
  return (
    <section className={styles.note} aria-labelledby="studio">
      <h2 id="studio" className={styles.title}>
        To change a drop
      </h2>
      <p>
        The API creates drops. Make all other changes in Prisma Studio, on the machine of the service:{' '}
        <code>npm run studio</code>
      </p>
      <p>Edit a cell of the table drops and save it. Every open page shows the change within a second.</p>
      <dl className={styles.columns}>
        <div>
          <dt>
            <code>pausedAt</code>
          </dt>
          <dd>a time pauses the drop, empty resumes it</dd>
        </div>
        <div>
          <dt>
            <code>cancelledAt</code>
          </dt>
          <dd>a time cancels the drop and its reservations</dd>
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
          <dd>more units, or fewer of those that are left</dd>
        </div>
      </dl>
    </section>
  );
}
