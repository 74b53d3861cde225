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
  ["postgres://u:p@ss@h/d", "postgres://u:****@h/d"],
  ["'{\"password\": \"abc\"}'", "'{\"password\": \"***\"}'"],
  ["syntax error at or near \"'abc'\"", "syntax error at or near \"'***'\""],
  ["syntax error at or near \"select\"", "syntax error at or near \"select\""],
  ["set password_encryption = 'md5'", "set password_encryption = 'md5'"],
  ["insert into users (name, password) values ('a', 'b')",
    "insert into users (name, password) values ('a', 'b')"],
  ["select password from t where a = 'b'", "select password from t where a = 'b'"],
];

test.each(cases)("%s", (text, shown) => {
  expect(redactSecrets(text)).toBe(shown);
  expect(redactSecrets(shown)).toBe(shown);
});
