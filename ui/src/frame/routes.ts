import { createRouter, createWebHashHistory, type RouteRecordRaw } from "vue-router";
import DockingPage from "../docking/DockingPage.vue";

export const PAGES = ["docking", "statements", "evidence", "cases", "archive", "papers", "devices", "settings"] as const;
export type PageName = (typeof PAGES)[number];

export const routes: RouteRecordRaw[] = [
  { path: "/", redirect: "/docking" },
  { path: "/docking", name: "docking", component: DockingPage },
  { path: "/statements/:session?", name: "statements", component: () => import("../statements/StatementsPage.vue"), props: true },
  { path: "/evidence/:clip?", name: "evidence", component: () => import("../evidence/EvidencePage.vue"), props: true },
  { path: "/cases/:caseId?", name: "cases", component: () => import("../cases/CasesPage.vue"), props: true },
  { path: "/archive/:caseId?", name: "archive", component: () => import("../archive/ArchivePage.vue"), props: true },
  { path: "/papers/new", name: "paper-new", meta: { page: "papers" }, component: () => import("../papers/NewPaperPage.vue") },
  { path: "/papers/:number?", name: "papers", component: () => import("../papers/PapersPage.vue"), props: true },
  { path: "/devices/:tab?/:recorder?", name: "devices", component: () => import("../devices/DevicesPage.vue"), props: true },
  { path: "/settings/:section?", name: "settings", component: () => import("../settings/SettingsPage.vue"), props: true },
  { path: "/:rest(.*)*", redirect: "/docking" },
];

export const makeRouter = () => createRouter({ history: createWebHashHistory(), routes });
