/** Questions that stay answered, and acts that report how they went. */
import { onScopeDispose, ref, shallowRef, watch } from "vue";
import { asWireError, useHost, type Commands, type wire } from "../host/host";

/** Shortest pause between two answers to the same question, so that progress at 5 Hz costs one call at a time. */
const ASK_PAUSE_MS = 150;

/**
 * Asks a command now, whenever its request changes, and whenever a notice of one of the topics arrives.
 * `request` returns `null` while there is nothing to ask. Answers that were overtaken are dropped.
 */
export function useAsk<K extends keyof Commands>(
  command: K,
  request: () => Commands[K]["request"] | null,
  topics: readonly wire.Topic[],
) {
  const host = useHost();
  const data = shallowRef<Commands[K]["response"] | null>(null);
  const error = shallowRef<wire.WireError | null>(null);
  const loading = ref(false);
  let turn = 0;
  let running = 0;
  let again = false;
  let timer: ReturnType<typeof setTimeout> | undefined;

  async function refresh(): Promise<void> {
    const asked = request();
    const mine = ++turn;
    if (asked === null) {
      data.value = null;
      error.value = null;
      loading.value = false;
      return;
    }
    loading.value = true;
    running += 1;
    try {
      const answer = await host.call(command, asked);
      if (mine === turn) {
        data.value = answer;
        error.value = null;
      }
    } catch (reason) {
      if (mine === turn) error.value = asWireError(reason);
    } finally {
      running -= 1;
      if (mine === turn) loading.value = false;
      if (again && running === 0) {
        again = false;
        soon();
      }
    }
  }

  function soon(): void {
    timer ??= setTimeout(() => {
      timer = undefined;
      void refresh();
    }, ASK_PAUSE_MS);
  }

  const stop = host.listen((notice) => {
    if (!topics.includes(notice.topic)) return;
    if (running > 0) again = true;
    else soon();
  });
  watch(() => JSON.stringify(request()), () => void refresh(), { immediate: true });
  onScopeDispose(() => {
    stop();
    clearTimeout(timer);
    turn += 1;
  });
  return { data, error, loading, refresh };
}

/** Runs acts one at a time; the last refusal stays in `error` until the next act or `clear`. */
export function useAct() {
  const host = useHost();
  const busy = ref(false);
  const error = shallowRef<wire.WireError | null>(null);

  /** Returns the answer, or `null` when it was refused (then `error` says why) or another act is under way. */
  async function run<K extends keyof Commands>(
    command: K,
    request: Commands[K]["request"],
  ): Promise<Commands[K]["response"] | null> {
    if (busy.value) return null;
    busy.value = true;
    error.value = null;
    try {
      return await host.call(command, request);
    } catch (reason) {
      error.value = asWireError(reason);
      return null;
    } finally {
      busy.value = false;
    }
  }
  return { busy, error, run, clear: () => (error.value = null) };
}
