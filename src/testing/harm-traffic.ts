/** Another session at work on a database, so that what waits for it lasts long enough to be met. */
import type { TestServer } from "./servers.ts";

export interface Traffic {
  /** The server ends it; what it was doing is rolled back. */
  stop(): Promise<void>;
}

const mark = "harm traffic";

/**
 * One table at a time is locked as readers and writers do, for about the time of a short
 * transaction. Nothing is changed, and no two locks are held, so that it is in no deadlock.
 */
const trafficSql = `
-- ${mark}
do $$ declare name text; begin
  loop
    select c.oid::regclass::text into name
      from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where c.relkind in ('r', 'p') and n.nspname !~ '^(pg_|information_schema|outside)'
       and c.relname not like 'schema_migrations%'
     -- A partition is detached in a moment unless somebody has just used its table.
     order by (c.relkind = 'p' and random() < 0.5) desc, random() limit 1;
    begin
      if name is not null and random() < 0.5 then
        execute format('lock table %s in row exclusive mode', name);
      end if;
      -- With the snapshot that a long query would hold.
      perform pg_sleep(0.01 + 0.05 * random()) from pg_class where relname = 'pg_class';
    exception when others then null;
    end;
    commit;
  end loop;
end $$`;

export function startTraffic(server: TestServer, database: string): Traffic {
  // A session whose server crashes may never be told of it, so nobody waits for this one.
  void server.query(database, trafficSql).catch(() => undefined);
  return {
    async stop() {
      await server.query(
        "postgres",
        "select pg_terminate_backend(pid) from pg_stat_activity" +
          " where datname = $1 and query like $2",
        [database, `%${mark}%`],
      );
    },
  };
}
