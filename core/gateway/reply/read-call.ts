/** A call that stood in the text. */
export interface ReadCall {
  readonly name: string;
  /** JSON text, as the model wrote it where it wrote JSON. */
  readonly arguments: string;
  readonly isWhole: boolean;
}

/** Whether a tool's parameter takes text as it stands; in the XML form nothing else tells text from JSON. */
export type TakesText = (tool: string, parameter: string) => boolean;
