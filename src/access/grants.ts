import { ALL_VERBS, REQUESTOR_BITS, type Requestor } from "../contract/call.ts";
import type { RoleRecord, ServiceAccess } from "../contract/settings.ts";
import { Lru } from "../lib/lru.ts";
import { MaskTree } from "./mask-tree.ts";
import { type Pattern, readPattern } from "./pattern.ts";

interface Rule {
  readonly pattern: Pattern;
  readonly mask: number;
}

/** What of a service decides which grants hold for it. */
export interface GrantedService {
  readonly id: number;
  /** Who may change the settings can make an administrator: that is never meant by "all services". */
  readonly isSystem: boolean;
}

/** What a role gives one requestor on one service, compiled once and asked by every call. */
export class Grants {
  /** Entries of the service itself: where one matches, it decides. */
  readonly #own = new MaskTree();
  /** Entries for all services. */
  readonly #common = new MaskTree();
  /** Whether any component at all may be used. */
  readonly giveAnything: boolean;

  constructor(role: RoleRecord, requestor: Requestor, service: GrantedService) {
    const entries = role.access.filter((entry) => (entry.requestorMask & REQUESTOR_BITS[requestor]) !== 0);
    const own = entries.filter((entry) => entry.serviceId === service.id).map(readRule);
    const common = entries.filter((entry) => entry.serviceId === null && !service.isSystem).map(readRule);
    for (const { pattern, mask } of own) this.#own.add(pattern, mask);
    for (const { pattern, mask } of common) this.#common.add(pattern, mask);
    this.giveAnything = own.some(givesVerbs) || common.some((rule) => givesVerbs(rule) && !this.#hides(rule.pattern));
  }

  /** The verb mask of a component; 0 where nothing matches. */
  mask(component: readonly string[]): number {
    return this.#own.match(component) ?? this.#common.match(component) ?? 0;
  }

  /** Whether the service's own entries decide on all that the pattern covers. Only a wildcard can do so to a wildcard. */
  #hides({ segments, wildcard }: Pattern): boolean {
    return (wildcard ? this.#own.matchBelow(segments) : this.#own.match(segments)) !== undefined;
  }
}

/** Compiled per role record: a new snapshot of the settings has new records, and the old ones take their grants with them. */
const compiled = new WeakMap<RoleRecord, Lru<string, Grants>>();
const MOST_PER_ROLE = 512;

/** The grants of a role on a service, from memory when they were asked before. */
export function grantsOf(role: RoleRecord, requestor: Requestor, service: GrantedService): Grants {
  const known = compiled.get(role) ?? new Lru<string, Grants>(MOST_PER_ROLE);
  compiled.set(role, known);
  const key = `${requestor} ${service.id}`;
  const grants = known.get(key) ?? new Grants(role, requestor, service);
  known.set(key, grants);
  return grants;
}

function readRule(entry: ServiceAccess): Rule {
  return { pattern: readPattern(entry.component), mask: entry.verbMask & ALL_VERBS };
}

function givesVerbs(rule: Rule): boolean {
  return rule.mask !== 0;
}
