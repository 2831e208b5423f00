/** How many rows of a kind seeding put in. */
export interface Tally {
  added: number;
  /** Were there already, and were left as they are. */
  present: number;
}
