/** How far a recorder's clock was off, in words. */
import type { wire } from "../host/host";
import { clockOff } from "../text/format";
import type { Tone } from "../text/wording";
import { text } from "../text/zh-CN";

/** Below a second nothing was measured that a display shows. */
const EXACT_MS = 1000;
/** From here on a statement that goes by the recorder's times would be questioned. */
const CARE_MS = 60_000;

export interface ClockWords {
  word: string;
  tone: Tone;
  /** Within what, where both sides are known. */
  bound: string;
  method: string;
}

export function clockWords(clock: wire.ClockView): ClockWords {
  const words = text.docking.clock;
  const off = clockOff(clock.error_ms);
  const fast = clock.error_ms > 0;
  const known = clock.bound_ms !== null;
  let word: string;
  if (Math.abs(clock.error_ms) < EXACT_MS && known) word = words.exact;
  else if (known) word = fast ? words.fast(off) : words.slow(off);
  else word = fast ? words.atLeastFast(off) : words.atMostSlow(off);
  // A newest file from yesterday says no more than that the clock is not a day slow.
  const tone = Math.abs(clock.error_ms) >= CARE_MS && (known || fast) ? "care" : "idle";
  return { word, tone, bound: clock.bound_ms ? words.bound(clockOff(clock.bound_ms)) : "", method: words.by[clock.method] };
}
