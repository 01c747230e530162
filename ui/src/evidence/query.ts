/** Filters of 证据库 as they stand in the address, and the pages of clips that answer them. */
import { computed, onScopeDispose, ref, shallowRef, watch } from "vue";
import { asWireError, useHost, type wire } from "../host/host";

export const PAGE_ROWS = 200;

export interface Filters {
  q: string;
  recorder: string;
  case: string;
  state: string;
  from: string;
  to: string;
}

export const NO_FILTERS: Filters = { q: "", recorder: "", case: "", state: "", from: "", to: "" };

export function readFilters(query: Record<string, unknown>): Filters {
  const read = (key: keyof Filters) => (typeof query[key] === "string" ? (query[key] as string) : "");
  return { q: read("q"), recorder: read("recorder"), case: read("case"), state: read("state"), from: read("from"), to: read("to") };
}

export function toQuery(filters: Filters, day: (typed: string, days?: number) => string | null): wire.ClipQuery {
  return {
    text: filters.q.trim(),
    recorder: filters.recorder || null,
    case: filters.case || null,
    session: null,
    state: filters.state || null,
    from: day(filters.from),
    // The day named last is meant whole.
    to: day(filters.to, 1),
    after: null,
    limit: PAGE_ROWS,
  };
}

/** Keeps the pages loaded so far; a changed query begins anew, a notice re-asks what is loaded. */
export function useClipPages(query: () => wire.ClipQuery) {
  const host = useHost();
  const rows = shallowRef<wire.ClipRow[]>([]);
  const total = ref(0);
  const next = ref<string | null>(null);
  const loaded = ref(false);
  const loading = ref(false);
  const error = shallowRef<wire.WireError | null>(null);
  let turn = 0;

  async function load(wanted: number): Promise<void> {
    const mine = ++turn;
    loading.value = true;
    try {
      let after: string | null = null;
      let held: wire.ClipRow[] = [];
      do {
        const page: wire.ClipPage = await host.call("clips", { ...query(), after });
        if (mine !== turn) return;
        held = held.concat(page.rows);
        after = page.next;
        total.value = page.total;
      } while (after !== null && held.length < wanted);
      rows.value = held;
      next.value = after;
      error.value = null;
      loaded.value = true;
    } catch (reason) {
      if (mine === turn) error.value = asWireError(reason);
    } finally {
      if (mine === turn) loading.value = false;
    }
  }
  async function more(): Promise<void> {
    if (loading.value || next.value === null) return;
    const mine = ++turn;
    loading.value = true;
    try {
      const page = await host.call("clips", { ...query(), after: next.value });
      if (mine !== turn) return;
      rows.value = rows.value.concat(page.rows);
      next.value = page.next;
      total.value = page.total;
    } catch (reason) {
      if (mine === turn) error.value = asWireError(reason);
    } finally {
      if (mine === turn) loading.value = false;
    }
  }

  let timer: ReturnType<typeof setTimeout> | undefined;
  const RELOAD_PAUSE_MS = 500;
  const stop = host.listen((notice) => {
    if (notice.topic !== "clips" && notice.topic !== "sessions" && notice.topic !== "cases") return;
    timer ??= setTimeout(() => {
      timer = undefined;
      void load(rows.value.length);
    }, RELOAD_PAUSE_MS);
  });
  watch(() => JSON.stringify(query()), () => void load(0), { immediate: true });
  onScopeDispose(() => {
    stop();
    clearTimeout(timer);
    turn += 1;
  });
  const empty = computed(() => loaded.value && rows.value.length === 0);
  return { rows, total, loaded, loading, error, empty, more, reload: () => load(rows.value.length) };
}
