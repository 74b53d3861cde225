/** The schema before a statement: what was read, and what earlier statements made of it. */

import type { RangeVar } from "libpg-query";
import { NameLinks } from "./name-links.ts";
import { partsOfName, relationName } from "./relation-name.ts";
import type {
  Constraint, Domain, Index, Relation, RelationKind, SchemaFacts, Volatility,
} from "./schema-facts.ts";

/** Functions of pg_catalog whose value differs from call to call, by what DDL uses of them. */
const volatileBuiltIns: ReadonlySet<string> = new Set([
  "clock_timestamp", "timeofday", "random", "random_normal", "setval", "nextval", "currval",
  "lastval", "gen_random_uuid", "uuidv4", "uuidv7", "uuid_generate_v1", "uuid_generate_v1mc",
  "uuid_generate_v4", "pg_sleep", "pg_notify", "gen_salt", "gen_random_bytes", "set_config",
  "pg_advisory_lock", "query_to_xml", "lo_create", "lo_creat", "array_sample", "array_shuffle",
  "setseed", "current_query",
]);

const steadyBuiltIns: ReadonlySet<string> = new Set([
  "now", "transaction_timestamp", "statement_timestamp", "current_setting", "current_user",
  "current_schema", "session_user", "to_char", "to_timestamp", "to_date", "date_trunc", "lower",
  "upper", "md5", "sha256", "encode", "decode", "format", "concat", "coalesce", "length", "abs",
  "floor", "ceil", "round", "greatest", "least", "array_length", "jsonb_build_object",
  "jsonb_build_array", "json_build_object", "json_build_array", "to_json", "to_jsonb", "left",
  "right", "substring", "substr", "trim", "btrim", "ltrim", "rtrim", "replace", "repeat", "age",
  "timezone", "make_interval", "make_date", "make_timestamptz", "make_timestamp", "int4range",
  "int8range", "numrange", "tsrange", "tstzrange", "daterange", "to_tsvector", "extract",
  "date_part", "uuid_nil", "string_to_array", "array_to_string", "chr", "ascii", "concat_ws",
  "starts_with", "position", "overlay", "lpad", "rpad", "split_part", "regexp_replace", "nullif",
  "pg_client_encoding", "current_database", "version", "localtimestamp", "localtime",
  "txid_current", "pg_current_xact_id",
]);

/** Where temporary relations lie, which are looked for before all others. */
export const temporarySchema = "pg_temp";

/** Lookups for rules; what changes it is `SchemaFold`. */
export class SchemaModel {
  searchPath: readonly string[];
  readonly #relations = new Map<string, Relation>();
  readonly #indexes = new Map<string, Index>();
  readonly #domains = new Map<string, Domain>();
  readonly #functions: Map<string, Volatility>;
  readonly #indexTables = new NameLinks();
  readonly #references = new NameLinks();
  readonly #parents = new NameLinks();
  readonly #owners = new NameLinks();
  readonly #reads = new NameLinks();
  readonly #columnReads = new NameLinks();
  /** From tables to the types of their columns, without their schemas. */
  readonly #types = new NameLinks();
  readonly #temporary = new Set<string>();
  /** What may be new. */
  readonly #fresh = new Set<string>();

  constructor(facts: SchemaFacts) {
    this.searchPath = facts.searchPath;
    for (const one of facts.relations) this.put(one);
    for (const one of facts.indexes) this.putIndex(one);
    for (const one of facts.domains) this.putDomain(one);
    this.#functions = new Map(facts.functions);
  }

