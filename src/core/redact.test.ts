/** Shows that no secret is left in what is shown, and that all else and all widths stay. */
import { expect, test } from "bun:test";
import { redactSecrets } from "./redact.ts";

const cases: readonly (readonly [text: string, shown: string])[] = [
  ["create user u password 'abc';", "create user u password '***';"],
  ["ALTER ROLE u ENCRYPTED PASSWORD 'it''s'", "ALTER ROLE u ENCRYPTED PASSWORD '*****'"],
  ["create user u password\n  'abc' bogus", "create user u password\n  '***' bogus"],
  ["password E'a\\'b' x", "password E'****' x"],
  ["password U&'ab' x", "password U&'**' x"],
  ["password 'ü😀' x", "password '**' x"],
  ["password 'a\nb' x", "password '*\n*' x"],
  ["password 'cut off", "password '*******"],
  ["password $$abc$$ valid", "password $$***$$ valid"],
  ["password $q$a$$b$q$ valid", "password $q$****$q$ valid"],
  ["password '' valid until '2030'", "password '' valid until '2030'"],
  ["execute 'alter user u password ''abc'' x'", "execute 'alter user u password ''***'' x'"],
  ["format('alter user u password %L', x)", "format('alter user u password %L', x)"],
  ["options (user 'me', password 'abc')", "options (user 'me', password '***')"],
  [
    "create user mapping for u server s options (user 'me', \"password\" 'abc', key 'k')",
    "create user mapping for u server s options (user '**', \"password\" '***', key '*')",
  ],
  ["create server s options (host 'h')", "create server s options (host 'h')"],
  ["connection 'host=h password=abc user=u'", "connection 'host=h password=*** user=u'"],
  ["connection 'sslpassword=abc'", "connection 'sslpassword=***'"],
  ["dblink('password=''a b'' host=h')", "dblink('password=''***'' host=h')"],
  ["postgres://u:abc@h/d", "postgres://u:***@h/d"],
  ["cannot be \"postgres://u:a\\\"b@h/d\", \"x\"", "cannot be \"postgres://u:****@h/d\", \"x\""],
  ["postgres://u:p@ss@h/d", "postgres://u:****@h/d"],
  ["'{\"password\": \"abc\"}'", "'{\"password\": \"***\"}'"],
  ["syntax error at or near \"'abc'\"", "syntax error at or near \"'***'\""],
  ["syntax error at or near \"select\"", "syntax error at or near \"select\""],
  ["set password_encryption = 'md5'", "set password_encryption = 'md5'"],
  ["insert into users (name, password) values ('a', 'b')",
    "insert into users (name, password) values ('a', 'b')"],
  ["select password from t where a = 'b'", "select password from t where a = 'b'"],
];

const urls: readonly (readonly [text: string, shown: string])[] = [
  ["postgres://u:p w@h/d", "postgres://u:***@h/d"],
  ["postgres://u: @h/d", "postgres://u:*@h/d"],
  ["postgres://u:p#w@h/d", "postgres://u:***@h/d"],
  ["postgres://u:p?w@h/d", "postgres://u:***@h/d"],
  ["postgres://u:p/w@h/d", "postgres://u:***@h/d"],
  ["postgres://u:p@ss/w0rd@h/d", "postgres://u:*********@h/d"],
  ["postgres://u:p:w@h/d", "postgres://u:***@h/d"],
  ["postgres://u:p'w\"x@h/d", "postgres://u:*****@h/d"],
  ["postgres://u:p%40w@h/d", "postgres://u:*****@h/d"],
  ["postgres://u:\u00fc\u{1f600}@h/d", "postgres://u:**@h/d"],
  ["postgres://u@srv:pw@srv.example.com/d", "postgres://u@srv:**@srv.example.com/d"],
  ["postgres://:pw@h/d", "postgres://:**@h/d"],
  ["postgres://u:@h/d", "postgres://u:@h/d"],
  ["postgres://u:5432@h/d", "postgres://u:****@h/d"],
  ["postgres://u:pw@[::1]:5432/d", "postgres://u:**@[::1]:5432/d"],
  ["postgres://u:pw@a:1,b:2/d?x=y", "postgres://u:**@a:1,b:2/d?x=y"],
  ["postgresql://u:pw@/d?host=/tmp", "postgresql://u:**@/d?host=/tmp"],
  ["POSTGRES://u:pw@h", "POSTGRES://u:**@h"],
  ["unknown command: postgres://u:p w@h/d", "unknown command: postgres://u:***@h/d"],
  ["'postgres://u:p w@h/d', 'a@b'", "'postgres://u:***@h/d', 'a@b'"],
  ["\"postgres://u:pw@h/d\" or \"postgres://v:p2@h/e\"",
    "\"postgres://u:**@h/d\" or \"postgres://v:**@h/e\""],
  ["to postgres://u:pw@h/d, ask me@x.org", "to postgres://u:**@h/d, ask me@x.org"],
  ["postgres://u:pw@h/d\nme@x.org/y", "postgres://u:**@h/d\nme@x.org/y"],
  ["postgres://h:5432/d", "postgres://h:5432/d"],
  ["postgres://u@h:5432/d", "postgres://u@h:5432/d"],
  ["postgres://h:5432/d, ask me@x.org", "postgres://h:5432/d, ask me@x.org"],
  ["postgres://h/d?user=u&password=p#w", "postgres://h/d?user=u&password=***"],
  ["postgres://h/d?password=pw&sslmode=require", "postgres://h/d?password=**&sslmode=require"],
  ["postgres://h/d?sslpassword=pw", "postgres://h/d?sslpassword=**"],
  ["'postgres://u:p''''w@h/d' x", "'postgres://u:******@h/d' x"],
  ["postgres://h:5432/d and postgres://u:pw@h/d", "postgres://h:5432/d and postgres://u:**@h/d"],
  ["a URL is postgres://user:password@host:port/name; b",
    "a URL is postgres://user:password@host:port/name; b"],
  ["postgres://user:password@host:5432/name", "postgres://user:********@host:5432/name"],
  ["postgres:/u:pw@h/d", "postgres:/u:**@h/d"],
  ["postgres:///u:pw@h/d", "postgres:///u:**@h/d"],
  ["postgres://a b:pw@h/d", "postgres://a b:**@h/d"],
  ["could not find `u:pw@h/d`", "could not find `u:**@h/d`"],
  ["u:p@w@h:5432/d", "u:***@h:5432/d"],
  ["db/1_x.sql:3:5: a@b/c", "db/1_x.sql:3:5: a@b/c"],
  ["https://u:pw@h/d", "https://u:**@h/d"],
  ["https://u:pw@h/d see a@b", "https://u:**@h/d see a@b"],
  ["http://localhost:8080/@scope/x", "http://localhost:8080/@scope/x"],
  ["http://h/a:b@c", "http://h/a:b@c"],
  ["a: b://c@d", "a: b://c@d"],
];

