/** Who may use the gateway, and how much. */
export interface KeyRecord {
  /** Shown in logs; says nothing of the key itself. */
  readonly id: string;
  /** SHA-256 of the key, hex. */
  readonly sha256: string;
  readonly isRevoked: boolean;
  readonly requestsPerMinute: number | null;
  /** Prompt and answer together. */
  readonly tokensPerMinute: number | null;
  /** Requests and answers of this key are captured for debugging. */
  readonly capture: boolean;
}

/** The port to the keys. */
export interface KeyRing {
  /** The record of a presented key, revoked or not; null for an unknown one. Takes as long for a wrong key as for a right one. */
  find(key: string): Promise<KeyRecord | null>;
}
