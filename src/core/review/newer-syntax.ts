/** Parts of a statement that only a newer server takes; the parser of 18 takes them all. */

import type { DeleteStmt, InsertStmt, UpdateStmt } from "libpg-query";
import { type Action, names } from "./action.ts";
import { type NodeBody, nodeBody, type NodeKind } from "./statement-node.ts";
import { nodesOf } from "./tree-nodes.ts";

export interface NewerPart {
  /** As a person calls it. */
  readonly what: string;
  /** The first server that takes it. */
  readonly since: 16 | 17 | 18;
  /** A function under whose name an older server takes it, where somebody has made it. */
  readonly ownName?: string;
}

type Found = readonly NewerPart[];
type Checks = { readonly [K in NodeKind]?: (body: NodeBody<K>) => Found };

/** Each once, in the order in which they are written. */
export function newerParts(action: Action): Found {
  const found = action.kind === "statement"
    ? partsIn(action.tree)
    : partsIn({ AlterTableCmd: action.command });
  return found.filter(({ what }, at) => found.findIndex((one) => one.what === what) === at);
}

function partsIn(part: unknown): Found {
  if (Array.isArray(part)) return part.flatMap(partsIn);
  if (typeof part !== "object" || part === null) return [];
  return Object.entries(part).flatMap(([key, value]) => {
    const own = checks.get(key)?.(value) ?? [];
    // NOT NULL of a domain looks like that of a table, and is a year older.
    if (key === "AlterDomainStmt") return own;
    const within = partsIn(value);
    // A rule has always had its OLD and NEW.
    return key === "RuleStmt"
      ? within.filter(({ what }) => what !== oldAndNew)
      : [...own, ...within];
  });
}

function when([isSo, what, since]: readonly [boolean, string, NewerPart["since"]]): Found {
  return isSo ? [{ what, since }] : [];
}

type Nodes = Parameters<typeof names>[0];

function optionNames(options: Nodes): readonly string[] {
  return (options ?? []).flatMap((one) => nodeBody(one, "DefElem")?.defname ?? []);
}

/** Options by the server that has brought them. */
function options(
  of: Nodes,
  statement: string,
  since: Readonly<Record<string, NewerPart["since"]>>,
): Found {
  return optionNames(of).flatMap((name) =>
    when([since[name] !== undefined, `${statement} (${name})`, since[name] ?? 18]),
  );
}

const subscriptionOptions = {
  origin: 16, password_required: 16, run_as_owner: 16, failover: 17,
} as const;
const publicationOptions = { publish_generated_columns: 18 } as const;

const tableChecks: Checks = {
  AlterTableCmd: ({ subtype, def, name }) => [
    ...when([subtype === "AT_SetExpression", "SET EXPRESSION", 17]),
    ...when([subtype === "AT_SetStatistics" && def === undefined, "SET STATISTICS DEFAULT", 17]),
    ...when([
      subtype === "AT_SetAccessMethod" && name === undefined, "SET ACCESS METHOD DEFAULT", 17,
    ]),
    ...when([
      subtype === "AT_SetStorage" && nodeBody(def, "String")?.sval === "default",
      "SET STORAGE DEFAULT", 16,
    ]),
  ],
  ColumnDef: ({ storage_name: storage }) => when([
    storage !== undefined, "STORAGE of a column", 16,
  ]),
  Constraint: (one) => {
    const { contype, is_enforced: isEnforced } = one;
    const isHeld = contype === "CONSTR_CHECK" || contype === "CONSTR_FOREIGN";
    const isOff = contype === "CONSTR_ATTR_NOT_ENFORCED" || (isHeld && isEnforced !== true);
    const isNotNull = contype === "CONSTR_NOTNULL";
    return [
      ...when([
        contype === "CONSTR_GENERATED" && one.generated_kind === "v",
        "a virtual generated column", 18,
      ]),
      ...when([isOff, "NOT ENFORCED", 18]),
      ...when([contype === "CONSTR_ATTR_ENFORCED", "ENFORCED", 18]),
      ...when([isNotNull && one.keys !== undefined, "NOT NULL as a constraint of a table", 18]),
      ...when([isNotNull && one.is_no_inherit === true, "NOT NULL NO INHERIT", 18]),
      ...when([one.without_overlaps === true, "WITHOUT OVERLAPS", 18]),
      ...when([one.fk_with_period === true, "a foreign key with PERIOD", 18]),
    ];
  },
  ATAlterConstraint: ({ alterEnforceability: enforces, alterInheritability: inherits }) => [
    ...when([enforces === true, "ALTER CONSTRAINT … ENFORCED", 18]),
    ...when([inherits === true, "ALTER CONSTRAINT … INHERIT", 18]),
  ],
  AlterDomainStmt: ({ def }) => when([
    nodeBody(def, "Constraint")?.contype === "CONSTR_NOTNULL",
    "NOT NULL as a constraint of a domain", 17,
  ]),
  CreateStmt: ({ partspec, accessMethod }) => when([
    partspec !== undefined && accessMethod !== undefined, "USING of a partitioned table", 17,
  ]),
  CreateForeignTableStmt: ({ base }) => when([
    (base?.tableElts ?? []).some((one) => "TableLikeClause" in one),
    "LIKE of a foreign table", 18,
  ]),
  CreateStatsStmt: ({ defnames }) => when([
    defnames === undefined, "CREATE STATISTICS without a name", 16,
  ]),
  AlterStatsStmt: ({ stxstattarget: target }) => when([
    target === undefined, "SET STATISTICS DEFAULT", 17,
  ]),
};

