/** A draft that saves itself and loses nothing. */
import { computed, onBeforeUnmount, reactive, ref, shallowRef, watch } from "vue";
import { asWireError, type Host, type wire } from "../host/host";
import { heldTimes, missingFields, toFields, toForm, type StatementForm, type Zone } from "./form";

/** Pause after the last key before the draft is saved. */
export const SAVE_PAUSE_MS = 800;

export type DraftStatus = "clean" | "dirty" | "saving" | "failed" | "stale";

interface Kept {
  form: StatementForm;
  guessed: string[];
  revision: number;
}

/** What could not be saved yet, by session: leaving the page must not lose it. */
const unsent = new Map<string, Kept>();

export function useDraft(host: Host, session: string, opened: wire.Draft, zone: Zone) {
  const kept = unsent.get(session);
  const form = reactive<StatementForm>(kept?.form ?? toForm(opened.fields, zone));
  const guessed = ref(new Set(kept?.guessed ?? opened.guessed));
  const revision = ref(kept?.revision ?? opened.revision);
  const savedAt = ref(opened.saved_at);
  const status = ref<DraftStatus>(kept ? "dirty" : "clean");
  const error = shallowRef<wire.WireError | null>(null);
  const theirs = shallowRef<wire.Draft | null>(null);
  const fields = computed(() => toFields(form, zone));
  const missing = computed(() => missingFields(fields.value));
  const held = computed(() => heldTimes(form, zone));
  /** Grows with every edit, so that a save knows whether it was overtaken. */
  let edits = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let saving: Promise<boolean> | null = null;
  let adopting = false;

  watch(
    [form, guessed],
    () => {
      if (adopting) return;
      edits += 1;
      if (status.value !== "stale") status.value = "dirty";
      keep();
      clearTimeout(timer);
      timer = setTimeout(() => void flush(), SAVE_PAUSE_MS);
    },
    { deep: true, flush: "sync" },
  );

  function keep(): void {
    const copy = JSON.parse(JSON.stringify(form)) as StatementForm;
    unsent.set(session, { form: copy, guessed: [...guessed.value], revision: revision.value });
  }

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
    const request = { session, revision: revision.value, fields: fields.value, guessed: [...guessed.value] };
    status.value = "saving";
    try {
      const draft = await host.call("save_draft", request);
      revision.value = draft.revision;
      savedAt.value = draft.saved_at;
      error.value = null;
      status.value = edit === edits ? "clean" : "dirty";
      if (status.value === "clean" && held.value.length === 0) unsent.delete(session);
      else keep();
      return edit === edits || (await save());
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
      theirs.value = (await host.call("session", { session })).draft;
      status.value = "stale";
    } catch (second) {
      error.value = asWireError(second);
    }
  }

  /** Takes the station's version into the form. */
  function adopt(draft: wire.Draft): void {
    adopting = true;
    Object.assign(form, toForm(draft.fields, zone));
    guessed.value = new Set(draft.guessed);
    adopting = false;
    revision.value = draft.revision;
    savedAt.value = draft.saved_at;
    theirs.value = null;
    error.value = null;
    status.value = "clean";
    unsent.delete(session);
  }

  /** Keeps what was typed here over the other version. */
  async function keepMine(): Promise<void> {
    if (!theirs.value) return;
    revision.value = theirs.value.revision;
    theirs.value = null;
    status.value = "dirty";
    await flush();
  }

  /** Marks a field as the officer's own; a guess that was looked at is no guess any more. */
  function touch(...codes: string[]): void {
    if (codes.some((code) => guessed.value.has(code))) {
      guessed.value = new Set([...guessed.value].filter((code) => !codes.includes(code)));
    }
  }

  if (kept) timer = setTimeout(() => void flush(), SAVE_PAUSE_MS);
  const leave = () => void flush();
  window.addEventListener("pagehide", leave);
  onBeforeUnmount(() => {
    window.removeEventListener("pagehide", leave);
    void flush();
  });

  return { form, fields, guessed, missing, held, revision, savedAt, status, error, theirs, flush, adopt, keepMine, touch };
}

export type DraftHandle = ReturnType<typeof useDraft>;
