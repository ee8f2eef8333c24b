import { Fault } from "../../contract/fault.ts";
import type { Relation } from "../catalog.ts";
import { Options, unknownParameter } from "../options.ts";
import { type Query, readQuery } from "../query.ts";
import { MAX_RELATED, type RelatedParam, type RelatedQuery, tooManyRelated } from "../related.ts";
import { planGroups } from "./group.ts";
import { shown, UnknownName } from "./names.ts";
import type { ForeignPlan, ReadPlan, RelatedPlan } from "./plan.ts";
import { planFields, planOrders, planWhere } from "./read.ts";
import { planForeign } from "./related-foreign.ts";
import {
  findStep,
  followRelation,
  isForeign,
  leadsToMany,
  MAX_DEPTH,
  mayFollow,
  tooDeep,
  unknownRelation,
} from "./relation.ts";
import type { Scope } from "./scope.ts";

/** The plan of a read with what the query asks of relationships. Raises `bad_request`, or `forbidden` for a table that may not be read. */
export function withRelated(plan: ReadPlan, { related, strict }: Query, scope: Scope): ReadPlan {
  if (plan.groups !== undefined) return withoutRelated(plan, related);
  const planner = new RelatedPlanner(related.params);
  const { paths, params } = related;
  const level = planner.plan({ paths, always: related.isRead ? alwaysFetched(scope) : [], place: [], params }, scope);
  const stray = strict ? planner.unused() : undefined;
  if (stray !== undefined) throw unknownParameter(stray.name);
  return { ...plan, ...level };
}

function withoutRelated(plan: ReadPlan, { paths }: RelatedQuery): ReadPlan {
  if (paths.length > 0) throw new Fault("bad_request", "Groups have no relationships: leave out 'related'.");
  return plan;
}

/** What cannot be read is no part of what everybody gets. */
function alwaysFetched(scope: Scope): readonly Relation[] {
  return scope.table.relations.filter((relation) => relation.alwaysFetch && mayFollow(relation, scope));
}

type Related = Pick<ReadPlan, "related" | "foreign">;

/** What is asked for of one table. */
interface Level {
  readonly paths: RelatedQuery["paths"];
  /** What is fetched whatever is asked for. */
  readonly always: readonly Relation[];
  /** The names that led here. */
  readonly place: readonly string[];
  /** The parameters that stand below this place, without its names. */
  readonly params: readonly RelatedParam[];
}

/** What is asked for of one relationship: nothing but its rows, or what is related to these. */
interface Asked {
  readonly relation: Relation;
  readonly paths: (readonly string[])[];
  /** Whether a name of its own asks for it. */
  isNamed: boolean;
}

class RelatedPlanner {
  readonly #params: readonly RelatedParam[];
  readonly #used = new Set<string>();
  #count = 0;

  constructor(params: readonly RelatedParam[]) {
    this.#params = params;
  }

  /** A parameter of a relationship that is not asked for. */
  unused(): RelatedParam | undefined {
    return this.#params.find(({ name }) => !this.#used.has(name));
  }