const dataChecks: Checks = {
  MergeStmt: ({ returningClause, mergeWhenClauses }) => [
    ...when([
      (mergeWhenClauses ?? []).some((one) =>
        nodeBody(one, "MergeWhenClause")?.matchKind === "MERGE_WHEN_NOT_MATCHED_BY_SOURCE",
      ),
      "MERGE … WHEN NOT MATCHED BY SOURCE", 17,
    ]),
    ...when([returningClause !== undefined, "MERGE … RETURNING", 17]),
  ],
  ReturningOption: () => when([true, "RETURNING WITH (OLD, NEW)", 18]),
  InsertStmt: oldOrNew,
  UpdateStmt: oldOrNew,
  DeleteStmt: oldOrNew,
  RangeSubselect: ({ alias }) => when([
    alias === undefined, "a query in FROM without an alias", 16,
  ]),
  CopyStmt: ({ options: given }) => [
    ...options(given, "COPY", { default: 16, on_error: 17, log_verbosity: 17, reject_limit: 18 }),
    ...(given ?? []).flatMap((one) => {
      const { defname = "", arg } = nodeBody(one, "DefElem") ?? {};
      const isAll = arg !== undefined && "A_Star" in arg && defname !== "force_quote";
      return when([isAll, `COPY (${defname} *)`, 17]);
    }),
  ],
  FuncCall: ({ funcname, funcformat, args }) => {
    if (funcformat !== "COERCE_SQL_SYNTAX") return [];
    const name = names(funcname).at(-1);
    return [
      ...when([name === "timezone" && args?.length === 1, "AT LOCAL", 17]),
      ...when([name === "system_user", "SYSTEM_USER", 16]),
    ];
  },
  XmlSerialize: ({ indent }) => when([indent === true, "XMLSERIALIZE … INDENT", 16]),
  JsonIsPredicate: () => when([true, "IS JSON", 16]),
  JsonObjectConstructor: () => when([true, "JSON_OBJECT with keys and values", 16]),
  JsonObjectAgg: () => when([true, "JSON_OBJECTAGG", 16]),
  JsonArrayConstructor: () => jsonFunction("json_array", 16),
  JsonArrayQueryConstructor: () => when([true, "JSON_ARRAY of a query", 16]),
  JsonArrayAgg: () => jsonFunction("json_arrayagg", 16),
  JsonScalarExpr: () => jsonFunction("json_scalar", 17),
  JsonSerializeExpr: () => jsonFunction("json_serialize", 17),
  JsonFuncExpr: ({ op }) => jsonFunction((op ?? "").replace(/_OP$/, "").toLowerCase(), 17),
  JsonTable: () => when([true, "JSON_TABLE", 17]),
};

function jsonFunction(name: string, since: NewerPart["since"]): Found {
  return [{ what: name.toUpperCase(), since, ownName: name }];
}

const oldAndNew = "OLD and NEW in RETURNING";