const otherTexts: readonly (readonly [text: string, shown: string])[] = [
  ["alter role u password /* c */ 'abc'", "alter role u password /* c */ '***'"],
  ["alter role u password -- c\n'abc'", "alter role u password -- c\n'***'"],
  ["alter role u password null", "alter role u password null"],
  // A quote in a comment is none, but a line that is cut out of a file does not show that.
  ["-- password 'x\nalter role u password 'abc';", "-- password '*\n**********************'***';"],
  ["password 'a\\''b' x", "password '*****' x"],
  ["password 'a\\' x", "password '*****"],
  ["user mapping for u options (a 'b)', password 'c;d')",
    "user mapping for u options (a '**', password '***')"],
  ["set password=crypt($1, gen_salt('bf'))", "set password=crypt($1, gen_salt('bf'))"],
  ["create table t (password text default 'x')", "create table t (password text default 'x')"],
  ["create table password_resets (id int)", "create table password_resets (id int)"],
  ["comment on column t.password is 'hashed'", "comment on column t.password is 'hashed'"],
  ["insert into t values ('a: b', 'c@d')", "insert into t values ('a: b', 'c@d')"],
  ["select '12:30'::time, 'x@y'", "select '12:30'::time, 'x@y'"],
  ["", ""],
];

test.each([...cases, ...urls, ...otherTexts])("%s", (text, shown) => {
  expect(redactSecrets(text)).toBe(shown);
  expect(redactSecrets(shown)).toBe(shown);
});

/** Each holds words of three letters and more, none of which may be seen. */
const nasty = [
  "zebquo2", "zeb quo", "zeb@quo", "zeb#quo", "zeb/quo", "zeb?quo", "zeb:quo", "zeb&quo",
  "zeb%20quo", "zeb=quo", "zeb$quo", "zeb;quo", "zeb(quo)", "z\u00fcb\u{1f600}quo", "@zebquo",
  "zebquo@", "/zebquo", "zeb@quo/zebq@er", " zebquo ", "123/zebquo", "zeb\\quo", "zeb--quo",
  "zeb/*quo",
];
const literal = (secret: string): string => `'${secret}'`;
const contexts: readonly ((secret: string) => string)[] = [
  (secret) => `create role a password ${literal(secret)};`,
  (secret) => `alter role a with encrypted PASSWORD ${literal(secret)} valid until '2030'`,
  (secret) => `password\n${literal(secret)}`,
  (secret) => `password $$${secret}$$`,
  (secret) => `create user mapping for a server b options (user 'c', key ${literal(secret)})`,
  (secret) => `options (password ${literal(secret)}, user 'c')`,
  (secret) => `execute 'alter role a password '${literal(secret)}''`,
  (secret) => `postgres://a:${secret}@host/d`,
  (secret) => `'postgres://a:${secret}@host/d'`,
  (secret) => `"postgresql://a:${secret}@host:5432/d?sslmode=require"`,
  (secret) => `cannot use postgres://a@b:${secret}@host/d`,
];

test("no word of a password is shown, and every character keeps its place", () => {
  for (const secret of nasty) {
    for (const context of contexts) {
      const text = context(secret);
      const shown = redactSecrets(text);
      const words = secret.split(/[^\p{L}\p{N}]+/u).filter((word) => /^\D{3}/.test(word));
      for (const word of words) expect(shown).not.toContain(word);
      expect([...shown].length).toBe([...text].length);
      expect(shown.split("\n").map((line) => [...line].length)).toEqual(
        text.split("\n").map((line) => [...line].length),
      );
    }
  }
});

test("a literal of any length is blanked whole", () => {
  const secret = "zeb''".repeat(20_000);
  expect(redactSecrets(`password '${secret}' x`)).toBe(`password '${"*".repeat(100_000)}' x`);
});

test("a long line costs no time", () => {
  const began = performance.now();
  const parts = [
    "password ", "a://b:c ", "'", "$", "user mapping ", "password '", "/* ", "password /* ",
    "user mapping for u options ('", "a.", "a:b@", "postgres://u:p@", "x@[", "password $a$",
  ];
  for (const part of parts) redactSecrets(part.repeat(8_000));
  for (const part of ["\n--", " ", "/**/", "/* */ ", "--\n", "-- */ /*\n", "= "]) {
    const many = `password ${part.repeat(50)}`;
    redactSecrets(`${many.repeat(200)}password ${part.repeat(8_000)}`);
  }
  expect(performance.now() - began).toBeLessThan(4_000);
});
