/** Commands that are named in texts, with the options that say which database is meant. */

/**
 * Each `pgmate …` in back quotes gets these options, before a `--` of its own. Without options
 * (all of it comes from the environment) nothing is added.
 */
export function withTargetOptions(text: string, options: string): string {
  if (options === "") return text;
  return text.replace(
    /`(pgmate \S[^`]*?)( -- [^`]*)?`/g,
    (_, command: string, rest: string | undefined) => `\`${command} ${options}${rest ?? ""}\``,
  );
}
