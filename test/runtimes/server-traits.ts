import type { RuntimeName } from "../../src/contract/runtime.ts";
import { RUNTIME } from "../house.ts";

/** What the HTTP server of a runtime does by itself, before Millrace sees a request. */
interface ServerTraits {
  /** Dots stay in the path, where they are refused; elsewhere the path that they lead to is asked for, by its own rights. */
  readonly keepsDots: boolean;
  /** What is no HTTP is answered by Millrace, in the shape of its errors. */
  readonly letsMillraceRefuse: boolean;
  /** The statuses that may answer what is no HTTP; 0 where the connection is closed without an answer. */
  readonly refusals: readonly number[];
  /** What is broken below HTTP reaches the runtime, and no gateway of the platform is in front of it. */
  readonly facesTheWire: boolean;
  /** A request is handed over before its body is there. */
  readonly handsOverEarly: boolean;
}

const TRAITS: Readonly<Record<RuntimeName, ServerTraits>> = {
  node: { keepsDots: true, letsMillraceRefuse: true, refusals: [400], facesTheWire: true, handsOverEarly: true },
  bun: {
    keepsDots: false,
    letsMillraceRefuse: false,
    refusals: [0, 400, 505],
    facesTheWire: true,
    handsOverEarly: true,
  },
  workers: {
    keepsDots: false,
    letsMillraceRefuse: false,
    refusals: [400, 501],
    facesTheWire: false,
    handsOverEarly: false,
  },
};

export const SERVER: ServerTraits = TRAITS[RUNTIME];

/** D1 takes no text above 2 MB. */
export const KEEPS_BIG_TEXTS = RUNTIME !== "workers";
