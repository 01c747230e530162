/** What a session is asked: one gap of 90 s, one officer, a few answers given. */
import type { wire } from "../src/host/host";
import { at } from "./sample-data";

const by = { at: at("16:05:00"), by: "李娜（53030036012）" };
const gap: wire.GapView = { from: at("09:21:00"), to: at("09:22:30"), seconds: 90 };
const yes = { value: "yes", timecode: "00:00:12", note: "", ...by };
const named = (names: string[]) => names.map((name, i) => ({ id: `item-${i}`, name }));

function question(code: string, form: wire.AnswerForm, change: Partial<wire.QuestionView> = {}): wire.QuestionView {
  return { question: code, subject: "", name: "", gap: null, article: "第十五条", form, options: [], answer: null, ...change };
}
const ofGap = (code: string, form: wire.AnswerForm, options: wire.OptionView[] = []) => question(code, form, { subject: gap.from, gap, options, article: "第十六条" });
const ticks = (code: string, article: string, names: string[]) => names.map((name, i) => question(code, "tick", { subject: `${code}-${i}`, name, article, answer: i < 2 ? yes : null }));

const questions = (): wire.QuestionView[] => [
  question("act", "choice", { options: named(["行政处罚", "行政强制", "行政检查"]), article: "第二条", answer: { ...yes, value: "item-2", timecode: "" } }),
  question("recording", "choice", { options: named(["查封、扣押财产", "强制拆除", "其他直接涉及人身自由、生命健康、重大财产权益的现场执法活动", "日常检查"]), article: "第十三条" }),
  question("evidence", "yes_no", { article: "第二十条" }),
  question("circumstance", "yes_no", { subject: "objection", article: "第十八条" }),
  question("arrived", "time", { answer: { ...yes, value: at("09:00:00"), timecode: "" } }),
  question("left", "time"),
  question("told", "yes_no", { article: "第十四条", answer: yes }),
  ofGap("gap_reason", "choice", named(["设备故障", "设备损坏", "电量不足", "存储空间不足", "天气情况恶劣", "不法分子阻挠"])),
  ofGap("gap_spoken", "yes_no"),
  ofGap("gap_unable", "yes_no"),
  ...ticks("key_content", "第十一条", ["执法现场环境", "当事人、证人等的体貌特征和言行", "涉案物品及其特征", "采取的措施", "制作、送达文书的情况", "其他"]),
  question("obstruction", "yes_no", { article: "第二十五条" }),
];

const missing = (): wire.MissingView[] => [
  { want: "officers", subject: "", name: "", article: "《中华人民共和国行政处罚法》第四十二条第一款", light: "red" },
  { want: "gap_reason", subject: gap.from, name: "", article: "第十六条", light: "red" },
  { want: "statement", subject: "", name: "", article: "第二十条", light: "red" },
  { want: "recording", subject: "", name: "", article: "第十三条", light: "amber" },
  { want: "left", subject: "", name: "", article: "第十五条", light: "amber" },
  ...questions().filter((one) => one.question === "key_content" && !one.answer).map((one) => ({ want: one.question, subject: one.subject, name: one.name, article: one.article, light: "amber" as const })),
];

/** Returns an inquiry that takes answers. */
export function inquiries() {
  const held = new Map<string, wire.InquiryView>();
  const of = (session: string): wire.InquiryView => {
    const one = held.get(session) ?? { light: "red", missing: missing(), questions: questions() };
    held.set(session, one);
    return one;
  };
  function answer({ session, answers }: wire.AnswerSession): wire.InquiryView {
    const one = of(session);
    for (const given of answers) {
      const asked = one.questions.find((question) => question.question === given.question && question.subject === given.subject);
      if (!asked) throw { code: "invalid_input", params: { field: "question" }, detail: "sample" };
      asked.answer = given.value ? { value: given.value, timecode: given.timecode, note: given.note, ...by } : null;
      one.missing = one.missing.filter((lack) => lack.want !== given.question || lack.subject !== given.subject);
    }
    one.light = one.missing.some((lack) => lack.light === "red") ? "red" : one.missing.length ? "amber" : "green";
    return one;
  }
  return { of, answer };
}
