/** `npm run sample`, then /tests/sample.html: the window on made-up data; `?scene=empty` and the like show other states. */
import { createApp } from "vue";
import App from "../src/frame/App.vue";
import { makeRouter } from "../src/frame/routes";
import { hostKey } from "../src/host/host";
import "../src/tokens/element";
import "../src/tokens/tokens.css";
import "../src/tokens/base.css";
import { sampleHost, type Scene } from "./sample-host";

const scene = (new URLSearchParams(location.search).get("scene") ?? "rich") as Scene;
createApp(App).provide(hostKey, sampleHost(scene)).use(makeRouter()).mount("#app");
