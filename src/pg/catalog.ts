/** Reads a whole schema out of a server's catalog, without waiting for anybody's lock. */

import { relationName } from "../core/review/relation-name.ts";
import type {
  Column, Constraint, Index, Relation, RelationKind, SchemaFacts, Volatility,
} from "../core/review/schema-facts.ts";
import { PgmateError } from "../errors.ts";
import { catalogRows } from "./catalog-query.ts";
import { provenColumns } from "./catalog-node-tree.ts";
import {
  type CatalogJson, catalogJson, catalogSql, type ColumnJson, type ConstraintJson, type IndexJson,
  type RelationJson, type TypeJson,
} from "./catalog-sql.ts";
import { typeOf } from "./catalog-type.ts";
import type { Session } from "./session.ts";

export interface LiveSchema extends SchemaFacts {
  readonly serverMajor: number;
  /** The session's, as the server spells it. */
  readonly timeZone: string;
}

/** How long the size of a table without statistics may be waited for. */
const sizeWaitMs = 100;

const volatilities: Readonly<Record<"v" | "s" | "i", Volatility>> = {
  v: "volatile", s: "stable", i: "immutable",
};

/**
 * `searchPath` is the connection's, which our own queries do not run with. In a transaction that
 * is open it sees what that has done, and asks for no size that the catalog does not know.
 */
export async function readSchemaFacts(
  session: Session,
  searchPath: readonly string[],
): Promise<LiveSchema> {
  const json = catalogJson(await catalogRows(session, catalogSql));
  const reading = new Reading(json, await unknownSizes(session, json));
  return {
    relations: json.relations.map((relation) => reading.relation(relation)),
    indexes: json.indexes.map((index) => reading.index(index)),
    domains: json.domains.map(({ schema, name, constrained, volatile }) => ({
      name: relationName(schema, name), isNew: false, hasConstraints: constrained,
      volatileDefault: volatile,
    })),
    functions: new Map(json.functions.map(([name, letter]) => [name, volatilities[letter]])),
    searchPath,
    serverMajor: json.session[0]?.serverMajor ?? 0,
    timeZone: json.session[0]?.timeZone ?? "",
  };
}

/**
 * Of tables that have no pages by the catalog: they are empty, or nobody has analyzed them since
 * they were filled or since pg_upgrade. Only their files can tell, and those are opened under a
 * lock. A table that somebody has locked, or waits to lock, is passed over; one that is locked in
 * this very moment is waited for a little, since whoever waits holds up those behind.
 */
async function unknownSizes(
  session: Session,
  { relations }: CatalogJson,
): Promise<ReadonlyMap<number, number>> {
  const asked = relations.filter(isUncounted).map(({ oid }) => oid);
  if (asked.length === 0 || session.transactionState !== "I") return new Map();
  const sql = `
    select coalesce(json_agg(json_build_array(c.oid::int8, pg_table_size(c.oid))), '[]')::text
             as sizes
      from pg_class c
     where c.oid in (${asked.join(", ")})
       and not exists (select from pg_locks l
                        where l.relation = c.oid and l.mode = 'AccessExclusiveLock')`;
  try {
    const [row] = await session.rows(sql, sizeWaitMs);
    const sizes = JSON.parse(String(row?.["sizes"])) as readonly (readonly [number, number])[];
    return new Map(sizes);
  } catch (error) {
    const isWait = error instanceof PgmateError && error.server?.code === "55P03";
    if (isWait) return new Map();
    throw error;
  }
}

function isUncounted({ kind, pages }: RelationJson): boolean {
  return (kind === "r" || kind === "m") && pages <= 0;
}

const kinds: Readonly<Record<RelationJson["kind"], RelationKind>> = {
  r: "table", p: "partitioned-table", v: "view", m: "materialized-view", S: "sequence",
  f: "foreign-table",
};

const constraintKinds: Readonly<Record<ConstraintJson["kind"], Constraint["kind"]>> = {
  c: "check", f: "foreign-key", p: "primary-key", u: "unique", x: "exclude",
  n: "not-null",
};

const generatedKinds = { "": undefined, "s": "stored", "v": "virtual" } as const;

/** Puts together what the catalog keeps apart. */
class Reading {
  readonly #sizes: ReadonlyMap<number, number>;
  readonly #relations: ReadonlyMap<number, RelationJson>;
  readonly #columns: ReadonlyMap<number, readonly ColumnJson[]>;
  readonly #types: ReadonlyMap<number, TypeJson>;
  readonly #unproven: ReadonlySet<string>;
  readonly #constraints: ReadonlyMap<number, readonly ConstraintJson[]>;
  readonly #partitions: ReadonlyMap<number, readonly RelationJson[]>;

