import { ElMessage } from "element-plus";

/** Says in passing that something went well. Refusals stay on the page instead. */
export function say(message: string): void {
  ElMessage({ message, type: "success", duration: 2400, grouping: true, plain: true });
}
