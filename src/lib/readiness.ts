/** The state that `/readyz` reports to load balancers. */
export interface Readiness {
  /** True from the start of a shutdown. */
  closing: boolean;
}