  plan(level: Level, scope: Scope): Related {
    if (level.paths.length === 0 && level.always.length === 0) return {};
    const related: RelatedPlan[] = [];
    const foreign: ForeignPlan[] = [];
    for (const asked of gather(level, scope)) {
      this.#count++;
      if (this.#count > MAX_RELATED) throw tooManyRelated();
      if (isForeign(asked.relation)) foreign.push(this.#planForeign(asked, level, scope));
      else related.push(this.#planOne(asked, level, scope));
    }
    return { related, ...(foreign.length > 0 && { foreign }) };
  }

  #planOne(asked: Asked, level: Level, scope: Scope): RelatedPlan {
    const { relation, paths } = asked;
    const place = [...level.place, relation.name];
    if (place.length > MAX_DEPTH) throw tooDeep(place);
    const way = followRelation(relation, scope);
    const { own, below } = this.#paramsOf(relation, level, scope);
    const read = inPlace(place, () => planRows(own, way.scope));
    if (read.groups !== undefined && paths.length > 0)
      throw new Fault("bad_request", `Groups of '${shown(place.join("."))}' have no relationships.`);
    const next = this.plan({ paths, always: [], place, params: below }, way.scope);
    const many = leadsToMany(relation);
    const isFlat = relation.flatten === true && !many && level.place.length === 0;
    const flattenPrefix = relation.flattenDropPrefix ? "" : `${relation.name}_`;
    return { name: relation.name, many, hops: way.hops, read: { ...read, ...next }, ...(isFlat && { flattenPrefix }) };
  }

  #planForeign(asked: Asked, level: Level, scope: Scope): ForeignPlan {
    const { relation, paths, isNamed } = asked;
    const place = [...level.place, relation.name];
    if (level.place.length > 0) {
      const name = shown(place.join("."));
      throw new Fault(
        "bad_request",
        `Relationship '${name}' leads to another service: it can only be the first of a way.`,
      );
    }
    const { own, below } = this.#paramsOf(relation, level, scope);
    for (const { name } of below) this.#used.add(name);
    return inPlace(place, () => planForeign({ relation, paths, own, below, isOptional: !isNamed }, scope));
  }

  /** What is said of a relationship itself, and of what lies behind it. */
  #paramsOf(relation: Relation, { params }: Level, scope: Scope) {
    const own: RelatedParam[] = [];
    const below: RelatedParam[] = [];
    for (const param of params) {
      const step = stepOf(param, scope);
      if (step?.relation !== relation) continue;
      if (step.rest.length > 0) below.push({ ...param, path: step.rest });
      else {
        own.push(param);
        this.#used.add(param.name);
      }
    }
    return leadsToMany(relation) ? { own, below } : { own: demandNoPage(own), below };
  }
}

/** One record has no pages. */
function demandNoPage(params: readonly RelatedParam[]): readonly RelatedParam[] {
  const page = params.find(({ option }) => option === "limit" || option === "offset");
  if (page === undefined) return params;
  throw new Fault("bad_request", `Parameter '${shown(page.name)}': the relationship leads to one record at most.`);
}

/** A parameter that names no relationship, or several, is one of none. */
function stepOf({ path }: RelatedParam, scope: Scope) {
  try {
    return findStep(path, scope);
  } catch (error) {
    if (error instanceof Fault) return undefined;
    throw error;
  }
}

/** The relationships that the paths begin with, each once. */
function gather({ paths, always, place }: Level, scope: Scope): Iterable<Asked> {
  const asked = new Map<Relation, Asked>();
  const add = (relation: Relation, rest: readonly string[], isNamed: boolean) => {
    const known = asked.get(relation) ?? { relation, paths: [], isNamed: false };
    if (rest.length > 0) known.paths.push(rest);
    known.isNamed ||= isNamed;
    asked.set(relation, known);
  };
  for (const path of paths) {
    if (path.length === 1 && path[0] === "*") {
      for (const relation of scope.table.relations) if (mayFollow(relation, scope)) add(relation, [], false);
      continue;
    }
    const step = findStep(path, scope);
    if (step === undefined) throw unknownRelation([...place, ...path]);
    add(step.relation, step.rest, true);
  }
  for (const relation of always) add(relation, [], false);
  return asked.values();
}

/** All rows that the parameters of a relationship leave, or their groups. */
function planRows(params: readonly RelatedParam[], scope: Scope): ReadPlan {
  const query = readParams(params);
  const { limit, offset } = query;
  const where = planWhere(query, scope, undefined);
  if (query.groups !== undefined) {
    const grouped = planGroups({ groups: query.groups, order: query.order }, scope, where);
    return { kind: "read", ...grouped, limit, offset };
  }
  const columns = planFields(query, scope) ?? scope.table.columns;
  return { kind: "read", table: scope.table, columns, where, order: planOrders(query, scope), limit, offset };
}

/** The parameters of a relationship, read as those of a table. */
function readParams(params: readonly RelatedParam[]): Query {
  return readQuery(
    new Options(new Map(), Object.fromEntries(params.map(({ option, value }) => [option, value])), "GET"),
  );
}

/** What is wrong with the parameters of a relationship is told with its name. */
function inPlace<T>(place: readonly string[], work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof Fault) || error.code !== "bad_request") throw error;
    const message = `Relationship '${shown(place.join("."))}': ${error.message}`;
    throw error instanceof UnknownName ? new UnknownName(error.code, message) : new Fault(error.code, message);
  }
}