  /** How a name in a statement is called here; one that nothing is known of goes to the first. */
  nameOf({ schemaname, relname = "" }: RangeVar): string {
    if (schemaname !== undefined) return relationName(schemaname, relname);
    const temporary = relationName(temporarySchema, relname);
    if (this.#relations.has(temporary)) return temporary;
    // Names that begin so are kept for the system, whose schema comes before the search path.
    if (relname.startsWith("pg_")) return relationName("pg_catalog", relname);
    const candidates = this.searchPath.map((schema) => relationName(schema, relname));
    const known = (name: string): boolean =>
      this.#relations.has(name) || this.#indexes.has(name) || this.#domains.has(name);
    return candidates.find(known) ?? candidates[0] ?? relationName("public", relname);
  }

  /** Of one that nothing is known of, no more than its name. */
  relation(of: RangeVar | string): Relation {
    const name = typeof of === "string" ? of : this.nameOf(of);
    return this.#relations.get(name) ?? unknownRelation(name);
  }

  /** Whether files or database told of it. */
  isKnown(name: string): boolean {
    return this.#relations.has(name);
  }

  index(of: RangeVar | string): Index | undefined {
    return this.#indexes.get(typeof of === "string" ? of : this.nameOf(of));
  }

  indexesOf(table: string): readonly Index[] {
    return this.#indexTables.to(table).flatMap((name) => this.#indexes.get(name) ?? []);
  }

  domain(of: RangeVar | string): Domain | undefined {
    return this.#domains.get(typeof of === "string" ? of : this.nameOf(of));
  }

  /** Undefined for a function that nothing is known of. The schema is not looked at. */
  volatility(functionName: string): Volatility | undefined {
    const known = this.#functions.get(functionName);
    if (known !== undefined) return known;
    if (volatileBuiltIns.has(functionName)) return "volatile";
    return steadyBuiltIns.has(functionName) ? "stable" : undefined;
  }

  /** Whether somebody made a function of that name. */
  isOwnFunction(functionName: string): boolean {
    return this.#functions.has(functionName);
  }

  /** Foreign keys of other tables (and its own) that point to the table. */
  referencing(
    table: string,
  ): readonly { readonly table: string; readonly constraint: Constraint }[] {
    return this.#linked(this.#references, table).flatMap((relation) =>
      [...relation.constraints.values()]
        .filter(({ references }) => references === table)
        .map((constraint) => ({ table: relation.name, constraint })),
    );
  }

