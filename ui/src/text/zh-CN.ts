/** Every word of the window that is not a code's wording (`assets/wording`), one file per page. */
import { alarms } from "./alarms";
import { archive } from "./archive";
import { cases } from "./cases";
import { checklist, exporting } from "./checklist";
import { devices } from "./devices";
import { docking } from "./docking";
import { due } from "./due";
import { evidence } from "./evidence";
import { frame } from "./frame";
import { inquiry } from "./inquiry";
import { ownRules } from "./ownRules";
import { papers } from "./papers";
import { settings } from "./settings";
import { statements } from "./statements";

export const text = { ...frame, alarms, archive, cases, docking, evidence, inquiry, papers, settings, statements, checklist, exporting, devices, due, ownRules } as const;
