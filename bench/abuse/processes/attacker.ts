import { runChild } from '../../processes/child.js';
import type { Target, Traffic } from '../attack.js';
import { attacks } from '../attacks/index.js';
import { sendRefusedTokens } from '../attacks/reservation-floods.js';

export interface AttackerPlan {
  readonly attack: string;
  readonly target: Target;
  /** Sends requests with refused tokens at this rate instead, as the control of the attack. */
  readonly controlPerSecond?: number;
}

/** As many as the attack has clients, within these limits: few connections cannot send at a high rate, and many cost CPU. */
const CONTROL_CONNECTIONS = { min: 64, max: 1_000 };

await runChild(async ({ attack: name, target, controlPerSecond }: AttackerPlan) => {
  const attack = attacks.find((each) => each.name === name);
  if (!attack) throw new Error(`there is no attack ${name}`);
  const { min, max } = CONTROL_CONNECTIONS;
  const connections = Math.min(max, Math.max(min, attack.clients));
  const traffic: Traffic =
    controlPerSecond === undefined
      ? await attack.send(target)
      : await sendRefusedTokens(target, connections, controlPerSecond);
  return { result: traffic };
});
