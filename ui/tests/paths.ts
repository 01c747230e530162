import { fileURLToPath } from "node:url";

/** Returns the path of a file named from this folder; a literal in the call would be taken for an asset. */
export const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));
