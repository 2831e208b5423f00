import styles from './lists.module.css';

interface CustomerProps {
  readonly user: { readonly username: string; readonly email: string };
}

/** The name and the e-mail of a customer. */
export function Customer({ user: { username, email } }: CustomerProps) {
  return (
    <div className={styles.main}>
      <p className={styles.what}>
        <bdi>{username}</bdi>
      </p>
      <p className={styles.note}>
        <bdi>{email}</bdi>
      </p>
    </div>
  );
}
