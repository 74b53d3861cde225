/** Which tables hold values of a domain. */

import type { AlterDomainStmt } from "libpg-query";
import { names, rangeOfNames } from "./action.ts";
import type { Relation } from "./schema-facts.ts";
import { bareName, type SchemaModel } from "./schema-model.ts";
import { storedTables, tableFamily } from "./table-locks.ts";

export interface DomainUsers {
  /** As `SchemaModel` names it. */
  readonly domain: string;
  /** Tables and materialized views with a column of it, partitioned tables aside. */
  readonly tables: readonly string[];
  /** Where values of it lie in an array, which ALTER DOMAIN refuses to look into. */
  readonly arrays: readonly string[];
  /** False where a file may have left out the domain, or tables that use it. */
  readonly isKnown: boolean;
}

export function domainUsers(schema: SchemaModel, { typeName }: AlterDomainStmt): DomainUsers {
  const domain = schema.nameOf(rangeOfNames(names(typeName)));
  const type = bareName(domain);
  const all = schema.tablesWithType(type).filter(({ kind }) => kind !== "view");
  const isArray = ({ columns }: Relation): boolean => [...columns.values()].some((column) =>
    column.type.isArray && column.type.name.split(".").at(-1) === type,
  );
  return {
    domain,
    tables: storedTables(schema, [
      ...new Set(all.flatMap(({ name }) => tableFamily(schema, name))),
    ]),
    arrays: all.filter(isArray).map(({ name }) => name),
    isKnown: schema.domain(domain) !== undefined,
  };
}
