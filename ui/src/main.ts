import { createApp } from "vue";
import App from "./frame/App.vue";
import { makeRouter } from "./frame/routes";
import { hostKey } from "./host/host";
import { pickHost } from "./host/pick";
import "./tokens/element";
import "./tokens/tokens.css";
import "./tokens/base.css";

createApp(App).provide(hostKey, await pickHost()).use(makeRouter()).mount("#app");
