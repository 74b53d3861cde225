/** Databases that are emptied and used again, since making one takes a quarter of a second. */
import { catalog } from "./catalog.ts";
import type { TestServer } from "./servers.ts";

export interface SpareDatabases {
  /** Runs the work with the name of an empty database that nobody else uses meanwhile. */
  use<Value>(work: (name: string) => Promise<Value>): Promise<Value>;
}

/** What a test made must lie in schemas, in publications or in the database's own settings. */
const emptySql = `
do $$ declare name text; begin
  for name in select pubname from pg_publication loop
    execute format('drop publication %I', name);
  end loop;
  for name in select nspname from pg_namespace
               where nspname !~ '^pg_' and nspname <> 'information_schema' loop
    execute format('drop schema %I cascade', name);
  end loop;
  execute format('alter database %I reset all', current_database());
end $$;
create schema public authorization pg_database_owner;
grant usage on schema public to public;`;

/** Of the whole program, since several files may have spare databases on one server. */
let made = 0;

export function spareDatabases(server: TestServer): SpareDatabases {
  const idle: string[] = [];
  const make = async (): Promise<string> => {
    made += 1;
    const name = `spare_${made}`;
    await server.freshDatabase(name);
    return name;
  };
  return {
    async use(work) {
      const name = idle.pop() ?? (await make());
      try {
        return await work(name);
      } finally {
        if (await empty(server, name)) idle.push(name);
        else await server.query("postgres", `drop database if exists "${name}" with (force)`);
      }
    },
  };
}

/** False where the database is gone or something is left in it. */
async function empty(server: TestServer, name: string): Promise<boolean> {
  try {
    await server.query(name, emptySql);
  } catch {
    return false;
  }
  const left = await catalog(server, name, "");
  return left !== undefined && Bun.deepEquals(left.objects, ["schema public"]);
}
