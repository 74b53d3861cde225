/** Reads what a check proves out of its expression, in the form in which the catalog keeps it. */

/** `c is not null` of a whole column; 1 is IS NOT NULL, and a composite value proves nothing. */
const notNullTest = new RegExp(
  "^\\{NULLTEST :arg \\{VAR [^{}]* :varattno (\\d+) [^{}]*\\} " +
    ":nulltesttype 1 :argisrow false [^{}]*\\}$",
);
const conjunction = "{BOOLEXPR :boolop and :args (";

/**
 * The columns, by their numbers, that hold no null where the expression is true: those of
 * `c is not null`, alone or joined by AND. The expression is a tree in text, for instance
 * `{NULLTEST :arg {VAR :varno 1 :varattno 3 …} :nulltesttype 1 :argisrow false …}`; having the
 * server write it as SQL would wait for a lock of the table.
 */
export function provenColumns(tree: string): readonly number[] {
  if (tree.startsWith(conjunction)) {
    return nodesOf(tree.slice(conjunction.length)).flatMap(provenColumns);
  }
  const [, column] = notNullTest.exec(tree) ?? [];
  return column === undefined ? [] : [Number(column)];
}

/** The nodes up to the end of the list; a brace in a name has a backslash before it. */
function nodesOf(list: string): readonly string[] {
  const nodes: string[] = [];
  let depth = 0;
  let start = 0;
  for (const { 0: sign, index } of list.matchAll(/\\.|[{})]/gs)) {
    if (sign === "{") {
      if (depth === 0) start = index;
      depth += 1;
    } else if (sign === "}") {
      depth -= 1;
      if (depth === 0) nodes.push(list.slice(start, index + 1));
    } else if (sign === ")" && depth === 0) break;
  }
  return nodes;
}
