/** `locks-held-together`: a lock is held to the end of its transaction, whatever else it does. */

import {
  type JudgedStatement, lockRank, type SectionJudgement, type SectionRule,
} from "../review/rule.ts";
import { shownAs } from "../review/shown-list.ts";

export const locksHeldTogether: SectionRule = {
  id: "locks-held-together",
  scope: "section",
  title: "a strong lock on one table is held while another one is worked on",
  page: {
    locks: "Every lock that a statement takes is held until its transaction commits.",
    why:
      "While a later statement scans or rewrites another table, or waits for its lock, all who " +
      "want the first table wait as well; and two that lock tables in different orders deadlock.",
    instead:
      "One file for each table: each is a transaction of its own. Short changes of several " +
      "tables may stay together where they must become visible together.",
    since: "all versions",
  },
  judge: ({ section, statements }) => {
    if (!section.transactional) return [];
    const told: SectionJudgement[] = [];
    const held = new Map<string, JudgedStatement>();
    for (const one of statements) {
      const others = [...held].filter(([name]) => !works(one).includes(name));
      const mine = strong(one).filter((name) => !held.has(name));
      const [first] = others;
      const worst = one.judgements.some(({ classes }) => classes.includes("risky"));
      if (first !== undefined && works(one).length > 0 && worst) {
        told.push({
          statement: one,
          classes: ["risky"],
          reason:
            `${first[0]} stays locked since line ${first[1].source.line} while ` +
            `${shownAs(works(one))} worked on`,
          instead: "put this statement into a file of its own",
        });
      } else if (first !== undefined && mine.length > 0) {
        told.push({
          statement: one,
          classes: ["advice"],
          reason:
            `${shownAs(mine)} locked while ${first[0]} is, since line ` +
            `${first[1].source.line}: both are held to the end`,
          instead: "one file for each table holds each lock for a shorter time",
        });
      }
      for (const name of strong(one)) if (!held.has(name)) held.set(name, one);
    }
    return told;
  },
  cases: [
    {
      files: {
        "1_a.sql":
          "-- migrate:up\nalter table a add column x int;\n" +
          "alter table b alter column y set not null;\n-- migrate:down\n",
      },
      gives: ["risky"],
    },
    {
      files: {
        "1_a.sql":
          "-- migrate:up\nalter table a add column x int;\nalter table b add column x int;\n" +
          "-- migrate:down\n",
      },
      gives: ["advice"],
    },
    {
      files: {
        "1_a.sql":
          "-- migrate:up\nalter table a add column x int;\nalter table a add column y int;\n" +
          "-- migrate:down\n",
      },
      gives: [],
    },
  ],
};

/** What nobody can write to any more, or not even read. */
function strong({ locks }: JudgedStatement): readonly string[] {
  const least = lockRank("SHARE");
  return locks.flatMap(({ relation, mode }) => (lockRank(mode) >= least ? relation : []));
}

/** What takes time that grows. */
function works({ rewrites, scans }: JudgedStatement): readonly string[] {
  return [...new Set([...rewrites, ...scans])];
}
