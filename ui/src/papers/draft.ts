/** A paper's draft that saves itself and loses nothing. */
import { onBeforeUnmount, reactive, ref, shallowRef, watch } from "vue";
import { asWireError, type Host, type wire } from "../host/host";

/** Pause after the last key before the draft is saved. */
export const SAVE_PAUSE_MS = 600;

export type PaperStatus = "clean" | "dirty" | "saving" | "failed" | "stale";

interface Kept {
  content: wire.PaperContent;
  revision: number;
}

/** What could not be saved yet, by kind and subject: leaving the page must not lose it. */
const unsent = new Map<string, Kept>();
const copy = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;

export function usePaperDraft(host: Host, opened: wire.PaperForm) {
  const asked: wire.PaperRef = { kind: opened.kind.code, subject: opened.subject };
  const name = JSON.stringify(asked);
  const kept = unsent.get(name);
  const content = reactive<wire.PaperContent>(copy(kept?.content ?? opened.content));
  const revision = ref(kept?.revision ?? opened.revision);
  const savedAt = ref(opened.saved_at);
  const missing = ref(opened.missing);
  const status = ref<PaperStatus>(kept ? "dirty" : "clean");
  const error = shallowRef<wire.WireError | null>(null);
  const theirs = shallowRef<wire.PaperForm | null>(null);
  /** Grows with every edit, so that a save knows whether it was overtaken. */
  let edits = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let saving: Promise<boolean> | null = null;
  let adopting = false;

  watch(content, () => {
    if (adopting) return;
    edits += 1;
    if (status.value !== "stale") status.value = "dirty";
    unsent.set(name, { content: copy(content), revision: revision.value });
    clearTimeout(timer);
    timer = setTimeout(() => void flush(), SAVE_PAUSE_MS);
  }, { deep: true, flush: "sync" });

  /** Saves what was edited; returns whether everything is saved now. */
  async function flush(): Promise<boolean> {
    clearTimeout(timer);
    if (saving) {
      await saving;
      return flush();
    }
    if (status.value === "clean") return true;
    if (status.value === "stale") return false;
    saving = save();
    try {
      return await saving;
    } finally {
      saving = null;
    }
  }

  async function save(): Promise<boolean> {
    const edit = edits;
    status.value = "saving";
    try {
      const saved = await host.call("save_paper_draft", { ...asked, revision: revision.value, content: copy(content) });
      revision.value = saved.revision;
      savedAt.value = saved.saved_at;
      missing.value = saved.missing;
      error.value = null;
      if (edit !== edits) return await save();
      status.value = "clean";
      unsent.delete(name);
      return true;
    } catch (reason) {
      await refused(asWireError(reason));
      return false;
    }
  }

  async function refused(reason: wire.WireError): Promise<void> {
    error.value = reason;
    status.value = "failed";
    if (reason.code !== "draft_stale") return;
    try {
      theirs.value = await host.call("paper_draft", asked);
      status.value = "stale";
    } catch (second) {
      error.value = asWireError(second);
    }
  }

  /** Takes the station's version into the form. */
  function adopt(form: wire.PaperForm): void {
    adopting = true;
    Object.assign(content, copy(form.content));
    adopting = false;
    clearTimeout(timer);
    revision.value = form.revision;
    savedAt.value = form.saved_at;
    missing.value = form.missing;
    theirs.value = null;
    error.value = null;
    status.value = "clean";
    unsent.delete(name);
  }

  /** Keeps what was typed here over the other version. */
  async function keepMine(): Promise<void> {
    if (!theirs.value) return;
    revision.value = theirs.value.revision;
    theirs.value = null;
    status.value = "dirty";
    await flush();
  }

  /** Ends the draft: it was issued, and there is nothing to save any more. */
  function end(): void {
    clearTimeout(timer);
    status.value = "clean";
    unsent.delete(name);
  }

  if (kept) timer = setTimeout(() => void flush(), SAVE_PAUSE_MS);
  const leave = () => void flush();
  window.addEventListener("pagehide", leave);
  onBeforeUnmount(() => {
    window.removeEventListener("pagehide", leave);
    void flush();
  });

  return { asked, content, revision, savedAt, missing, status, error, theirs, flush, adopt, keepMine, end };
}

export type PaperDraftHandle = ReturnType<typeof usePaperDraft>;
