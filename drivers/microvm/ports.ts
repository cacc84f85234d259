/** Of the guest, as batch-images/sandbox listens on them. */
export const TOOL_PORT = 8080;
export const HOOK_PORT = 9000;
