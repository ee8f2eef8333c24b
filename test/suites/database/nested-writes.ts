import { nestedChildCases } from "./nested-children.ts";
import { withLibrary } from "./nested-library.ts";
import { nestedLinkCases } from "./nested-links.ts";
import { nestedOwnerCases } from "./nested-owners.ts";
import { nestedRightCases } from "./nested-rights.ts";
import { nestedWholeCases, unheldCases } from "./nested-whole.ts";
import type { Cases } from "./suite.ts";

/** Records that hold related ones, written in one go. */
export const nestedCases: Cases = (fixture, target) => {
  withLibrary(fixture, target.words);
  if (!target.traits.holdsTransactions) return unheldCases(fixture);
  nestedOwnerCases(fixture);
  nestedChildCases(fixture);
  nestedLinkCases(fixture);
  nestedRightCases(fixture);
  nestedWholeCases(fixture, target);
};