  constructor(json: CatalogJson, sizes: ReadonlyMap<number, number>) {
    this.#sizes = sizes;
    this.#relations = new Map(json.relations.map((one) => [one.oid, one]));
    const inOrder = json.columns.toSorted(([, left], [, right]) => left - right);
    this.#columns = Map.groupBy(inOrder, ([table]) => table);
    this.#types = new Map(json.types.map((one) => [one[0], one]));
    this.#unproven = new Set(json.unproven.map(([table, number]) => `${table} ${number}`));
    this.#constraints = Map.groupBy(json.constraints, ({ table }) => table);
    this.#partitions = Map.groupBy(json.relations, ({ parent }) => parent ?? 0);
  }

  relation(json: RelationJson): Relation {
    const columns = (this.#columns.get(json.oid) ?? []).map((one) => this.#column(one));
    const constraints = (this.#constraints.get(json.oid) ?? []).map((one) =>
      this.#constraint(one),
    );
    return {
      name: relationName(json.schema, json.name),
      kind: kinds[json.kind],
      isNew: false,
      isComplete: true,
      bytes: this.#bytes(json),
      columns: new Map(columns.map((column) => [column.name, column])),
      constraints: new Map(constraints.map((one) => [one.name, one])),
      partitionOf: this.#name(json.parent),
      isDefaultPartition: json.isDefault,
      policies: json.policies,
      rowSecurity: json.rowSecurity,
      partitionKey: this.#columnNames(json.oid, json.partitionKey),
      reads: json.reads.flatMap((oid) => this.#name(oid) ?? []),
      readsColumns: this.#columnsRead(json.readsColumns),
      ownedBy: this.#name(json.ownedBy),
    };
  }

  index(json: IndexJson): Index {
    const { table, keys, schema, name, unique, valid, partial } = json;
    return {
      name: relationName(schema, name),
      table: this.#name(table) ?? "",
      columns: this.#columnNames(table, json.columns.slice(0, keys)),
      unique,
      valid,
      partial,
    };
  }

  #column(json: ColumnJson): Column {
    const [table, number, name, , , , notNull, hasDefault, identity, generated] = json;
    return {
      name,
      type: typeOf(json, this.#types),
      notNull: notNull && !this.#unproven.has(`${table} ${number}`),
      hasDefault,
      identity,
      generated: generatedKinds[generated],
    };
  }

  #columnsRead(pairs: RelationJson["readsColumns"]): ReadonlyMap<string, readonly string[]> {
    const byRelation = Map.groupBy(pairs, ([relation]) => relation);
    return new Map([...byRelation].flatMap(([oid, ofOne]) => {
      const name = this.#name(oid);
      const numbers = ofOne.map(([, number]) => number);
      return name === undefined ? [] : [[name, this.#columnNames(oid, numbers)] as const];
    }));
  }

  #constraint(json: ConstraintJson): Constraint {
    const { table, name, kind, validated, columns, references, tree } = json;
    return {
      name,
      kind: constraintKinds[kind],
      validated,
      columns: this.#columnNames(table, columns),
      references: this.#name(references),
      referencedColumns: references === null
        ? []
        : this.#columnNames(references, json.referencedColumns),
      provesNotNull: this.#columnNames(
        table,
        kind === "n" ? columns : tree === null ? [] : provenColumns(tree),
      ),
    };
  }

  /** An expression has no number, and no name. */
  #columnNames(table: number, numbers: readonly number[]): readonly string[] {
    const columns = this.#columns.get(table) ?? [];
    return numbers.map((wanted) => columns.find(([, number]) => number === wanted)?.[2] ?? "");
  }

  /** With that of all below it, which is what grows. */
  #bytes(json: RelationJson): number | undefined {
    if (json.kind === "f") return undefined;
    if (json.kind !== "p") {
      const own = isUncounted(json) ? this.#sizes.get(json.oid) : json.bytes;
      return own === undefined ? undefined : own + json.childBytes;
    }
    const parts = (this.#partitions.get(json.oid) ?? []).map((one) => this.#bytes(one));
    return parts.reduce<number | undefined>(
      (sum, part) => (sum === undefined || part === undefined ? undefined : sum + part),
      0,
    );
  }

  #name(oid: number | null): string | undefined {
    const relation = oid === null ? undefined : this.#relations.get(oid);
    return relation === undefined ? undefined : relationName(relation.schema, relation.name);
  }
}
