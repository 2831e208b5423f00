/** Whether the process wants more work; `/readyz` tells a load balancer. */
export interface Readiness {
  /** True from the moment a shutdown begins. */
  closing: boolean;
}