  /** All that is known, indexes aside. */
  relations(): readonly Relation[] {
    return [...this.#relations.values()];
  }

  /** Views and materialized views whose queries read it themselves. */
  readersOf(name: string): readonly Relation[] {
    return this.#linked(this.#reads, name);
  }

  /** Views and tables whose query or rules are known to use columns of it. */
  columnReadersOf(name: string): readonly Relation[] {
    return this.#linked(this.#columnReads, name);
  }

  /** What numbers its identity and serial columns. */
  ownedSequences(table: string): readonly Relation[] {
    return this.#linked(this.#owners, table);
  }

  /** The partitions of a table, and those below them. */
  partitionsOf(table: string): readonly Relation[] {
    const found = new Map<string, Relation>();
    // What files say may go round in a circle, which no database would.
    const walk = (name: string): void => {
      for (const one of this.#linked(this.#parents, name)) {
        if (one.name === table || found.has(one.name)) continue;
        found.set(one.name, one);
        walk(one.name);
      }
    };
    walk(table);
    return [...found.values()];
  }

  /** Tables with a column of the type, such as a domain; `bareName` is without its schema. */
  tablesWithType(bareName: string): readonly Relation[] {
    return this.#linked(this.#types, bareName);
  }

  #linked(links: NameLinks, name: string): readonly Relation[] {
    return links.to(name).flatMap((one) => this.#relations.get(one) ?? []);
  }

  /** What was new is there already for what comes next. */
  settle(): void {
    for (const name of this.#fresh) {
      const relation = this.#relations.get(name);
      const domain = this.#domains.get(name);
      if (relation !== undefined) this.#relations.set(name, { ...relation, isNew: false });
      if (domain !== undefined) this.#domains.set(name, { ...domain, isNew: false });
    }
    this.#fresh.clear();
  }

  /** What a session leaves behind it goes with it. */
  forgetTemporary(): void {
    for (const name of this.#temporary) this.forget(name);
    this.#temporary.clear();
  }

  put(relation: Relation): void {
    const { name, constraints, columns, partitionOf, ownedBy, reads, isNew } = relation;
    this.#relations.set(name, relation);
    if (isNew) this.#fresh.add(name);
    if (name.startsWith(`${temporarySchema}.`)) this.#temporary.add(name);
    this.#references.set(name, [...constraints.values()].flatMap((one) => one.references ?? []));
    this.#types.set(name, [...columns.values()].map(({ type }) => bareType(type.name)));
    this.#parents.set(name, partitionOf === undefined ? [] : [partitionOf]);
    this.#owners.set(name, ownedBy === undefined ? [] : [ownedBy]);
    this.#reads.set(name, reads);
    this.#columnReads.set(name, [...(relation.readsColumns?.keys() ?? [])]);
  }

  putIndex(index: Index): void {
    this.#indexes.set(index.name, index);
    this.#indexTables.set(index.name, [index.table]);
  }

  putDomain(domain: Domain): void {
    this.#domains.set(domain.name, domain);
    if (domain.isNew) this.#fresh.add(domain.name);
  }

  /** Of several under one name the worst counts: which one is called is not worked out. */
  putFunction(name: string, volatility: Volatility): void {
    if (this.#functions.get(name) !== "volatile") this.#functions.set(name, volatility);
  }

  /** With its indexes, and the foreign keys that point to it. */
  forget(name: string): void {
    this.#forgetRelation(name);
    this.#domains.delete(name);
    this.forgetIndex(name);
    for (const index of this.indexesOf(name)) this.forgetIndex(index.name);
    for (const { table, constraint } of this.referencing(name)) {
      const relation = this.relation(table);
      const constraints = new Map(relation.constraints);
      constraints.delete(constraint.name);
      this.put({ ...relation, constraints });
    }
  }

  forgetIndex(name: string): void {
    this.#indexes.delete(name);
    this.#indexTables.set(name, []);
  }

  #forgetRelation(name: string): void {
    this.#relations.delete(name);
    const links = [
      this.#references, this.#types, this.#parents, this.#owners, this.#reads, this.#columnReads,
    ];
    for (const one of links) one.set(name, []);
  }

  /** Under its new name everything that spoke of the old one speaks of it. */
  rename(from: string, to: string): void {
    const relation = this.#relations.get(from);
    const index = this.#indexes.get(from);
    if (index !== undefined) {
      this.forgetIndex(from);
      this.putIndex({ ...index, name: to });
    }
    if (relation === undefined) return;
    const others = [
      this.#references, this.#parents, this.#owners, this.#reads, this.#columnReads,
    ].flatMap((links) => links.to(from));
    this.#forgetRelation(from);
    this.put({ ...relation, name: to });
    for (const one of this.indexesOf(from)) this.putIndex({ ...one, table: to });
    for (const name of new Set([...others, to])) {
      const one = this.#relations.get(name === from ? to : name);
      if (one === undefined) continue;
      const constraints = new Map([...one.constraints].map(([key, constraint]) => [
        key,
        constraint.references === from ? { ...constraint, references: to } : constraint,
      ]));
      const renamed = (old: string): string => (old === from ? to : old);
      const partitionOf = one.partitionOf === undefined ? undefined : renamed(one.partitionOf);
      const ownedBy = one.ownedBy === undefined ? undefined : renamed(one.ownedBy);
      const { readsColumns: used } = one;
      this.put({
        ...one, constraints, partitionOf, ownedBy,
        reads: one.reads.map(renamed),
        readsColumns: used && new Map([...used].map(([key, list]) => [renamed(key), list])),
      });
    }
  }
}

/** A relation with nothing in it yet. */
export function emptyRelation(
  name: string,
  kind: RelationKind,
  more: Partial<Relation> = {},
): Relation {
  return {
    name, kind, isNew: false, isComplete: false, bytes: undefined, columns: new Map(),
    constraints: new Map(), partitionOf: undefined, isDefaultPartition: false, policies: [],
    rowSecurity: false, partitionKey: [], reads: [], readsColumns: undefined,
    ownedBy: undefined, ...more,
  };
}

function unknownRelation(name: string): Relation {
  return emptyRelation(name, "unknown");
}

function bareType(name: string): string {
  return name.slice(name.lastIndexOf(".") + 1);
}

/** The last part of a name, as people say it. */
export function bareName(name: string): string {
  return partsOfName(name).name;
}
