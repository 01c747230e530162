/** How the questions to a session are laid out. */
import type { wire } from "../host/host";
import { text } from "../text/zh-CN";

export type SectionCode = keyof typeof text.inquiry.sections;

const SECTION_OF: Record<string, SectionCode> = {
  arrived: "course", late_begin: "course", left: "course", early_end: "course", told: "course",
  gap_reason: "gaps", gap_spoken: "gaps", gap_unable: "gaps", gap_report: "gaps", gap_written: "gaps",
  opening: "opening", key_content: "key", reflects: "reflects", matter: "matter", service: "service", service_detail: "service",
  supplement: "clips", damage_report: "clips", damage_written: "clips",
};

/** Questions that belong below one another: a gap's, a clip's, or all of a section. */
export interface Group {
  section: SectionCode;
  /** Which gap or clip. */
  subject: string;
  gap: wire.GapView | null;
  name: string;
  questions: wire.QuestionView[];
}

/** Returns the questions in their sections, those of one gap or clip together. */
export function groups(questions: readonly wire.QuestionView[]): Group[] {
  const found = new Map<string, Group>();
  for (const one of questions) {
    const section = SECTION_OF[one.question] ?? "session";
    const own = section === "gaps" || section === "clips" ? one.subject : "";
    const key = `${section} ${own}`;
    const group = found.get(key) ?? { section, subject: own, gap: one.gap, name: own ? one.name : "", questions: [] };
    group.questions.push(one);
    found.set(key, group);
  }
  const order = Object.keys(text.inquiry.sections);
  return [...found.values()].sort((a, b) => order.indexOf(a.section) - order.indexOf(b.section) || a.subject.localeCompare(b.subject));
}

/** Names where a question is answered. */
export function entryId(question: string, subject: string): string {
  return `answer-${question}-${subject.replace(/[^\w-]/g, "_")}`;
}
