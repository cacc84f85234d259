/** Where a standing is shown: how far something is. */
export interface ProgressView<Standing> {
  update(standing: Standing): void;
  say(text: string): void;
  stop(): void;
}
