/** The present, for what counts seconds on the screen. */
import { onScopeDispose, ref, type Ref } from "vue";

/** Returns the time in milliseconds since 1970, renewed every second. */
export function useNow(): Ref<number> {
  const now = ref(Date.now());
  const timer = setInterval(() => (now.value = Date.now()), 1000);
  onScopeDispose(() => clearInterval(timer));
  return now;
}
