import { describe, expect, it } from "vitest";
import { caseNumberCare, caseNumberWrong } from "../src/cases/number";
import { certificateWrong } from "../src/frame/certificate";
import { clockTime, count, duration, nearTime, parseDay, parseTime, percent, position, shortDigest, showTime, size, sizePair, spanTime } from "../src/text/format";
import { text } from "../src/text/zh-CN";

const ZONE = 480;

describe("numbers", () => {
  it.each([[0, "0 B"], [999, "999 B"], [1_500, "1.5 KB"], [999_600, "1.0 MB"], [86_000_000, "86 MB"], [18_400_000_000, "18.4 GB"], [1_200_000_000_000, "1.2 TB"]])(
    "%i bytes read as %s", (bytes, words) => expect(size(bytes), "sizes as people say them").toBe(words));
  it("pairs sizes in one unit", () => expect(sizePair(400_000_000, 29_100_000_000), "the unit of the whole").toBe("0.4 / 29.1 GB"));
  it("says 100 % only when all is done", () => expect([percent(999, 1000), percent(1000, 1000), percent(1, 0)], "no early end").toEqual([99, 100, 0]));
  it.each([[10, "10 秒"], [130, "2 分 10 秒"], [2_700, "45 分"], [3_720, "1 小时 2 分"]])("%i s read as %s", (s, words) => expect(duration(s), "two largest parts").toBe(words));
  it("sets digits apart and shortens digests", () => {
    expect(count(18_204), "thousands").toBe("18,204");
    expect(position(3_723_000), "a position beyond an hour").toBe("1:02:03");
    expect(shortDigest("0123456789abcdef0123456789abcdef"), "8…8").toBe("01234567…89abcdef");
  });
});

describe("times are read and written in the station's zone", () => {
  const instant = "2026-11-21T01:02:05.000Z";
  it("shows and parses the same instant", () => {
    expect(showTime(instant, ZONE), "北京时间").toBe("2026-11-21 09:02:05");
    expect(parseTime(showTime(instant, ZONE), ZONE), "and back").toBe(instant);
    expect(parseTime("2026-11-21 09:02", ZONE), "seconds may be left out").toBe("2026-11-21T01:02:00.000Z");
    expect(clockTime(instant, ZONE)).toBe("09:02:05");
  });
  it.each(["2026-02-30 09:00:00", "2026-11-21 24:00:00", "2026-11-21", "二〇二六", ""])("refuses %j", (typed) => expect(parseTime(typed, ZONE), "no silent correction").toBeNull());
  it("names near days and whole spans", () => {
    const now = Date.parse("2026-11-21T03:00:00Z");
    expect(nearTime(instant, ZONE, now)).toBe("今天 09:02");
    expect(nearTime("2026-11-20T01:02:05Z", ZONE, now)).toBe("昨天 09:02");
    expect(nearTime("2025-11-20T01:02:05Z", ZONE, now)).toBe("2025-11-20 09:02");
    expect(spanTime(instant, "2026-11-21T01:47:00Z", ZONE)).toBe("11-21 09:02–09:47");
    expect(spanTime(instant, "2026-11-21T17:47:00Z", ZONE), "over midnight").toBe("11-21 09:02 – 11-22 01:47");
    expect(parseDay("2026-11-21", ZONE, 1), "the day named last is meant whole").toBe("2026-11-21T16:00:00.000Z");
  });
});

describe("what an input method bends is refused", () => {
  it.each([["jd0123456", ""], ["53-0302-118", ""], ["决定23456", text.person.certificateCjk], ["５３０３０", text.person.certificateCjk], ["36", text.person.certificateShape], ["a b c d", text.person.certificateShape], ["", ""]])(
    "certificate %j", (typed, wrong) => expect(certificateWrong(typed), "the pattern of the model").toBe(wrong));
  it.each([["麒文旅罚〔2026〕12号", "", ""], ["", text.cases.numberMissing, ""], ["12\u202e号", text.cases.numberControl, ""], ["12\u0007号", text.cases.numberControl, ""], ["麒文旅罚", "", text.cases.numberNoDigit]])(
    "case number %j", (typed, wrong, care) => {
      expect(caseNumberWrong(typed), "control characters are refused").toBe(wrong);
      expect(caseNumberCare(typed), "no digit is only pointed out").toBe(care);
    });
});