/** RETURNING old.c is no more than a column of a table, where one goes by that name. */
function oldOrNew(statement: InsertStmt | UpdateStmt | DeleteStmt): Found {
  const { returningClause } = statement;
  if (returningClause === undefined) return [];
  const { relation } = statement;
  const tables = [...nodesOf("RangeVar", statement), ...(relation === undefined ? [] : [relation])];
  const taken = tables.map(({ alias, relname }) => alias?.aliasname ?? relname);
  const isSo = nodesOf("ColumnRef", returningClause).some(({ fields }) => {
    const [first = ""] = names(fields);
    const isQualified = (fields ?? []).length > 1;
    return isQualified && ["old", "new"].includes(first) && !taken.includes(first);
  });
  return when([isSo, oldAndNew, 18]);
}

const otherChecks: Checks = {
  VacuumStmt: ({ options: given, rels }) => [
    ...options(given, "VACUUM", {
      skip_database_stats: 16, only_database_stats: 16, process_main: 16, buffer_usage_limit: 16,
    }),
    ...when([
      (rels ?? []).some((one) => {
        const relation = nodeBody(one, "VacuumRelation")?.relation;
        return relation !== undefined && relation.inh !== true;
      }),
      "ONLY of VACUUM and ANALYZE", 18,
    ]),
  ],
  ReindexStmt: ({ kind, name }) => when([
    name === undefined && ["REINDEX_OBJECT_DATABASE", "REINDEX_OBJECT_SYSTEM"].includes(kind ?? ""),
    "REINDEX of a database without its name", 16,
  ]),
  ExplainStmt: ({ options: given }) =>
    options(given, "EXPLAIN", { generic_plan: 16, memory: 17, serialize: 17 }),
  GrantRoleStmt: ({ opt, is_grant: isGrant }) => [
    ...options(opt, isGrant === true ? "GRANT … WITH" : "REVOKE", { inherit: 16, set: 16 }),
    ...when([
      isGrant === true && (opt ?? []).some((one) => {
        const { defname, arg } = nodeBody(one, "DefElem") ?? {};
        return defname === "admin" && nodeBody(arg, "Boolean")?.boolval !== true;
      }),
      "GRANT … WITH ADMIN FALSE", 16,
    ]),
  ],
  GrantStmt: maintain,
  AlterDefaultPrivilegesStmt: ({ action }) => [
    ...maintain(action ?? {}),
    ...when([
      action?.objtype === "OBJECT_LARGEOBJECT", "default privileges on large objects", 18,
    ]),
  ],
  AlterOperatorStmt: ({ options: given }) => options(given, "ALTER OPERATOR", {
    commutator: 17, negator: 17, hashes: 17, merges: 17,
  }),
  CreateEventTrigStmt: ({ eventname }) => when([
    eventname === "login", "an event trigger on login", 17,
  ]),
  CreateSubscriptionStmt: ({ options: given }) =>
    options(given, "CREATE SUBSCRIPTION", subscriptionOptions),
  AlterSubscriptionStmt: ({ options: given }) =>
    options(given, "ALTER SUBSCRIPTION", subscriptionOptions),
  CreatePublicationStmt: ({ options: given }) =>
    options(given, "CREATE PUBLICATION", publicationOptions),
  AlterPublicationStmt: ({ options: given }) =>
    options(given, "ALTER PUBLICATION", publicationOptions),
  CreatedbStmt: ({ options: given }) =>
    options(given, "CREATE DATABASE", { icu_rules: 16, builtin_locale: 17 }),
  DefineStmt: ({ kind, definition }) => kind === "OBJECT_COLLATION"
    ? options(definition, "CREATE COLLATION", { rules: 16 })
    : [],
  VariableSetStmt: ({ name }) => when([
    name === "transaction_timeout", "the setting transaction_timeout", 17,
  ]),
};

function maintain({ privileges }: NodeBody<"GrantStmt">): Found {
  const isSo = (privileges ?? []).some((one) =>
    nodeBody(one, "AccessPriv")?.priv_name === "maintain",
  );
  return when([isSo, "the right MAINTAIN", 17]);
}

/** By the names of nodes; a part of a tree may be called as what every object has. */
const checks = new Map(
  Object.entries({ ...tableChecks, ...dataChecks, ...otherChecks }) as
    readonly (readonly [string, (body: unknown) => Found])[],
);
